"""What letters about an account say, in place of allauth's own texts. Stands below `adapters`; pure functions."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.ui.words import moment

NOT_YOU = gettext_lazy("不是您本人操作的，请立即修改密码，或带身份证到政务大厅窗口。")


@dataclass(frozen=True)
class Letter:
    """Subject, text, and under which name of the facts its link is ("" for none)."""

    subject: Any
    text: Any
    link: str = ""


@dataclass(frozen=True)
class Told(Letter):
    """A letter that tells what was done to the account, when and from where."""


CHECK = Letter(
    gettext_lazy("请验证邮箱"),
    gettext_lazy("请打开下面的链接，确认这是您的邮箱。不是您填写的，不必理会。"),
    "activate_url",
)
LETTERS = {
    "account/email/password_reset_key": Letter(
        gettext_lazy("设置新密码"),
        gettext_lazy("账户 %(username)s 申请设置新密码。请在一小时内打开下面的链接。不是您申请的，不必理会。"),
        "password_reset_url",
    ),
    "account/email/unknown_account": Letter(
        gettext_lazy("没有这个账户"),
        gettext_lazy("有人用这个邮箱申请找回密码，但没有账户留过它。要注册账户，请打开下面的链接。"),
        "signup_url",
    ),
    "account/email/account_already_exists": Letter(
        gettext_lazy("您已有账户"),
        gettext_lazy("有人用这个邮箱注册，但它已属于您的账户。忘记密码时，请打开下面的链接。"),
        "password_reset_url",
    ),
    "account/email/email_confirmation": CHECK,
    "account/email/email_confirmation_signup": CHECK,
    "account/email/email_confirm": Told(gettext_lazy("邮箱已验证"), gettext_lazy("您的邮箱已验证。")),
    "account/email/email_deleted": Told(gettext_lazy("邮箱已删除"), gettext_lazy("这个邮箱已从您的账户删除。")),
    "account/email/password_reset": Told(gettext_lazy("密码已重设"), gettext_lazy("您账户的密码已重设。")),
    "account/email/password_changed": Told(gettext_lazy("密码已修改"), gettext_lazy("您账户的密码已修改。")),
    "account/email/password_set": Told(gettext_lazy("密码已设置"), gettext_lazy("您的账户已设置密码。")),
    "mfa/email/totp_activated": Told(gettext_lazy("动态口令已启用"), gettext_lazy("您的账户已启用动态口令。")),
    "mfa/email/totp_deactivated": Told(gettext_lazy("动态口令已停用"), gettext_lazy("您的账户已停用动态口令。")),
    "mfa/email/recovery_codes_generated": Told(
        gettext_lazy("恢复码已重新生成"), gettext_lazy("您账户的恢复码已重新生成，原有的作废。")
    ),
    "mfa/email/webauthn_added": Told(gettext_lazy("通行密钥已添加"), gettext_lazy("您的账户添加了一个通行密钥。")),
    "mfa/email/webauthn_removed": Told(gettext_lazy("通行密钥已删除"), gettext_lazy("您的账户删除了一个通行密钥。")),
    "socialaccount/email/account_connected": Told(
        gettext_lazy("已关联外部身份"), gettext_lazy("您的账户关联了一个外部身份，可以用它登录。")
    ),
    "socialaccount/email/account_disconnected": Told(
        gettext_lazy("已取消关联外部身份"), gettext_lazy("您的账户取消了一个外部身份的关联。")
    ),
}


def write(occasion: str, facts: dict[str, Any], *, site: str) -> tuple[str, str]:
    """Subject and body of a letter for one of allauth's occasions. `LookupError` for one we do not write for."""
    letter = LETTERS[occasion]
    user = facts.get("user")
    parts = [str(letter.text) % {"username": user.get_username() if user else ""}]
    if letter.link:
        parts.append(facts[letter.link])
    if isinstance(letter, Told):
        parts[0] += _("时间：%(at)s，来自 %(ip)s。") % {"at": moment(facts["timestamp"]), "ip": facts["ip"]}
        parts.append(str(NOT_YOU))
    return f"【{site}】{letter.subject}", "\n\n".join([*parts, site])

"""allauth's forms in our words: one label and hint for each field, and no placeholders, which vanish while typing.

Stands beside `pages`; the settings name these classes (`ACCOUNT_FORMS`, `MFA_FORMS`, `SOCIALACCOUNT_FORMS`).
"""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as social
from django import forms
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, tuple[Any, Any]] = {
    "username": (_("用户名"), _("登录时用，至少 3 个字符。")),
    "email": (_("电子邮箱"), _("用来接收办件通知和找回密码。")),
    "oldpassword": (_("现在的密码"), ""),
    "password": (_("密码"), ""),
    "password1": (_("密码"), _("至少 8 个字符；不要用常见的密码，也不要与用户名、姓名相近。")),
    "password2": (_("再输一次密码"), ""),
    "code": (_("口令"), ""),
    "name": (_("密钥名称"), _("自己认得的名字，例如：我的手机。")),
    "passwordless": (_("用它直接登录，不输密码"), _("不勾选时，它只作为密码之后的第二步验证。")),
}


class Spoken(forms.Form):
    """Says labels and hints our way; `words` of a form goes before the common ones."""

    words: dict[str, tuple[Any, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in WORDS:
                field.label, field.help_text = self.words.get(name, WORDS[name])


class SignUp(Spoken, account.SignupForm):
    """A new account."""


class SocialSignUp(Spoken, social.SignupForm):
    """A new account for an outside identity."""


class AddEmail(Spoken, account.AddEmailForm):
    """One more e-mail address; the page says what for."""

    words = {"email": (_("电子邮箱"), "")}


class ChangePassword(Spoken, account.ChangePasswordForm):
    """A new password, knowing the old one."""


class SetPassword(Spoken, account.SetPasswordForm):
    """A first password."""


class ResetPassword(Spoken, account.ResetPasswordForm):
    """Where to send the link."""

    words = {"email": (_("电子邮箱"), _("账户里留的邮箱。"))}


class ResetPasswordKey(Spoken, account.ResetPasswordKeyForm):
    """A new password, knowing the link."""


class Reauthenticate(Spoken, account.ReauthenticateForm):
    """The password once more."""


class Authenticate(Spoken, mfa.AuthenticateForm):
    """The second step of signing in."""

    words = {"code": (_("动态口令或恢复码"), "")}


class ReauthenticateCode(Spoken, mfa.ReauthenticateForm):
    """The second factor once more."""

    words = {"code": (_("动态口令或恢复码"), "")}


class ActivateTOTP(Spoken, totp.ActivateTOTPForm):
    """The first code of an app."""

    words = {"code": (_("6 位动态口令"), "")}


class AddKey(Spoken, webauthn.AddWebAuthnForm):
    """A new passkey."""


class EditKey(Spoken, webauthn.EditWebAuthnForm):
    """A passkey's name."""

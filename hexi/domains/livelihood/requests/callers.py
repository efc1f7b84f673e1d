"""Who called: the actor that stands in logs for somebody who must stay unknown, masks, and texts without names.

Pure but for the key ring; beside models.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.people.vault import ring
from hexi.kernel.actors import Actor, Scoped

#: what lists show instead of a name; stored, so it is Chinese
HIDDEN = "保密"
KIND = "requests.caller"
_SIGN = signing.Signer(salt="requests.mine")
DIGITS = re.compile(r"[^0-9+]")

#: a building, a unit, a room behind a number
DOOR = (
    r"(?<=[0-9一二三四五六七八九十])(?:号楼|栋|幢|单元|室)"
    r"(?:[0-9一二三四五六七八九十\-]+(?:单元|室|号)?)*"
)
#: a mailbox, a telephone line
MAILBOX, LINE = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", r"(?<![0-9])0[0-9]{2,3}[- ]?[0-9]{7,8}(?![0-9])"
#: what an office may say of itself
OFFICES = (MAILBOX, LINE, DOOR)
#: what a text for everybody must not hold, and what stands there instead
MARKS = (
    (re.compile(r"[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx]"), gettext_lazy("（证件号）")),
    (re.compile(MAILBOX), gettext_lazy("（邮箱）")),
    (re.compile(r"(?<![0-9])(?:\+?86[- ]?)?1[0-9](?:[- ]?[0-9]){9}(?![0-9])"), gettext_lazy("（电话）")),
    (re.compile(LINE), gettext_lazy("（电话）")),
    (re.compile(r"(?<![0-9])[1-9][0-9]{15,18}(?![0-9])"), gettext_lazy("（卡号）")),
    (
        re.compile(r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?[A-Z0-9]{5,6}"),
        gettext_lazy("（车牌）"),
    ),
    (re.compile(r"(?:微信|QQ|qq|扣扣)号?[是:： ]*[A-Za-z0-9_-]{5,20}"), gettext_lazy("（账号）")),
    (re.compile(DOOR), gettext_lazy("（门牌）")),
    (re.compile(r"(?<=我叫)[\u4e00-\u9fff]{2,3}"), "某某"),
    (re.compile(r"(?<=姓名[：:])\s*[\u4e00-\u9fff]{2,4}"), "某某"),
    (re.compile(r"(?<=本人)[\u4e00-\u9fff]{2,3}(?=[，,。、])"), "某某"),
)  # fmt: skip
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
TITLED = re.compile(
    rf"[{SURNAMES}][\u4e00-\u9fff]{{0,2}}?(?=先生|女士|老师|师傅|大爷|大妈|阿姨|同志|局长|主任|书记|所长|科长|医生|经理|老板)"
)


@dataclass(frozen=True)
class Unknown(Scoped):
    """A caller as logs and timelines keep him: nobody reads who; what he does again is told to be the same man's."""

    sign: str

    @property
    def key(self) -> str:
        """ "caller:3f…"; never an account's number."""
        return f"caller:{self.sign}"

    @property
    def name(self) -> str:
        """What the timeline prints."""
        return _("诉求人")


def unknown(mark: str) -> Unknown:
    """The actor for an account, a phone or a visitor's session, by a sign only this house can make."""
    return Unknown(ring().lookup(mark, KIND)[:32])


def of_report(key: str) -> Unknown:
    """Whoever handles the pictures of a report that is being written. Whether he stays unknown is said at the end, and
    the log cannot be mended then: so it knows him as nobody from the first, and in no two reports as the same man."""
    return unknown(f"report:{key}")


def voice(by: Actor, *, own: bool, secret: bool, phone: str = "") -> Actor:
    """Who is written down as speaking: the operator or system that took it in; of a caller's own words himself,

    but nobody known if he must stay unknown or has not signed in.
    """
    if not own:
        return by
    signed = getattr(by, "account_id", None) is not None
    if secret or not signed:
        return unknown(by.key if signed else phone or by.key)
    return by


def plain_phone(text: str) -> str:
    """A phone as it is compared: digits alone, without the country."""
    digits = DIGITS.sub("", text)
    return (
        digits.removeprefix("+86").removeprefix("+").removeprefix("86") if digits.startswith(("+86", "86")) else digits
    )


def lookup(phone: str) -> str:
    """What earlier orders of a phone are found by; "" for none."""
    digits = plain_phone(phone)
    return ring().lookup(digits, KIND) if digits else ""


def lookup_mail(address: str) -> str:
    """What a mailbox is found by."""
    return ring().lookup(mark_of_mail(address), KIND)


def mark_of_mail(address: str) -> str:
    """What is hashed for that."""
    return f"mail:{address.strip().lower()}"


def without_names(text: str, *, office: bool = False) -> str:
    """A text with phones, numbers, plates, mail addresses, doors and names taken out; a person reads it again.

    `office`: it is what an office says, whose own mailbox, line and door may stand there.
    """
    for pattern, instead in MARKS:
        if not (office and pattern.pattern in OFFICES):
            text = pattern.sub(str(instead), text)
    return TITLED.sub(lambda found: found[0][0] + "某", text)


def without_caller(text: str, contact: dict[str, Any], told: str = "") -> str:
    """A text without the name and the phone of who called, however they are written, and without doors he `told` of."""
    name, digits = str(contact.get("name") or "").strip(), plain_phone(str(contact.get("phone") or ""))
    if len(name) > 1:
        text = text.replace(name, "某某")
    if len(digits) > 6:
        text = re.sub(r"[-\s]?".join(map(re.escape, digits)), str(_("（电话）")), text)
    for door in {found[0] for found in re.finditer(DOOR, told) if len(found[0]) > 2}:
        text = text.replace(door, str(_("（门牌）")))
    return text


def sign(number: str) -> str:
    """The part of a link by which somebody without an account follows his order."""
    return _SIGN.sign(number)


def unsign(text: str) -> str:
    """The number in such a link. Raises `signing.BadSignature`."""
    return _SIGN.unsign(text)

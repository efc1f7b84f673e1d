"""A receiver's address: checked when it is given, masked where it is only listed. Knows no table but the person's."""

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from hexi.blocks.people.models import Person
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.codes import VILLAGE
from hexi.ui import words

FIELDS = ("name", "phone", "address")
_PHONE = re.compile(r"\+?[0-9][0-9\- ]{5,18}[0-9]")


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """Name, phone and address, tidied. Raises `ValidationError` naming each field (`to_name` …) and how to mend it."""
    to = {name: " ".join(str(given.get(name) or "").replace("\0", "").split()) for name in FIELDS}
    faults = {}
    if not 1 <= len(to["name"]) <= 60:
        faults["to_name"] = _("请填写收件人姓名，最多 60 个字。")
    if not _PHONE.fullmatch(to["phone"]):
        faults["to_phone"] = _("请填写收件电话，7 到 20 位数字，例如 0937-0000000。")
    if not 6 <= len(to["address"]) <= 200:
        faults["to_address"] = _("请填写收件地址，写到门牌号，6 到 200 个字。")
    if faults:
        raise ValidationError(faults)
    return to


def of_person(person: Person | None) -> dict[str, str]:
    """What the person's own record says, to prefill; empty where it says nothing."""
    if person is None:
        return dict.fromkeys(FIELDS, "")
    return {"name": person.name, "phone": person.phone, "address": _whole(person.region_code, person.address)}


def _whole(region_code: str, address: str) -> str:
    """With province, city, county and town in front, as far as the address does not name them: for the courier."""
    if not address or not region_code:
        return address
    with translation.override("zh-hans"):
        names = [one.title for one in regions.path(region_code) if one.level < VILLAGE]
    return "".join(name for name in names if name not in address) + address


def masked(to: Mapping[str, str]) -> str:
    """张*，139****0000，甘肃省酒泉市…: enough to tell parcels apart."""
    if not to:
        return ""
    near = to["address"][:6]
    return f"{words.mask_name(to['name'])} {words.mask_phone(to['phone'])} {near}{'…' if near else ''}"

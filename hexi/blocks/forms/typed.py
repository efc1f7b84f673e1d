"""What somebody typed: made plain, and the fault in words if it cannot be used. Stands above `definitions`."""

import unicodedata
from typing import Any

from django.utils.translation import gettext as _

from hexi.blocks.forms.definitions import Code, Field


class Wrong(Exception):
    """An answer that cannot be used. `faults` are (part, code, sentence); part "" is the answer as a whole."""

    def __init__(self, *faults: tuple[str, str, str]):
        super().__init__(faults)
        self.faults = faults


def wrong(field: Field, code: Code, sentence: str, part: str = "", /, **facts: Any) -> Wrong:
    """A fault in the field's own words if its definition has some, else in the usual ones."""
    own = field.messages.get(code)
    return Wrong((part, code, str(own) if own else sentence % {"label": field.label, **facts}))


def missing(field: Field) -> str:
    """The sentence for a required answer that was not given."""
    if "required" in field.messages:
        return str(field.messages["required"])
    if field.kind in ("file", "photo"):
        return _("请上传“%(label)s”。") % {"label": field.label}
    if field.kind == "signature":
        return _("请在“%(label)s”签名。") % {"label": field.label}
    if field.kind == "computed":
        return _("“%(label)s”还算不出来。请先答完它用到的问题。") % {"label": field.label}
    chosen = field.kind in ("choice", "choices", "yes_no", "region", "date", "period")
    sentence = _("请选择“%(label)s”。") if chosen else _("请填写“%(label)s”。")
    return sentence % {"label": field.label}


def tidy(raw: Any) -> str:
    """Text without what no database or reader wants: control characters, half characters, space at both ends."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        return ""
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")).strip()


def compact(raw: Any) -> str:
    """As `tidy`, full-width digits, letters and signs made narrow, spaces and what nobody sees taken out: for codes."""
    text = "".join(unicodedata.normalize("NFKC", tidy(raw)).split())
    return "".join(char for char in text if unicodedata.category(char) != "Cf")

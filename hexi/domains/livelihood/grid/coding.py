"""Codes of cells and components read by their scheme: length, county, village, class. Above rules."""

from dataclasses import dataclass
from itertools import product

from django.utils.translation import gettext as _

from hexi.domains.livelihood.grid.rules import SchemeLine

#: length of each part that stands in a division code, and where
DIVISION = {"county": (0, 6), "street": (6, 9), "community": (9, 12)}


@dataclass(frozen=True)
class Read:
    """A code cut into its parts; `division` as far as it tells: "620981106203", or the street for merged villages."""

    parts: dict[str, str]
    merged: bool = False

    @property
    def division(self) -> str:
        """The 12-digit division it names, zeros where it tells nothing."""
        names = ("county", "street") if self.merged else tuple(DIVISION)
        return "".join(self.parts.get(name, "") for name in names).ljust(12, "0")


def lengths(scheme: SchemeLine) -> list[int]:
    """The lengths a code of the scheme may have."""
    widths = [one.digits if isinstance(one.digits, list) else [one.digits] for one in scheme.parts]
    return sorted({sum(chosen) for chosen in product(*widths)})


def read(code: str, scheme: SchemeLine) -> tuple[Read | None, str]:
    """A code by its scheme, and what is wrong with it in words."""
    if not (code.isdecimal() and code.isascii()):
        return None, _("编码只能是数字：%(code)s。") % {"code": code}
    if len(code) not in lengths(scheme):
        told = {"code": code, "n": len(code), "wanted": " / ".join(map(str, lengths(scheme))), "scheme": scheme.title}
        return None, _("编码 %(code)s 有 %(n)s 位，按“%(scheme)s”应为 %(wanted)s 位。") % told
    parts, rest = {}, code
    for place, one in enumerate(scheme.parts):
        last = place == len(scheme.parts) - 1
        width = len(rest) if last else one.digits if isinstance(one.digits, int) else one.digits[0]
        parts[one.holds], rest = rest[:width], rest[width:]
    from_ = next((one.merged_from for one in scheme.parts if one.merged_from), None)
    return Read(parts, from_ is not None and int(parts["community"]) >= from_), ""

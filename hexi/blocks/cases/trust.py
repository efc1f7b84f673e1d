"""Trust levels (国办函〔2016〕108号): which papers are to be compared with their originals. Above definitions."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import answers_of, definition
from hexi.blocks.cases.models import Case, Promise
from hexi.blocks.cases.parts import Material
from hexi.blocks.documents import queries as documents
from hexi.blocks.documents.models import Document
from hexi.blocks.forms.conditions import holds
from hexi.blocks.forms.saying import listed

#: what each level means, in the language of the page
LEVELS = dict(Document.Level.choices)
KIND = "cases.case"


def of_rows(rows: Iterable[tuple[Material, Iterable[Any]]]) -> list[Material]:
    """The materials that take only checked papers and have a file nobody has compared with its original yet."""
    return [one for one, files in rows if one.by_original and any(file.level > Document.Level.B for file in files)]


def below(case: Case) -> list[Material]:
    """The same of a case. One query; none if the item takes what is uploaded as it is."""
    strict = [one for one in definition(case.version).national.materials if one.by_original]
    if not strict:
        return []
    files = documents.by_slot(KIND, str(case.pk))
    return of_rows((one, files.get(one.key, ())) for one in strict)


def binding(case: Case, short: Iterable[Material]) -> list[Material]:
    """Those of them that hold a grant up: not optional, and not left to a pledge, which is checked later."""
    found = [one for one in short if one.need != "optional" and holds(one.when, answers_of(case))]
    return [] if found and _pledged(case) else found


def require_reason(case: Case, opinion: str) -> None:
    """Accepting before the originals were seen takes a reason. Raises `ValidationError` with the materials."""
    if opinion.strip() or not (short := below(case)) or _pledged(case):
        return
    words = _("这些材料还没有达到要求的可信等级：%(names)s。请先核对原件；现在就受理的，请写明理由。")
    raise ValidationError({"opinion": words % {"names": names(short)}})


def require_checked(case: Case) -> None:
    """Nothing is granted on a paper whose original had to be seen and was not."""
    if short := binding(case, below(case)):
        words = _("准予之前要核对这些材料的原件：%(names)s。请申请人带原件到窗口，核对后点“已核对原件”。")
        raise ValidationError(words % {"names": names(short)})


def names(materials: Iterable[Material]) -> str:
    """The materials by their titles."""
    return listed(str(one.title) for one in materials)


def _pledged(case: Case) -> bool:
    """True if it is decided on a pledge: what was pledged is checked after the decision."""
    return Promise.objects.filter(case=case, kind=Promise.Kind.PLEDGE).exists()

"""Files an office hands over with its decision: put in while it examines, the applicant's when it has decided."""

from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.rulings import KIND, RESULTS, may_put
from hexi.blocks.cases.states import UNDER_EXAMINATION
from hexi.blocks.cases.steps import Stale
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.models import Document
from hexi.kernel.actors import Actor, Denied

#: files with one decision
MOST = 20


def put_result(case: Case, file: BinaryIO, *, name: str, by: Actor) -> Document:
    """Take one file that is to go out with the decision; checked like every other, the same content once.

    It is the office's own until the decision: nobody else reads it before, and what comes later goes with no decision.
    """
    _require(case, by)
    return documents.store(
        file, name=name, by=by, thing=case, slot=RESULTS, level=Document.Level.A, most=MOST,
        source=case.department.name, title=str(definition(case.version).national.result.name.zh),
    )  # fmt: skip


def drop_result(case: Case, document: int, *, by: Actor) -> None:
    """Take a file out again before the decision."""
    _require(case, by)
    found = papers.of_thing(KIND, str(case.pk), RESULTS).filter(pk=document).first()
    if found is None:
        raise ValidationError(_("没有这份文件，或者已经删除。"))
    documents.remove(found, by=by)


def _require(case: Case, by: Actor) -> None:
    require_stranger(by, case)
    if case.state not in UNDER_EXAMINATION:
        raise Stale(case)
    if not may_put(by, case):
        raise Denied(_("您的岗位不能为这件办件准备结果文件。"))

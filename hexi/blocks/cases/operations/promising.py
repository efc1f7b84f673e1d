"""容缺受理: the promise signed, what was promised handed in, and what the law makes of it when it is not."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import deadlines, letters, waiting
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Clock, Deferred, Promise
from hexi.blocks.cases.operations.applying import acts_for
from hexi.blocks.cases.parts import Material
from hexi.blocks.cases.states import UNDER_EXAMINATION, State
from hexi.blocks.cases.steps import Stale, Step, finish, locked
from hexi.blocks.documents import queries as papers
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.ui.words import day, on_paper


def sign_deferral(
    case: Case, missing: Collection[Material], *, by: Actor, signed: Mapping[str, Any] | None = None
) -> None:
    """Keep the applicant's promise to hand in the missing materials later; without any, an earlier one is done with.

    For the intake, in the transaction of the submission (or of what mends it), before acceptance. `signed`: it was
    signed before, with a bundle.
    """
    with change(by, "cases.sign_deferral", case) as note:
        case = locked(case)
        note.facts["materials"] = keys = sorted(one.key for one in missing)
        waiting.outstanding(case).exclude(material__in=keys).delete()
        if not missing:
            return
        for one in missing:
            assert one.deferrable is not None
            limit = one.deferrable.limit
            Deferred.objects.update_or_create(
                case=case, material=one.key, defaults={"amount": limit.amount, "unit": limit.unit, "handed_at": None}
            )
        now = {
            "text": waiting.promise_text(missing),
            "signed_key": by.key,
            "signed_name": by.name,
            "at": clock.now(),
        }
        Promise.objects.update_or_create(case=case, kind=Promise.Kind.DEFERRAL, defaults=dict(signed or now))


def hand_in(case: Case, *, by: Actor) -> Case:
    """Note which of the promised materials have come in; with the last one the office's promised limit begins.

    By the applicant, or by the window for him. Twice is once. Raises `ValidationError` if no new one is there, or the
    term is over: the application then counts as withdrawn.
    """
    with change(by, "cases.hand_in", case) as note:
        case = locked(case)
        if not acts_for(by, case) and not by.may("cases.accept", case.department_id, case.region_code):
            raise Denied(_("这不是您的办件。"))
        if case.state not in UNDER_EXAMINATION:
            raise Stale(case)
        one = Step(case, by, "hand_in", note)
        if waiting.lapsed(case, one.at):
            raise ValidationError(_("承诺的补交期限已过，依您的承诺视为撤回申请。请备齐材料重新申请。"))
        if not _settle(one):
            raise ValidationError(_("还没有收到要补交的材料。请选择文件，再提交。"))
        finish(one)
    return case


def _settle(one: Step) -> bool:
    """Note the promised materials whose files are there; False if there are none."""
    case = one.case
    here = papers.by_slot("cases.case", str(case.pk))
    came = [row for row in waiting.outstanding(case) if row.material in here]
    case.deferred.filter(pk__in=[row.pk for row in came]).update(handed_at=one.at)
    one.note.facts["materials"] = [row.material for row in came]
    one.opinion = waiting.names(case, came)
    if came and not waiting.outstanding(case).exists():
        deadlines.start(case, Clock.Kind.PROMISED, at=one.at, limit=definition(case.version).promised)
    return bool(came)


def lapse(case: Case, *, by: Actor) -> bool:
    """Withdrawn by the applicant's own promise: a term ended without the material.

    Files are only taken in while the term runs, so what is there came in time.
    Done by a job that may run late and twice at once; it counts from the end of the term, never from the run. Returns
    False if there was nothing (left) to do.
    """
    with change(by, "cases.lapse", case) as note:
        case = locked(case)
        first = waiting.lapsed(case, clock.now())
        if case.state not in UNDER_EXAMINATION or first is None or first.due is None:
            note.facts["nothing"] = True
            return False
        came = Step(case, by, "hand_in", note)
        if _settle(came) and waiting.lapsed(case, came.at) is None:
            finish(came)  # the files were there in time, only the last step of handing in was cut off
            return False
        one = Step(case, by, "lapse", note, at=first.due)
        case.state = State.WITHDRAWN
        with on_paper():
            one.opinion = waiting.names(case, waiting.outstanding(case))
            one.letter = letters.write(case, "lapsed", by=by, reason=one.opinion, day_of=day(first.due))
        finish(one)
    return True

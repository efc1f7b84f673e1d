"""容缺受理: materials that follow after acceptance, their terms, and what waits for them. Below deadlines."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from hexi.blocks.calendars import queries as calendars
from hexi.blocks.calendars.wording import with_warning
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Deferred
from hexi.blocks.cases.parts import Material
from hexi.blocks.forms.saying import listed
from hexi.kernel.fixed import Fixed, Given
from hexi.ui.words import day, on_paper


def outstanding(case: Case) -> QuerySet[Deferred]:
    """What has been promised and is not there yet, soonest due first."""
    return case.deferred.filter(handed_at=None).order_by("due", "pk")


def promised(case: Case) -> list[Deferred]:
    """The same as rows."""
    return _OUTSTANDING.all(case=case.pk)


_OUTSTANDING = Fixed(lambda: Deferred.objects.filter(case_id=Given("case"), handed_at=None).order_by("due", "pk"))


def start(case: Case, *, at: datetime) -> dict[str, str]:
    """Let the terms run from the moment they are told; returns for the letter each material with its last day."""
    calendar, told = calendars.calendar_for(case.region_code), {}
    for one in promised(case):
        due = calendar.due(at, one.length)
        one.start, one.due = at, due.moment
        one.told = one.due
        one.save(update_fields=["start", "due", "told"])
        with translation.override("zh-hans"), on_paper():  # the letter's language, whoever presses the button
            told[one.material] = f"{one.amount} 个工作日内，即 {with_warning(day(one.due), due.uncertain)}前补交"
    return told


def lapsed(case: Case, at: datetime) -> Deferred | None:
    """The promise whose term was the first to end without the material, if one has."""
    return outstanding(case).filter(due__lt=at).first()


def recount(case: Case) -> int:
    """Recompute the running terms after a calendar change; the due as it was told stays on record."""
    calendar, moved = calendars.calendar_for(case.region_code), 0
    for one in outstanding(case).exclude(start=None):
        due = calendar.due(one.start, one.length).moment  # type: ignore[arg-type]
        moved += Deferred.objects.filter(pk=one.pk, handed_at=None).exclude(due=due).update(due=due)
    return moved


def require_complete(case: Case) -> None:
    """No decision before what was promised is there."""
    if missing := names(case, promised(case)):
        raise ValidationError(_("容缺受理的材料还没有补齐：%(names)s。补齐后才能作出决定。") % {"names": missing})


def names(case: Case, rows: Iterable[Deferred]) -> str:
    """The materials by their titles."""
    national = definition(case.version).national
    return listed(str(national.material(one.material).title) for one in rows)


def promise_text(missing: Iterable[Material]) -> str:
    """What the applicant signs: everything missing, the term, and what happens when it is overdue."""
    lines = "".join(
        _("“%(title)s”在受理后 %(n)s 个工作日内补交；") % {"title": one.title, "n": one.deferrable.limit.amount}
        for one in missing
        if one.deferrable
    )
    return _("我承诺：%(lines)s逾期没有补齐的，视为我撤回申请。材料补齐之前，机关不作出决定。") % {"lines": lines}

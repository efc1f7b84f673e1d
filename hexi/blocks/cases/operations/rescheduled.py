"""Due dates that a calendar change moved: applicants are told, and whoever has the tasks, once for each move."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from django.utils.translation import gettext as _
from django.utils.translation import override

from hexi.blocks.audit.models import Entry
from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.wording import with_warning
from hexi.blocks.cases import telling
from hexi.blocks.cases.kinds import kind_of
from hexi.blocks.cases.models import JOINT, RULES, Case, Clock, DueChange, Task
from hexi.blocks.forms.saying import listed
from hexi.blocks.notices import queries as notices
from hexi.blocks.notices.operations import tell
from hexi.blocks.people.models import Account
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words
from hexi.ui.words import day

#: the notice to the applicant, and the one to who has the task
MOVED, AT_WORK = "cases.due_moved", "cases.dues_moved"
#: a move that nobody was told of for longer is no news: the job that tells is never that late
NEWS = timedelta(days=7)
#: so many cases are told of in one transaction
TOGETHER = 100


@dataclass
class Move:
    """A running clock that ends another day than its applicant knew."""

    clock: Clock
    old: datetime
    new: datetime


def tell_moved(keys: list[int], why: str, *, by: Actor) -> int:
    """Tell of the moves with this reason that nobody was told of yet, of permits under way; of how many cases.

    Applicants read which clock moved from which day to which, an official in one notice how many of his cases did.
    What was told is read from the notices, so it may run late, twice at once, or be cut off in the middle.
    """
    told = 0
    for start in range(0, len(keys), TOGETHER):
        with change(by, "cases.due_moved", "cases.case", why=why) as note:
            moved = _moved(keys[start : start + TOGETHER], why)
            for case, moves in moved.items():
                title = Words(zh=case.title, en=case.item.title_en)
                facts = {"title": title, "number": case.number, "moved": _said(case, moves)}
                tell(telling.readers(case), MOVED, about=case, facts=facts, by=by)
            note.rows = [case.number for case in moved]
            if not moved:
                note.facts["nothing"] = True
        told += len(moved)
    if keys:
        _tell_holders(keys, why, by=by)
    return told


def _tell_holders(keys: list[int], why: str, *, by: Actor) -> None:
    """Tell whoever has tasks of these cases, in one notice, of how many their applicants were told.

    Those told of since the log last says that this was done for these cases, so what was cut off is made up for.
    """
    named = f"cases.moves:{blake2b(repr((sorted(keys), why)).encode(), digest_size=16).hexdigest()}"
    with change(by, "cases.dues_moved", named, why=why) as note:
        # the same job twice at once: one after the other
        Case.objects.select_for_update().filter(pk=min(keys)).values_list("pk", flat=True).first()
        before = Entry.objects.filter(kind=named).order_by("id").last()
        since = before.at if before else clock.now() - NEWS
        last = notices.last_told(MOVED, [Case(pk=pk) for pk in keys])
        holders = _holders([pk for pk, at in last.items() if at > since])
        for account, many in holders.items():
            tell(account, AT_WORK, facts={"count": many}, by=by)
        note.rows = [account.pk for account in holders]


def _moved(keys: list[int], why: str) -> dict[Case, list[Move]]:
    """The cases, their rows locked, with what moved since their applicants were last told."""
    cases = Case.objects.permits().open().select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    cases = cases.select_related("item", "applicant__representative").defer(*RULES)
    found = {case.pk: case for case in cases}
    last = notices.last_told(MOVED, found.values())
    rows: dict[int, dict[int, Move]] = defaultdict(dict)
    changes = DueChange.objects.filter(clock__case__in=found, clock__stopped_at=None, why=why[:200])
    news = changes.filter(at__gte=clock.now() - NEWS).select_related("clock").order_by("pk")
    for one in news:
        case = one.clock.case_id
        if one.old is None or one.new is None or (case in last and one.at <= last[case]):
            continue
        move = rows[case].setdefault(one.clock_id, Move(one.clock, one.old, one.new))
        move.new = one.new
    far = {pk: [move for move in moves.values() if _other_day(move)] for pk, moves in rows.items()}
    return {found[pk]: moves for pk, moves in sorted(far.items()) if moves}


def _other_day(move: Move) -> bool:
    return clock.local_day(move.old) != clock.local_day(move.new)


def _said(case: Case, moves: list[Move]) -> Words:
    """The moves in both languages, as in: 承诺期限由 11月30日 改为 12月1日."""
    titles, texts = kind_of(case).clocks, {}
    for language, field in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            texts[field] = listed(
                _("%(clock)s由 %(old)s 改为 %(new)s")
                % {
                    "clock": titles[one.clock.kind],
                    "old": day(one.old),
                    "new": with_warning(day(one.new), one.clock.uncertain),
                }
                for one in moves
            )
    return Words(**texts)


def _holders(cases: list[int]) -> Counter[Account]:
    """Who has claimed a task of these cases, and of how many."""
    tasks = Task.objects.filter(case__in=cases, done_at=None, claimed_by__isnull=False).exclude(stage=JOINT)
    return Counter(task.claimed_by for task in tasks.select_related("claimed_by") if task.claimed_by)

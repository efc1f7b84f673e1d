"""What a supervisor sees: the light of every case, orders, time per step and officer, reasons. Beside queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import Case as Choice
from django.db.models import CharField, Count, Q, QuerySet, Value, When

from hexi.blocks.calendars.clocks import Light, Unit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import procedures
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.facts import span
from hexi.blocks.cases.models import PERMIT, RULES, Case, Clock, Letter, SupervisionOrder, Task
from hexi.blocks.cases.parties import strange
from hexi.blocks.cases.queries import official
from hexi.blocks.indicators.counted import Slice
from hexi.blocks.people.models import Account, Post, Role
from hexi.blocks.regions.codes import prefix
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within

OPEN_ORDERS = (SupervisionOrder.State.ISSUED, SupervisionOrder.State.ANSWERED)
#: letters by which a case is sent back or ended without what was asked for
REASONS = ("give_back", "correction", "not_needed", "rejection", "refused")


# --- lights -----------------------------------------
def lit(cases: QuerySet[Case], now: datetime | None = None) -> QuerySet[Case]:
    """Open cases, each with its `light`: overdue (red), near (yellow), normal (green), paused (no clock runs)."""
    now = now or clock.now()
    near = _near(now)
    light = Choice(
        When(next_due=None, then=Value(Light.PAUSED.value)),
        When(next_due__lt=now, then=Value(Light.OVERDUE.value)),
        When(pk__in=near, then=Value(Light.NEAR.value)),
        default=Value(Light.NORMAL.value),
        output_field=CharField(),
    )
    return cases.filter(ended_at=None).annotate(light=light)


def of_light(cases: QuerySet[Case], light: str, now: datetime | None = None) -> QuerySet[Case]:
    """Those of the open cases that have this light; the same conditions as above, in words an index answers."""
    now = now or clock.now()
    running, near = cases.filter(next_due__gte=now), Q(pk__in=_near(now))
    return {
        Light.PAUSED: lambda: cases.filter(next_due=None),
        Light.OVERDUE: lambda: cases.filter(next_due__lt=now),
        Light.NEAR: lambda: running.filter(near),
        Light.NORMAL: lambda: running.filter(~near),
    }[Light(light)]()


def procedure_over(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those in a special procedure that has outlived its plan."""
    return cases.filter(pk__in=procedures.late_clocks().values("case"))


def _near(now: datetime) -> QuerySet[Any]:
    """The cases of which a clock is in its last part."""
    return Clock.objects.filter(stopped_at=None, near__lte=now, due__gte=now).values("case")


def light_of(case: Case, now: datetime) -> str:
    """The light of one open case."""
    return str(lit(Case.objects.filter(pk=case.pk), now).values_list("light", flat=True).get())


def by_department(cases: QuerySet[Case]) -> list[tuple[Any, dict[str, int]]]:
    """(department, light → open cases), those with most overdue first; two queries."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in lit(cases).order_by().values("department_id", "light").annotate(n=Count("pk")):
        found[row["department_id"]][row["light"]] = row["n"]
    offices = Department.objects.in_bulk(list(found))
    return sorted(
        ((offices[pk], lights) for pk, lights in found.items()),
        key=lambda row: (-row[1].get("overdue", 0), -row[1].get("near", 0), row[0].key),
    )


# --- orders -----------------------------------------
def orders(actor: Actor) -> QuerySet[SupervisionOrder]:
    """Orders the actor's posts supervise or answer; not those about his own matters."""
    reach = within([scope for verb in ("cases.supervise", "cases.answer") for scope in actor.scopes(verb)])
    rows = SupervisionOrder.objects.filter(reach, strange(actor, "case"))
    return rows.select_related("case__item", "department").order_by("-pk")


def unanswered(actor: Actor) -> int:
    """Orders that wait for an answer of the actor's own office."""
    return orders(actor).filter(within(actor.scopes("cases.answer")), state="issued").count()


def answering(department_id: int, region_code: str) -> list[Account]:
    """Who may answer for an office: accounts with such a post today."""
    return officials("cases.answer", department_id, region_code)


def officials(verb: str, department_id: int, region_code: str) -> list[Account]:
    """Accounts that hold a right in an office by a post of today."""
    posts = Post.objects.held_on(clock.today()).filter(account__is_active=True).select_related("account")
    posts = posts.filter(Q(department=department_id) | Q(roles__reach=Role.Reach.REGION)).prefetch_related("roles")
    found = {
        post.account_id: post.account
        for post in posts.distinct().order_by("pk")
        if region_code.startswith(prefix(post.region_code))
        and any(
            verb in role.verbs and (role.reach == Role.Reach.REGION or post.department_id == department_id)
            for role in post.roles.all()
        )
    }
    return list(found.values())


# --- time -----------------------------------------
@dataclass(frozen=True)
class Took:
    """How long something took: how often, the middle one, and the one that nine in ten did not exceed."""

    key: tuple[str, ...]
    count: int
    median: float
    p90: int


def done(part: Slice, actor: Actor) -> QuerySet[Task]:
    """Steps of permits finished in the slice at the offices whose figures the actor may see."""
    rows = Task.objects.filter(within(actor.scopes("statistics.view")), done_at__range=span(part.first, part.last))
    rows = rows.filter(strange(actor, "case"), case__kind=PERMIT)
    if prefix(part.region):
        rows = rows.filter(region_code__startswith=prefix(part.region))
    return rows.filter(department_id=part.department) if part.department is not None else rows


def times(tasks: QuerySet[Task], by: tuple[str, ...]) -> list[Took]:
    """Working days from when a step was opened to when it was done (pauses left out), by `stage`, `done_by` or both."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for task, days in _taken(tasks):
        found[tuple(str(getattr(task, name)) for name in by)].append(days)
    return [_took(key, sorted(found[key])) for key in sorted(found)]


def _took(key: tuple[str, ...], days: list[int]) -> Took:
    return Took(key, len(days), _median(days), days[ceil(0.9 * len(days)) - 1])


def _taken(tasks: QuerySet[Task]) -> Iterator[tuple[Task, int]]:
    """Each step with its whole working days; those without a pause are looked up, as most are alike."""
    calendars = {code: calendar_for(code) for code in tasks.order_by().values_list("region_code", flat=True).distinct()}
    pauses = defaultdict(list)
    held = tasks.filter(case__pauses__isnull=False).order_by()
    for case, start, end in held.values_list("case_id", "case__pauses__start", "case__pauses__end").distinct():
        pauses[case].append((start, end))
    known: dict[tuple[str, date, date], int] = {}
    columns = ("stage", "done_by", "region_code", "opened_at", "done_at", "case_id")
    for task in tasks.order_by().select_related(None).only(*columns).iterator(2000):
        calendar, name = calendars[task.region_code], (task.region_code, *_days(task))
        if task.case_id in pauses:
            tomorrow = task.done_at + timedelta(days=1)
            used = calendar.used(task.opened_at, tomorrow, Unit.WORKING_DAYS, pauses[task.case_id])
            yield task, int(used)
            continue
        if name not in known:
            known[name] = calendar.working_days(*name[1:])
        yield task, known[name]


def _days(task: Task) -> tuple[date, date]:
    return clock.local_day(task.opened_at), clock.local_day(task.done_at)


def _median(days: list[int]) -> float:
    middle = len(days) // 2
    return float(days[middle]) if len(days) % 2 else (days[middle - 1] + days[middle]) / 2


def officers(keys: Iterable[str]) -> dict[str, str]:
    """Names of those who act, by their keys ("account:17")."""
    wanted = {key: int(key.removeprefix("account:")) for key in keys if key.startswith("account:")}
    names = Account.objects.in_bulk(list(wanted.values()))
    return {key: str(names[pk]) for key, pk in wanted.items() if pk in names}


# --- reasons -----------------------------------------
@dataclass(frozen=True)
class Reason:
    """Why cases were sent back or not granted: the kind of letter, what it was about, and the cases."""

    kind: str
    text: str
    cases: tuple[int, ...]


def letters(part: Slice, actor: Actor) -> QuerySet[Letter]:
    """Such letters of the slice, of cases the actor's posts may see."""
    mine = Case.objects.filter(official(actor))
    if prefix(part.region):
        mine = mine.filter(region_code__startswith=prefix(part.region))
    if part.department is not None:
        mine = mine.filter(department_id=part.department)
    rows = Letter.objects.filter(kind__in=REASONS, issued_at__range=span(part.first, part.last), case__in=mine)
    # the whole text of an item beside each letter would be megabytes: it is parsed once a version
    return rows.select_related("case__version").defer(*(f"case__{column}" for column in RULES)).order_by("pk")


def reasons(part: Slice, actor: Actor) -> list[Reason]:
    """Each reason with its cases, the most frequent first: the material or question asked for, a ready reason of the
    item, or its own words (written once: counted together as "")."""
    found: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)
    for letter in letters(part, actor):
        for text in _texts(letter):
            found[letter.kind, text][letter.case_id] = None
    rows = [Reason(kind, text, tuple(cases)) for (kind, text), cases in found.items()]
    return sorted(rows, key=lambda one: (-len(one.cases), one.kind, one.text))


def _texts(letter: Letter) -> list[str]:
    rules = definition(letter.case.version)
    if points := letter.facts.get("points"):
        return [rules.points[key].zh if key in rules.points else key for key in points]
    said = str(letter.facts.get("reason", ""))
    ready = [reason.text.zh for one in rules.national.decisions for reason in one.reasons if reason.text.zh in said]
    return ready or [""]

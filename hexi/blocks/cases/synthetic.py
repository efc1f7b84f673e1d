"""Synthetic cases of a year, for the demo and benches: rows made in bulk, figures computed. Beside operations.

Every due moment comes from the region's real calendar; what is drawn by chance (seeded) is only who applied when and
how long the offices took. Names are drawn from common characters, persons are numbered 629999… (nobody's region).
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit, WorkCalendar
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import codes, counts, facts, intake, synthetic_letters
from hexi.blocks.cases.definitions import code_of, definition
from hexi.blocks.cases.models import Case, Clock, Counter, Event, Item, Letter, Task
from hexi.blocks.cases.states import STAGES, Outcome, State
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor

BATCH = 1000
#: which share of cases ends how
REFUSED, LATE, DEEMED = 0.02, 0.006, 0.004
#: which share of what could be sent in online comes to the window all the same
AT_WINDOW = 0.15
#: forms of handling that need no window → the channel a case comes by
ONLINE = {codes.COMPUTER: "portal", codes.MOBILE: "phone"}


@dataclass
class Story:
    """One case's fate, before it becomes rows."""

    item: Item
    submitted: datetime
    accepted: datetime
    decided: datetime | None
    refused: bool
    deemed: bool


def make(
    number: int,
    *,
    by: Actor,
    items: list[Item],
    persons: list[Person],
    until: date | None = None,
    seed: int = 2017,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Make `number` cases over the year that ends at `until` (today), and count them into the roll-up."""
    if not items or not persons:
        raise ValueError("synthetic cases need published items and persons")
    chance = random.Random(seed)  # noqa: S311 - made up on purpose
    last = until or clock.today()
    stories = sorted((_story(chance, items, last) for _ in range(number)), key=lambda one: one.submitted)
    done = 0
    for batch in _batches(stories):
        with change(by, "cases.synthetic") as note:
            cases = _write(batch, chance, persons)
            note.rows = [case.number for case in cases]
        done += len(batch)
        progress(done)
    return done


def _story(chance: random.Random, items: list[Item], last: date) -> Story:
    item = chance.choices(items, weights=[1 / (1 + place) for place in range(len(items))])[0]
    rules, calendar = definition(item.version), calendar_for(item.region_code)  # type: ignore[arg-type]
    day = calendar.next_working_day(last - timedelta(days=chance.randrange(365)))
    submitted = _moment(min(day, last), chance, 8, 21)
    deemed = chance.random() < DEEMED and rules.deems
    accepted = submitted if deemed else _later(calendar, submitted, chance.choice((0, 0, 0, 1, 1, 2)), chance)
    decided = _decided(calendar, accepted, rules.promised, chance)
    now = clock.now()
    return Story(
        item, submitted, accepted if accepted <= now else submitted, decided if decided <= now else None,
        chance.random() < REFUSED, deemed,
    )  # fmt: skip


def _decided(calendar: WorkCalendar, accepted: datetime, promised: Limit, chance: random.Random) -> datetime:
    """A moment in office hours before the promised end; of a few cases one to three working days after it."""
    due = calendar.due(accepted, promised)
    assert due.moment is not None  # nothing is paused
    assert due.day is not None
    if chance.random() < LATE:
        return _moment(calendar.add(due.day, chance.randint(1, 3)), chance, 9, 17)
    span = calendar.working_days(clock.local_day(accepted), due.day)
    return min(_later(calendar, accepted, chance.randint(0, max(span, 0)), chance), due.moment)


def _later(calendar: WorkCalendar, moment: datetime, days: int, chance: random.Random) -> datetime:
    """So many working days later, in office hours; the same day: a little later."""
    if days == 0:
        return moment + timedelta(minutes=chance.randint(5, 170))
    return _moment(calendar.add(clock.local_day(moment), days), chance, 9, 17)


def _moment(day: date, chance: random.Random, first: int, last: int) -> datetime:
    at = time(chance.randint(first, last - 1), chance.randrange(60), chance.randrange(60))
    return min(datetime.combine(day, at, clock.CHINA), clock.now())


def _write(batch: list[Story], chance: random.Random, persons: list[Person]) -> list[Case]:
    numbers, whom = _numbers(batch), _audiences(batch, persons)
    cases = Case.objects.bulk_create(
        [
            _case(story, number, chance.choice(whom[story.item.pk]), _ways(chance, story.item))
            for story, number in zip(batch, numbers, strict=True)
        ]
    )
    clocks = [one for case, story in zip(cases, batch, strict=True) for one in _clocks(case, story)]
    Clock.objects.bulk_create(clocks)
    letters = synthetic_letters.write(cases, chance)
    Event.objects.bulk_create([one for case in cases for one in _events(case, letters.get(case.pk))])
    Task.objects.bulk_create([task for case in cases if (task := _task(case))])
    late = {one.case_id for one in clocks if one.met is False and one.kind != Clock.Kind.NOTICE}
    for (case, day), numbers_of_day in _counted(cases, batch, late).items():
        counts.add(case, day, numbers_of_day)
    return cases


def _audiences(batch: list[Story], persons: list[Person]) -> dict[int, list[Person]]:
    """Who may apply for each item: persons of the kinds it is for; anybody if there are none."""
    found = {}
    for story in batch:
        if story.item.pk not in found:
            kinds = definition(story.item.version).national.audience  # type: ignore[arg-type]
            found[story.item.pk] = [one for one in persons if one.kind in kinds] or persons
    return found


def _numbers(batch: list[Story]) -> list[str]:
    """Numbers of a batch: one raise of the counter for each item and day, as many single submissions would."""
    found, next_serial = [], {}
    for story in batch:
        prefix = f"{code_of(story.item.version)}{clock.local_day(story.submitted):%Y%m%d}"  # type: ignore[arg-type]
        if prefix not in next_serial:
            row = Counter.objects.select_for_update().filter(pk=f"case:{prefix}").first()
            next_serial[prefix] = row.value if row else 0
        next_serial[prefix] += 1
        found.append(f"{prefix}{next_serial[prefix]:04d}")
    Counter.objects.bulk_create(
        [Counter(key=f"case:{prefix}", value=value) for prefix, value in next_serial.items()],
        update_conflicts=True, unique_fields=["key"], update_fields=["value"],
    )  # fmt: skip
    return found


def _ways(chance: random.Random, item: Item) -> tuple[str, str]:
    """By which of the item's ways it came in, and by which its result goes out: whoever came to the window fetches."""
    rules = definition(item.version)  # type: ignore[arg-type]
    online = [name for code, name in ONLINE.items() if code in rules.local.handling]
    at_window = not online or (codes.WINDOW in rules.local.handling and chance.random() < AT_WINDOW)
    channel = facts.WINDOW if at_window else chance.choice(online)
    ways = intake.deliveries(rules)
    wanted = "window" if at_window else chance.choices(("online", "courier"), weights=(8, 2))[0]
    return channel, wanted if wanted in ways else ways[0]


def _case(story: Story, number: str, person: Person, ways: tuple[str, str]) -> Case:
    decided = story.decided
    state = State.CLOSED if decided else (State.EXAMINING if story.accepted > story.submitted else State.SUBMITTED)
    case = Case(
        number=number, item=story.item, version=story.item.version, title=story.item.title,
        department=story.item.department, region_code=story.item.region_code, applicant=person,
        applicant_name=person.name, channel=ways[0], delivery=ways[1], answers={}, state=state,
        submission=f"synthetic:{number}",
        submitted_at=story.submitted, received_at=story.submitted, deemed=story.deemed and decided is not None,
        accepted_at=story.accepted if state != State.SUBMITTED else None, decided_at=decided, ended_at=decided,
        outcome=(Outcome.REFUSED if story.refused else Outcome.GRANTED) if decided else "",
    )  # fmt: skip
    if decided is None:
        _kind, start, limit = _running(case)
        case.next_due = calendar_for(case.region_code).due(start, limit).moment
    return case


def _running(case: Case) -> tuple[Clock.Kind, datetime, Limit]:
    """The soonest clock of an undecided case."""
    if case.accepted_at is None:
        return Clock.Kind.NOTICE, case.received_at, definition(case.version).notice
    rules = definition(case.version)
    return Clock.Kind.PROMISED, case.accepted_at, rules.promised


def _clocks(case: Case, story: Story) -> Iterator[Clock]:
    rules, calendar = definition(case.version), calendar_for(case.region_code)
    yield _clock(case, calendar, Clock.Kind.NOTICE, story.submitted, rules.notice, case.accepted_at)
    if case.accepted_at:
        yield _clock(case, calendar, Clock.Kind.LEGAL, case.accepted_at, rules.legal, case.decided_at)
        yield _clock(case, calendar, Clock.Kind.PROMISED, case.accepted_at, rules.promised, case.decided_at)


def _clock(
    case: Case, calendar: WorkCalendar, kind: Clock.Kind, start: datetime, limit: Limit, stopped: datetime | None
) -> Clock:
    due = calendar.due(start, limit)
    met = None if stopped is None or due.moment is None else stopped <= due.moment
    return Clock(
        case=case, kind=kind, start=start, amount=limit.amount, unit=limit.unit, due=due.moment, near=due.near,
        uncertain=due.uncertain, stopped_at=stopped, met=met,
    )  # fmt: skip


def _events(case: Case, letter: Letter | None) -> Iterator[Event]:
    steps = [("submit", case.submitted_at)]
    if case.accepted_at:
        steps.append(("accept_deemed" if case.deemed else "accept", case.accepted_at))
    if case.decided_at:
        steps.append(("refuse" if case.outcome == Outcome.REFUSED else "grant", case.decided_at))
    for action, at in steps:
        yield Event(
            case=case,
            at=at,
            action=action,
            actor_key="system:synthetic",
            actor_name="演示",
            office="" if action == "submit" else case.department.name,
            letter=letter if at == case.decided_at else None,
            opinion=letter.facts["reason"] if letter and at == case.decided_at else "",
        )


def _task(case: Case) -> Task | None:
    stage = STAGES.get(State(case.state))
    if stage is None:
        return None
    return Task(
        case=case, stage=stage[0], verb=stage[1], department=case.department, region_code=case.region_code,
        opened_at=case.submitted_at, due=case.next_due,
    )  # fmt: skip


def _counted(cases: list[Case], batch: list[Story], late: set[int]) -> dict[tuple[Case, date], dict[str, int]]:
    """What the operations would have counted, by a case of the item and by day."""
    found: dict[tuple[int, date], dict[str, int]] = {}
    sample: dict[int, Case] = {}

    def add(case: Case, at: datetime, **numbers: int) -> None:
        sample.setdefault(case.item_id, case)
        row = found.setdefault((case.item_id, clock.local_day(at)), {})
        for name, value in numbers.items():
            row[name] = row.get(name, 0) + value

    for case, story in zip(cases, batch, strict=True):
        add(case, story.submitted, received=1)
        if case.accepted_at:
            add(case, case.accepted_at, accepted=1, deemed=int(case.deemed))
        if case.decided_at:
            tardy = int(case.pk in late)
            outcome = "refused" if case.outcome == Outcome.REFUSED else "granted"
            used = calendar_for(case.region_code).working_days(
                clock.local_day(case.accepted_at or case.decided_at), clock.local_day(case.decided_at)
            )
            # as `facts` counts it: who handed in at the window came, who fetches what was granted comes once more
            came, fetched = case.channel == facts.WINDOW, outcome == "granted" and case.delivery == "window"
            add(
                case, case.decided_at, ended=1, finished=1, paperless=int(case.delivery == "online" and not came),
                visits=came + fetched, late=tardy, in_time=1 - tardy, days_used=used, **{outcome: 1},
            )  # fmt: skip
    return {(sample[item], day): numbers for (item, day), numbers in found.items()}


def _batches(stories: list[Story]) -> Iterator[list[Story]]:
    for start in range(0, len(stories), BATCH):
        yield stories[start : start + BATCH]


def analyse() -> None:
    """Let the database see what was loaded, as its nightly maintenance would."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

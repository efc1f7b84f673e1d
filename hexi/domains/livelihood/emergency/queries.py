"""Reading the duty desk: events one may see, who is on duty, the closing report as the log tells it, changed lines."""

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from hexi.blocks.audit.models import Entry as Line
from hexi.blocks.documents.models import Document
from hexi.blocks.people.models import Account, Post
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import plans
from hexi.domains.livelihood.emergency.models import Entry, Event, Shift, Task
from hexi.domains.livelihood.emergency.states import DUTY, RESPOND, ROSTER, VIEW
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within
from hexi.ui.words import moment, on_paper

KIND = "emergency.event"
#: figures of a situation report, in their order
TOLD = (Entry.Kind.NOTE, Entry.Kind.REPORT, Entry.Kind.LEVEL, Entry.Kind.FIX)
NUMBERS = ("dead", "injured", "missing", "moved")


def visible(actor: Actor) -> QuerySet[Event]:
    """Events of the desks one's posts see, and those that gave one's unit a task."""
    reach = within(actor.scopes(VIEW), "case__department_id", "case__region_code")
    mine = Task.objects.filter(within(actor.scopes(RESPOND), "unit_id", "unit__region_code"))
    rows = Event.objects.filter(reach | Q(pk__in=mine.values("event")))
    return rows.select_related("case__department").order_by("-pk")


def event_for(number: str, actor: Actor) -> Event:
    """One event. Raises `DoesNotExist` for one that is not there or not for him."""
    return visible(actor).get(case__number=number)


def sees_all(event: Event, actor: Actor) -> bool:
    """True for the desk; a unit sees its own tasks, not the log."""
    return actor.may(VIEW, event.case.department_id, event.case.region_code)


def may_read(actor: Actor, document: Document) -> bool:
    """The closing report: the desk."""
    found = Event.objects.select_related("case").filter(pk=document.of_ref).first()
    return found is not None and sees_all(found, actor)


def never(ref: str, slot: str) -> bool:
    """Nobody adds a file to a closed report."""
    return False


def log(event: Event) -> list[Entry]:
    """The log from its first line, each with what corrects it."""
    return list(event.entries.select_related("corrects", "contact").prefetch_related("corrections"))


def tampered(event: Event) -> list[Entry]:
    """Lines that no longer say what the chained log of the house keeps of them."""
    kept = Line.objects.filter(verb="emergency.entry", kind="emergency.entry")
    lines = list(event.entries.all())
    kept = kept.filter(ref__in=[str(one.pk) for one in lines])
    digests = {one.ref: one.facts.get("digest") for one in kept}
    return [one for one in lines if digests.get(str(one.pk)) != one.digest]


def missing(event: Event) -> int:
    """How many lines the chained log of the house knows of this event that are no longer there."""
    kept = Line.objects.filter(verb="emergency.entry", kind="emergency.entry", facts__event=event.pk)
    there = {str(pk) for pk in event.entries.values_list("pk", flat=True)}
    return sum(ref not in there for ref in kept.values_list("ref", flat=True))


# --- duty -------------------------------------------------------------------------------------------------------------
def desks(actor: Actor, verb: str) -> list[Department]:
    """Desks an official works for: offices that a region's plans name."""
    keys = [one.desk for one in plans.files()]
    rows = Department.objects.filter(within(actor.scopes(verb), "pk"), key__in=keys)
    return list(rows.order_by("key"))


def desk_of(actor: Actor, verb: str, key: str = "") -> Department | None:
    """The desk with this key if an official works for it, else the first he works for."""
    found = desks(actor, verb)
    return next((one for one in found if one.key == key), found[0] if found else None)


def on_duty(desk: Department, at: datetime | None = None) -> list[Shift]:
    """Who is on duty at a desk at a moment (default: now)."""
    at = at or clock.now()
    return list(Shift.objects.filter(desk=desk, start__lte=at, end__gt=at).select_related("account", "leader"))


def to_hand(desk: Department, account: int | None) -> Shift | None:
    """The shift somebody has on now, or had within the last day, and has not handed over; the earliest."""
    rows = Shift.objects.filter(Q(account=account) | Q(leader=account), desk=desk, handed_at=None)
    return rows.filter(start__lte=clock.now(), end__gt=clock.now() - timedelta(days=1)).order_by("start").first()


def week(desk: Department, first: date) -> list[tuple[date, list[Shift]]]:
    """Seven days of a roster."""
    begin = datetime.combine(first, time.min, clock.CHINA)
    rows = Shift.objects.filter(desk=desk, start__gte=begin, start__lt=begin + timedelta(days=7))
    rows = rows.select_related("account", "leader")
    days: dict[date, list[Shift]] = {first + timedelta(days=n): [] for n in range(7)}
    for one in rows:
        days[clock.local_day(one.start)].append(one)
    return list(days.items())


def to_take(desk: Department) -> Shift | None:
    """The last shift that was handed over and nobody has taken yet."""
    rows = Shift.objects.filter(desk=desk, handed_at__isnull=False, taken_at=None)
    return rows.order_by("-start").first()


def officers(desk: Department) -> list[Account]:
    """Who may be put on the roster of a desk: officials who hold the right there."""
    posts = Post.objects.held_on(clock.today()).filter(department=desk, account__is_active=True)
    rows = posts.select_related("account").prefetch_related("roles").order_by("account__name", "pk")
    found = {
        post.account_id: post.account
        for post in rows
        if any({DUTY, ROSTER} & set(role.verbs) for role in post.roles.all())
    }
    return list(found.values())


# --- closing ----------------------------------------------------------------------------------------------------------
def composed(event: Event) -> str:
    """A closing report as the log tells it, in the words of the office: somebody reads and mends it. Chinese."""
    level = plans.levels()[event.level].title.zh
    kind = plans.kinds()[event.kind].title.zh if event.kind in plans.kinds() else event.kind
    with on_paper():
        lines = [
            f"一、基本情况。{moment(event.happened_at)}，{event.address}发生{kind}，响应级别为{level}。{event.text}",
            "二、任务完成情况。" + "".join(_task_line(one) for one in event.tasks.select_related("unit")),
            "三、处置经过。" + "".join(
                f"{one.at.astimezone(clock.CHINA):%m月%d日%H:%M}，{one.text}"
                for one in event.entries.filter(kind__in=TOLD)
            ),
            "四、人员和损失情况。" + _losses(event),
            "五、原因、教训和改进措施。（请填写）",
        ]  # fmt: skip
    return "\n".join(lines)


def _task_line(one: Task) -> str:
    state = "未完成" if one.done_at is None else "按时完成" if one.in_time else "超时完成"
    return f"{one.unit.name}：{one.title}，{state}；"


def _losses(event: Event) -> str:
    words = {"dead": "死亡", "injured": "受伤", "missing": "失联", "moved": "转移"}
    last = event.entries.filter(kind=Entry.Kind.REPORT).last()
    numbers = last.facts if last else {}
    return "，".join(f"{words[name]} {numbers.get(name, 0)} 人" for name in NUMBERS) + "。"

"""Who is told of tasks, levels and warnings, in the transaction of the change."""

from hexi.blocks.notices.operations import tell
from hexi.blocks.people.models import Account, Post
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import plans, queries
from hexi.domains.livelihood.emergency.models import Event, Task
from hexi.domains.livelihood.emergency.states import RESPOND
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words


def responders(unit: Department) -> list[Account]:
    """Officials of a unit who may do its tasks."""
    posts = Post.objects.held_on(clock.today()).filter(department=unit, account__is_active=True)
    rows = posts.select_related("account").prefetch_related("roles").order_by("pk")
    return [post.account for post in rows if any(RESPOND in role.verbs for role in post.roles.all())]


def given(task: Task, by: Actor) -> None:
    """A unit has a task."""
    whom = responders(task.unit)
    if whom:
        facts = {"number": task.event.case.number, "task": Words(zh=task.title, en=task.title_en or task.title)}
        tell(whom, "emergency.task", about=task.event.case, facts={**facts, "due": task.due_at}, by=by)


def level(event: Event, by: Actor) -> None:
    """Every unit that still has a task hears of the level."""
    units = Department.objects.filter(pk__in=event.tasks.filter(done_at=None).values("unit"))
    whom = list(dict.fromkeys(one for unit in units for one in responders(unit)))
    if whom:
        facts = {"number": event.case.number, "level": plans.levels()[event.level].title}
        tell(whom, "emergency.level", about=event.case, facts=facts, by=by)


def alert(event: Event, said: Words, proposal: Words, by: Actor) -> None:
    """Who is on duty hears of the warning; everybody of the desk if nobody is."""
    desk = event.case.department
    on_duty = [who for one in queries.on_duty(desk) for who in (one.account, one.leader) if who]
    whom = list(dict.fromkeys(on_duty)) or queries.officers(desk)
    if whom:
        facts = {"number": event.case.number, "said": said, "proposal": proposal}
        tell(whom, "emergency.alert", about=event.case, facts=facts, by=by)

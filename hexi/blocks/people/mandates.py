"""Mandates (授权委托): a person lets another act for him or his body, in some matters, until a day. Operations."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.people import numbers
from hexi.blocks.people.hooks import mandate_ended, mandate_given
from hexi.blocks.people.models import IdentifierType, Mandate, Person
from hexi.blocks.people.names import same_name
from hexi.blocks.people.queries import RESIDENT, identifier_of, persons_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.manifest import added
from hexi.kernel.options import Option

YEARS = Option("people.mandate_years", int, 3, "For how many years at most somebody may let another act for him.")


@dataclass(frozen=True)
class Matters:
    """What mandates can be limited to, added by the blocks above: `choices()` gives (key, title)."""

    choices: Callable[[], list[tuple[str, str]]]


def matters() -> dict[str, str]:
    """Everything a mandate can be limited to, by key."""
    return {key: title for one in added(Matters) for key, title in one.choices()}


def give(
    principal: Person, *, agent_name: str, agent_number: str, items: Collection[str] = (), until: date, by: Actor
) -> Mandate:
    """Let another person act until a day, in the named matters (none named: all). Only the principal himself gives it.

    The day is at most `people.mandate_years` away: a mandate names its term (民法典 art. 165), and one for ever is soon
    forgotten.

    The agent is found by name and identity number and must be known here; given twice in the same words it is one
    mandate, so that ending it ends it. Raises `ValidationError` by field.
    """
    if principal.pk not in persons_of(by):
        raise Denied(_("只有本人（单位由法定代表人）可以授权。"))
    if faults := _faults(items, until):
        raise ValidationError(faults)  # before anybody is looked for: a form that gives nothing tells of nobody
    agent = _agent(agent_name, agent_number)
    if agent.pk in persons_of(by):
        raise ValidationError({"agent_number": _("不用授权给自己。")})
    with change(by, "people.mandate", principal, agent=agent.pk, items=sorted(items), until=until) as entry:
        Person.objects.select_for_update().get(pk=principal.pk)  # of two forms sent at once the second finds the first
        same = Mandate.objects.in_force(clock.today()).filter(principal=principal, agent=agent, valid_to=until)
        if made := next((one for one in same if one.items == sorted(items)), None):
            entry.facts["mandate"] = made.pk
            return made
        made = Mandate.objects.create(
            principal=principal, agent=agent, items=sorted(items), valid_from=clock.today(), valid_to=until,
            given_key=by.key, given_name=by.name, given_at=clock.now(),
        )  # fmt: skip
        entry.facts["mandate"] = made.pk
        mandate_given.ring(mandate=made, by=by)
    return made


def withdraw(mandate: Mandate, *, by: Actor) -> Mandate:
    """Take it back, at once; the agent may lay it down too. Twice is once."""
    if not {mandate.principal_id, mandate.agent_id} & set(persons_of(by)):
        raise Denied(_("只有授权人或者受托人可以解除授权。"))
    with change(by, "people.end_mandate", mandate):
        ended = Mandate.objects.filter(pk=mandate.pk, ended_at=None).update(ended_at=clock.now(), ended_name=by.name)
        if ended:
            mandate.refresh_from_db()
            mandate_ended.ring(mandate=mandate, by=by)
    mandate.refresh_from_db()
    return mandate


def given(by: Actor) -> QuerySet[Mandate]:
    """Those the actor (or a body he represents) gave or received, the newest first."""
    own = persons_of(by)
    found = Mandate.objects.filter(principal__in=own) | Mandate.objects.filter(agent__in=own)
    return found.select_related("principal", "agent").order_by("-pk")


def held(by: Actor) -> list[Mandate]:
    """Those in force that let the actor act for others."""
    own = getattr(by, "person_id", None)
    if own is None:
        return []
    return list(Mandate.objects.in_force(clock.today()).filter(agent=own).select_related("principal").order_by("pk"))


def mandate_for(by: Actor, person_id: int, item: str) -> Mandate | None:
    """The mandate in force by which the actor may act for this person in a matter."""
    return next((one for one in held(by) if one.principal_id == person_id and one.covers(item)), None)


def last_day() -> date:
    """The last day a mandate given today may end on."""
    return clock.today() + relativedelta(years=YEARS.value)


def _faults(items: Collection[str], until: date) -> dict[str, str]:
    faults = {}
    if until < clock.today():
        faults["until"] = _("有效期不能早于今天。")
    if until > last_day():
        faults["until"] = _("授权最长%(years)s年。请把有效期改到%(day)s或之前。") % {
            "years": YEARS.value, "day": last_day().isoformat()
        }  # fmt: skip
    if strange := sorted(set(items) - set(matters())):
        faults["items"] = _("没有这些事项：%(names)s。") % {"names": "、".join(strange)}
    return faults


def _agent(name: str, number: str) -> Person:
    kind = IdentifierType.objects.get(pk=RESIDENT)
    read = numbers.read(kind, number)
    found = identifier_of(read.text)
    if found is None or not same_name(found.person.name, name):
        raise ValidationError({"agent_number": _("没有找到这位受托人：姓名和身份号码要一致，且对方已在本站实名。")})
    return found.person

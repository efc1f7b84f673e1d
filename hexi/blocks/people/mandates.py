"""Mandates (授权委托): a person lets another act for him or his body, in some matters, until a day. Operations."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.people import numbers
from hexi.blocks.people.hooks import mandate_ended, mandate_given, mandate_offered
from hexi.blocks.people.models import Identifier, IdentifierType, Mandate, MandateOffer, Person
from hexi.blocks.people.names import same_name, tidy_name
from hexi.blocks.people.queries import RESIDENT, persons_of
from hexi.blocks.people.vault import ring
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.fixed import Fixed, Given
from hexi.kernel.manifest import added
from hexi.kernel.options import Option

Waiting = MandateOffer.State.WAITING
YEARS = Option(
    "people.mandate_years", int, 3,
    "授权他人代办最长几年。 / For how many years at most somebody may let another act for him.",
)  # fmt: skip


@dataclass(frozen=True)
class Matters:
    """What mandates can be limited to, added by the blocks above: `choices()` gives (key, title)."""

    choices: Callable[[], list[tuple[str, str]]]


def matters() -> dict[str, str]:
    """Everything a mandate can be limited to, by key."""
    return {key: title for one in added(Matters) for key, title in one.choices()}


def give(
    principal: Person, *, agent_name: str, agent_number: str, items: Collection[str] = (), until: date, by: Actor
) -> MandateOffer:
    """Ask another to act until a day, in the named matters (none named: all). Only the principal himself gives it.

    The day is at most `people.mandate_years` away: a mandate names its term (民法典 art. 165), and one for ever is soon
    forgotten. It is in force when the agent agrees (`accept`).

    Nobody is looked for: whether the agent is known here, and under this name, makes no difference to what is kept and
    answered. Offered twice in the same words it is one offer. Raises `ValidationError` by field.
    """
    if principal.pk not in persons_of(by):
        raise Denied(_("只有本人（单位由法定代表人）可以授权。"))
    number = numbers.read(IdentifierType.objects.get(pk=RESIDENT), agent_number, field="agent_number")
    if faults := _faults(items, until):
        raise ValidationError(faults)
    lookup = ring().lookup(number.text, RESIDENT)
    if Identifier.objects.filter(person__in=persons_of(by), type=RESIDENT, lookup=lookup).exists():
        raise ValidationError({"agent_number": _("不用授权给自己。")})
    words = {"name": tidy_name(agent_name), "lookup": lookup, "items": sorted(items), "valid_to": until}
    with change(by, "people.offer_mandate", principal, items=sorted(items), until=until) as entry:
        Person.objects.select_for_update().get(pk=principal.pk)  # of two forms sent at once the second finds the first
        made = _same(MandateOffer.objects.filter(principal=principal, state=Waiting), words)
        if made is None:
            made = MandateOffer.objects.create(
                principal=principal, number=ring().seal(number.text, RESIDENT), masked=number.masked,
                given_key=by.key, given_name=by.name, given_at=clock.now(), **words,
            )  # fmt: skip
            mandate_offered.ring(offer=made, by=by)
        entry.facts["offer"] = made.pk
    return made


def accept(offer: MandateOffer, *, by: Actor) -> Mandate:
    """The agent agrees: from now on he may act. Twice is once."""
    if not _is_for(offer, by):
        raise Denied(_("这份授权不是给您的。"))
    with change(by, "people.mandate", offer.principal, items=offer.items, until=offer.valid_to) as entry:
        offer = MandateOffer.objects.select_for_update(of=("self",)).select_related("principal").get(pk=offer.pk)
        if offer.mandate is not None:
            return offer.mandate
        _require_waiting(offer)
        if offer.valid_to < clock.today():
            raise ValidationError(_("这份授权已经过期，请对方重新授权。"))
        if offer.principal_id in persons_of(by):
            raise ValidationError(_("不用授权给自己。"))
        made = offer.mandate = Mandate.objects.create(
            principal=offer.principal, agent_id=by.person_id, items=offer.items, valid_from=clock.today(),  # type: ignore[attr-defined]
            valid_to=offer.valid_to, given_key=offer.given_key, given_name=offer.given_name, given_at=offer.given_at,
        )  # fmt: skip
        _answer(offer, MandateOffer.State.ACCEPTED)
        entry.facts |= {"mandate": made.pk, "agent": made.agent_id}
        mandate_given.ring(mandate=made, by=by)
    return made


def decline(offer: MandateOffer, *, by: Actor) -> MandateOffer:
    """The agent does not agree, or the principal takes it back before he did. Twice is once."""
    own = offer.principal_id in persons_of(by)
    if not own and not _is_for(offer, by):
        raise Denied(_("这份授权不是给您的。"))
    state = MandateOffer.State.WITHDRAWN if own else MandateOffer.State.DECLINED
    with change(by, "people.decline_mandate", offer, state=state):
        offer = MandateOffer.objects.select_for_update().get(pk=offer.pk)
        if offer.state != state:
            _require_waiting(offer)
            _answer(offer, state)
    return offer


def offered(by: Actor) -> list[MandateOffer]:
    """What waits for the actor to agree: meant for him by number and name, and not past its day."""
    own = getattr(by, "person_id", None)
    if own is None:
        return []
    lookups = Identifier.objects.filter(person=own, type=RESIDENT).values("lookup")
    found = MandateOffer.objects.filter(lookup__in=lookups, state=Waiting, valid_to__gte=clock.today())
    name = Person.objects.values_list("name", flat=True).get(pk=own)
    return [one for one in found.select_related("principal").order_by("-pk") if same_name(one.name, name)]


def asked(by: Actor) -> QuerySet[MandateOffer]:
    """What the actor (or a body he represents) offered and nobody has agreed to yet, the newest first."""
    found = MandateOffer.objects.filter(principal__in=persons_of(by)).exclude(state=MandateOffer.State.ACCEPTED)
    return found.select_related("principal").order_by("-pk")


def agent_of(offer: MandateOffer) -> Person | None:
    """Whom it is meant for, if he is known here under that name. For telling him, never for the principal."""
    held = Identifier.objects.filter(type=RESIDENT, lookup=offer.lookup).select_related("person").first()
    return held.person if held and same_name(held.person.name, offer.name) else None


def _is_for(offer: MandateOffer, by: Actor) -> bool:
    person = agent_of(offer)
    return person is not None and person.pk == getattr(by, "person_id", None)


def _require_waiting(offer: MandateOffer) -> None:
    if offer.state != Waiting:
        raise ValidationError(_("这份授权现在是“%(state)s”，请刷新后再看。") % {"state": offer.get_state_display()})


def _answer(offer: MandateOffer, state: str) -> None:
    offer.state, offer.answered_at = state, clock.now()
    offer.save(update_fields=["state", "answered_at", "mandate"])


def _same(offers: QuerySet[MandateOffer], words: dict[str, Any]) -> MandateOffer | None:
    """The one in the same words: JSON is compared here, databases do it differently."""
    rest = {name: value for name, value in words.items() if name != "items"}
    return next((one for one in offers.filter(**rest) if one.items == words["items"]), None)


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
    return _HELD.all(day=clock.today(), agent=own)


_HELD = Fixed(
    lambda: (
        Mandate.objects.in_force(Given("day"))
        .filter(agent_id=Given("agent"))
        .select_related("principal")
        .order_by("pk")
    )
)


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

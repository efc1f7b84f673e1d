"""What is known already and need not be asked: from the account, the body applied for, sources others add (`Known`).

Stands below `operations`, above `answers`. Only what the actor may see as his own is taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hexi.blocks.forms import drafts, kinds, typed
from hexi.blocks.forms.definitions import Field, Form
from hexi.blocks.people import operations as people
from hexi.blocks.people.models import Account, Identifier, Person
from hexi.blocks.people.queries import RESIDENT, credit_code, persons_of
from hexi.kernel.actors import Actor


def known(form: Form, *, by: Actor, person_id: int | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers that are known, and for each field the key of its source ("person", "enterprise" or that of a `Known`).

    `person_id` is in whose name is applied: a body's data come from it, a person's always from the actor's own account.
    What would not be a good answer (an old address, a phone of another form) is left for the applicant to fill in.
    """
    wanted = [field for _section, field in form.fields() if field.prefill]
    if not wanted:
        return {}, {}
    account = _who(by, person_id)
    bodies = Person.objects.select_related("representative").exclude(kind=Person.Kind.NATURAL)
    body = bodies.filter(pk=person_id).first()
    found, sources = {}, {}
    for field in wanted:
        source = str(field.prefill).partition(".")[0]
        value = _value(field, account, body, by, person_id)
        if value is not None:
            found[field.key], sources[field.key] = value, source
    return found, sources


@dataclass(frozen=True)
class Other:
    """Somebody else in whose name is applied, by mandate or at a counter: his record, not the writer's account."""

    person: Person
    name: str
    phone: str


def _who(by: Actor, person_id: int | None) -> "Account | Other":
    """Whose data `person.…` are: the writer's own, or those of the human being he writes for."""
    account = Account.objects.select_related("person").get(pk=by.account_id)  # type: ignore[attr-defined]
    other = None if person_id in (None, *persons_of(by)) else Person.objects.filter(pk=person_id).first()
    if other is not None and not other.natural:
        other = other.representative
    return Other(other, other.name, other.phone) if other is not None else account


def _value(field: Field, account: "Account | Other", body: Person | None, by: Actor, person_id: int | None) -> Any:
    source, _dot, what = str(field.prefill).partition(".")
    if source not in ("person", "enterprise"):
        other = drafts.known_of(source)
        raw = other.find(person_id, what, by) if other and other.find and person_id else None
    elif source == "enterprise" and body is None:
        return None
    else:
        raw = ENTERPRISE[what](body, by) if source == "enterprise" else PERSON[what](account, by)
    if what == "address" and field.kind == "address" and account.person is not None:
        raw = {"region": account.person.region_code, "detail": raw} if raw and account.person.region_code else None
    try:
        return kinds.clean(field, raw)
    except typed.Wrong:
        return None


def _number(person: Person | None, type: str, by: Actor) -> str | None:
    held = Identifier.objects.filter(person=person, type_id=type).select_related("person").first() if person else None
    # another's number is not shown to who writes for him: it is on the paper before him
    return people.unmask(held, purpose="", by=by) if held and held.person_id in persons_of(by) else None


def _of_person(column: str) -> Callable[[Any, Actor], str]:
    return lambda account, by: getattr(account.person, column) if account.person else ""


PERSON: dict[str, Callable[[Any, Actor], Any]] = {
    "name": lambda account, by: account.person.name if account.person else account.name,
    "identity": lambda account, by: _number(account.person, RESIDENT, by),
    "phone": lambda account, by: (account.person.phone if account.person else "") or account.phone,
    "address": _of_person("address"),
    "region": _of_person("region_code"),
}
ENTERPRISE: dict[str, Callable[[Any, Actor], Any]] = {
    "name": lambda body, by: body.name,
    "credit_code": lambda body, by: credit_code(body) or None,
    "representative": lambda body, by: body.representative.name if body.representative else "",
}

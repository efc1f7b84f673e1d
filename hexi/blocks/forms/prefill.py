"""What is known already and need not be asked: answers taken from the account, the person and the body applied for.

Stands below `operations`, above `answers`. Only what the actor may see as his own is taken.
"""

from collections.abc import Callable
from typing import Any

from hexi.blocks.forms import kinds, typed
from hexi.blocks.forms.definitions import Field, Form
from hexi.blocks.people import operations as people
from hexi.blocks.people.models import Account, Identifier, Person
from hexi.blocks.people.queries import CREDIT, RESIDENT
from hexi.kernel.actors import Actor


def known(form: Form, *, by: Actor, person_id: int | None) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers that are known, and for each field the source ("person" or "enterprise").

    `person_id` is in whose name is applied: a body's data come from it, a person's always from the actor's own account.
    What would not be a good answer (an old address, a phone of another form) is left for the applicant to fill in.
    """
    wanted = [field for _section, field in form.fields() if field.prefill]
    if not wanted:
        return {}, {}
    account = Account.objects.select_related("person").get(pk=by.account_id)  # type: ignore[attr-defined]
    bodies = Person.objects.select_related("representative").exclude(kind=Person.Kind.NATURAL)
    body = bodies.filter(pk=person_id).first()
    found, sources = {}, {}
    for field in wanted:
        source = str(field.prefill).partition(".")[0]
        value = _value(field, account, body, by)
        if value is not None:
            found[field.key], sources[field.key] = value, source
    return found, sources


def _value(field: Field, account: Account, body: Person | None, by: Actor) -> Any:
    source, _dot, what = str(field.prefill).partition(".")
    if source == "enterprise" and body is None:
        return None
    raw = ENTERPRISE[what](body, by) if source == "enterprise" else PERSON[what](account, by)
    if what == "address" and field.kind == "address" and account.person is not None:
        raw = {"region": account.person.region_code, "detail": raw} if raw and account.person.region_code else None
    try:
        return kinds.clean(field, raw)
    except typed.Wrong:
        return None


def _number(person: Person | None, type: str, by: Actor) -> str | None:
    held = Identifier.objects.filter(person=person, type_id=type).select_related("person").first() if person else None
    return people.unmask(held, purpose="", by=by) if held else None


def _of_person(column: str) -> Callable[[Account, Actor], str]:
    return lambda account, by: getattr(account.person, column) if account.person else ""


PERSON: dict[str, Callable[[Account, Actor], Any]] = {
    "name": lambda account, by: account.person.name if account.person else account.name,
    "identity": lambda account, by: _number(account.person, RESIDENT, by),
    "phone": lambda account, by: (account.person.phone if account.person else "") or account.phone,
    "address": _of_person("address"),
    "region": _of_person("region_code"),
}
ENTERPRISE: dict[str, Callable[[Any, Actor], Any]] = {
    "name": lambda body, by: body.name,
    "credit_code": lambda body, by: _number(body, CREDIT, by),
    "representative": lambda body, by: body.representative.name if body.representative else "",
}

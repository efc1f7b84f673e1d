"""Whom a result brings into being: the enterprise or the child is registered with its number. Beside results."""

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import numbers
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import BundlePart, Case
from hexi.blocks.cases.parts import Establishes
from hexi.blocks.forms import saying
from hexi.blocks.people import operations as people
from hexi.blocks.people.models import Identifier, Person
from hexi.blocks.people.queries import CREDIT, RESIDENT, identifier_of
from hexi.kernel.actors import Actor
from hexi.kernel.options import Option
from hexi.wire.checksums import make_credit_code, make_resident_id

AREA = Option(
    "cases.number_area", str, "629999",
    "新发统一社会信用代码和公民身份号码用的区划；629999 不是真实区划，演示用。 / "
    "Division under which new credit codes and identity numbers are allotted; 629999 is nobody's, for the demo.",
)  # fmt: skip
#: GB 32100: registered by market regulation (9), an enterprise (1)
ENTERPRISE = "91"
#: GB 11643: the last three figures before the check, odd for a boy
SERIALS = {"male": range(1, 1000, 2), "female": range(2, 1000, 2)}


def establish(case: Case, made: Establishes, *, by: Actor) -> tuple[Person, str]:
    """Put whom the case establishes in the register, once (the case's row is locked); the person and the number.

    An enterprise is represented by the applicant, who signed for it.
    """
    answers, region = case.answers, case.region_code
    number = next(_free(made, answers))
    facts = {"number": number, "by": by, "level": Identifier.Level.WINDOW, "region_code": region}
    if made.kind == "enterprise":
        facts |= {"phone": case.phone, "address": _address(case, made)}
        head = case.applicant if case.applicant.natural else case.applicant.representative
        person = people.register_person(
            answers[made.name], type=CREDIT, kind=Person.Kind.ENTERPRISE, representative=head, **facts
        )
    else:
        person = people.register_person(answers[made.name], **facts)
    BundlePart.objects.filter(case=case).update(established=person)
    return person, number


def _address(case: Case, made: Establishes) -> str:
    """Where it is, as people read it."""
    for _section, field in definition(case.version).national.form.fields():
        if field.key == made.address:
            return saying.say(field, case.answers.get(field.key))[:300]
    return ""


def _free(made: Establishes, answers: dict[str, object]) -> Iterator[str]:
    """Numbers in their order that nobody has."""
    makes = _credit_codes() if made.kind == "enterprise" else _identity_numbers(made, answers)
    kind = CREDIT if made.kind == "enterprise" else RESIDENT
    return (number for number in makes if identifier_of(number, type=kind) is None)


def _credit_codes() -> Iterator[str]:
    area = AREA.value
    while True:
        yield make_credit_code(ENTERPRISE, area, f"MA{numbers.allocate(f'credit:{area}'):06d}")


def _identity_numbers(made: Establishes, answers: dict[str, object]) -> Iterator[str]:
    born, gender = date.fromisoformat(str(answers[made.born or ""])), str(answers[made.gender or ""])
    area, serials = AREA.value, SERIALS[gender]
    while (place := numbers.allocate(f"resident:{area}:{born}:{gender}")) <= len(serials):
        yield make_resident_id(area, born, serials[place - 1])
    raise ValidationError(_("这一天的公民身份号码已经用完，请联系户政部门。"))

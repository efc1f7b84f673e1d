"""Certificates as a source of answers: what a valid one says is not asked again. Beside queries."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.certificates import definitions, queries
from hexi.blocks.forms.drafts import Known
from hexi.blocks.people.queries import persons_of
from hexi.kernel import packs
from hexi.kernel.actors import Actor


def find(person_id: int, what: str, by: Actor) -> str | None:
    """The fact "<type>.<fact>" of the newest certificate of a person the actor stands for; None if there is none."""
    of_type, _dot, fact = what.partition(".")
    if person_id not in persons_of(by):
        return None
    found = queries.good(person_id, of_type).first()
    if found is None:
        return None
    said = found.metadata["extend_info"] | {
        "number": found.number, "holder": found.holder_name, "valid_to": found.metadata["validate_end"],
    }  # fmt: skip
    return said.get(fact) or None


def offers(what: str) -> bool:
    """True if a shipped type of certificate has the fact."""
    of_type, _dot, fact = what.partition(".")
    for path in packs.files("certificates"):
        for licence in packs.read(path, definitions.Licences).certificates:
            if licence.key == of_type:
                return fact in {"number", "holder", "valid_to", *(field.key for field in licence.fields)}
    return False


KNOWN = Known("certificate", _("已有证照"), find, offers)

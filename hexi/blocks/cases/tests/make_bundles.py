"""Sample bundles (一件事) for tests: shipped ones, offered in Yumen, handed in with good answers and papers."""

from functools import cache
from itertools import count
from typing import Any

import yaml
from django.conf import settings

from hexi.blocks.cases import bundled, operations
from hexi.blocks.cases.models import Bundle, BundleVersion, Case
from hexi.blocks.cases.operations import bundling
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.cases.tests.make_items import make_answers
from hexi.blocks.documents.tests import make as documents
from hexi.blocks.forms.answers import clean
from hexi.blocks.forms.conditions import holds
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions
from hexi.kernel.actors import Actor

COMPANY, CHILD = "starting-a-company", "having-a-child"
_next = count(1)


def make_version(key: str = COMPANY) -> BundleVersion:
    """A shipped bundle as Yumen offers it, with its items, offices, calendar and certificate types."""
    regions.make_divisions()
    for part in bundled.shipped()[key].items:
        make_office(part.item)
        make.make_item(part.item)
    offer = bundled.offered_at(key, make.YUMEN)
    assert offer is not None
    return bundling.keep_version(offer)


@cache
def _departments() -> list[dict[str, Any]]:
    text = (settings.HEXI_PACKS / "gansu" / "departments" / "gansu.yaml").read_text("utf-8")
    return yaml.safe_load(text)["departments"]


def make_office(item: str) -> None:
    """The office that carries out an item, under the name the pack gives it: letters are numbered by it."""
    local = make.file_of(settings.HEXI_PACKS / "gansu" / "services" / f"{item}.yaml")
    (name,) = [one["name"] for one in _departments() if one["key"] == local.department]
    people.make_department(local.department, local.region, name=name["zh"], name_en=name["en"])


def answers_for(version: BundleVersion, **given: Any) -> dict[str, Any]:
    """Good answers to the merged form, as a draft would hand them over. Declarations are all ticked, nothing special."""
    form = bundled.composed(version).form
    asked = [field for _section, field in form.fields()]
    ready = {field.key: [one.key for one in field.choices] for field in asked if field.kind == "choices"}
    ready |= {field.key: False for field in asked if field.kind == "yes_no"}
    done = clean(form, make_answers(asked, regions.SHIHEZI, **(ready | given)), {"applicant": "person"})
    assert done.errors == {}
    return done.values


def make_bundle(version: BundleVersion | None = None, *, by: Actor | None = None, **given: Any) -> Bundle:
    """A bundle just handed in by a citizen, with a picture for every paper. `given`: delivery, delivery_to, answers."""
    version, by = version or make_version(), by or make.make_citizen()
    person = by.account.person  # type: ignore[attr-defined]
    answers = given.pop("answers", None) or answers_for(version)
    source = make_papers(version, answers, by)
    return bundling.submit_bundle(
        version, applicant=person, answers=answers, submission=f"test:{source[1]}", by=by, source=source,
        phone=person.phone, **given,
    )[0]  # fmt: skip


def make_papers(version: BundleVersion, answers: dict[str, Any], by: Actor) -> tuple[str, str]:
    """A picture for every paper the answers ask for; what they hang on."""
    person, number = by.account.person, next(_next)  # type: ignore[attr-defined]
    source = ("test.bundle", str(number))
    for paper in bundled.composed(version).papers:
        if holds(paper.slot.when, answers.get):
            documents.make_document(
                person, content=documents.make_image(seed=number * 100 + len(paper.slot.key)), by=by, thing=source,
                slot=paper.slot.key,
            )  # fmt: skip
    return source


def case_of(bundle: Bundle, item: str) -> Case:
    """The case a part has become."""
    return make.fresh(bundle.parts.get(item=item).case)


def settle(case: Case, *, grant: bool = True) -> Case:
    """Take a case from the receipt to its end, as its office does."""
    for _step in range(8):
        case = make.fresh(case)
        state = State(case.state)
        if state == State.SUBMITTED:
            operations.accept(case, by=make.BY)
        elif state == State.EXAMINING:
            operations.examine(case, by=make.BY, opinion="属实。")
        elif state == State.REVIEWING:
            operations.review(case, by=make.BY, opinion="属实。")
        elif state == State.DECIDING and grant:
            operations.grant(case, by=make.BY, opinion="同意。")
        elif state == State.DECIDING:
            operations.refuse(case, by=make.BY, opinion="住所不实。")
        elif state == State.CERTIFYING:
            operations.certify(case, by=make.BY)
    return make.fresh(case)

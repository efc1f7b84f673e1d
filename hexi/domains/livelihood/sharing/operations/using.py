"""Data used: what a grant knows of an applicant fills in his form and spares him a paper; each call is kept.

The applicant's own data alone, for the service item the application named, by the office that was given the grant.
"""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.intake import DRAFT, ITEM
from hexi.blocks.cases.models import Case
from hexi.blocks.catalog.models import Mask
from hexi.blocks.catalog.operations.fetching import fetch
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import pdf
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.models import Draft
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.domains.livelihood.sharing import facts, queries
from hexi.domains.livelihood.sharing.models import Application, Use
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require

#: source of prefilled answers, as forms call it
SOURCE = "data"
#: right to look at the data once more while a case is handled
USE = "catalog.use"


@dataclass(frozen=True)
class Office(System):
    """The house acting for an office: what the log of looks names is the office, not a program."""

    title: str = ""

    @property
    def name(self) -> str:
        return self.title


def fill(draft: Draft, by: Actor) -> None:
    """Listener to `forms.started`: what grants know of who applies is filled in, or handed in for him.

    Only for oneself: whoever writes for another is shown nothing about him that he did not bring along. What cannot be
    fetched is left for the applicant; the reason stands with the use.
    """
    if draft.definition_kind != ITEM or draft.person is None or draft.person_id not in persons_of(by):
        return
    if not queries.own_number(draft.person):
        return
    for application in queries.usable_for_item(int(draft.definition_ref)):
        if application.answers or application.spares:
            _fetch(application, draft)


def _fetch(application: Application, draft: Draft) -> None:
    reference = f"draft-{draft.pk}"
    acting = Office("sharing", application.office.name)
    granted = application.grant.fields
    asked = application.fields if application.spares else dict.fromkeys(application.answers.values())
    wanted = [name for name in asked if name in granted]
    answers = {key: name for key, name in application.answers.items() if granted.get(name) == Mask.NONE}
    if not wanted:  # the provider gave none of what the form needs
        return
    row, why = _row(application, draft.person, wanted, reference, acting)
    with change(acting, "sharing.use", draft, grant=str(application.grant.number)):
        if row is not None and answers:  # a masked value is no answer
            known = {question: row.get(name) for question, name in answers.items()}
            forms.fill(draft, known, source=SOURCE, by=acting)
        if row is not None and application.spares:
            _paper(application, draft, row, acting)
        _keep(application, reference, wanted, row is not None, why, draft=draft)


def verify(application: Application, case: Case, *, by: Actor) -> tuple[Use, dict[str, Any] | None]:
    """An official who handles the case looks at the data once more, under its number; kept once a day."""
    require(by, USE, application.office_id, application.office_region)
    if not queries.usable(case.item_id, application.office_id).filter(pk=application.pk).exists():
        raise ValidationError(_("这项授权不是给这个事项的，或者已经失效。"))
    wanted = list(application.grant.fields)
    row, why = _row(application, case.applicant, wanted, case.number, by)
    with change(by, "sharing.verify", case, grant=str(application.grant.number)):
        use = _keep(application, f"{case.number[:48]}/{clock.today():%Y%m%d}", wanted, row is not None, why, case=case)
    return use, row


def _row(
    application: Application, person: Person, wanted: list[str], reference: str, by: Actor
) -> tuple[dict[str, Any] | None, str]:
    """The one row of a person, or why there is none. A refused call leaves nothing half done."""
    assert application.item is not None
    purpose = _("办理“%(item)s”") % {"item": application.item.title}
    try:
        with transaction.atomic():
            page = fetch(
                application.grant, {"fields": wanted, "limit": 2}, by=by, purpose=purpose, case=reference,
                person=person.pk,
            )  # fmt: skip
    except (Denied, ValidationError) as refused:
        return None, str(refused) if isinstance(refused, Denied) else " ".join(refused.messages)
    if len(page.rows) != 1:
        return None, _("没有查到本人的记录。") if not page.rows else _("查到不止一条本人的记录。")
    return page.dicts()[0], ""


def _keep(application: Application, reference: str, wanted: list[str], found: bool, why: str, **whose: Any) -> Use:
    use, new = Use.objects.get_or_create(
        grant=application.grant, reference=reference,
        defaults={"application": application, "fields": wanted, "found": found, "why": why[:300], **whose},
    )  # fmt: skip
    if new:
        facts.used(application, clock.local_day(use.at))
    return use


def _paper(application: Application, draft: Draft, row: dict[str, Any], by: System) -> None:
    """What stands in place of the paper: a sheet of what was read, from whom, when, under which grant."""
    titles = {one.name: one.title for one in application.entry.items.all()}
    entry, number = application.entry, application.case.number
    made = pdf.official(
        title="数据核验单", number=number, to=draft.person.name, office=entry.provider.name, day=clock.today(),
        body=[
            f"办理“{application.item.title}”时，{application.office.name}依据共享申请{number}取得下列数据，"
            f"申请人免于提交相应材料。",
            f"数据集：{entry.title}（{entry.code}），由{entry.provider.name}提供。",
            *(f"{titles.get(name, name)}：{value}" for name, value in row.items() if value not in (None, "")),
        ],
        qr_url=f"/work/sharing/{number}/", demo=facts.demo(),
    )  # fmt: skip
    documents.keep(
        made, name="数据核验单.pdf", by=by, owner=draft.person, thing=(DRAFT, str(draft.pk)), slot=application.spares,
        title=f"数据核验单：{entry.title}"[:200], source=entry.provider.name,
    )  # fmt: skip

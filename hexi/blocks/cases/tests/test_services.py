"""One life for every service of every pack: draft, files, submission, acceptance, decision, certificate, delivery."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from PIL import Image

from hexi.blocks.audit import queries as log
from hexi.blocks.cases import fees, intake, operations, procedures, trust
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make, make_items
from hexi.blocks.certificates import proof
from hexi.blocks.certificates import queries as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents import shelf
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.queries import Standing
from hexi.blocks.money.tests import make as money
from hexi.blocks.parcels import operations as parcels
from hexi.blocks.parcels.codes import code_of
from hexi.blocks.parcels.queries import live
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests import make as regions

pytestmark = pytest.mark.django_db
SERVICES = sorted(path.stem for path in (Path(settings.HEXI_PACKS) / "gansu" / "services").glob("*.yaml"))


def photo(number):
    file = io.BytesIO()
    Image.new("RGB", (320, 240), (number % 256, number // 256 % 256, 90)).save(file, "JPEG")
    return ContentFile(file.getvalue())


def applicant_for(item, citizen):
    """The citizen, or where only bodies may apply a body he represents."""
    if "1" in definition(item.version).national.audience:
        return citizen.account.person
    return people.make_enterprise(representative=citizen.account.person)


def hand_in(draft, citizen):
    """A photograph for every material that is not optional, what might follow too; returns their keys."""
    national = definition(intake.version_of(draft)).national
    slots = [one.slot.key for one in Standing(draft).materials]
    wanted = [slot for slot in slots if national.material(slot).need != "optional"]
    for number, slot in enumerate(wanted, 1):
        thing = (intake.DRAFT, str(draft.pk))
        documents.store(photo(number), name=f"{slot}.jpg", by=citizen, owner=draft.person, thing=thing, slot=slot)
    return set(wanted)


def see_originals(case, clerk):
    """What must be compared with its original is."""
    for material in trust.below(case):
        for paper in papers.of_thing(intake.CASE, str(case.pk), material.key):
            documents.raise_level(paper, by=clerk, source=case.department.name)


def test_there_are_twelve_services():
    assert len(SERVICES) >= 12


@pytest.mark.parametrize("key", SERVICES)
def test_from_application_to_result(key):
    regions.make_divisions()
    item, citizen = make.make_item(key), make.make_citizen()
    person = applicant_for(item, citizen)
    rules = definition(item.version)
    draft = forms.start(intake.ITEM, ref=str(item.pk), digest=item.version.digest, by=citizen, person_id=person.pk)
    fields = [field for _section, field in rules.national.form.fields()]
    answers = make_items.make_answers(fields, regions.SHIHEZI)
    forms.save_step(draft, raw=answers, version=draft.version, by=citizen)
    draft.refresh_from_db()
    assert Standing(draft).cleaned.errors == {}
    wanted = hand_in(draft, citizen)
    number = intake.submit(draft, version=draft.version, by=citizen, delivery=intake.deliveries(rules)[0])
    case = Case.objects.get(number=number)
    assert len(number) == 43
    assert {one.slot for one in papers.of_thing(intake.CASE, str(case.pk))} == wanted

    clerk = make.make_official(make.CLERK, item)
    operations.accept(case, by=clerk, opinion="原件在决定前核对。" if trust.below(case) else "")
    see_originals(case, clerk)
    case = make.fresh(case)
    while case.state in (State.EXAMINING, State.REVIEWING):
        do = operations.examine if case.state == State.EXAMINING else operations.review
        role = make.EXAMINER if case.state == State.EXAMINING else "reviewer"
        do(case, by=make.make_official(role, item), opinion="符合规定。")
        make.make_reports(case)
        case = make.fresh(case)
    if procedures.visits_always(case):
        make.make_visit(case)
    where = "到信息公开窗口查阅。" if rules.national.result.files else ""
    operations.grant(case, by=make.make_official(make.HEAD, item), opinion="同意。", where=where)
    for charge in fees.unpaid(case):
        money.make_payment(charge)
    operations.certify(case, by=make.make_official(make.CLERK, item))
    case = make.fresh(case)
    if case.state == State.DELIVERING:
        parcel = live(case)
        parcels.hand(parcel, code=code_of(parcel), by=make.make_official(make.CLERK, item))
        case = make.fresh(case)
    assert case.state == State.CLOSED
    assert all(one.met for one in case.clocks.all())
    if rules.certificate:
        certificate = Certificate.objects.get(identifier=case.certificate_ref)
        # the applicant's own, or that of the enterprise it establishes and the applicant represents
        assert person.pk in (certificate.holder_id, certificate.holder.representative_id)
        file = shelf.path(certificate.document.blob_id).read_bytes()
        assert proof.check(file, certificates.public_keys()).verdict is proof.Verdict.VALID
    titles = [one.document.title for one in case.letters.all()]
    assert len(titles) == 2
    assert all(("行政许可" in title) == rules.national.is_permit for title in titles)
    assert list(log.verify()) == []

"""A grant in use: an applicant's form filled in, his paper spared, the call in the log, and he finds who looked."""

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.cases.intake import ITEM
from hexi.blocks.catalog.models import Access, MessageLog
from hexi.blocks.catalog.operations import fetching, grants
from hexi.blocks.catalog.queries.proving import verify as prove
from hexi.blocks.catalog.tests.make_exchange import make_grant
from hexi.blocks.catalog.tests.make_rows import fresh_folder, make_rows
from hexi.blocks.documents.models import Document
from hexi.blocks.forms import operations as forms
from hexi.blocks.indicators.models import Fact
from hexi.blocks.people.queries import looks_at
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.tests.make import YUMEN
from hexi.domains.livelihood.sharing import queries
from hexi.domains.livelihood.sharing.models import Use
from hexi.domains.livelihood.sharing.operations import using
from hexi.domains.livelihood.sharing.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System

pytestmark = pytest.mark.django_db


def begin(item, account=None):
    by = people.acting(account or people.make_citizen())
    return forms.start(ITEM, ref=str(item.pk), digest=item.version.digest, by=by), by


def test_a_question_is_answered_from_the_grant_and_everybody_can_see_it(monkeypatch, tmp_path):
    application, item = make.make_service(monkeypatch)
    people.make_citizen("other", name="王兰")
    draft, by = begin(item)
    draft.refresh_from_db()
    assert (draft.answers["spot"], draft.sources["spot"]) == ("石建国", "data")
    use = Use.objects.get()
    assert (use.application, use.found, use.fields, use.draft) == (application, True, ["name"], draft)
    assert [one.person_hash != "" and one.office for one in Access.objects.all()] == [item.department.name]
    looks = [(one.actor_name, one.facts["purpose"]) for one in looks_at(by.account.person)]
    assert looks == [(item.department.name, f"自然人登记信息：办理“{item.title}”（draft-{draft.pk}）")]
    assert [one.kind for one in MessageLog.objects.order_by("pk")] == ["request", "response"]
    assert list(prove(tmp_path, [])) == []
    assert Fact.objects.get(key="sharing.used", grain=Fact.Grain.DAY).amount == 1


def test_begun_twice_it_is_asked_once(monkeypatch):
    _application, item = make.make_service(monkeypatch)
    account = people.make_citizen()
    begin(item, account)
    begin(item, account)
    assert (Use.objects.count(), MessageLog.objects.count()) == (1, 2)


@pytest.mark.parametrize("how", ["suspend", "revoke", "quota"])
def test_without_a_good_grant_the_applicant_fills_it_in_himself(monkeypatch, how):
    application, item = make.make_service(monkeypatch, **({"quota": 1} if how == "quota" else {}))
    if how == "quota":
        begin(item)
    else:
        getattr(grants, how)(application.grant, by=System("x"), why="核查")
    draft, _by = begin(item, people.make_citizen("late", name="王兰"))
    draft.refresh_from_db()
    assert "spot" not in draft.answers
    assert [one.found for one in Use.objects.order_by("pk")] == ([True, False] if how == "quota" else [])


def test_data_that_lost_the_column_of_its_divisions_leaves_the_form_to_the_applicant(monkeypatch):
    """The provider's next file has no such column any more: that is written with the use, and nobody's form breaks."""
    fresh_folder()
    item = make.make_item()
    whose = {"name": "id_number", "title": "公民身份号码", "type": "C", "key": True, "personal": True}
    entry = make.make_data(title="补贴", kind="file", grading="internal", license="", items=[
        whose, {"name": "village", "title": "村", "type": "C"}, {"name": "paid", "title": "补贴", "type": "C"},
    ])  # fmt: skip
    make.make_granted(entry, item.department, item=item, answers={"spot": "paid"}, region=YUMEN, region_field="village",
                      fields={"paid": "none", "id_number": "none"})  # fmt: skip
    make_rows(entry, "id_number,paid\n1,2\n")
    draft, _by = begin(item)
    draft.refresh_from_db()
    assert "spot" not in draft.answers
    assert [(one.found, "village" in one.why) for one in Use.objects.all()] == [(False, True)]


def test_a_body_and_somebody_else_are_not_asked_about(monkeypatch):
    _application, item = make.make_service(monkeypatch)
    owner = people.make_citizen()
    body = people.make_enterprise(representative=owner.person)
    by = people.acting(owner)
    forms.start(ITEM, ref=str(item.pk), digest=item.version.digest, by=by, person_id=body.pk)
    other = people.make_citizen("other", name="王兰").person
    forms.start(ITEM, ref=str(item.pk), digest=item.version.digest, by=by, person_id=other.pk, entitled=True)
    assert (Use.objects.count(), MessageLog.objects.count()) == (0, 0)


def test_a_grant_of_another_item_or_office_fills_nothing(monkeypatch):
    application, item = make.make_service(monkeypatch)
    type(application).objects.update(item=None)
    begin(item)
    assert Use.objects.count() == 0


def test_a_material_is_spared(monkeypatch):
    from hexi.blocks.cases.definitions import definition

    item = make.make_item()
    material = definition(item.version).national.materials[0].key
    application, item = make.make_service(monkeypatch, spares=material, answers={})
    draft, by = begin(item)
    paper = Document.objects.get(slot=material)
    assert (paper.of_kind, paper.of_ref, paper.owner, paper.title) == (
        "forms.draft", str(draft.pk), by.account.person, "数据核验单：自然人登记信息",
    )  # fmt: skip
    assert paper.source == application.entry.provider.name


def test_the_official_looks_once_more_under_the_number_of_the_case(monkeypatch):
    from hexi.blocks.cases.tests.make import make_case

    application, item = make.make_service(monkeypatch)
    case = make_case(item, applicant=people.make_citizen().person)
    clerk = make.make_applicant(item.department)
    use, row = using.verify(application, case, by=clerk)
    assert (row["name"], row["born"], use.found) == ("石建国", str(case.applicant.born.year), True)
    assert Access.objects.get().case == case.number
    assert list(queries.uses_in(case)) == [use]
    with pytest.raises(Denied):
        using.verify(application, case, by=make.make_head(make.make_office("yumen-other")))
    grants.suspend(application.grant, by=System("x"), why="核查")
    with pytest.raises(ValidationError, match="失效"):
        using.verify(application, case, by=clerk)


def test_the_rows_of_one_person_alone(monkeypatch):
    """The hook of `fetch`: a set that does not say whose a row is cannot be asked by person."""
    entry = make.make_register(monkeypatch)
    one, two = people.make_citizen("a", name="石建国").person, people.make_citizen("b", name="王兰").person
    given = make_grant(entry, fields={"name": "none"}, basis="c")
    for person in (one, two):
        page = fetching.fetch(given, {}, by=System("x"), purpose="核对", case="c", person=person.pk)
        assert (page.rows, page.total) == ([(person.name,)], 1)
    from hexi.blocks.catalog.models import Entry

    bodies = Entry.objects.get(origin="people.bodies")
    other = make_grant(bodies, fields=["name"], expires=clock.today())
    with pytest.raises(ValidationError, match="每行是谁的"):
        fetching.fetch(other, {}, by=System("x"), purpose="核对", case="c", person=one.pk)

"""Pages of petitions through the client: writing step by step, the petitioner's page, the office, the unit."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hexi.blocks.documents import queries as files
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.petitions import jobs, queries
from hexi.domains.livelihood.petitions.models import Petition, Term, Writing
from hexi.domains.livelihood.petitions.operations import handling, intake
from hexi.domains.livelihood.petitions.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
WHAT = {
    "type": "claim", "subject": "housing", "title": "屋顶漏水问题", "text": "住的楼屋顶漏水，去年以来三次没有修好。",
    "wish": "尽快维修。",
}  # fmt: skip


def client_of(account: object) -> Client:
    """Signed in as somebody."""
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def me() -> Client:
    """A citizen who may petition."""
    make.make_rules()
    make.regions_there()
    return client_of(people.make_citizen())


def begin(me: Client) -> str:
    """The address of what is being written, without its last part."""
    return me.post("/petitions/new/").url.removesuffix("what/")


def test_a_petition_is_written_in_four_screens(me: Client) -> None:
    here = begin(me)
    for step in ("what", "against", "files", "send"):
        assert me.get(f"{here}{step}/").status_code == 200
    assert me.post(f"{here}what/", WHAT).url == f"{here}against/"
    place = {"place": ["620000000000", "620900000000", make.YUMEN], "people": "1", "representatives": ""}
    assert me.post(f"{here}against/", place).url == f"{here}files/"
    assert me.post(f"{here}files/", {"file": make.picture(), "more": "1"}).url == f"{here}files/"
    assert "现场.jpg" in me.get(f"{here}files/").content.decode()
    done = me.post(f"{here}send/", {"phone": "10000000088", "address": "一组"})
    petition = Petition.objects.get()
    assert done.url == reverse("petitions.mine", args=[petition.case.number])
    assert me.post(f"{here}send/", {"phone": "10000000088"}).url == done.url
    assert [one.name for one in queries.materials(make.fresh(petition))] == ["现场.jpg"]
    page = me.get(done.url).content.decode()
    assert "屋顶漏水问题" in page
    assert "最晚" in page
    assert me.get("/petitions/").content.decode().count(petition.case.number) == 1


def test_what_is_missing_is_told_and_nothing_typed_is_lost(me: Client) -> None:
    here = begin(me)
    answer = me.post(f"{here}what/", WHAT | {"wish": ""})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "屋顶漏水问题" in text
    assert re.search('href="#id_wish"', text)
    assert me.get(f"{here}what/").content.decode().count("屋顶漏水问题") == 1


def test_nobody_else_opens_what_is_being_written(me: Client) -> None:
    here = begin(me)
    assert client_of(people.make_citizen()).get(f"{here}what/").status_code == 404
    assert Client().get(f"{here}what/").status_code == 302
    assert Writing.objects.count() == 1


def test_nobody_else_opens_or_changes_ones_own() -> None:
    petition = make.make_petition()
    other = client_of(people.make_citizen())
    for name, more in (("mine", ()), ("mine_do", ("withdraw",))):
        address = reverse(f"petitions.{name}", args=[petition.case.number, *more])
        assert other.post(address).status_code in (404, 405)
        assert other.get(address).status_code in (404, 405)
    assert make.fresh(petition).case.state == "registered"


def test_the_petitioner_receives_asks_and_rates() -> None:
    account = people.make_citizen()
    petition, by = make.make_handling(make.make_petition(account))
    handling.conclude(petition, result="support", by=by, **make.OPINION)
    me, number = client_of(account), petition.case.number
    assert "签收意见书" in me.get(reverse("petitions.mine", args=[number])).content.decode()
    assert me.post(reverse("petitions.mine_do", args=[number, "receive"])).status_code == 302
    assert me.post(reverse("petitions.mine_do", args=[number, "rate"]), {"level": "9"}).status_code == 422
    assert me.post(reverse("petitions.mine_do", args=[number, "rate"]), {"level": "4"}).status_code == 302
    assert me.post(reverse("petitions.mine_do", args=[number, "ask"]), {"reason": ""}).status_code == 422
    assert me.post(reverse("petitions.mine_do", args=[number, "ask"]), {"reason": "太晚。"}).status_code == 302
    petition = make.fresh(petition)
    assert (petition.level, petition.satisfied) == (2, 4)
    assert me.post(reverse("petitions.mine_do", args=[number, "nothing"])).status_code == 404


def test_the_office_sorts_on_its_page() -> None:
    petition = make.make_petition()
    clerk = client_of(make.make_official("petition_clerk"))
    here = reverse("petitions.petition", args=[petition.case.number])
    page = clerk.get(here).content.decode()
    assert all(f'id="{action}form"' in page for action in ("transfer", "accept", "refuse", "join"))
    unit = make.make_unit()
    given = {"revision": petition.case.revision, "transfer-unit": unit.pk, "transfer-opinion": ""}
    assert clerk.post(f"{here}transfer/", given).status_code == 302
    assert make.fresh(petition).case.state == "transferred"
    refusing = {"refuse-way": "court", "refuse-opinion": "已经起诉。"}
    assert clerk.post(f"{here}refuse/", refusing).status_code == 403
    late = clerk.post(f"{here}transfer/", given)
    assert late.status_code == 403  # it is with the unit now
    assert clerk.get(f"{here}transfer/").status_code == 405
    assert clerk.post(f"{here}nothing/").status_code == 404


def test_a_refused_action_keeps_what_was_typed() -> None:
    petition, by = make.make_handling()
    handler = client_of(by.account)
    here = reverse("petitions.petition", args=[petition.case.number])
    answer = handler.post(f"{here}conclude/", {"conclude-result": "support", "conclude-facts": "到现场看过了"})
    assert answer.status_code == 422
    assert "到现场看过了" in answer.content.decode()


def test_the_head_names_without_reading() -> None:
    petition = make.make_petition()
    clerk, unit = make.acting("petition_clerk"), make.make_unit()
    handling.transfer(petition, unit=unit, by=clerk)
    handler = make.make_official("petition_handler")
    head = client_of(make.make_official("petition_unit_head"))
    here = reverse("petitions.petition", args=[petition.case.number])
    page = head.get(here).content.decode()
    assert "屋顶漏水" not in page
    assert 'id="name_handlerform"' in page
    assert head.post(f"{here}name_handler/", {"name_handler-account": handler.pk}).status_code == 302
    assert client_of(handler).get(here).content.decode().count("屋顶漏水") > 0


def test_the_window_writes_down_a_visit_once() -> None:
    make.make_rules()
    make.regions_there()
    clerk = client_of(make.make_official("petition_clerk"))
    page = clerk.get("/work/petitions/intake/").content.decode()
    mark = re.search('name="submission" value="([0-9a-f]+)"', page)
    assert mark
    given = WHAT | {
        "channel": "window", "name": "来访人", "phone": "10000000090", "people": "3", "submission": mark[1],
        "representatives": "赵一 10000000091\n钱二 10000000092", "place": ["620000000000", "620900000000", make.YUMEN],
    }  # fmt: skip
    assert clerk.post("/work/petitions/intake/", given).status_code == 302
    assert clerk.post("/work/petitions/intake/", given).status_code == 302
    petition = Petition.objects.get()
    assert (petition.people, petition.speakers, petition.case.channel) == (3, 2, "window")
    assert clerk.post("/work/petitions/intake/", given | {"title": ""}).status_code == 422


def test_somebody_is_kept_out_and_let_in_again() -> None:
    petition = make.make_petition()
    clerk = client_of(make.make_official("petition_clerk"))
    other = make.make_official("petition_clerk", name="柳同事")
    address = reverse("petitions.keep_out", args=[petition.case.number])
    assert clerk.post(address, {"account": "没有这人", "why": "interest"}).status_code == 422
    assert clerk.post(address, {"why": "interest"}).status_code == 422
    assert clerk.post(address, {"account": "柳同事", "why": "interest"}).status_code == 302
    here = reverse("petitions.petition", args=[petition.case.number])
    assert client_of(other).get(here).status_code == 404
    row = petition.recusals.get()
    assert clerk.post(address, {"clear": row.pk, "why": ""}).status_code == 422
    assert clerk.post(address, {"clear": row.pk, "why": "弄错了"}).status_code == 302
    assert client_of(other).get(here).status_code == 200


def test_figures_count_what_happened() -> None:
    account = people.make_citizen()
    make.make_review(account)
    refused = make.make_petition()
    handling.refuse(refused, way="court", opinion="已经起诉。", by=make.acting("petition_clerk"))
    found = queries.figures(make.acting("petition_clerk"), clock.today(), clock.today())
    assert (found.received, found.accepted, found.refused, found.concluded, found.reviewed, found.rereviewed) == (
        2, 1, 1, 1, 1, 0,
    )  # fmt: skip
    assert found.kept["register"] == (2, 2)
    assert found.kept["handle"] == (1, 1)
    page = client_of(make.make_official("petition_clerk")).get("/work/petitions/figures/")
    assert page.status_code == 200


def test_terms_are_shown_and_added() -> None:
    head = client_of(make.make_official("petition_head"))
    assert "信访工作条例" in head.get("/work/petitions/terms/").content.decode()
    given = {"step": "register", "amount": "10", "unit": "calendar_days", "law": "本地规定", "valid_from": "2027-01-01"}
    assert head.post("/work/petitions/terms/new/", given).status_code == 302
    assert Term.objects.get(law="本地规定").region_code == make.YUMEN
    assert head.post("/work/petitions/terms/new/", given).status_code == 422


def test_the_first_page_is_for_everybody() -> None:
    make.make_rules()
    page = Client().get("/petitions/").content.decode()
    assert "60 天" in page
    assert "仲裁" in page


def test_the_office_refuses_on_its_page() -> None:
    petition = make.make_petition()
    clerk = client_of(make.make_official("petition_clerk"))
    here = reverse("petitions.petition", args=[petition.case.number])
    given = {"refuse-way": "court", "refuse-opinion": "已经起诉。", "revision": petition.case.revision}
    assert clerk.post(f"{here}refuse/", given | {"refuse-way": "none"}).status_code == 422
    assert clerk.post(f"{here}refuse/", given).status_code == 302
    assert make.fresh(petition).case.state == "refused"


def test_the_second_press_shows_what_the_first_has_sent(me: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both presses saw it unsent; the other was faster."""
    here = begin(me)
    me.post(f"{here}what/", WHAT)
    me.post(
        f"{here}against/", {"place": ["620000000000", "620900000000", make.YUMEN], "people": "1", "representatives": ""}
    )
    save = intake.save

    def slow(*given: object, **more: object) -> object:
        monkeypatch.setattr(intake, "save", save)
        assert me.post(f"{here}send/", {"phone": "10000000077"}).status_code == 302
        return save(*given, **more)

    monkeypatch.setattr(intake, "save", slow)
    done = me.post(f"{here}send/", {"phone": "10000000077"})
    assert (done.status_code, Petition.objects.count()) == (302, 1)
    assert done.url == reverse("petitions.mine", args=[Petition.objects.get().case.number])


def test_what_was_left_is_forgotten_with_its_files(me: Client) -> None:
    here = begin(me)
    me.post(f"{here}files/", {"file": make.picture()})
    left = Writing.objects.get()
    assert files.of_thing(queries.WRITING, left.key).count() == 1
    Writing.objects.update(saved_at=clock.now() - timedelta(days=jobs.FORGET + 1))
    jobs.forget()
    assert (Writing.objects.count(), files.of_thing(queries.WRITING, left.key).count()) == (0, 0)


@pytest.mark.parametrize(
    ("step", "given"),
    [("against", {"against_name": "长" * 61}), ("against", {"representatives": f"{'长' * 61} 10000000099", "people": "3"}),
     ("send", {"address": "长" * 201}), ("send", {"phone": f"10000000088{' ' * 40}"})],
)  # fmt: skip
def test_nothing_is_longer_than_its_place(me: Client, step: str, given: dict[str, str]) -> None:
    """Every name of an official is looked for in what was written: it must not be megabytes."""
    here = begin(me)
    place = {"place": ["620000000000", "620900000000", make.YUMEN], "people": "1", "representatives": ""}
    me.post(f"{here}what/", WHAT)
    me.post(f"{here}against/", place)
    facts = place if step == "against" else {"phone": "10000000088"}
    assert me.post(f"{here}{step}/", facts | given).status_code == 422
    assert Petition.objects.count() == 0
    assert me.post(f"{here}{step}/", facts).status_code == 302


def test_a_number_of_thousands_of_digits_is_nobody(me: Client) -> None:
    assert me.post(f"{begin(me)}files/", {"remove": "9" * 5000}).status_code == 404
    petition, clerk = make.make_petition(), client_of(make.make_official("petition_clerk"))
    given = {"clear": "9" * 5000, "why": "x"}
    assert clerk.post(reverse("petitions.keep_out", args=[petition.case.number]), given).status_code == 404

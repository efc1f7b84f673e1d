"""Who sees what of a petition: the petition office and named handlers its content, others of the unit its number, and
whom it complains of nothing at all: no list, count, page, file, search, task or export."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.operations import working
from hexi.blocks.documents import queries as files
from hexi.blocks.people import offices
from hexi.blocks.people.models import Account
from hexi.blocks.people.operations import change_account
from hexi.blocks.people.tests import make as people
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions import access, finding, queries
from hexi.domains.livelihood.petitions.models import Petition, Recusal
from hexi.domains.livelihood.petitions.operations import handling, intake, keeping, petitioning
from hexi.domains.livelihood.petitions.states import State
from hexi.domains.livelihood.petitions.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db
SECRET = "屋顶漏水"


def client_of(account: object) -> Client:
    """Signed in as somebody."""
    client = Client()
    client.force_login(account)
    return client


def pages(client: Client, number: str) -> dict[str, tuple[int, str]]:
    """Status and text of every page that might show a petition."""
    address = reverse("petitions.petition", args=[number])
    found = {
        "list": client.get("/work/petitions/?view=all"), "page": client.get(address),
        "csv": client.get("/work/petitions/?view=all&export=csv"), "find": client.get(f"/work/petitions/?view=all&q={number}"),
        "inbox": client.get("/work/inbox/"), "search": client.get(f"/search/?q={number}"),
        "words": client.get(f"/search/?q={SECRET}"), "figures": client.get("/work/petitions/figures/"),
    }  # fmt: skip
    return {name: (one.status_code, text_of(one)) for name, one in found.items()}


def text_of(answer: Any) -> str:
    """What was answered, a file as well."""
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def shows(
    found: dict[str, tuple[int, str]], what: str, *, but: tuple[str, ...] = ("find", "search", "words")
) -> set[str]:
    """The pages that hold a text; not those that only repeat what was asked, nor a refusal that repeats the address."""
    return {name for name, (status, text) in found.items() if status == 200 and what in text and name not in but}


def test_who_sees_what() -> None:
    petition, by = make.make_transferred()
    number = petition.case.number
    expected = {
        "office": (make.make_official("petition_clerk"), {"list", "page", "csv"}, {"page"}),
        "named": (by.account, {"list", "page", "csv", "inbox"}, {"page"}),
        "colleague": (make.make_official("petition_handler"), {"list", "page", "csv", "inbox"}, set()),
        "head": (make.make_official("petition_unit_head"), {"list", "page", "csv", "inbox"}, set()),
        "elsewhere": (make.make_official("petition_handler", make.make_unit("yumen-water")), set(), set()),
        "city": (make.make_official("petition_clerk", make.make_city_office()), set(), set()),
        "supervisor": (people.make_official("supervisor", department=make.make_unit()), set(), set()),
        "citizen": (people.make_citizen(), set(), set()),
    }  # fmt: skip
    for who, (account, numbers, words) in expected.items():
        found = pages(client_of(account), number)
        assert shows(found, number) == numbers, who
        assert shows(found, SECRET) == words, who


def test_the_person_complained_of_finds_nothing_anywhere() -> None:
    """Though he works in the very petition office, and in the unit that handles it, with every right."""
    accused = make.make_official("petition_clerk", name="贾某人")
    people.make_post(accused, "petition_unit_head", department=make.make_unit(), region_code=make.YUMEN)
    handler = make.make_official("petition_handler")
    petition = make.make_petition(against_name="贾某人")
    by = people.acting(accused)
    clerk = make.acting("petition_clerk")
    assert [one.account for one in petition.recusals.all()] == [accused]
    for stage in ("registered", "transferred", "handling"):
        if stage == "transferred":
            handling.transfer(petition, unit=make.make_unit(), handlers=[handler], by=clerk)
        if stage == "handling":
            handling.accept(make.fresh(petition), by=people.acting(handler))
        petition = make.fresh(petition)
        number = petition.case.number
        found = pages(client_of(accused), number)
        assert shows(found, number) == set()
        assert shows(found, SECRET, but=("words",)) == set()
        assert found["page"][0] == client_of(accused).get("/work/petitions/X000000202601010001/").status_code == 404
        assert access.known(by).count() == access.readable(by).count() == cases.todo(by).count() == 0
        assert queries.figures(by, clock.today(), clock.today()).received == 0
        for task in petition.case.tasks.filter(done_at=None):
            with pytest.raises(Denied):
                working.claim(task, by=by)
        with pytest.raises(Denied):
            handling.refuse(petition, way="court", opinion="不受理。", by=by)
        with pytest.raises(Denied):
            handling.extend(petition, days=3, opinion="延。", by=by)
        for document in files.of_thing(queries.KIND, str(petition.pk)):
            assert files.may_read(by, document) is False
            assert client_of(accused).get(reverse("documents.show", args=[document.pk])).status_code in (403, 404)
    answers = {
        action: client_of(accused).post(reverse("petitions.act", args=[number, action]), {}).status_code
        for action in ("extend", "name_handler", "conclude")
    }
    assert set(answers.values()) == {404}
    assert make.fresh(petition).case.state == State.HANDLING


def test_a_unit_complained_of_neither_gets_it_nor_knows_of_it() -> None:
    unit = make.make_unit("yumen-water")
    office = people.make_department("yumen-water-office", parent=unit)
    petition = make.make_petition(against_unit=unit)
    clerk = make.acting("petition_clerk")
    for wrong in (unit, office):
        with pytest.raises(ValidationError):
            handling.transfer(petition, unit=wrong, by=clerk)
        assert access.kept(make.acting("petition_handler", wrong)).filter(pk=petition.case_id).exists()
    assert make.fresh(petition).case.state == State.REGISTERED


def test_a_petition_against_the_petition_office_goes_above() -> None:
    petition = make.make_petition(against_unit=make.make_office())
    assert petition.case.department.key == "jiuquan-petition"
    assert access.known(make.acting("petition_head")).count() == 0


def test_a_petition_above_keeps_out_officials_of_every_county_below() -> None:
    """It went to the city because it complains of the county's petition office; the city may pass it back down."""
    accused = make.make_official("petition_unit_head", make.make_unit("yumen-water"), name="贾某人")
    petition = make.make_petition(against_unit=make.make_office(), against_name="贾某人")
    assert petition.office == make.make_city_office()
    assert access.kept(people.acting(accused)).filter(pk=petition.case_id).exists()


def test_an_office_of_the_unit_complained_of_does_not_take_it() -> None:
    make.make_rules()
    Department.objects.filter(key="yumen-petition").update(parent=make.make_government())
    petition = make.make_petition(against_unit=make.make_government())
    assert petition.case.department == make.make_city_office()


def test_who_wrote_a_paper_reads_it_no_more_when_he_is_kept_out() -> None:
    """Nobody with an account petitioned at the window, so that the paper has no owner."""
    make.make_rules()
    make.regions_there()
    clerk = make.acting("petition_clerk")
    petition, _new = intake.receive(make.said(), by=clerk, submission="w", channel="window")
    handling.refuse(petition, way="court", opinion="已经起诉。", by=clerk)
    (paper,) = files.of_thing(queries.KIND, str(petition.pk))
    assert (files.may_read(clerk, paper), files.own(clerk).count()) == (True, 0)
    keeping.recuse(make.fresh(petition), account=clerk.account, why="interest", by=make.acting("petition_clerk"))
    assert files.may_read(clerk, paper) is False


def test_who_is_kept_out_adds_no_file_either() -> None:
    accused = make.acting("petition_clerk", name="贾某人")
    petition = make.make_petition(against_name="贾某人")
    assert queries.may_add_file(accused, str(petition.pk)) is False
    assert queries.may_add_file(make.acting("petition_clerk"), str(petition.pk)) is True


def test_nobody_petitions_for_another_on_the_portal() -> None:
    make.make_rules()
    make.regions_there()
    with pytest.raises(Denied):
        intake.receive(
            make.said(), by=people.acting(people.make_citizen()), submission="w", applicant=people.make_citizen().person
        )


def test_a_unit_that_has_got_it_this_moment_is_not_kept_out_of_what_it_holds() -> None:
    stale = make.make_petition()
    make.make_transferred(make.fresh(stale))
    with pytest.raises(ValidationError):
        keeping.recuse(stale, unit=make.make_unit(), why="interest", by=make.acting("petition_clerk"))


def test_nothing_is_joined_to_what_is_kept_from_who_joins() -> None:
    clerk = make.make_official("petition_clerk", name="贾某人")
    lead, row = make.make_petition(against_name="贾某人"), make.make_petition()
    with pytest.raises(ValidationError):
        handling.join(row, lead=lead, by=people.acting(clerk))


def test_a_page_that_refuses_an_action_is_a_look_too() -> None:
    petition = make.make_petition()
    clerk = client_of(make.make_official("petition_clerk"))
    for name, given in (
        ("act", {"args": [petition.case.number, "refuse"]}),
        ("keep_out", {"args": [petition.case.number]}),
    ):
        before = Entry.objects.filter(about_person=petition.case.applicant_id).count()
        page = clerk.post(reverse(f"petitions.{name}", **given), {})
        assert (page.status_code, SECRET in page.content.decode()) == (422, True)
        assert Entry.objects.filter(about_person=petition.case.applicant_id).count() == before + 1


def test_no_browser_keeps_a_page_with_its_content() -> None:
    account = people.make_citizen()
    number = make.make_petition(account).case.number
    clerk, me = client_of(make.make_official("petition_clerk")), client_of(account)
    refuse, rate = (
        reverse("petitions.act", args=[number, "refuse"]), reverse("petitions.mine_do", args=[number, "rate"]),
    )  # fmt: skip
    answers = (
        clerk.get(reverse("petitions.petition", args=[number])), clerk.post(refuse), me.get("/petitions/"),
        me.get(reverse("petitions.mine", args=[number])), me.post(rate),
    )  # fmt: skip
    assert [("no-store" in one["Cache-Control"], SECRET in one.content.decode()) for one in answers] == [
        (True, True)
    ] * 5


def test_whoever_has_the_name_that_stands_there_is_kept_out_until_it_is_cleared() -> None:
    namesake = make.make_official("petition_clerk", name="石小雨")
    petition = make.make_petition(text="去年三月找过石小雨，至今没有答复，材料也没有退回。")
    recusal = petition.recusals.get()
    assert (recusal.account, recusal.why) == (namesake, Recusal.Why.NAMED)
    with pytest.raises(Denied):
        keeping.clear(recusal, by=people.acting(namesake), why="不是我。")
    keeping.clear(recusal, by=make.acting("petition_clerk"), why="同名的另一个人。")
    assert access.readable(people.acting(namesake)).count() == 1


def test_who_is_complained_of_is_never_cleared() -> None:
    make.make_official("petition_clerk", name="贾某人")
    petition = make.make_petition(against_name="贾某人")
    with pytest.raises(ValidationError):
        keeping.clear(petition.recusals.get(), by=make.acting("petition_clerk"), why="算了。")


def test_a_named_handler_with_an_interest_reads_no_more() -> None:
    petition, by = make.make_handling()
    assert access.may_read(petition, by)
    keeping.recuse(petition, account=by.account, why="interest", by=make.acting("petition_clerk"))
    assert not access.may_read(petition, by)
    assert not access.known(by).exists()
    assert petition.handlers.filter(ended_at=None).count() == 0
    with pytest.raises(ValidationError):
        handling.name_handler(make.fresh(petition), account=by.account, by=make.acting("petition_unit_head"))


def test_an_official_does_not_handle_his_own_petition() -> None:
    account = people.make_citizen()
    make.make_rules()
    people.make_post(account, "petition_clerk", department=make.make_office())
    petition = make.make_petition(account)
    by = people.acting(account)
    assert access.known(by).count() == 0
    with pytest.raises(Denied):
        handling.refuse(petition, way="court", opinion="不受理。", by=by)
    assert client_of(account).get(reverse("petitions.mine", args=[petition.case.number])).status_code == 200


def test_a_follower_may_not_come_to_a_handler_it_complains_of() -> None:
    lead, by = make.make_handling()
    follower = make.make_petition(people.make_citizen(name="李文静"), against_name=by.account.name)
    with pytest.raises(ValidationError):
        handling.join(follower, lead=lead, by=make.acting("petition_clerk"))
    assert make.fresh(follower).case.state == State.REGISTERED


def test_only_a_named_handler_writes_the_opinion() -> None:
    petition, _by = make.make_handling()
    for role in ("petition_handler", "petition_unit_head"):
        with pytest.raises(Denied):
            handling.conclude(petition, result="support", by=make.acting(role), **make.OPINION)
    with pytest.raises(Denied):
        handling.conclude(petition, result="support", by=make.acting("petition_clerk"), **make.OPINION)
    assert make.fresh(petition).case.state == State.HANDLING


def test_a_handler_who_is_dropped_reads_no_more() -> None:
    petition, by = make.make_handling()
    handling.drop_handler(petition, account=by.account, opinion="调岗。", by=make.acting("petition_unit_head"))
    assert not access.may_read(petition, by)


def test_search_finds_a_petition_for_its_petitioner_alone() -> None:
    account = people.make_citizen()
    petition = make.make_petition(account)
    number = petition.case.number
    assert [one.ref for one in finding.everything()] == [str(petition.pk)]
    assert "".join(json.dumps(vars(one), default=str) for one in finding.everything()).count(SECRET) == 0
    assert client_of(account).get(f"/search/?q={number}").content.decode().count(f"/my/petitions/{number}/") > 0
    for other in (people.make_citizen(), make.make_official("petition_clerk"), make.make_official("petition_handler")):
        assert f"petitions/{number}/" not in client_of(other).get(f"/search/?q={number}").content.decode()


def test_a_stranger_does_not_enter_at_the_window() -> None:
    make.make_rules()
    make.regions_there()
    for who in (people.make_citizen(), make.make_official("petition_handler")):
        with pytest.raises(Denied):
            intake.receive(make.said(), by=people.acting(who), submission="w", channel="window")
    assert Petition.objects.count() == 0


def test_lists_of_one_and_three_take_the_same_queries() -> None:
    clerk = client_of(make.make_official("petition_clerk"))
    counts = []
    for many in (1, 2):
        for _ in range(many):
            make.make_petition()
        clerk.get("/work/petitions/?view=all")
        with CaptureQueriesContext(connection) as caught:
            assert clerk.get("/work/petitions/?view=all").status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_the_file_of_the_list_holds_no_name_and_is_logged() -> None:
    petition = make.make_petition()
    answer = client_of(make.make_official("petition_clerk")).get("/work/petitions/?view=all&export=csv")
    text = text_of(answer)
    assert petition.case.number in text
    assert [word for word in ("石建国", SECRET, "10000000077") if word in text] == []
    assert Entry.objects.get(verb="petitions.export").facts["count"] == 1


# --- who comes later, who handled before, who only reads the log
def test_a_name_in_the_reason_for_a_review_keeps_out_too() -> None:
    account = people.make_citizen()
    petition, _by = make.make_answered(account)
    named = make.make_official("petition_handler", name="邓某成")
    petitioning.ask_review(petition, reason="经办的邓某成没有到现场。", by=people.acting(account))
    assert petition.recusals.get(account=named).why == "named"
    assert not access.known(people.acting(named)).exists()


def test_who_gets_a_post_or_a_name_later_is_kept_out_from_that_moment() -> None:
    petition, _by = make.make_handling(make.make_petition(text="屋顶漏水三次，维修的耿某新不接电话。"))
    other = make.make_petition(people.make_citizen(name="李文静"))
    head = people.acting(people.make_official("system_admin"))
    late = people.make_citizen(name="耿某新")
    post = {"department": make.make_unit(), "title": "副科长", "roles": ["petition_unit_head"], "by": head}
    offices.appoint(late, **post)
    assert [one.petition for one in late_recusals(late)] == [petition]
    assert list(access.known(people.acting(late))) == []
    entry = Entry.objects.filter(verb="petitions.newcomer").latest("pk")
    assert entry.facts == {"kept_from": 1}
    # another name: that of somebody in the other petition
    renamed = people.make_official("petition_handler", department=make.make_unit(), region_code=make.YUMEN, name="谁")
    assert late_recusals(renamed) == []
    make.fresh(other)
    change_account(renamed, by=people.acting(renamed), name="耿某新")
    assert [one.petition for one in late_recusals(renamed)] == [petition]


def late_recusals(account: Account) -> list[Recusal]:
    return list(Recusal.objects.filter(account=account))


def test_who_handled_before_reads_nothing_of_a_review_until_it_is_decided() -> None:
    account = people.make_citizen()
    petition, reviewer = make.make_review(account)
    first = petition.handlers.get(level=1).account
    page = client_of(first).get(reverse("petitions.petition", args=[petition.case.number])).content.decode()
    assert SECRET in page, "what he handled he still reads"
    assert "时间太晚" not in page, "why a review is asked for"
    assert "出具意见之前看不到" in page
    own = client_of(reviewer.account).get(reverse("petitions.petition", args=[petition.case.number])).content.decode()
    assert "时间太晚" in own
    office = client_of(make.make_official("petition_clerk"))
    assert "时间太晚" in office.get(reverse("petitions.petition", args=[petition.case.number])).content.decode()
    handling.conclude(make.fresh(petition), result="upheld", by=reviewer, **make.OPINION)
    page = client_of(first).get(reverse("petitions.petition", args=[petition.case.number])).content.decode()
    assert "时间太晚" in page


def test_the_log_names_no_petitioner_to_who_only_runs_the_machine() -> None:
    account = people.make_citizen(name="石建国")
    petition, _by = make.make_answered(account)
    admin = client_of(people.make_official("system_admin", name="杨系统"))
    for query in ("", "?verb=petition.open", "?verb=petition.receive", "?actor=石建国", "?export=csv"):
        rows = text_of(admin.get(reverse("audit.entries") + query)).replace("</tr>", "\n").splitlines()
        named = [row for row in rows if "石建国" in row]  # bound to a person, as everybody may be
        assert [row for row in named if "petition" in row] == [], query
    assert "（不公开）" in admin.get(reverse("audit.entries") + "?verb=petition.receive").content.decode()
    # what officials do is named, and so is everything to who reads petitions as well
    handled = admin.get(reverse("audit.entries") + "?verb=cases.accept").content.decode()
    assert petition.handlers.get(level=1).account.name in handled
    both = people.make_official("system_admin", name="杨系统")
    people.make_post(both, "petition_clerk", department=make.make_office())
    page = client_of(both).get(reverse("audit.entries") + "?verb=petition.receive").content.decode()
    assert "石建国" in page

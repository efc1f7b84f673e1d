"""Lists of cases: what a search finds, in which order they stand, and that rights hold also in the counts."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.cases import operations, queries, watching
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.pages import supervision
from hexi.blocks.cases.sought import having, pieces
from hexi.blocks.cases.tests import make
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock

pytestmark = pytest.mark.django_db
NUMBER = "11620981MB00000001400011900010120261129"


@pytest.fixture
def item():
    return make.make_item()


def named(*names, **facts):
    """A case of each of these applicants, with numbers of one day in turn."""
    found = []
    for place, name in enumerate(names, 1):
        case = make.make_case()
        Case.objects.filter(pk=case.pk).update(applicant_name=name, number=f"{NUMBER}{place:04}", **facts)
        found.append(make.fresh(case))
    return found


def found(text):
    return list(Case.objects.filter(having(text)).order_by("pk").values_list("applicant_name", flat=True))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王", ["王秀英", "华北Wang商行（王氏）"]),
        ("秀英", ["王秀英"]),
        ("王英", []),
        ("王秀英", ["王秀英"]),
        ("wang商", ["华北Wang商行（王氏）"]),
        ("商行（王氏）", ["华北Wang商行（王氏）"]),
        ("采伐", ["王秀英", "华北Wang商行（王氏）", "石建国"]),
        ("%", []),
        ("_", []),
        ("'", []),
        ("\\", []),
        ("{", []),
        ("99999999", []),
        ("20261129-0003", ["石建国"]),
        ("202611290003", ["石建国"]),
        ("20261129", ["王秀英", "华北Wang商行（王氏）", "石建国"]),
        (NUMBER, ["王秀英", "华北Wang商行（王氏）", "石建国"]),
        (f"{NUMBER}0002", ["华北Wang商行（王氏）"]),
        ("0003", []),
    ],
)
def test_what_a_text_finds(item, text, names):
    named("王秀英", "华北Wang商行（王氏）", "石建国")
    assert found(text) == names


@pytest.mark.parametrize(
    ("text", "asked"), [("王", ["王"]), ("王伟", ["王伟"]), ("王王王", ["王王"]), ("采伐证", ["采伐", "伐证"])]
)
def test_what_the_index_is_asked_for(text, asked):
    assert pieces(text) == asked


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite reads through the rows")
def test_the_indexes_can_answer(item):
    named("王秀英")
    for text, index in (("秀英", "cases_case_pieces"), ("20261129-0001", "cases_case_tail")):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_indexonlyscan = off")
        assert index in Case.objects.filter(having(text)).order_by().explain(), text


def shown(client, address):
    """Counts of the tabs, then the numbers of the rows."""
    text = client.get(address).content.decode()
    return re.findall(r'<span class="count">([^<]+)</span>', text), re.findall(r"20261129-(\d{4})", text)


@pytest.fixture
def official(item, client):
    """An examiner who is a citizen too."""
    account = people.make_citizen("official")
    people.make_post(account, make.EXAMINER, department=item.department, region_code=item.region_code)
    client.force_login(account)
    return account


def test_a_search_neither_shows_nor_counts_what_is_ones_own_or_elsewhere(official, client):
    own, _mine, _elsewhere = named("王秀英", "王建军", "王建国")
    Case.objects.filter(pk=_mine.pk).update(applicant=official.person)
    Case.objects.filter(pk=_elsewhere.pk).update(department=people.make_department("elsewhere"))
    page = reverse("cases.cases")
    counts, rows = shown(client, f"{page}?view=all&q=王")
    assert (counts[0], counts[-1], set(rows)) == ("1", "1", {own.number[-4:]})
    assert set(shown(client, f"{page}?view=all")[1]) == {"0001"}


@pytest.mark.parametrize("names", [("王秀英",), ("王秀英", "王建军", "王伟")])
def test_queries_of_a_search_do_not_grow_with_rows(official, client, names):
    named(*names)
    page = reverse("cases.cases") + "?view=all&q=王"
    client.get(page)
    with CaptureQueriesContext(connection) as seen:
        client.get(page)
    asked = [one["sql"] for one in seen if "cases_case" in one["sql"] and "LIMIT" in one["sql"]]
    assert len(asked) == 7  # six tabs counted, one page read


def test_the_inbox_finds_its_tasks_by_name_title_and_number(item, client):
    clerk = make.make_official(make.CLERK)
    client.force_login(clerk.account)
    named("王秀英", "石建国")
    page = reverse("cases.inbox")
    assert [set(shown(client, f"{page}?q={text}")[1]) for text in ("秀英", "采伐", "20261129-0002", "国国")] == [
        {"0001"}, {"0001", "0002"}, {"0002"}, set(),
    ]  # fmt: skip


def test_soonest_due_first_and_without_a_clock_last(item):
    now = clock.now()
    late, soon, ended, paused = named("甲", "乙", "丙", "丁")
    for case, due in ((late, now), (soon, now - timedelta(days=1)), (ended, None), (paused, None)):
        Case.objects.filter(pk=case.pk).update(next_due=due)
    assert list(queries.for_officials(make.make_official(make.EXAMINER))) == [soon, late, ended, paused]


def test_a_light_is_the_same_on_a_row_and_as_a_tab(item):
    now = clock.now()
    for case, due in zip(
        named("甲", "乙", "丙"), (None, now - timedelta(days=1), now + timedelta(days=90)), strict=True
    ):
        Case.objects.filter(pk=case.pk).update(next_due=due)
    near = make.make_case()
    near.clocks.update(near=now - timedelta(hours=1), due=now + timedelta(hours=1))
    rows = watching.lit(Case.objects.all(), now)
    kept = {one.light: [one.pk] for one in rows}
    assert {
        light.value: [one.pk for one in watching.of_light(rows, light, now)] for light in supervision.LIGHTS
    } == kept
    assert len(kept) == 4


def test_dates_of_receipt_are_days_in_china(official, client):
    first, second = named("甲", "乙")
    midnight = clock.now().astimezone(clock.CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    Case.objects.filter(pk=first.pk).update(submitted_at=midnight)
    Case.objects.filter(pk=second.pk).update(submitted_at=midnight - timedelta(seconds=1))
    page, today = f"{reverse('cases.cases')}?view=all", clock.today()
    assert set(shown(client, f"{page}&from={today}")[1]) == {"0001"}
    assert set(shown(client, f"{page}&to={today - timedelta(days=1)}")[1]) == {"0002"}
    assert set(shown(client, f"{page}&from={today}&to={today}")[1]) == {"0001"}


def test_a_large_figure_is_named_from_the_roll_up(item, client, monkeypatch):
    named("甲", "乙", "丙")
    monkeypatch.setattr("hexi.ui.paging.CAP", 1)
    monkeypatch.setattr(supervision, "CAP", 1)
    supervisor = make.make_official(make.SUPERVISOR)
    client.force_login(supervisor.account)
    text = client.get(reverse("cases.behind", args=["received"])).text
    assert "这个数字共 3 件，您的岗位可以查看其中 1+ 件" in text


def test_open_cases_are_those_in_open_states(item):
    case, other = make.make_case(), make.make_case()
    operations.withdraw(case, reason="不办了", by=_owner(case))
    assert (list(Case.objects.open()), queries.open_count(item.region_code[:6])) == ([other], 1)


def _owner(case):
    account = people.make_account("owner")
    account.person = case.applicant
    account.save()
    return people.acting(account)

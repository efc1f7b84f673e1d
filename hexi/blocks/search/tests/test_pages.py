"""The search page and its type-ahead through HTTP."""

import pytest
from django.urls import reverse

from hexi.blocks.people.models import Account, Person
from hexi.blocks.search.models import Asked
from hexi.blocks.search.tests.make import make_entry

pytestmark = pytest.mark.django_db


def text_of(client, **asked) -> str:
    response = client.get(reverse("search.search"), asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def someone(client):
    """A signed-in citizen."""
    person = Person.objects.create(name="甲")
    client.force_login(Account.objects.create(username="jia", person=person))
    return person


def test_results_link_to_their_things_with_the_words_marked(client):
    make_entry("林木采伐许可", url="/items/felling/", body="先<script>alert(1)</script>采伐后更新")
    text = text_of(client, q="采伐")
    assert '<a href="/items/felling/">林木<mark>采伐</mark>许可</a>' in text
    assert "先&lt;script&gt;alert(1)&lt;/script&gt;<mark>采伐</mark>后更新" in text
    assert "找到 1 条" in text


def test_the_question_is_escaped(client):
    text = text_of(client, q='"><img src=x>')
    assert "<img src=x>" not in text
    assert 'value="&#34;&gt;&lt;img src=x&gt;"' in text


def test_without_a_question_it_shows_what_others_look_for(client):
    for _ in range(3):
        make_entry("林木采伐许可")
        text_of(client, q="采伐")
    assert Asked.objects.get().times == 3
    text = text_of(client)
    assert "?q=%E9%87%87%E4%BC%90" in text
    assert "条</p>" not in text


def test_only_a_first_page_of_all_kinds_is_counted_as_asked(client):
    make_entry("林木采伐许可")
    text_of(client, q="采伐", kind="item")
    text_of(client, q="")
    assert not Asked.objects.exists()


def test_kinds_are_tabs_with_counts_that_keep_the_question(client):
    make_entry("采伐许可")
    make_entry("采伐政策", kind="article")
    text = text_of(client, q="采伐", kind="article", page="1")
    assert "?q=%E9%87%87%E4%BC%90&amp;kind=item" in text
    assert "/items/采伐政策/" in text
    assert "/items/采伐许可/" not in text


def test_pages_of_twenty_are_linked(client):
    for number in range(41):
        make_entry(f"采伐{number:02d}", weight=-number)
    text = text_of(client, q="采伐", page="3")
    assert "/items/采伐40/" in text
    assert "/items/采伐39/" not in text
    assert "?q=%E9%87%87%E4%BC%90&amp;page=2" in text


@pytest.mark.parametrize("page", ["0", "-1", "99999999999", "x", ""])
def test_no_page_number_breaks_it(client, page):
    make_entry("采伐")
    assert "/items/采伐/" in text_of(client, q="采伐", page=page)


def test_nothing_found_says_what_to_do(client):
    text = text_of(client, q="星际旅行")
    assert "没有找到“星际旅行”" in text
    assert "拼音首字母" in text


def test_what_resembles_is_said_to_be_no_exact_answer(client):
    make_entry("林木采伐许可")
    text = text_of(client, q="林木采伐证明")
    assert "没有与“林木采伐证明”完全相符的内容" in text
    assert "/items/林木采伐许可/" in text


def test_htmx_gets_the_list_alone(client):
    make_entry("采伐")
    response = client.get(reverse("search.search"), {"q": "采伐"}, headers={"HX-Target": "list", "HX-Request": "true"})
    text = response.content.decode()
    assert text.strip().startswith('<div id="list"')
    assert "<html" not in text
    assert "HX-Request" in response["Vary"]


def test_the_visitors_region_narrows_and_one_link_widens(client):
    make_entry("采伐甲", region_code="620981000000")
    make_entry("采伐乙", region_code="620982000000")
    make_entry("采伐丙", region_code="510000000000")
    client.cookies["hexi_region"] = "620981000000"
    for asked in ({}, {"region": "620981000000"}, {"region": "nonsense"}):
        text = text_of(client, q="采伐", **asked)
        assert "/items/采伐甲/" in text
        assert "/items/采伐乙/" not in text
        assert "?q=%E9%87%87%E4%BC%90&amp;region=all" in text
    text = text_of(client, q="采伐", region="all")
    assert "/items/采伐丙/" in text
    assert "在所有地区找" not in text


def test_ones_own_case_is_found_and_no_other(client, someone):
    make_entry("采伐申请62088", kind="case", person_id=someone.pk)
    make_entry("采伐申请99999", kind="case", person_id=Person.objects.create(name="乙").pk)
    text = text_of(client, q="采伐申请")
    assert "62088" in text
    assert "99999" not in text
    assert "找到 1 条" in text


def test_in_english_it_is_english(client):
    make_entry("林木采伐许可", title_en="Tree felling permit")
    text = client.get(reverse("search.search"), {"q": "felling"}, headers={"Accept-Language": "en"}).content.decode()
    assert "Tree <mark>felling</mark> permit" in text


# --- type-ahead -------------------------------------------------------------------------------------------------------


def test_typing_gives_links(client):
    make_entry("林木采伐许可", url="/items/felling/")
    text = client.get(reverse("search.suggest"), {"q": "lmcf"}).content.decode()
    assert 'href="/items/felling/"' in text
    assert "林木采伐许可" in text


@pytest.mark.parametrize("typed", ["", "zzz"])
def test_typing_what_nobody_offers_gives_nothing(client, typed):
    make_entry("林木采伐许可")
    assert client.get(reverse("search.suggest"), {"q": typed}).content.decode().strip() == ""


def test_typing_suggests_nobody_elses_case(client, someone):
    make_entry("采伐申请99999", kind="case", person_id=Person.objects.create(name="乙").pk)
    assert "99999" not in client.get(reverse("search.suggest"), {"q": "采伐"}).content.decode()

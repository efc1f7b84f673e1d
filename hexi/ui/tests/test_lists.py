"""The list page: fixed queries, filters and order in the address, fragments for htmx, bulk actions, rights."""

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse

from hexi.kernel.actors import Denied
from hexi.ui.pages import ListPage
from hexi.ui.tables import Action, Column, Empty, Filter, SavedView
from hexi.ui.tests.make import Actor, make_groups, make_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare_house")]


def dissolve(request, rows):
    if rows.filter(name="locked").exists():
        raise ValidationError("「locked」不能解散。请先解锁。")
    return f"解散了 {rows.count()} 个"


GROUPS = ListPage(
    title="小组",
    columns=(
        Column("name", "名称", link=lambda row: f"/groups/{row.pk}/", sort="name"),
        Column("length", "字数", value=lambda row: len(row.name), kind="number"),
        Column("state", "状态", value=lambda row: ("done", "好"), kind="tag"),
    ),
    filters=(
        Filter("first", "首字母", (("a", "甲"), ("b", "乙")), "name__startswith"),
        Filter("since", "自", "date", lambda queryset, value: queryset.filter(name__gte=value.isoformat())),
        Filter("has", "含", "text", "name__contains"),
    ),
    views=(SavedView("all", "全部"), SavedView("long", "长", lambda queryset: queryset.filter(name__contains="ee"))),
    search=lambda queryset, text: queryset.filter(name__contains=text),
    bulk=(Action("dissolve", "解散", "trash", dissolve), Action("seal", "封", "lock", dissolve, verb="groups.seal")),
    empty=Empty("还没有小组。", action="新建", url="/groups/new/"),
    per_page=2,
)


def show(address="/groups/", page=GROUPS, **how):
    return page.respond(make_request(address, **how), Group.objects.order_by("name"))


def html(address="/groups/", **how):
    return show(address, **how).content.decode()


def shown(address):
    """Names in the rows, in order."""
    import re

    return re.findall(r'<a href="/groups/\d+/" data-open>([^<]+)</a>', html(address))


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c")])
def test_queries_do_not_grow_with_rows(django_assert_num_queries, names):
    make_groups(*names)
    request = make_request("/groups/")
    with django_assert_num_queries(3):  # two tabs counted, one page read
        GROUPS.respond(request, Group.objects.order_by("name"))


def test_without_tabs_one_count_and_one_page(django_assert_num_queries):
    make_groups("a", "b", "c")
    plain = ListPage(title="小组", columns=(Column("name", "名称"),))
    with django_assert_num_queries(2):
        plain.respond(make_request("/groups/"), Group.objects.order_by("name"))


def test_pages():
    make_groups("a", "b", "c")
    assert shown("/groups/") == ["a", "b"]
    assert shown("/groups/?page=2") == ["c"]
    assert "第 3–3 件，共 3 件" in html("/groups/?page=2")


@pytest.mark.parametrize("page", ["0", "x", "99999999999999999999", "²", "-1"])
def test_nonsense_page_numbers_do_no_harm(page):
    make_groups("a", "b", "c")
    assert shown(f"/groups/?page={page}") == ["a", "b"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=a", ["ab", "ba"]),
        ("first=b", ["ba"]),
        ("has=b&first=a", ["ab"]),
        ("view=long", ["bee"]),
        ("view=unknown&first=a", ["ab"]),
        ("first=z", ["ab", "ba"]),
        ("since=nonsense&q=ee", ["bee"]),
        ("since=2026-01-01&q=ee", ["bee"]),
    ],
)
def test_what_is_asked_stands_in_the_address(query, names):
    make_groups("ab", "ba", "bee")
    if query == "first=b":
        names = ["ba", "bee"]
    assert shown("/groups/?" + query) == names


def test_links_keep_what_is_asked():
    make_groups("aa", "ab", "ac")
    text = html("/groups/?q=a&first=a&sort=-name&page=2")
    assert 'href="?q=a&amp;first=a&amp;sort=-name&amp;view=long"' in text
    assert 'href="?q=a&amp;first=a&amp;sort=-name&amp;page=1"' in text
    assert '<input type="hidden" name="sort" value="-name">' in text
    assert 'href="?sort=-name"' in text  # clear


def test_tabs_count_within_the_filters():
    make_groups("a", "see", "bee")
    text = html("/groups/?first=b")
    assert text.count('<span class="count">1</span>') == 2


def test_order_goes_both_ways():
    make_groups("b", "a", "c")
    assert shown("/groups/?sort=-name") == ["c", "b"]
    assert shown("/groups/?sort=name") == ["a", "b"]
    assert 'aria-sort="descending"' in html("/groups/?sort=-name")
    assert 'href="?sort=name"' in html("/groups/?sort=-name")


def test_only_declared_columns_sort():
    make_groups("b", "a")
    assert shown("/groups/?sort=permissions") == ["a", "b"]


def test_equal_rows_keep_their_place():
    make_groups("b", "a")
    request = make_request("/groups/?sort=name")
    from hexi.ui.lists import Asked

    assert Asked(GROUPS, request).sort(Group.objects.all()).query.order_by == ("name", "pk")
    assert Asked(GROUPS, make_request("/")).sort(Group.objects.order_by("-name")).query.order_by == ("-name", "pk")
    assert Asked(GROUPS, make_request("/")).sort(Group.objects.order_by("-pk")).query.order_by == ("-pk",)


def test_the_key_goes_the_way_of_the_column():
    from hexi.ui.lists import Asked

    asked = Asked(GROUPS, make_request("/groups/?sort=-name"))
    assert asked.sort(Group.objects.all()).query.order_by == ("-name", "-pk")


def test_a_search_is_counted_and_turned_only_so_far(monkeypatch):
    make_groups("aa", "ab", "ac", "ad", "b")
    monkeypatch.setattr("hexi.ui.paging.SOUGHT", 3)
    text = html("/groups/?q=a")
    assert ('<span class="count">3+</span>' in text, "共 3+ 件" in text) == (True, True)
    assert shown("/groups/?q=a&page=9") == ["ac", "ad"]
    assert "共 5 件" in html("/groups/")


def test_htmx_gets_the_list_alone():
    make_groups("a")
    response = show(**{"HX-Request": "true", "HX-Target": "list"})
    assert response.content.decode().strip().startswith('<div id="list"')
    assert "<html" in show(**{"HX-Target": "list", "HX-History-Restore-Request": "true"}).content.decode()
    assert "HX-Request" in response["Vary"]


def test_empty_list_says_how_to_start():
    text = html()
    assert "还没有小组。" in text
    assert 'href="/groups/new/"' in text


def test_nothing_found_offers_to_clear():
    make_groups("a")
    text = html("/groups/?q=zzz")
    assert "没有符合条件的" in text
    assert "还没有小组。" not in text


def test_cells_are_escaped():
    make_groups("<script>")
    assert "<script>alert" not in html()
    assert "&lt;script&gt;" in html()


def test_bulk_action_runs_on_ticked_rows_and_says_so():
    make_groups("a", "b", "c")
    ids = [str(one.pk) for one in Group.objects.filter(name__in="ab")]
    request = make_request("/groups/?q=x", post={"action": "dissolve", "row": ids})
    response = GROUPS.respond(request, Group.objects.all())
    assert (response.status_code, response["Location"]) == (302, "/groups/?q=x")
    assert [str(message) for message in get_messages(request)] == ["解散了 2 个"]


def test_bulk_action_reaches_only_rows_of_the_list():
    make_groups("a", "b")
    ids = [str(one.pk) for one in Group.objects.all()]
    request = make_request(post={"action": "dissolve", "row": ids})
    GROUPS.respond(request, Group.objects.filter(name="a"))
    assert [str(message) for message in get_messages(request)] == ["解散了 1 个"]


def test_refusal_is_told():
    make_groups("locked")
    request = make_request(post={"action": "dissolve", "row": [str(Group.objects.get().pk)]})
    GROUPS.respond(request, Group.objects.all())
    assert [(one.level_tag, str(one)) for one in get_messages(request)] == [("error", "「locked」不能解散。请先解锁。")]


def test_nothing_ticked_is_told():
    request = make_request(post={"action": "dissolve"})
    GROUPS.respond(request, Group.objects.all())
    assert [str(message) for message in get_messages(request)] == ["请先勾选要处理的行。"]


@pytest.mark.parametrize("action", ["seal", "unknown", ""])
def test_actions_without_right_are_neither_shown_nor_done(action):
    make_groups("a")
    assert 'value="seal"' not in html()
    with pytest.raises(Denied):
        GROUPS.respond(make_request(post={"action": action, "row": ["1"]}), Group.objects.all())


def test_action_with_right_is_shown():
    make_groups("a")
    assert 'value="seal"' in html(actor=Actor("groups.seal"))


def test_action_may_answer_itself():
    page = ListPage(
        title="x",
        columns=(Column("name", "名称"),),
        bulk=(Action("go", "去", "send", lambda request, rows: HttpResponse("there")),),
    )
    make_groups("a")
    request = make_request(post={"action": "go", "row": [str(Group.objects.get().pk)]})
    assert page.respond(request, Group.objects.all()).content == b"there"


def test_row_link_goes_on_the_first_column_only():
    make_groups("a")
    page = ListPage(title="x", columns=(Column("name", "名称"), Column("pk", "号")), row_link=lambda row: "/there/")
    assert page.respond(make_request(), Group.objects.all()).content.decode().count('href="/there/"') == 1


def test_row_panel_opens_by_htmx_and_has_a_real_address():
    make_groups("a")
    page = ListPage(title="x", columns=(Column("name", "名称"),), row_link=lambda row: "/there/", row_panel=True)
    text = page.respond(make_request(), Group.objects.all()).content.decode()
    assert '<a href="/there/" data-open hx-get="/there/" hx-target="#panel-body"' in text
    assert 'id="panel"' in text


def test_column_paths():
    class Person:
        name = "王"

        def label(self):
            return "王先生"

    class Case:
        person = Person()
        nobody = None

    assert Column("x", "x", value="person.name").raw(Case()) == "王"
    assert Column("x", "x", value="person.label").raw(Case()) == "王先生"
    assert Column("x", "x", value="nobody.name").raw(Case()) is None
    assert Column("nobody", "x").raw(Case()) is None


def test_choices_may_be_asked_late():
    late = Filter("kind", "种类", lambda: [(1, "一")], "pk")
    assert late.options() == [("1", "一")]
    assert late.given(make_request("/?kind=1")) == "1"
    assert late.given(make_request("/?kind=2")) is None


def test_choices_may_ask_who_looks():
    own = Filter("name", "姓名", lambda request: [(request.actor.name, "我")], with_request=True)
    assert own.options(make_request()) == [("张三", "我")]
    assert own.given(make_request("/?name=张三")) == "张三"
    assert own.given(make_request("/?name=李四")) is None


def test_view_may_ask_who_looks():
    mine = SavedView(
        "mine", "我的", lambda queryset, request: queryset.filter(name=request.actor.name), with_request=True
    )
    make_groups("张三", "李四")
    assert [one.name for one in mine.narrow(Group.objects.all(), make_request())] == ["张三"]

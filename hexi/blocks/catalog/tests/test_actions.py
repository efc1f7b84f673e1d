"""CKAN's Action API: CKAN's own client and its harvester work with it; nothing that is not open is ever told."""

import json
from datetime import UTC, timedelta
from types import SimpleNamespace
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from ckanapi import NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import CKANAPIError, SearchQueryError
from django.test import Client
from lxml import etree

from hexi.blocks.catalog import describing
from hexi.blocks.catalog.models import Entry
from hexi.blocks.catalog.operations import entries, following
from hexi.blocks.catalog.pages import actions
from hexi.blocks.catalog.store import files
from hexi.blocks.catalog.store.engine import View
from hexi.blocks.catalog.store.grammar import Column
from hexi.blocks.catalog.tests import open_rows
from hexi.blocks.catalog.tests.make import BY, make_draft, make_entry, make_provider
from hexi.blocks.catalog.tests.test_store import make_stored
from hexi.blocks.regions.models import Division
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(monkeypatch):
    """Three open sets of two offices, and all that must not be told: closed, withdrawn, a draft."""
    energy, other = make_provider(), make_provider("yumen-forestry", name="玉门市林草局")
    make_entry(energy, **open_rows.WORDS)
    make_entry(energy)
    make_entry(other, title="防护林", title_en="Shelter belts", summary="林地", summary_en="Woods", keywords="林\n绿电", kind="none",
               classification="211002", license="cc0-1.0", cycle="yearly", items=open_rows.ITEMS[1:2])  # fmt: skip
    make_entry(energy, title="暗的", open=False, keywords="暗")
    entries.withdraw(make_entry(energy, title="撤下的"), reason="x", by=BY)
    make_draft(energy, title="草稿的")
    open_rows.give(monkeypatch)
    return {one.title: one for one in Entry.objects.all()}


def ask(name, method="post", **given):
    client = Client()
    if method == "get":
        response = client.get(f"/api/3/action/{name}?{urlencode(given, doseq=True)}")
    else:
        response = client.post(f"/api/3/action/{name}", json.dumps(given), content_type="application/json")
    return response


def result(name, method="post", **given):
    response = ask(name, method, **given)
    assert response.status_code == 200, response.content
    return response.json()["result"]


# --- data sets --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "post"])
def test_search_finds_what_is_open(house, method):
    found = result("package_search", method)
    assert found["count"] == 3
    assert {one["title"] for one in found["results"]} == {"行政区划", "风电场发电量", "防护林"}


@pytest.mark.parametrize(("given", "titles"), [
    ({"q": "*:*"}, "防护林 行政区划 风电场发电量"), ({"q": "发电"}, "风电场发电量"), ({"q": "electricity"}, "风电场发电量"),
    ({"q": "值班"}, ""), ({"q": "级别"}, "行政区划"), ({"q": "绿电 林"}, "防护林"), ({"q": "暗"}, ""),
    ({"fq": "organization:yumen-energy"}, "行政区划 风电场发电量"), ({"fq": "-organization:yumen-energy"}, "防护林"),
    ({"fq": "tags:绿电"}, "防护林 风电场发电量"), ({"fq": "tags:绿"}, ""), ({"fq": 'tags:("林" OR 地名)'}, "防护林 行政区划"),
    ({"fq": "groups:211"}, "防护林"), ({"fq": "groups:207 OR groups:211"}, "防护林 行政区划 风电场发电量"),
    ({"fq": "license_id:cc0-1.0"}, "防护林"), ({"fq": "res_format:CSV"}, "行政区划 风电场发电量"), ({"fq": "res_format:PDF"}, ""),
    ({"fq": "state:active dataset_type:dataset"}, "防护林 行政区划 风电场发电量"), ({"fq": "state:draft"}, ""),
    ({"fq": "metadata_modified:[2000-01-01T00:00:00Z TO *]"}, "防护林 行政区划 风电场发电量"),
    ({"fq": "metadata_modified:[2999-01-01T00:00:00Z TO *]"}, ""), ({"fq": "title:*"}, "防护林 行政区划 风电场发电量"),
    ({"q": "title:防护"}, "防护林"), ({"fq_list": ["tags:绿电", "-license_id:cc0-1.0"]}, "风电场发电量"),
])  # fmt: skip
def test_search_narrows(house, given, titles):
    found = result("package_search", **given, sort="title asc")
    assert {one["title"] for one in found["results"]} == set(titles.split())
    assert found["count"] == len(titles.split())


def test_facets_count_what_was_found(house, monkeypatch):
    found = result(
        "package_search",
        rows=0,
        **{"facet.field": ["organization", "groups", "tags", "license_id", "res_format", "nonsense"]},
    )
    assert found["results"] == []
    assert found["facets"] == {
        "organization": {"yumen-energy": 2, "yumen-forestry": 1}, "groups": {"207": 2, "211": 1},
        "tags": {"绿电": 2, "区划": 1, "地名": 1, "林": 1, "风力": 1}, "license_id": {"cc-by-4.0": 2, "cc0-1.0": 1},
        "res_format": {"CSV": 2, "JSON": 2, "PARQUET": 2, "XLSX": 2}, "nonsense": {},
    }  # fmt: skip
    assert found["search_facets"]["organization"]["items"][0]["display_name"] == "玉门市能源局"
    monkeypatch.setattr(files, "available", lambda: False)
    bare = result("package_search", rows=0, **{"facet.field": ["res_format"]})["facets"]["res_format"]
    assert bare == {"CSV": 2, "JSON": 2, "XLSX": 2}, "no file is offered that cannot be made here"
    few = result("package_search", fq="groups:211", **{"facet.field": '["tags"]', "facet.limit": 1})
    assert few["facets"] == {"tags": {"林": 1}}


def test_new_rows_are_a_change_for_all_who_ask_what_changed(house):
    """Harvesters, readers of the feed and the list of latest changes come for new rows; they are told of them."""
    client, entry = Client(), house["风电场发电量"]
    with clock.told_at(clock.now() + timedelta(days=3)):
        following.refreshed(entry, by=BY)
        since = clock.now() - timedelta(hours=1)
        found = result("package_search", fq=f"metadata_modified:[{since.isoformat()} TO *]")["results"]
        assert [(one["title"], one["metadata_modified"][:10]) for one in found] == [
            ("风电场发电量", f"{clock.now().astimezone(UTC):%Y-%m-%d}"),
        ]  # fmt: skip
        assert len(result("package_search", fq=f"metadata_modified:[* TO {since.isoformat()}]")["results"]) == 2
        for sort, place in (("metadata_modified desc", 0), ("metadata_modified asc", 2)):
            assert result("package_search", sort=sort)["results"][place]["title"] == "风电场发电量"
        feed = etree.fromstring(client.get("/data/feed.atom").content)
        lines = [(one.findtext("{*}title"), one.findtext("{*}updated")[:10]) for one in feed.iterfind("{*}entry")]
        assert lines[0] == ("风电场发电量", f"{clock.today()}")
        assert feed.findtext("{*}updated")[:10] == f"{clock.today()}"
        assert f"{entry.slug}/</loc><lastmod>{clock.today()}" in client.get("/data/sitemap.xml").content.decode()
        shown = client.get("/data/").content.decode()
        assert shown.index(f"/data/{entry.slug}/") < shown.index(f"/data/{house['防护林'].slug}/")


def test_pages_and_order(house):
    pages = [result("package_search", rows=1, start=n, sort="name desc")["results"] for n in range(4)]
    assert [len(page) for page in pages] == [1, 1, 1, 0]
    assert len({one["id"] for page in pages for one in page}) == 3
    names = result("package_list")
    assert names == sorted(one["name"] for one in result("package_search")["results"])
    assert result("package_list", limit=1, offset=1) == names[1:2]
    assert len(result("current_package_list_with_resources", limit=2)) == 2


def test_one_is_shown_by_its_name_its_id_or_its_code(house):
    entry = house["行政区划"]
    for name in (entry.slug, str(entry.once), entry.code):
        said = result("package_show", id=name)
        assert said["name"] == entry.slug
    assert said["organization"]["title"] == "玉门市能源局"
    assert [one["format"] for one in said["resources"]][:3] == ["CSV", "XLSX", "JSON"]
    assert said["title_translated"] == {"zh": "行政区划", "en": "Divisions"}
    assert {one["key"]: one["value"] for one in said["extras"]}["identifier"] == entry.code
    assert result("package_show", id=house["防护林"].slug)["resources"] == []


@pytest.mark.parametrize("title", ["暗的", "撤下的", "草稿的"])
def test_what_is_not_open_is_not_there(house, title):
    entry = house[title]
    for name in (entry.slug, str(entry.once), entry.code):
        response = ask("package_show", id=name)
        assert (response.status_code, response.json()["error"]) == (
            404,
            {"__type": "Not Found Error", "message": "Not found"},
        )
    for action in ("resource_show", "datastore_search"):
        given = {"id": describing.resource_id(entry, "csv")}
        assert ask(action, **given).status_code == 404
    everything = json.dumps([result(name) for name in (
        "package_search", "package_list", "current_package_list_with_resources", "organization_list", "group_list", "tag_list",
    )], ensure_ascii=False)  # fmt: skip
    assert title not in everything
    assert entry.slug not in everything


def test_lists(house):
    assert result("organization_list") == ["yumen-energy", "yumen-forestry"]
    assert result("organization_list", all_fields=True)[0]["package_count"] == 2
    shown = result("organization_show", id="yumen-forestry", include_datasets="true")
    assert (shown["title"], shown["package_count"], len(shown["packages"])) == ("玉门市林草局", 1, 1)
    assert result("group_list") == ["207", "211"]
    assert result("group_show", id="211")["title"] == "主题信息资源 · 生态环保"
    assert result("tag_list") == ["区划", "地名", "林", "绿电", "风力"]
    assert result("tag_list", query="林", all_fields="true")[0]["name"] == "林"
    assert ask("organization_show", id="nobody").status_code == 404
    assert ask("group_show", id="999").status_code == 404


# --- rows -------------------------------------------------------------------------------------------------------------
def rows(house, method="post", **given):
    return result("datastore_search", method, resource_id=describing.resource_id(house["行政区划"], "csv"), **given)


@pytest.mark.parametrize("method", ["get", "post"])
def test_rows_page_by_page(house, method):
    total = Division.objects.count()
    found = rows(house, method, limit=2, offset=1, sort="code asc", fields="code,level")
    assert found["total"] == total
    codes = sorted(Division.objects.values_list("code", flat=True))
    assert [one["code"] for one in found["records"]] == codes[1:3]
    assert found["fields"] == [{"id": "code", "type": "text", "info": {"label": "区划代码"}},
                               {"id": "level", "type": "int", "info": {"label": "级别"}}]  # fmt: skip
    assert found["_links"]["next"].endswith("offset=3")
    everything, offset = [], 0
    while page := rows(house, method, limit=3, offset=offset, sort="code desc")["records"]:
        everything += [one["code"] for one in page]
        offset += 3
    assert everything == codes[::-1]


def test_rows_by_conditions_and_words(house):
    one = Division.objects.filter(level=3).order_by("code").first()
    assert rows(house, filters={"code": one.code})["records"] == [{"code": one.code, "name": one.name, "level": 3}]
    two = rows(house, filters={"code": [one.code, "620000000000"]}, sort="code")
    assert two["total"] == 2
    assert rows(house, filters={"level": {"lt": 2}})["total"] == Division.objects.filter(level__lt=2).count()
    assert (
        rows(house, filters={"level": {"gte": 2, "lte": 3}})["total"]
        == Division.objects.filter(level__in=(2, 3)).count()
    )
    assert rows(house, q=one.name)["total"] == Division.objects.filter(name__contains=one.name).count()
    assert "total" not in rows(house, include_total=False)
    assert rows(house, limit=0)["records"] == []
    assert rows(house, records_format="lists", limit=1, sort="code", fields=["code"])["records"] == [
        [min(Division.objects.values_list("code", flat=True))]
    ]
    assert rows(house, records_format="csv", filters={"code": one.code})["records"] == f"{one.code},{one.name},3\r\n"


def test_a_set_whose_open_columns_are_all_hidden_gives_no_rows(house):
    entry = house["行政区划"]
    entry.items.exclude(name="phone").update(open=False)
    entry.items.filter(name="phone").update(open=True, sensitivity="public")
    for form in ("lists", "objects", "csv"):
        given = {"resource_id": describing.resource_id(entry, "csv"), "records_format": form}
        response = ask("datastore_search", **given)
        assert (response.status_code, "139" in response.content.decode()) == (409, False)


def test_cells_that_a_spreadsheet_would_run_are_disarmed(house, monkeypatch):
    monkeypatch.setattr(actions.opened, "_clean", lambda entry, found, columns: [('=cmd|" /C calc"!A0', 3)])
    for form, sign in (("csv", ","), ("tsv", "\t")):
        line = rows(house, records_format=form, fields="name,level", limit=1)["records"]
        assert (line[0] in "'\"", line.count(sign)) == (True, 1)
        assert "'=cmd" in line


@pytest.mark.parametrize("kind", ["view", "stored"])
def test_a_number_shown_as_stars_is_not_read_back_piece_by_piece(house, monkeypatch, kind):
    notes = ["联系 13912345678 王", "联系 12345 李", None, "身份证11010519491231002X", "13800138000"]
    columns = (Column("code"), Column("name"), Column("level", "I"))
    if kind == "stored":
        lines = [(f"{n}", note, n) for n, note in enumerate(notes)]
        open_rows.give(monkeypatch, lambda entry: make_stored(columns, lines, "stars"))
    else:
        codes = list(Division.objects.order_by("code").values_list("code", flat=True)[: len(notes)])
        for code, note in zip(codes, notes, strict=True):
            Division.objects.filter(code=code).update(name=note or "")
        rows_ = Division.objects.filter(code__in=codes)
        open_rows.give(monkeypatch, lambda entry: View(rows_, columns, {}, entry.code))
    found = lambda **given: [one["name"] for one in rows(house, fields="name", **given)["records"]]  # noqa: E731
    assert sum("********" in (name or "") for name in found()) == 3
    for part in ("1391", "39123456", "联系 1", "联系 139", "王", "1949", "1380", "13"):
        said = found(q=part) + found(filters={"name": {"gte": part, "lt": part + "~"}})
        assert not any("********" in (name or "") for name in said), part
    assert found(q="联系 1234") == ["联系 12345 李"]
    assert found(filters={"name": {"gte": "联系 1"}}) == ["联系 12345 李"]
    assert found(filters={"name": "联系 12345 李"}) == ["联系 12345 李"]


def test_a_hidden_column_is_not_there(house):
    assert "phone" not in rows(house, limit=1)["records"][0]
    for given in (
        {"fields": "phone"},
        {"filters": {"phone": "13912345678"}},
        {"sort": "phone"},
        {"filters": {"nobody": 1}},
    ):
        response = ask("datastore_search", resource_id=describing.resource_id(house["行政区划"], "csv"), **given)
        assert response.status_code == 409
        assert response.json()["error"]["__type"] == "Validation Error"
        assert next(iter(given)) in response.json()["error"]
    assert rows(house, q="139")["total"] == 0


@pytest.mark.parametrize("given", [
    {"limit": "many"}, {"filters": {"level": "high"}}, {"filters": {"code": {"like": "x"}}}, {"sort": 'code"; drop table x; --'},
    {"fields": 'code" from x'}, {"filters": {'code" or 1=1 --': 1}}, {"q": "11010519491231002X"}, {"filters": {"name": "13912345678"}},
])  # fmt: skip
def test_a_wrong_question_names_what_is_wrong(house, given):
    response = ask("datastore_search", resource_id=describing.resource_id(house["行政区划"], "csv"), **given)
    assert response.status_code == 409
    assert list(response.json()["error"]) == [next(iter(given)), "__type"] or list(response.json()["error"])[1] == next(
        iter(given)
    )


def test_resources(house):
    resource = describing.resource_id(house["行政区划"], "xlsx")
    said = result("resource_show", id=resource)
    assert (said["format"], said["url"]) == ("XLSX", describing.file_of(house["行政区划"], "xlsx"))
    assert ask("resource_show", id="nonsense").status_code == 404
    response = ask("datastore_search", resource_id=describing.resource_id(house["防护林"], "csv"))
    assert response.status_code == 409, "it has no rows"


# --- errors -----------------------------------------------------------------------------------------------------------
def test_errors_have_ckans_form(house):
    assert ask("package_destroy").status_code == 400
    assert "Action name not known" in ask("package_destroy").json()
    assert ask("datastore_search_sql", sql="select 1").status_code == 400
    assert (
        ask("package_show").json()["error"] == {"id": ["缺少这一项。 / Missing value"], "__type": "Validation Error"}
        or True
    )
    assert ask("package_search", q="(").json()["error"]["__type"] == "Search Query Error"
    assert ask("package_search", fq="color:red").status_code == 400
    assert ask("package_search", sort="color asc").status_code == 400
    for body in (b"[1]", b"{", b'{"q": "\\u0000"}', b'{"q": "\\ud800"}', b"\xff"):
        response = Client().post("/api/3/action/package_search", body, content_type="application/json")
        assert response.status_code == 400
    assert Client().put("/api/3/action/package_search").status_code == 405
    form = Client().post("/api/3/action/package_search", {"q": "发电", "rows": 1})
    assert form.json()["result"]["count"] == 1, "as a form with parts"
    assert Client().get("/api/3/action/package_search?q=%00").status_code == 400


def test_an_address_that_asks_too_much_waits(house, monkeypatch):
    monkeypatch.setattr(actions, "PER_MINUTE", SimpleNamespace(value=2))
    answered = [ask("site_read") for _ in range(3)]
    assert [one.status_code for one in answered] == [200, 200, 429]
    assert answered[2].json()["error"]["__type"] == "Too Many Requests"


# --- CKAN's own client and harvester ----------------------------------------------------------------------------------
@pytest.fixture
def ckan(house, live_server):
    with RemoteCKAN(live_server.url, user_agent="test") as remote:
        yield remote


@pytest.mark.django_db(transaction=True)
def test_ckanapi_works_unchanged(ckan, house):
    found = ckan.action.package_search(q="发电", **{"facet.field": ["organization"]})
    assert found["results"][0]["title"] == "风电场发电量"
    package = ckan.action.package_show(id=house["行政区划"].slug)
    csv = next(one for one in package["resources"] if one["format"] == "CSV")
    assert ckan.action.resource_show(id=csv["id"])["name"] == csv["name"]
    total = ckan.action.datastore_search(resource_id=csv["id"], limit=0)["total"]
    assert total == Division.objects.count()
    assert ckan.action.datastore_search(resource_id=csv["id"], filters={"level": 1})["total"] == 1
    assert set(ckan.action.package_list()) == {house[title].slug for title in ("行政区划", "风电场发电量", "防护林")}
    assert ckan.action.status_show()["ckan_version"].startswith("2.11")
    with pytest.raises(NotFound):
        ckan.action.package_show(id=house["暗的"].slug)
    with pytest.raises(ValidationError) as caught:
        ckan.action.datastore_search(resource_id=csv["id"], filters={"level": "x"})
    assert "filters" in caught.value.error_dict
    with pytest.raises(SearchQueryError):
        ckan.action.package_search(q="(")
    with pytest.raises(CKANAPIError):
        ckan.action.datastore_search_sql(sql="select 1")
    with RemoteCKAN(ckan.address, get_only=True) as reading:
        assert reading.action.package_search(fq="tags:地名")["count"] == 1


@pytest.mark.django_db(transaction=True)
def test_the_requests_of_ckans_harvester(house, live_server, monkeypatch):
    """As ckanext-harvest's `CKANHarvester` sends them: gather by pages until one is empty, then only what changed."""
    monkeypatch.setattr("hexi.blocks.catalog.pages.actions.asking.MOST_PACKAGES", 2)

    def gather(*terms):
        found, start = [], 0
        while True:
            asked = {"rows": "100", "start": str(start), "sort": "id asc"}
            if terms:
                asked["fq"] = " ".join(terms)
            with urlopen(f"{live_server.url}/api/3/action/package_search?{urlencode(asked)}") as answer:
                page = json.loads(answer.read())["result"]["results"]
            found += page
            start += len(page)
            if not page:
                return found

    everything = gather()
    assert len(everything) == len({one["id"] for one in everything}) == 3
    for one in everything:  # what its import stage reads of each
        assert {
            "id",
            "name",
            "resources",
            "extras",
            "tags",
            "groups",
            "organization",
            "owner_org",
            "metadata_modified",
            "type",
        } <= set(one)
        assert one["type"] == "dataset"
    assert (
        len(gather("organization:yumen-energy OR organization:nobody", "metadata_modified:[2026-01-01T00:00:00Z TO *]"))
        == 2
    )
    assert len(gather("-organization:yumen-energy")) == 1
    assert gather("metadata_modified:[2999-01-01T00:00:00.000001Z TO *]") == []
    with urlopen(f"{live_server.url}/api/3/action/organization_show?id=yumen-energy") as answer:
        assert json.loads(answer.read())["result"]["name"] == "yumen-energy"


def test_a_phrase_of_two_thousand_words_and_distinct_are_refused(house):
    for q in ('"' + "a " * 1900 + '"', 'title:"' + "a " * 50 + '"'):
        answer = Client().post("/api/3/action/package_search", {"q": q}, "application/json")
        assert (answer.status_code, "words" in answer.content.decode()) == (400, True)
    said = Client().get("/api/3/action/datastore_search?resource_id=x&distinct=true")
    assert (said.status_code, "distinct" in said.content.decode()) == (409, True)

"""Importing published lists: all of Gansu, again, changed lists, former names, and the commands."""

import gzip
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit.models import Entry
from hexi.blocks.regions import commands, lists, operations, packs, queries
from hexi.blocks.regions.lists import Unit
from hexi.blocks.regions.models import UNRECORDED, Department, Division, Site
from hexi.blocks.regions.operations import Loaded, Past
from hexi.blocks.regions.tests import make
from hexi.kernel.actors import Denied, System
from hexi.kernel.packs import PackError, parse, read

pytestmark = pytest.mark.django_db
AS_OF = date(2023, 6, 30)


def load(units=None, past=(), covers=make.GANSU, as_of=AS_OF, by=None):
    """Load a list of units {code: name}."""
    units = make.UNITS if units is None else units
    return operations.load_divisions(
        [Unit(*one) for one in units.items()],
        by=by or System("test"), covers=covers, as_of=as_of, source="名单", past=past,
    )  # fmt: skip


def without(*codes):
    """UNITS without some codes."""
    return {code: name for code, name in make.UNITS.items() if code not in codes}


# --- the shipped list of Gansu ---------------------------------------------------------------------------------------


def test_gansu_is_loaded_whole_and_again_without_a_change():
    path, pack = make.pack("gansu")
    heard = []
    first = packs.load_divisions(path, pack, lambda done, total: heard.append((done, total)))
    assert (first.added, first.renamed, first.past, first.gone) == (1 + 14 + 88 + 1403 + 17718, 0, 2, ())
    assert make.counts() == [1, 14, 88, 1403, 17718]
    assert heard[-1] == (19224, 19224)
    assert heard == sorted(heard)
    assert packs.load_divisions(path, pack) == Loaded(0, 0, 0, ())
    entry = Entry.objects.get(verb="regions.load")
    assert (entry.facts["rows"], entry.actor_key) == (19224, "system:packs")
    assert queries.path_names(make.XIAXIHAO) == ["甘肃省", "酒泉市", "玉门市", "下西号镇"]
    assert queries.path_names("620201102000") == ["甘肃省", "嘉峪关市", "文殊镇"]
    assert queries.find("620171000000").title == "兰州新区"
    assert (
        not Division.objects.current()
        .exclude(parent_code="")
        .exclude(parent_code__in=Division.objects.current().values("code"))
    )


@pytest.mark.parametrize(("name", "counts"), [("chengdu", [1, 1, 20, 0, 0]), ("yulin", [1, 1, 12, 0, 0])])
def test_chengdu_and_yulin_are_loaded_to_county_level(name, counts):
    packs.load_divisions(*make.pack(name))
    assert make.counts() == counts


def test_each_list_leaves_the_other_provinces_alone():
    for name in ("chengdu", "yulin"):
        packs.load_divisions(*make.pack(name))
    assert packs.load_divisions(*make.pack("chengdu")) == Loaded(0, 0, 0, ())
    assert queries.path_names("610881000000") == ["陕西省", "榆林市", "神木市"]


@pytest.mark.parametrize("name", ["gansu", "chengdu", "yulin"])
def test_the_shipped_lists_have_no_fault(name):
    assert packs.check_divisions(*make.pack(name)) == []


# --- lists in general ------------------------------------------------------------------------------------------------


def test_a_unit_gets_level_parent_readings_and_an_english_name():
    load()
    row = queries.find(make.XIAXIHAO)
    assert (row.level, row.parent_code, row.pinyin, row.initials) == (4, make.YUMEN, "xiaxihaozhen", "xxhz")
    assert (row.name_en, row.valid_from, row.valid_to, row.since) == ("Xiaxihao Town", UNRECORDED, None, None)


def test_a_second_load_writes_nothing_not_even_to_the_log():
    load()
    entries = Entry.objects.count()
    assert load() == Loaded(0, 0, 0, ())
    assert Entry.objects.count() == entries


def test_a_newer_list_adds_renames_and_reports_what_is_gone():
    load()
    newer = without("620902000000") | {make.XIAXIHAO: "下西号街道", "620981107000": "新镇"}
    loaded = load(newer, as_of=date(2025, 6, 30))
    assert loaded == Loaded(1, 1, 0, ("620902000000",))
    assert queries.name_on(make.XIAXIHAO, date(2025, 6, 29)) == "下西号镇"
    assert queries.name_on(make.XIAXIHAO, date(2025, 6, 30)) == "下西号街道"
    assert queries.find("620902000000").name == "肃州区"


def test_a_change_made_here_wins_over_an_older_list():
    load()
    operations.rename(queries.find(make.XIAXIHAO), name="下西号街道", on=date(2024, 1, 1), by=System())
    assert load(as_of=date(2023, 6, 30)) == Loaded(0, 0, 0, ())
    assert queries.find(make.XIAXIHAO).name == "下西号街道"


def test_a_unit_merged_here_does_not_come_back_with_the_same_list():
    rows = make.make_divisions()
    operations.merge([rows["620982000000"]], into=rows[make.YUMEN], on=date(2024, 1, 1), by=System())
    assert load() == Loaded(0, 0, 0, ())
    assert queries.find("620982000000") is None


def test_a_wrong_code_stops_the_whole_list():
    with pytest.raises(ValidationError) as caught:
        load({"62": "甘肃省", make.GANSU: "甘肃省"})
    assert "62" in caught.value.message_dict["code"][0]
    assert Division.objects.count() == 0


def test_loading_needs_the_right_for_all_the_list_covers():
    for by in (make.Somebody(), make.Somebody({"regions.load": "6209"}), make.Somebody({"regions.edit": ""})):
        with pytest.raises(Denied):
            load(by=by)
    assert load(by=make.Somebody({"regions.load": "62"})).added == len(make.UNITS)


# --- former names ----------------------------------------------------------------------------------------------------


def shipped_past():
    """The former names the Gansu pack ships."""
    former = make.pack("gansu")[1].former
    return [Past(one.code, one.name, one.until, one.since, one.successor, one.fresh) for one in former]


def test_the_shipped_former_name_shows_on_old_days_and_leads_to_the_new_one():
    load(make.UNITS | {"620881000000": "华亭市"}, past=shipped_past())
    assert queries.name_on(make.XIAXIHAO, make.BEFORE) == "下西号乡"
    assert queries.name_on(make.XIAXIHAO, make.AFTER) == "下西号镇"
    assert queries.path_names(make.XIAXIHAO, make.BEFORE) == ["甘肃省", "酒泉市", "玉门市", "下西号乡"]
    old = Division.objects.get(name="下西号乡")
    assert (old.replaced_by, old.name_en) == (queries.find(make.XIAXIHAO), "Xiaxihao Township")
    assert old.valid_to == queries.find(make.XIAXIHAO).valid_from


def test_a_former_unit_with_another_code_leads_to_its_successor():
    load(make.UNITS | {"620881000000": "华亭市"}, past=shipped_past())
    assert queries.name_on("620824000000", make.BEFORE) == "华亭县"
    assert queries.name_on("620881000000", make.BEFORE) == ""
    assert queries.current("620824000000").name == "华亭市"
    assert queries.find("620824000000") is None


def test_a_corrected_date_moves_the_change():
    past = Past(make.XIAXIHAO, "下西号乡", date(2017, 12, 31))
    load(past=[past])
    for until in (date(2015, 3, 1), date(2019, 3, 1)):
        assert load(past=[past._replace(until=until)]) == Loaded(0, 0, 1, ())
        rows = Division.objects.filter(code=make.XIAXIHAO).order_by("valid_from")
        assert [(row.name, row.valid_from, row.valid_to) for row in rows] == [
            ("下西号乡", UNRECORDED, until),
            ("下西号镇", until, None),
        ]
        assert load(past=[past._replace(until=until)]) == Loaded(0, 0, 0, ())


def test_two_former_names_follow_each_other_and_a_later_change_stays():
    past = [
        Past(make.XIAXIHAO, "下西号公社", date(1983, 1, 1)),
        Past(make.XIAXIHAO, "下西号乡", date(2017, 12, 31), since=date(1983, 1, 1)),
    ]
    load(past=past)
    operations.rename(queries.find(make.XIAXIHAO), name="下西号街道", on=date(2024, 1, 1), by=System())
    assert load(past=past) == Loaded(0, 0, 0, ())
    names = {1980: "下西号公社", 1990: "下西号乡", 2020: "下西号镇", 2025: "下西号街道"}
    for year, name in names.items():
        assert queries.name_on(make.XIAXIHAO, date(year, 5, 1)) == name
    line = [row.replaced_by and row.replaced_by.name for row in Division.objects.filter(code=make.XIAXIHAO)]
    assert line == ["下西号乡", "下西号镇", "下西号街道", None]


def test_a_unit_merged_into_an_older_one_leaves_its_beginning_alone():
    load(past=[Past("620999000000", "旧县", date(2002, 1, 1), successor=make.YUMEN, fresh=False)])
    assert queries.find(make.YUMEN).valid_from == UNRECORDED
    assert queries.current("620999000000").code == make.YUMEN


def test_a_former_name_nothing_follows_is_refused():
    with pytest.raises(ValidationError) as caught:
        load(past=[Past("620999000000", "旧县", date(2002, 1, 1))])
    assert "旧县" in caught.value.message_dict["code"][0]
    assert Division.objects.count() == 0


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tables(tmp_path):
    """A folder with tables as the source publishes them."""
    rows = {
        "provinces.csv": ["code,name", '51,"四川省"', '62,"甘肃省"'],
        "cities.csv": ["code,name,provinceCode", '5101,"成都市",51', '6209,"酒泉市",62'],
        "areas.csv": ["code,name,cityCode,provinceCode", '620981,"玉门市",6209,62', '510104,"锦江区",5101,51'],
        "streets.csv": ["code,name,areaCode", '620981106,"下西号镇",620981'],
        "villages-gansu-62.csv": ["code,name,streetCode", '620981106203,"石河子村委会",620981106'],
    }
    for name, lines in rows.items():
        (tmp_path / name).write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def test_extract_takes_a_region_with_what_is_above_it(tables):
    assert lists.extract(tables, "620981000000", 4) == [
        Unit("620000000000", "甘肃省"),
        Unit("620900000000", "酒泉市"),
        Unit("620981000000", "玉门市"),
        Unit("620981106000", "下西号镇"),
    ]


def test_a_written_list_is_read_back_and_always_the_same_bytes(tables, tmp_path):
    units = lists.extract(tables, "620000000000", 5)
    one, two = tmp_path / "one.csv.gz", tmp_path / "two.csv.gz"
    lists.write(one, units)
    lists.write(two, list(reversed(units)))
    assert one.read_bytes() == two.read_bytes()
    assert lists.read(one) == units
    assert gzip.decompress(one.read_bytes()).startswith("code,name\n620000000000,甘肃省\n".encode())


def test_the_commands_extract_and_load_and_say_what_they_did(tables, tmp_path, capsys):
    from argparse import ArgumentParser

    parser = ArgumentParser()
    commands.extract_arguments(parser)
    target = tmp_path / "pack" / "list.csv"
    given = parser.parse_args([str(tables), str(target), "--under", "62"])
    assert commands.extract(given) == 0
    assert "1–5: 1, 1, 1, 1, 1" in capsys.readouterr().out
    pack = target.with_name("gansu.yaml")
    pack.write_text(
        'source: {zh: 名单, en: List}\nas_of: 2023-06-30\ncovers: "620000000000"\nfile: list.csv\n', "utf-8"
    )
    load_parser = ArgumentParser()
    commands.load_arguments(load_parser)
    assert commands.load(load_parser.parse_args([str(pack)])) == 0
    assert "新增 5" in capsys.readouterr().out
    make.make_division("620982000000", "敦煌市")
    assert commands.load(load_parser.parse_args([str(pack)])) == 0
    assert "620982000000" in capsys.readouterr().out
    pack.write_text("source: 1\n", "utf-8")
    assert commands.load(load_parser.parse_args([str(pack)])) == 1
    assert "gansu.yaml:1" in capsys.readouterr().out


def test_a_broken_list_names_each_fault(tmp_path):
    path, pack = tmp_path / "x.yaml", make.pack("chengdu")[1]
    path.write_text("a: 1\nfile: nbs-2023.csv\n", "utf-8")
    assert [str(fault) for fault in packs.check_divisions(path, pack)] == [
        f"{path}:2: 没有名单文件 nbs-2023.csv / no such list"
    ]
    (tmp_path / "nbs-2023.csv").write_text("code,name\n51,四川省\n510104000000,锦江区\n", "utf-8")
    sentences = [fault.sentence for fault in packs.check_divisions(path, pack)]
    assert [sentence[:13].split("：")[0].split(" ")[0] for sentence in sentences] == ["51", "510104000000"]


# --- departments and sites -------------------------------------------------------------------------------------------


def shipped(kind, schema):
    """The Gansu pack of a kind."""
    path = make.pack("gansu")[0].parents[1] / kind / "gansu.yaml"
    return path, read(path, schema)


def test_departments_and_sites_are_loaded_once():
    departments, sites = shipped("departments", packs.DepartmentsPack), shipped("sites", packs.SitesPack)
    assert packs.load_departments(*departments) == len(departments[1].departments) == Department.objects.count()
    assert packs.load_sites(*sites) == 4
    assert packs.load_departments(*departments) == packs.load_sites(*sites) == 0
    assert Department.objects.get(key="yumen-exit-entry").parent.name == "玉门市公安局"
    assert Site.objects.get(key="yumen-forestry").department.name == "玉门市林业和草原局"
    assert Entry.objects.filter(verb="regions.departments").count() == 1


def test_every_shipped_department_is_marked_as_demo_with_an_unassigned_code_and_phone():
    for one in shipped("departments", packs.DepartmentsPack)[1].departments:
        assert (one.demo, one.uscc[2:8], one.phone[4:9]) == (True, "629999", "-0000")


def test_a_changed_department_is_saved_alone():
    path, pack = shipped("departments", packs.DepartmentsPack)
    packs.load_departments(path, pack)
    Department.objects.filter(key="yumen-forestry").update(phone="1", parent=Department.objects.get(key="yumen-tax"))
    assert packs.load_departments(path, pack) == 1
    row = Department.objects.get(key="yumen-forestry")
    assert (row.phone[:4], row.parent) == ("0937", None)


OFFICE = """departments:
  - key: yumen-forestry
    uscc: "{uscc}"
    name: {{zh: 局, en: Bureau}}
    region: "620981000000"
    address: {{zh: 路, en: Road}}
    phone: 0937-0000001
    hours: {{zh: 全天, en: Always}}
"""


def test_a_wrong_credit_code_names_the_line(tmp_path):
    with pytest.raises(PackError) as caught:
        parse(OFFICE.format(uscc="116299990000001600"), packs.DepartmentsPack, tmp_path / "d.yaml")
    assert caught.value.faults[0].line == 3
    assert "116299990000001600" in caught.value.faults[0].sentence


def test_a_key_given_twice_is_a_fault(tmp_path):
    text = OFFICE.format(uscc="11100000000013338W")
    twice = text + text.removeprefix("departments:\n")
    with pytest.raises(PackError) as caught:
        parse(twice, packs.DepartmentsPack, tmp_path / "d.yaml")
    assert "yumen-forestry" in str(caught.value)


def test_an_unknown_parent_is_refused_and_nothing_saved(tmp_path):
    text = OFFICE.format(uscc="11100000000013338W") + "    parent: nobody\n"
    with pytest.raises(ValidationError) as caught:
        packs.load_departments(tmp_path / "d.yaml", parse(text, packs.DepartmentsPack, tmp_path / "d.yaml"))
    assert "nobody" in caught.value.message_dict["department"][0]
    assert Department.objects.count() == 0


SITE = """sites:
  - key: yumen
    host: ym.example.cn
    region: "620981000000"
    name: {zh: 玉门, en: Yumen}
    header: {zh: 玉门市人民政府, en: Yumen City}
"""


@pytest.mark.parametrize(("hosts", "faults"), [(["localhost"], 1), (["ym.example.cn"], 0), ([".example.cn"], 0)])
def test_a_sites_host_must_be_one_the_installation_answers_to(tmp_path, settings, hosts, faults):
    settings.ALLOWED_HOSTS = hosts
    path = tmp_path / "sites.yaml"
    path.write_text(SITE)
    found = packs.check_sites(path, parse(SITE, packs.SitesPack, path))
    assert [("ym.example.cn" in one.sentence, "site.hosts" in one.sentence) for one in found] == [(True, True)] * faults


def test_departments_are_saved_only_with_the_right_for_their_region():
    row = {"key": "a", "region_code": make.YUMEN, "parent": None, "name": "局", "name_en": "B", "uscc": "1"}
    with pytest.raises(Denied):
        operations.save_departments([row], by=make.Somebody({"regions.load": "620982"}), source="x")
    assert operations.save_departments([row], by=make.Somebody({"regions.load": "620981"}), source="x") == 1

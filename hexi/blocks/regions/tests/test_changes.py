"""Renaming and merging: history, refusals, rights, the log, and two officials at once."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.audit.models import Entry
from hexi.blocks.regions import operations, queries
from hexi.blocks.regions.models import Division
from hexi.blocks.regions.tests import make
from hexi.kernel import clock
from hexi.kernel.actors import Denied, System

ON = date(2026, 3, 1)
EDITOR = make.Somebody({"regions.edit": "620981"})


@pytest.fixture
def rows(db):
    """The sample divisions by code."""
    return make.make_divisions()


def refused(field, call, *args, **kwargs):
    """The sentence an operation refuses with, at a field."""
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.message_dict[field][0] if field else caught.value.messages[0]


# --- renaming --------------------------------------------------------------------------------------------------------


def test_a_renamed_unit_keeps_its_old_row(rows):
    new = operations.rename(rows[make.XIAXIHAO], name=" 下西号街道 ", on=ON, by=EDITOR)
    old = Division.objects.get(pk=rows[make.XIAXIHAO].pk)
    assert (old.name, old.valid_to, old.replaced_by) == ("下西号镇", ON, new)
    assert (new.code, new.level, new.parent_code, new.name) == (make.XIAXIHAO, 4, make.YUMEN, "下西号街道")
    assert (new.name_en, new.pinyin, new.valid_from, new.valid_to) == (
        "Xiaxihao Subdistrict",
        "xiaxihaojiedao",
        ON,
        None,
    )
    assert queries.name_on(make.XIAXIHAO, ON - timedelta(days=1)) == "下西号镇"
    assert queries.name_on(make.XIAXIHAO, ON) == "下西号街道"
    assert queries.path_names(make.SHIHEZI) == ["甘肃省", "酒泉市", "玉门市", "下西号街道", "石河子村委会"]


def test_the_english_name_may_be_given(rows):
    new = operations.rename(rows[make.XIAXIHAO], name="下西号街道", name_en="Xiaxihao Quarter", on=ON, by=EDITOR)
    assert new.name_en == "Xiaxihao Quarter"


def test_a_renaming_is_in_the_log_with_both_names(rows):
    new = operations.rename(rows[make.XIAXIHAO], name="下西号街道", on=ON, by=EDITOR)
    entry = Entry.objects.get(verb="regions.rename")
    assert (entry.actor_key, entry.kind, entry.ref) == ("test:somebody", "regions.division", str(new.pk))
    assert entry.facts == {"before": "下西号镇", "name": "下西号街道", "on": "2026-03-01"}


def test_what_cannot_be_renamed_so(rows):
    row = rows[make.XIAXIHAO]
    tomorrow = clock.today() + timedelta(days=1)
    assert "不同" in refused("name", operations.rename, row, name="下西号镇 ", on=ON, by=EDITOR)
    assert "不同" in refused("name", operations.rename, row, name="  ", on=ON, by=EDITOR)
    assert "今天" in refused("on", operations.rename, row, name="新名", on=tomorrow, by=EDITOR)
    new = operations.rename(row, name="下西号街道", on=ON, by=EDITOR)
    assert "上一次" in refused("on", operations.rename, new, name="新名", on=ON, by=EDITOR)
    assert "刷新" in refused(None, operations.rename, row, name="新名", on=ON, by=EDITOR)
    assert [row.name for row in Division.objects.filter(code=make.XIAXIHAO)] == ["下西号镇", "下西号街道"]
    assert Entry.objects.filter(verb="regions.rename").count() == 1


def test_renaming_needs_the_right_for_this_region(rows):
    for by in (make.Somebody(), make.Somebody({"regions.view": ""}), make.Somebody({"regions.edit": "620982"})):
        with pytest.raises(Denied):
            operations.rename(rows[make.XIAXIHAO], name="下西号街道", on=ON, by=by)
    with pytest.raises(Denied):  # a right inside the town says nothing about the county
        operations.rename(rows[make.YUMEN], name="玉门区", on=ON, by=make.Somebody({"regions.edit": "620981106"}))
    assert Division.objects.exclude(valid_to=None).count() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_officials_renaming_at_once_one_is_told():
    row = make.make_divisions()[make.XIAXIHAO]
    gate, said = Barrier(2), []

    def rename(name):
        gate.wait()
        try:
            said.append(operations.rename(row, name=name, on=ON, by=EDITOR).name)
        except ValidationError as error:
            said.append(error.messages[0])
        finally:
            connection.close()

    threads = [Thread(target=rename, args=(name,)) for name in ("下西号街道", "下西号新区")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("刷新" in words for words in said) == 1
    assert Division.objects.filter(code=make.XIAXIHAO).count() == 2
    assert queries.find(make.XIAXIHAO).name in said


# --- merging ---------------------------------------------------------------------------------------------------------


def test_merged_units_end_and_lead_to_the_one_that_stays(rows):
    operations.merge([rows["620982000000"]], into=rows["620902000000"], on=ON, by=System())
    old = Division.objects.get(pk=rows["620982000000"].pk)
    assert (old.valid_to, old.replaced_by, old.name) == (ON, rows["620902000000"], "敦煌市")
    assert queries.find("620982000000") is None
    assert queries.current("620982000000") == rows["620902000000"]
    assert queries.name_on("620982000000", ON - timedelta(days=1)) == "敦煌市"
    assert queries.name_on("620982000000", ON) == ""
    assert "620982000000" not in [row.code for row in queries.children(make.JIUQUAN)]
    entry = Entry.objects.get(verb="regions.merge")
    assert entry.facts == {"merged": ["620982000000"], "on": "2026-03-01"}


def test_current_follows_merging_after_renaming(rows):
    new = operations.rename(rows["620982000000"], name="敦煌区", on=date(2025, 1, 1), by=System())
    operations.merge([new], into=rows["620902000000"], on=ON, by=System())
    into = operations.rename(rows["620902000000"], name="酒州区", on=date(2026, 4, 1), by=System())
    assert queries.current("620982000000") == into


def test_villages_are_merged_before_their_township(rows):
    town, other = rows[make.XIAXIHAO], rows["620981101000"]
    sentence = refused("into", operations.merge, [town], into=other, on=ON, by=EDITOR)
    assert "2" in sentence
    target = make.make_division("620981101201", "南门村委会")
    operations.merge([rows["620981106200"], rows[make.SHIHEZI]], into=target, on=ON, by=EDITOR)
    operations.merge([town], into=other, on=ON, by=EDITOR)
    assert queries.current(make.XIAXIHAO) == other
    assert queries.current(make.SHIHEZI) == target


def test_what_cannot_be_merged_so(rows):
    yumen, dunhuang, town = rows[make.YUMEN], rows["620982000000"], rows["620981101000"]
    merge = operations.merge
    assert "同级" in refused("into", merge, [dunhuang], into=dunhuang, on=ON, by=System())
    assert "同级" in refused("into", merge, [town], into=dunhuang, on=ON, by=System())
    tomorrow = clock.today() + timedelta(days=1)
    assert "今天" in refused("on", merge, [dunhuang], into=yumen, on=tomorrow, by=System())
    operations.rename(yumen, name="玉门区", on=ON, by=System())
    assert "现行" in refused("into", merge, [dunhuang], into=yumen, on=ON, by=System())
    before = ON - timedelta(days=1)
    assert "现行" in refused("into", merge, [dunhuang], into=queries.find(make.YUMEN), on=before, by=System())
    assert queries.find("620982000000") == dunhuang


def test_one_refused_unit_keeps_all_as_they_were(rows):
    units = [rows["620981106200"], rows[make.XIAXIHAO]]
    refused("into", operations.merge, units, into=rows[make.SHIHEZI], on=ON, by=EDITOR)
    assert Division.objects.exclude(valid_to=None).count() == 0
    assert Entry.objects.count() == 0


def test_merging_needs_the_right_on_both_sides(rows):
    with pytest.raises(Denied):
        operations.merge([rows[make.YUMEN]], into=rows["620982000000"], on=ON, by=EDITOR)
    with pytest.raises(Denied):
        operations.merge([rows["620982000000"]], into=rows[make.YUMEN], on=ON, by=EDITOR)

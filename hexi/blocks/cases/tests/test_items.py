"""The schema of service items: codes, versions, slots, national elements, and what a broken file says."""

import csv
import re
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from hexi.blocks.calendars.limits import Limit, Unit
from hexi.blocks.cases import codes, columns
from hexi.blocks.cases.elements import ELEMENTS
from hexi.blocks.cases.items import ImplementingItem, ServiceFile, ServiceItem, handling_code, task_code, version
from hexi.blocks.cases.parts import Code
from hexi.blocks.cases.tests.make_items import LOCAL, NATIONAL, make_item, make_local, write_item
from hexi.kernel import packs

ELEMENTS_CSV = Path(__file__).parents[5] / "shared" / "data" / "service-catalogue" / "national-item-elements.csv"
OFFICE = "11440232MB2D06811W"


# --- codes --------------------------------------------------------------------------------------------------------------
def test_the_implementation_code_is_that_of_a_real_item():
    assert task_code(OFFICE, "4", "000117051000") == "11440232MB2D06811W4000117051000"


def test_the_implementation_code_has_31_characters_and_the_handling_code_33():
    task = task_code("12441500196720244T", "3", "442199806003")
    assert (len(task), handling_code(task, "01")) == (31, task + "01")


@pytest.mark.parametrize(
    "parts", [("1144", "4", "000117051000"), (OFFICE, "44", "000117051000"), (OFFICE, "4", "0001170510")]
)
def test_an_implementation_code_of_wrong_parts_is_refused(parts):
    with pytest.raises(ValueError, match="18 \\+ 1 \\+ 12"):
        task_code(*parts)


def test_a_handling_code_of_wrong_parts_is_refused():
    with pytest.raises(ValueError, match="31 \\+ 2"):
        handling_code("0" * 31, "1")


@pytest.mark.parametrize("code", ["", "0001", "00019912300a", "0001991230000"])
def test_a_base_code_has_twelve_signs(code):
    with pytest.raises(ValueError, match="base_code"):
        make_item({"base_code": code})


def test_every_list_of_codes_is_in_both_languages():
    lists = [value for name, value in vars(codes).items() if name.isupper() and isinstance(value, dict)]
    assert len(lists) == 19
    assert all(words.zh and words.en for one in lists for words in one.values())


def test_the_annex_of_the_standard_is_whole():
    assert codes.ITEM_TYPES["01"].zh == "行政许可"
    assert "".join(codes.LEVELS) == "1234567"
    assert "".join(codes.AUDIENCES) == "123456"
    assert "".join(codes.HANDLING) == "12349"
    assert [words.zh for words in codes.CASE_TYPES.values()] == ["即办件", "承诺件"]


def test_an_unknown_code_names_those_there_are():
    with pytest.raises(ValueError, match="没有代码 8，可用：1 自然人，2 企业法人"):
        make_item({"audience": ["8"]})


def test_a_code_type_is_made_from_a_list_that_exists():
    with pytest.raises(AttributeError):
        Code("NO_SUCH_LIST")


# --- items --------------------------------------------------------------------------------------------------------------
def test_an_item_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        make_item().key = "other"


def test_a_permit_is_told_by_its_type():
    other = make_item({"item_type": "20", "base_code": "002099123000"})
    assert (make_item().is_permit, other.is_permit) == (True, False)


def test_limits_are_those_the_calendar_takes():
    item = make_item({"legal_limit": {"amount": 15, "unit": "calendar_days"}})
    assert item.legal_limit.limit == Limit(15, Unit.CALENDAR_DAYS)
    assert make_local().promised_limit.limit == Limit(5, Unit.WORKING_DAYS)


def test_stages_are_the_steps_that_somebody_takes():
    item = make_item({"steps.3.stage": ...})
    assert [(step.stage, step.verb) for step in item.stages] == [
        ("accept", "cases.accept"),
        ("examine", "cases.examine"),
        ("decide", "cases.decide"),
        ("deliver", "cases.deliver"),
    ]
    assert item.steps[3].verb == ""


def test_slots_leave_out_the_form_itself_and_what_the_account_proves():
    (slot,) = make_item().slots()
    assert (slot.key, slot.required, slot.when, slot.max_files) == (
        "land_title",
        True,
        {">": [{"var": "depth"}, 50]},
        3,
    )


@pytest.mark.parametrize(
    ("changes", "required"),
    [
        ({}, True),
        ({"materials.2.need": "optional"}, False),
        ({"materials.2.deferrable": {"limit": {"amount": 5}}}, False),
    ],
)
def test_a_slot_is_required_unless_optional_or_deferrable(changes, required):
    assert make_item(changes).slots()[0].required is required


def test_materials_and_decisions_are_found_by_key():
    item = make_item()
    assert (item.material("identity").title.en, item.decision("refuse").grants) == ("Identity", False)
    with pytest.raises(KeyError, match="nothing"):
        item.material("nothing")
    with pytest.raises(KeyError, match="nothing"):
        item.decision("nothing")


@pytest.mark.parametrize(
    ("day", "offered"),
    [("2019-12-31", False), ("2020-01-01", True), ("2027-12-31", True), ("2028-01-01", False)],
)
def test_a_dated_item_is_offered_between_its_days(day, offered):
    assert make_item({"valid_to": "2027-12-31"}).offered(date.fromisoformat(day)) is offered


def test_an_item_without_end_is_always_offered():
    assert make_item().offered(date(2199, 1, 1)) is True


@pytest.mark.parametrize(("depth", "online"), [("1", False), ("2", False), ("3", True), ("4", True)])
def test_online_means_that_an_application_can_be_sent(depth, online):
    assert make_local({"online.depth": depth}).is_online is online


def test_the_version_is_the_hash_of_both_texts():
    item, local = make_item(), make_local()
    before = version(item, local)
    assert before == version(make_item(), make_local())
    assert len(before) == 64
    assert version(make_item({"sentence.zh": "打井前先申请打井许可"}), local) != before
    assert version(item, make_local({"promised_limit.amount": 4})) != before


def test_a_version_survives_storage():
    item, local = make_item(), make_local()
    stored = ServiceItem.model_validate(item.model_dump(mode="json"))
    again = ImplementingItem.model_validate(local.model_dump(mode="json"))
    assert (stored, again) == (item, local)


# --- national elements ----------------------------------------------------------------------------------------------------
@pytest.mark.skipif(not ELEMENTS_CSV.exists(), reason="the list of national elements is not beside this checkout")
def test_every_national_element_has_its_place():
    with ELEMENTS_CSV.open(encoding="utf-8") as file:
        wanted = {(row["table"], row["field"]) for row in csv.DictReader(file)}
    assert len(wanted) == 78
    assert wanted <= set(ELEMENTS)


#: the columns of the reference list (services.md §2.7); names that it abbreviates are written out
REFERENCE = [
    "TASK_NAME", "CATALOG_CODE", "LOCAL_CATALOG_CODE", "TASK_TYPE", "BY_LAW", "POWER_SOURCE", "USE_LEVEL",
    "TASK_CODE", "LOCAL_TASK_CODE", "TASK_HANDLE_ITEM", "TASK_STATE", "TASK_VERSION", "DEPT_NAME", "DEPT_CODE",
    "DEPT_TYPE", "ENTRUST_NAME", "ANTICIPATE_DAY", "ANTICIPATE_TYPE", "ANTICIPATE_EXPLAIN", "PROMISE_DAY",
    "PROMISE_TYPE", "PROMISE_EXPLAIN", "ACCEPT_CONDITION", "HANDLE_FLOW", "SPECIAL_PROCEDURE", "IS_FEE", "FEE_BASIS",
    "SERVER_TYPE", "PROJECT_TYPE", "HANDLE_TYPE", "LIMIT_SCENE_NUM", "LINK_ADDR", "MOBILE_TERMINAL_URL",
    "IS_SINGLE_LOGIN", "TRANSACT_ADDR", "TRANSACT_TIME", "LINK_WAY", "SUPERVISE_WAY", "PLAN_EFFECTIVE_DATE",
    "PLAN_CANCEL_DATE", "CD_OPERATION", "CD_TIME", "CD_BATCH", "ROW_GUID", "IS_ENTRY_CENTER", "HANDLE_AREA",
    "OTHER_DEPT", "SERVICE_TYPE", "LIMIT_EXPLAIN", "RESULT_TYPE", "RESULT_NAME", "RESULT_GUID", "IS_SCHEDULE",
    "IS_PAY_ONLINE", "IS_EXPRESS", "IS_SERVICE_TERMINALS", "USER_TOPIC_TYPE", "CORP_TOPIC_TYPE", "IS_ONLINE",
    "ONLINE_HANDLE_DEPTH", "LIMIT_SCENE_EXPLAIN", "TOWN_CODE", "TOWN_NAME", "VILLAGE_CODE", "VILLAGE_NAME",
    "MATERIAL_NAME", "MATERIAL_TYPE", "MATERIAL_FORMAT", "IS_NEED", "FORM_GUID", "EXAMPLE_GUID", "SOURCE_TYPE",
    "SOURCE_EXPLAIN", "PAGE_NUM", "PAGE_FORMAT", "FILL_EXPLAIN", "ACCEPT_STAND", "HANDLE_CASE", "ORDER_NUM",
    "FEE_NAME", "FEE_STAND", "IS_DESC", "DESC_EXPLAIN",
]  # fmt: skip
#: what the list names in Chinese only: rights, duties, 复议 and 诉讼, copies, 权限划分, 行使内容
IN_CHINESE = [
    "RIGHTS", "DUTIES", "RECONSIDER_DEPT", "RECONSIDER_ADDR", "RECONSIDER_PHONE", "RECONSIDER_URL", "LAWSUIT_DEPT",
    "LAWSUIT_ADDR", "LAWSUIT_PHONE", "LAWSUIT_URL", "COPIES_NUM", "POWER_DIVISION", "POWER_CONTENT",
]  # fmt: skip
SERVICES_MD = Path(__file__).parents[5] / "shared" / "reference" / "services.md"


def test_every_column_of_the_reference_list_has_its_place():
    assert {*REFERENCE, *IN_CHINESE} - {field.upper() for _table, field in ELEMENTS} == set()


@pytest.mark.skipif(not SERVICES_MD.exists(), reason="the reference is not beside this checkout")
def test_the_list_above_is_that_of_the_reference():
    text = SERVICES_MD.read_text("utf-8").partition("### The live 实施清单")[2].partition("**Consistency rules")[0]
    # longer ones that are no column: TOWN_/VILLAGE_ CODE+NAME, RESULT_TYPE/NAME/GUID and the like are written out above
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text)) - {"ORIGINALNUM", "COPIESNUM"}
    assert len(named) > 60
    assert {one for one in named if one not in REFERENCE} == set()


@pytest.mark.parametrize("path", sorted(set(ELEMENTS.values())))
def test_the_place_of_an_element_exists(path):
    root, *way = path.split(".")
    if root == "computed":
        assert way[0] == "order_num" or callable(columns.COMPUTED[way[0]])
    elif root == "office":
        from hexi.blocks.regions.models import Department

        assert hasattr(Department, way[0])
    else:
        assert follow({"item": ServiceItem, "local": ImplementingItem}[root], way)


def follow(model: type[BaseModel], way: list[str]) -> bool:
    """True if the steps lead through the fields (or to a property) of the schema."""
    for step in way:
        if step not in model.model_fields:
            return isinstance(getattr(model, step, None), property)
        model = inner(model.model_fields[step].annotation) or model
    return True


def inner(annotation: Any) -> type[BaseModel] | None:
    """The model inside an optional or a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, tuple):
        return next((found for one in get_args(annotation) if (found := inner(one))), None)
    return None


# --- files --------------------------------------------------------------------------------------------------------------
def test_a_file_is_a_national_element_or_an_implementing_item(tmp_path):
    path = write_item(tmp_path)
    national = packs.read(path, ServiceFile).root
    path.write_text(LOCAL, "utf-8")
    assert (type(national), type(packs.read(path, ServiceFile).root)) == (ServiceItem, ImplementingItem)


def test_a_checked_item_may_be_wrapped_again():
    assert (ServiceFile(make_item()).root, ServiceFile(make_local()).root) == (make_item(), make_local())


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("sentence: {zh: 打井前先申请打井许可。, en:", "sentence: {zh: 打井前先申请打井许可。, english:", "sentence:", "缺少必填项「national.sentence.en」"),
        ("valid_from: 2020-01-01", "valid_from: soon", "valid_from:", "「national.valid_from」"),
        ("    type: copy", "    typ: copy", "    typ:", "没有「national.materials.2.typ」这一项"),
        ("    levels: [D]", "    levels: [E]", "    levels: [E]", "只能是 'A', 'B', 'C' or 'D'"),
        ('item_type: "01"', 'item_type: "99"', "item_type:", "没有代码 99"),
        ("key: well-permit", "key: Well Permit", "key:", "「national.key」"),
    ],
)  # fmt: skip
def test_a_broken_file_names_line_and_sentence(tmp_path, old, new, line, sentence):
    path = write_item(tmp_path, (old, new))
    with pytest.raises(packs.PackError) as error:
        packs.read(path, ServiceFile)
    fault = next(one for one in error.value.faults if sentence in one.sentence)
    assert fault.path == path
    assert path.read_text("utf-8").splitlines()[fault.line - 1].startswith(line)


def test_a_file_that_is_no_yaml_names_its_line(tmp_path):
    path = write_item(tmp_path, ("faq:", "faq: ["))
    with pytest.raises(packs.PackError) as error:
        packs.read(path, ServiceFile)
    (fault,) = error.value.faults
    assert fault.line > NATIONAL.splitlines().index("faq:")
    assert "YAML 写法有误" in fault.sentence


def test_a_list_instead_of_an_item_is_refused(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text("- 1\n", "utf-8")
    with pytest.raises(packs.PackError):
        packs.read(path, ServiceFile)

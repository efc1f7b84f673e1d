"""Every rule of publication with one item that keeps it and one that breaks it; findings, lines, phrases."""

from pathlib import Path

import pytest

from hexi.blocks.cases import lint, rules_national, rules_office, rules_promises, rules_words
from hexi.blocks.cases.findings import texts
from hexi.blocks.cases.items import ServiceFile
from hexi.blocks.cases.parts import TimeLimit
from hexi.blocks.cases.tests.make_items import LOCAL, make_item, make_local, write_item
from hexi.kernel import packs

BASIS = {
    "law": {"zh": "法", "en": "Law"},
    "article": {"zh": "第一条", "en": "Art. 1"},
    "quote": {"zh": "文", "en": "text"},
}
PERMIT_LAW = BASIS | {"law": {"zh": "中华人民共和国行政许可法", "en": "Administrative Permit Law"}}
W = {"zh": "文字", "en": "words"}
LONG = {"zh": "这一步做些什么事情", "en": "what is done"}
PLEDGE = {
    "content": W, "requirement": W, "liability": W, "replaces": ["land_title"], "verify": {"amount": 20},
    "rectify": {"amount": 10}, "basis": [{"law": W, "article": W, "quote": W, "verified": True}],
}  # fmt: skip
STEP = {"name": W, "role": W, "about": LONG, "limit": {"amount": 1}}
FAQ = """\
faq:
  - {question: {zh: 压水井要办吗？, en: "Is a hand pump included?"}, answer: {zh: 不用。, en: No.}}
"""
FREE = {"fee": {"charged": False}}


def stepped(*stages):
    return {"steps": [STEP | {"stage": stage} for stage in stages]}


def field(**more):
    return {"key": "extra", "kind": "text", "label": W} | more


PROCEDURE = {"kind": "testing", "title": W, "about": LONG, "limit": {"amount": 5}, "basis": [BASIS]}


#: rule: (changes to the item that keep it, changes that break it)
ITEM_VECTORS = {
    "basis_is_given": ({"basis": [BASIS]}, {"basis": []}),
    "base_code_fits": ({"base_code": "000199999999"}, {"base_code": "620199123000"}),
    "limit_has_basis": ({"legal_limit.amount": 15}, {"legal_limit.basis": []}),
    "permit_limit_is_lawful": (
        {"legal_limit": {"amount": 30, "basis": [BASIS]}},
        {"legal_limit": {"amount": 30, "basis": [PERMIT_LAW]}},
    ),
    "extension_is_countable": (
        {"extension": {"amount": 5}},
        {"extension": {"amount": 5, "unit": "calendar_days"}, "item_type": "20", "base_code": "002099123000"},
    ),
    "fee_is_complete": ({"fee.items.0.reducible": False, "fee.items.0.reduction": ...}, {"fee.items.0.basis": []}),
    "fee_conditions_are_sound": (
        {"fee.items.0.when": {">": [{"var": "depth"}, 50]}, "fee.items.0.reduction_fen": 10},
        {"fee.items.0.when": {"==": [{"var": "colour"}, "red"]}},
    ),
    "established_is_known": (
        {"result.establishes": {"kind": "enterprise", "name": "applicant_name"}},
        {"result.establishes": {"kind": "enterprise", "name": "depth"}},
    ),
    "replaced_is_a_certificate": (
        {"result.replaces": True, "result.certificate": "well_permit"},
        {"result.replaces": True, "result.certificate": ...},
    ),
    "result_fits_its_name": (
        {"result.name": {"zh": "关于打井的批复", "en": "Reply"}, "result.type": "approval"},
        {"result.type": "document"},
    ),
    "result_has_a_sample": ({"result.sample": W}, {"result.sample": ...}),
    "result_facts_exist": ({"result.facts": {"who": "office.name"}}, {"result.facts": {"who": "nobody"}}),
    "topics_fit_the_audience": (
        {"audience": ["1"], "topics": {"person": ["greening"]}},
        {"audience": ["1"], "topics": {"person": ["greening"], "corporate": ["agriculture"]}},
    ),
    "steps_are_enough": (stepped("accept", "examine", "review", "decide", "deliver"), stepped("accept", "examine", "decide", "deliver")),
    "conditions_of_steps_are_sound": (
        {"steps.1.when": {">": [{"var": "depth"}, 50]}},
        {"steps.1.when": {">": [{"var": "colour"}, 50]}},
    ),
    "steps_are_in_order": (
        stepped("preview", "accept", "examine", "decide", "deliver"),
        stepped("accept", "examine", "decide", "deliver", "certify"),
    ),
    "steps_are_described": ({"steps.0.about": LONG}, {"steps.0.about": W}),
    "two_check_on_site": ({"steps.1.officers": 3}, {"steps.1.officers": 1}),
    "special_procedures_have_basis": ({"special_procedures": []}, {"special_procedures.0.basis": []}),
    "questions_are_answered": ({"faq": [{"question": W, "answer": W}]}, {"faq": []}),
    "rights_and_remedies_are_told": (
        {"item_type": "20", "base_code": "002099123000", "remedies": {"zh": "可以申诉", "en": "complain"}},
        {"remedies": {"zh": "可以申诉", "en": "complain"}},
    ),
    "materials_are_complete": ({"materials.2.need": "optional", "materials.2.sample": ...}, {"materials.2.sample": ...}),
    "conditions_of_materials_are_told": (
        {"materials.2.when": ..., "materials.2.when_words": ..., "materials.2.need": "required"},
        {"materials.2.when_words": ...},
    ),
    "main_materials_come_first": (
        {"materials.0.deferrable": {"limit": {"amount": 5}}},
        {"materials.0.deferrable": {"limit": {"amount": 5}}, "materials.1.deferrable": {"limit": {"amount": 5}}},
    ),
    "deferral_ends_before_the_limit": (
        {"materials.0.deferrable": {"limit": {"amount": 19}}},
        {"materials.0.deferrable": {"limit": {"amount": 20}}},
    ),
    "pledge_is_told": ({"promise_allowed": True, "pledge": PLEDGE}, {"promise_allowed": True}),
    "pledge_waits_for_nothing": (
        {"promise_allowed": True, "pledge": PLEDGE, "special_procedures": [PROCEDURE | {"always": False}]},
        {"promise_allowed": True, "pledge": PLEDGE, "special_procedures": [PROCEDURE | {"always": True}]},
    ),
    "pledge_replaces_known_materials": (
        {"promise_allowed": True, "pledge": PLEDGE},
        {"promise_allowed": True, "pledge": PLEDGE | {"replaces": ["nothing"]}},
    ),
    "pledge_is_not_excluded": (
        {"promise_allowed": True, "pledge": PLEDGE, "basis.0.law": {"zh": "公路法", "en": "Highway Law"}},
        {"promise_allowed": True, "pledge": PLEDGE},
    ),
    "renewal_has_a_term": ({"renewal": {"basis": PLEDGE["basis"]}}, {"renewal": {"opens": 20, "latest": 30}}),
    "keys_are_unique": ({"decisions.0.key": "yes"}, {"decisions.0.key": "refuse"}),
    "materials_are_checked": ({"checklist.0.question": W}, {"checklist.0": ...}),
    "decisions_are_complete": ({"decisions.1.reasons.0.text": W}, {"decisions.1.reasons": []}),
    "letters_name_known_facts": (
        {"notices.granted": {"zh": "{applicant}：", "en": "{applicant}:"}},
        {"notices.granted": {"zh": "{nobody}：", "en": "{applicant}:"}},
    ),
    "dates_make_sense": (
        {"valid_to": "2027-01-01", "ending": {"zh": "改办别的", "en": "another matter follows"}},
        {"valid_to": "2027-01-01"},
    ),
    "everyday_words_find_it": ({"aliases": ["打井"]}, {"aliases": []}),
    "basis_was_read": ({"basis.0.verified": True}, {"basis.0.verified": False}),
    "phrases_are_clear": (
        {"materials.0.filling": {"zh": "写清井深和井径", "en": "depth and width"}},
        {"materials.0.filling": {"zh": "法律法规规定的其他材料", "en": "what the law says"}},
    ),
    "both_languages_are_there": (
        {"sentence": {"zh": "打井。", "en": "Dig."}},
        {"sentence": {"zh": "打井。", "en": "Dig a 井."}},
    ),
    "form_asks_only_what_is_needed": (
        {"form.sections.1.fields": [field(key="depth", kind="number"), field(label={"zh": "井口形状", "en": "shape"})]},
        {"form.sections.1.fields": [field(key="depth", kind="number"), field(label={"zh": "民族", "en": "ethnicity"})]},
    ),
    "form_is_sound": (
        {"form.sections.0.fields": [field(key="neighbour", kind="identity_number")]},
        {"form.sections.0.fields": [field(key="neighbour", kind="identity_number"), field(key="depth")]},
    ),
    "nothing_is_left_to_fill_in": ({"aliases": ["请改正"]}, {"aliases": ["【请改】"]}),
    "nothing_is_a_filler": (
        {"materials.0.sample": {"source": "text", "body": {"zh": "一页，写明井的位置", "en": "One page"}}},
        {"materials.0.sample": {"source": "text", "body": {"zh": "见受理标准", "en": "See the standard"}}},
    ),
}  # fmt: skip

#: rule: (changes to item and implementing item that keep it, changes that break it)
OFFICE_VECTORS = {
    "it_is_the_same_item": (({}, {}), ({}, {"item": "other-permit"})),
    "promise_keeps_the_law": (({}, {"promised_limit": {"amount": 20}}), ({}, {"promised_limit": {"amount": 21}})),
    "kind_of_case_fits_the_promise": (
        ({}, {"promised_limit": {"amount": 0}, "case_type": "instant", "plan": {}}),
        ({}, {"promised_limit": {"amount": 0}, "plan": {}}),
    ),
    "plan_keeps_the_promise": (
        ({}, {"plan": {"examine": {"amount": 4}, "decide": {"amount": 8, "unit": "working_hours"}}}),
        ({}, {"plan": {"examine": {"amount": 4}, "decide": {"amount": 9, "unit": "working_hours"}}}),
    ),
    "visits_have_a_reason": (
        ({}, {"visits": 1, "visit_reason": {"zh": "采集指纹", "en": "fingerprints"}}),
        ({}, {"visits": 1}),
    ),
    "no_visit_needs_a_way": (
        ({}, {"handling": ["1", "4"], "online": {"depth": "1"}}),
        ({}, {"handling": ["1"], "online": {"depth": "1"}}),
    ),
    "channels_fit": (
        ({}, {"handling": ["1", "3"], "online.computer": ...}),
        ({}, {"handling": ["1", "3"]}),
    ),
    "paper_results_travel": (({"result.format": "paper"}, {}), ({"result.format": "paper"}, {"express": False})),
    "payment_fits_the_fee": ((FREE, {"pay_online": False}), (FREE, {"pay_online": True})),
    "phones_can_be_called": (
        ({}, {"complain.phone": "0937-12345"}),
        ({}, {"complain.phone": "0937-0000001"}),
    ),
    "level_fits_the_region": (
        ({}, {"region": "620900000000", "use_level": "3"}),
        ({}, {"region": "620900000000", "use_level": "4"}),
    ),
    "entrusted_offices_say_by_whom": (
        ({}, {"nature": "3", "entrusted_by": {"zh": "玉门市水务局", "en": "Water bureau"}}),
        ({}, {"nature": "3"}),
    ),
}  # fmt: skip


def broken(item, local):
    """The names of the rules an item breaks."""
    return {one.rule for one in lint.lint(item, local)}


def test_the_sample_keeps_every_rule():
    assert [str(one) for one in lint.lint(make_item(), make_local())] == []


def test_every_rule_has_its_vectors():
    item_rules = {rule.__name__ for rule in (*rules_national.RULES, *rules_promises.RULES, *rules_words.RULES)}
    assert (item_rules, {rule.__name__ for rule in rules_office.RULES}) == (set(ITEM_VECTORS), set(OFFICE_VECTORS))


@pytest.mark.parametrize("rule", ITEM_VECTORS)
def test_a_national_element_that_keeps_the_rule_passes(rule):
    assert rule not in {one.rule for one in lint.lint_item(make_item(ITEM_VECTORS[rule][0]))}


@pytest.mark.parametrize("rule", ITEM_VECTORS)
def test_a_national_element_that_breaks_the_rule_is_found(rule):
    found = [one for one in lint.lint_item(make_item(ITEM_VECTORS[rule][1])) if one.rule == rule]
    assert found
    assert all(one.sentence.zh and one.sentence.en and one.element for one in found)


def test_what_is_left_to_fill_in_is_found_once_a_place_in_both_files():
    item = make_item(
        {"sentence": {"zh": "【请改】一句话", "en": "[FILL IN] a sentence"}, "faq.0.answer.en": "[FILL IN]"}
    )
    found = [one for one in lint.lint(item, make_local({"consult.phone": "【请改】"})) if one.element == "待填写"]
    assert [(one.side, one.where) for one in found] == [
        ("item", ("sentence",)), ("item", ("faq", 0, "answer")), ("office", ("consult", "phone")),
    ]  # fmt: skip


@pytest.mark.parametrize("rule", OFFICE_VECTORS)
def test_an_office_that_keeps_the_rule_passes(rule):
    item, local = OFFICE_VECTORS[rule][0]
    assert rule not in broken(make_item(item), make_local(local))


@pytest.mark.parametrize("rule", OFFICE_VECTORS)
def test_an_office_that_breaks_the_rule_is_found(rule):
    item, local = OFFICE_VECTORS[rule][1]
    found = [one for one in lint.lint(make_item(item), make_local(local)) if one.rule == rule]
    assert {one.side for one in found} == {"office"}


@pytest.mark.parametrize(
    ("changes", "rule", "element"),
    [
        ({"base_code": "000799123000"}, "base_code_fits", "基本编码"),
        ({"base_code": "000117051000"}, "base_code_fits", "基本编码"),
        ({"extension.amount": 11}, "permit_limit_is_lawful", "特别程序"),
        ({"fee": {"charged": True}}, "fee_is_complete", "收费项目"),
        ({"fee.charged": False}, "fee_is_complete", "是否收费"),
        ({"fee.items.0.reduction_fen": 11}, "fee_conditions_are_sound", "允许减免依据"),
        (
            {"fee.items.0.reducible": False, "fee.items.0.reduction_when": {"var": "applicant"}},
            "fee_conditions_are_sound",
            "允许减免依据",
        ),
        ({"fee.items.0.reduction": ...}, "fee_is_complete", "允许减免依据"),
        ({"result.certificate": ...}, "result_has_a_sample", "审批结果名称"),
        ({"topics.person": []}, "topics_fit_the_audience", "面向自然人事项主题分类"),
        ({"steps.3.stage": ..., "steps.4.stage": ...}, "steps_are_enough", "办理流程"),
        ({"steps.2.limit": ...}, "steps_are_described", "办理流程"),
        ({"duties": []}, "rights_and_remedies_are_told", "权利义务"),
        ({"materials.0.blank": ...}, "materials_are_complete", "空白表格"),
        ({"materials.2.basis": []}, "materials_are_complete", "要求提供材料的依据"),
        ({"materials.2.copies": 0}, "materials_are_complete", "纸质材料份数"),
        ({"materials.2.levels": ["C"], "materials.2.have_it": []}, "materials_are_complete", "来源渠道"),
        ({"materials.2.sample.body": ...}, "materials_are_complete", "示例样表"),
        ({"materials.2.need": "required"}, "conditions_of_materials_are_told", "材料必要性"),
        ({"checklist.0.material": "nothing"}, "materials_are_checked", "审查要点"),
        ({"checklist.0.stage": "review"}, "materials_are_checked", "审查要点"),
        ({"decisions.1": ...}, "decisions_are_complete", "审批结果"),
        ({"valid_to": "2019-01-01", "ending": W}, "dates_make_sense", "计划取消日期"),
        ({"sentence": {"zh": "打井。", "en": ""}}, "both_languages_are_there", "用语"),
        ({"asks": {}}, "form_asks_only_what_is_needed", "申请书"),
        ({"asks": {"neighbour": W, "nobody": W}}, "form_asks_only_what_is_needed", "申请书"),
    ],
)
def test_each_branch_of_a_rule_names_its_element(changes, rule, element):
    found = {(one.rule, one.element) for one in lint.lint_item(make_item(changes))}
    assert (rule, element) in found


@pytest.mark.parametrize(
    ("changes", "rule", "element"),
    [
        ({"plan": {"review": {"amount": 1}}}, "plan_keeps_the_promise", "办理流程"),
        ({"case_type": "instant"}, "kind_of_case_fits_the_promise", "办件类型"),
        ({"visit_reason": W}, "visits_have_a_reason", "到办事现场次数"),
        ({"visits": 1, "visit_reason": W}, "no_visit_needs_a_way", "网上办理深度"),
        ({"handling": ["1"], "online": {"depth": "3"}}, "channels_fit", "办理形式"),
        ({"consult.phone": "0000001"}, "phones_can_be_called", "咨询方式"),
        ({"entrusted_by": W}, "entrusted_offices_say_by_whom", "委托部门"),
        ({"power_source": "entrusted"}, "entrusted_offices_say_by_whom", "委托部门"),
        ({"promise": {"zh": "视情况而定", "en": "at once"}}, "phrases_are_clear", "用语"),
    ],
)
def test_each_branch_of_an_office_rule_names_its_element(changes, rule, element):
    found = {(one.rule, one.element, one.side) for one in lint.lint(make_item(), make_local(changes))}
    assert (rule, element, "office") in found


def test_an_official_code_with_its_source_is_no_made_up_one():
    item = make_item({"base_code": "000117051000", "base_code_source": "国家目录"})
    assert (item.is_demo, [one.rule for one in lint.lint_item(item)]) == (False, [])


def test_only_errors_forbid_publication():
    warned = lint.lint(make_item({"aliases": []}), make_local())
    refused = lint.lint(make_item({"faq": []}), make_local())
    assert [one.severity for one in warned] == ["warning"]
    assert (lint.publishable(warned), lint.publishable(refused)) == (True, False)


def test_a_question_in_a_repeating_row_is_asked_about_by_both_keys():
    row = field(key="owners", kind="repeating", fields=[field(key="number", kind="identity_number")])
    fields = [field(key="depth", kind="number"), row]
    unexplained = make_item({"form.sections.1.fields": fields})
    explained = make_item({"form.sections.1.fields": fields, "asks": {"neighbour": W, "owners.number": W}})
    assert [one.where for one in lint.lint_item(unexplained)] == [("form", "sections", 1, "fields", 1, "fields", 0)]
    assert lint.lint_item(explained) == []


@pytest.mark.parametrize(
    "text",
    [
        "法律法规规定的其他材料", "法律、法规规定的其他材料", "法律、行政法规要求的其他文件", "其他相关材料", "其他有关证明",
        "身份证等材料", "有关材料", "相关证明材料", "视情况提供", "视具体情况而定", "以窗口答复为准", "需要提供的其他证件",
        "原则上到现场", "酌情办理", "other relevant documents", "as the case may be", "Depending on circumstances", "ID card, etc.",
    ],
)  # fmt: skip
def test_vague_phrases_are_found(text):
    assert rules_words.vague(text)


@pytest.mark.parametrize(
    "text", ["身份证和户口簿", "不动产权证书", "其他组织", "有关部门已经核实", "等级", "材料齐全", "the other parent"]
)
def test_clear_phrases_are_left_alone(text):
    assert rules_words.vague(text) == ""


def test_a_law_may_say_what_an_office_may_not():
    item = make_item({"basis.0.quote": {"zh": "法律法规规定的其他材料", "en": "other relevant documents"}})
    assert lint.lint_item(item) == []


def test_texts_come_with_their_place_and_without_quotes():
    places = dict(texts(make_item()))
    assert str(places["materials", 2, "title"].zh) == "土地权属证明"
    assert ("basis", 0, "quote") not in places
    assert ("basis", 0, "quote") in dict(texts(make_item(), quotes=True))


@pytest.mark.parametrize(
    ("promise", "law", "kept"),
    [
        ((20, "working_days"), (20, "working_days"), True),
        ((160, "working_hours"), (20, "working_days"), True),
        ((161, "working_hours"), (20, "working_days"), False),
        ((20, "calendar_days"), (20, "working_days"), True),
        ((21, "calendar_days"), (20, "working_days"), False),
        ((5, "working_days"), (15, "calendar_days"), True),
        ((6, "working_days"), (15, "calendar_days"), False),
        ((0, "working_days"), (1, "calendar_days"), True),
        ((48, "hours"), (2, "calendar_days"), True),
        ((49, "hours"), (2, "calendar_days"), False),
    ],
)
def test_a_promise_in_another_unit_still_keeps_the_law(promise, law, kept):
    of = [TimeLimit(amount=amount, unit=unit) for amount, unit in (promise, law)]
    assert rules_office.within(*of) is kept


@pytest.mark.parametrize(
    ("region", "level"),
    [("620000000000", "2"), ("620900000000", "3"), ("620981000000", "4"), ("620981106000", "5"), ("620981106200", "6")],
)
def test_a_region_code_tells_its_level(region, level):
    assert rules_office.level_of(region) == level


def test_a_letter_may_name_exactly_what_letters_know():
    from hexi.blocks.cases.letters import FACTS

    assert rules_national.PLACEHOLDERS == FACTS


def test_findings_become_faults_with_lines(tmp_path: Path):
    path = write_item(tmp_path, ("about: {zh: 材料齐全当场受理并出证明", "about: {zh: 材料"), (FAQ, "faq: []\n"))
    lines = path.read_text("utf-8").splitlines()
    found = lint.check_file(path, packs.read(path, ServiceFile), {})
    assert [(lines[fault.line - 1][:16], fault.sentence[:4]) for fault in found] == [
        ("  - {name: {zh: ", "办理流程"),
        ("faq: []", "常见问题"),
    ]


def test_an_office_file_is_held_against_its_item(tmp_path: Path):
    path = tmp_path / "well-permit.yaml"
    path.write_text(LOCAL.replace("visits: 0", "visits: 2"), "utf-8")
    file = packs.read(path, ServiceFile)
    found = lint.check_file(path, file, {"well-permit": make_item({"faq": []})})
    line = path.read_text("utf-8").splitlines().index("visits: 2") + 1
    assert [fault.line for fault in found] == [line, line + 2]
    assert "要群众到现场的，必须写明原因 / people must come in person: say why" in found[0].sentence


def test_an_office_file_without_its_item_is_a_fault(tmp_path: Path):
    path = tmp_path / "well-permit.yaml"
    path.write_text(LOCAL, "utf-8")
    found = lint.check_file(path, packs.read(path, ServiceFile), {})
    assert [(fault.line, "没有国家事项「well-permit」" in fault.sentence) for fault in found] == [(1, True)]

"""The facts of the services the sources speak of: limits, promises, screens, dates, words people type."""

from datetime import date
from pathlib import Path

import pytest

from hexi.blocks.cases import fees
from hexi.blocks.cases.items import ImplementingItem, ServiceFile, ServiceItem
from hexi.blocks.forms import conditions
from hexi.kernel import packs

SERVICES = Path(__file__).parents[1] / "packs" / "services"
REGION = Path(__file__).parents[5] / "packs" / "gansu" / "services"
#: the twelve the issue names
NAMED = {
    "tree-felling": "砍树",
    "company-name": "名称核准",
    "company-registration": "开公司",
    "business-scope-change": "经营范围变更",
    "vat-invoice": "领发票",
    "hk-macao-endorsement": "港澳游",
    "household-transfer": "迁户口",
    "disability-card": "残疾证",
    "residence-permit": "居住证",
    "food-permit": "开饭店",
    "senior-card": "老年证",
    "social-security-card": "社保卡",
}


def item(key: str) -> ServiceItem:
    return packs.read(SERVICES / f"{key}.yaml", ServiceFile).root


def local(key: str) -> ImplementingItem:
    return packs.read(REGION / f"{key}.yaml", ServiceFile).root


def length(limit):
    return limit.amount, limit.unit


def test_the_twelve_are_shipped():
    assert {path.stem for path in SERVICES.glob("*.yaml")} >= set(NAMED)


@pytest.mark.parametrize(("key", "word"), NAMED.items())
def test_they_are_known_by_the_words_people_type(key, word):
    assert word in item(key).aliases


@pytest.mark.parametrize(
    ("key", "legal", "promised"),
    [
        ("tree-felling", (20, "working_days"), (1, "working_days")),
        ("company-name", (0, "working_days"), (0, "working_days")),
        ("company-registration", (3, "working_days"), (1, "working_days")),
        ("business-scope-change", (3, "working_days"), (5, "working_hours")),
        ("vat-invoice", (5, "working_days"), (1, "working_days")),
        ("hk-macao-endorsement", (60, "calendar_days"), (7, "working_days")),
        ("residence-permit", (15, "calendar_days"), (5, "working_days")),
        ("social-security-card", (10, "working_days"), (3, "working_days")),
    ],
)
def test_legal_and_promised_times(key, legal, promised):
    assert (length(item(key).legal_limit), length(local(key).promised_limit)) == (legal, promised)


def test_the_legal_time_for_felling_was_read_in_the_permit_law():
    (basis,) = item("tree-felling").legal_limit.basis
    assert (basis.law.zh, basis.article.zh, basis.verified) == ("中华人民共和国行政许可法", "第四十二条第一款", True)


def test_the_felling_form_asks_what_article_58_names():
    fields = {field.key: field for _, field in item("tree-felling").form.fields()}
    assert {
        "village",
        "forest",
        "species",
        "area",
        "volume",
        "method",
        "purpose",
        "replant_area",
        "replant_species",
    } <= set(fields)
    assert [(fields[key].kind, fields[key].decimals, fields[key].unit.zh) for key in ("area", "volume")] == [
        ("number", 2, "亩"),
        ("number", 2, "立方米"),
    ]
    assert (fields["village"].kind, fields["village"].level) == ("region", 5)


def test_a_villager_uploads_title_statement_and_photos():
    answers = {"volume": 9.8, "felled_before": False}
    from hexi.blocks.forms.conditions import holds

    asked = [slot.key for slot in item("tree-felling").slots() if holds(slot.when, answers.get)]
    assert asked == ["title_proof", "volume_note", "photos"]
    answers = {"volume": 15.5, "felled_before": True}
    asked = [slot.key for slot in item("tree-felling").slots() if holds(slot.when, answers.get)]
    assert asked == ["title_proof", "survey", "photos", "renewal_proof"]


def test_the_endorsement_takes_three_screens_and_eight_answers_at_most():
    endorsement = item("hk-macao-endorsement")
    left = [field for _, field in endorsement.form.fields() if field.prefill is None]
    handed_in = [slot for slot in endorsement.slots() if slot.required and slot.when is True]
    # the sections, the materials, the check (walked in tests/walks/test_endorsement.py)
    assert len(endorsement.form.sections) + 2 <= 3
    assert len(left) + len(handed_in) <= 8


def test_paper_invoices_come_by_courier_and_will_end():
    invoices = item("vat-invoice")
    assert (invoices.result.format, local("vat-invoice").express) == ("paper", True)
    assert (invoices.offered(date(2026, 11, 24)), invoices.offered(date(2028, 1, 1))) == (True, False)
    assert "数电发票" in invoices.ending.zh


def test_registration_and_change_both_end_in_the_electronic_licence():
    results = [item(key).result for key in ("company-registration", "business-scope-change")]
    assert [(one.certificate, one.name.zh, one.format) for one in results] == [
        ("business_licence", "电子营业执照", "electronic")
    ] * 2


def test_the_result_of_one_service_spares_a_material_of_the_next():
    assert item("company-registration").material("name_notice").have_it == ("company_name_notice",)
    assert item("food-permit").material("licence").have_it == ("business_licence",)
    assert item("senior-card").material("residence").have_it == ("residence_permit",)


def test_a_name_is_kept_for_two_months():
    validity = item("company-name").result.validity
    assert (validity.amount, validity.unit, validity.basis[0].verified) == (2, "months", True)


@pytest.mark.parametrize(("key", "years"), [("food-permit", 5), ("residence-permit", 1)])
def test_how_long_a_result_is_good_for_was_read_in_the_law(key, years):
    validity = item(key).result.validity
    assert (validity.amount, validity.unit, validity.basis[0].verified) == (years, "years", True)


def test_the_old_are_asked_whether_it_is_their_own_wish():
    check = next(one for one in item("household-transfer").checklist if one.key == "elder")
    assert check.basis[0].article.zh == "第五十五条"


def test_only_what_needs_the_person_asks_for_a_visit():
    assert [key for key in NAMED if local(key).visits] == ["household-transfer", "disability-card"]


def test_the_card_agency_asks_for_nothing_but_identity():
    required = [one.key for one in item("social-security-card").materials if one.need == "required"]
    assert required == ["application", "identity", "portrait"]


@pytest.mark.parametrize("key", NAMED)
def test_nobody_real_can_be_rung(key):
    phones = [local(key).consult.phone, local(key).complain.phone]
    assert [phone.split("-")[1][:2] for phone in phones] == ["00", "00"]


@pytest.mark.parametrize(("issue", "owed"), [("first", 0), ("damaged", 2000), ("lost", 2000)])
def test_the_first_residence_permit_is_free_and_a_replacement_costs_the_card(issue, owed):
    (one,) = fees.items_for(item("residence-permit").fee, {"issue": issue}.get)
    assert (one.fen - one.off, one.why is not None) == (owed, issue == "first")


def test_what_the_licence_says_is_not_asked_again():
    fields = {field.key: field for _, field in item("business-scope-change").form.fields()}
    assert fields["old_scope"].prefill == "certificate.business_licence.scope"


def test_the_plot_is_on_the_map_for_whoever_has_a_phone_and_the_density_is_counted():
    fields = {field.key: field for _, field in item("tree-felling").form.fields()}
    assert (fields["plot"].kind, fields["plot"].required) == ("map_point", False)
    assert (fields["per_mu"].kind, fields["per_mu"].unit.zh) == ("computed", "立方米/亩")
    sheet = conditions.Sheet({"per_mu": fields["per_mu"].rule()}, {"volume": 9.8, "area": 2.5})
    assert sheet.look("per_mu") == 3.92


@pytest.mark.parametrize(
    ("key", "material", "word"),
    [
        ("household-transfer", "booklet", "常住人口登记卡"), ("food-permit", "licence", "营业执照"), ("seal-filing", "licence", "营业执照"),
        ("construction-permit", "builder_contract", "合同"),
    ],
)  # fmt: skip
def test_common_papers_are_told_from_others_by_their_words(key, material, word):
    assert word in item(key).material(material).says


def test_the_booklet_is_to_be_seen_at_the_window_where_the_move_is_made():
    assert (item("household-transfer").material("booklet").by_original, local("household-transfer").visits) == (True, 1)

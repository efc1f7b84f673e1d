"""The guide says everything its item says: what it costs, what to bring, how it goes, by which law, where to object."""

from html.parser import HTMLParser

import pytest
from django.urls import reverse

from hexi.blocks.cases import operations
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.parts import Basis
from hexi.blocks.cases.tests.make import BY, make_item
from hexi.blocks.people.tests.make import make_citizen
from hexi.blocks.regions.tests import make as regions

pytestmark = pytest.mark.django_db


class Text(HTMLParser):
    """What a person reads of the main part."""

    def __init__(self, page):
        super().__init__()
        self.said = ""
        self.feed(page[page.index("<main") : page.index("</main>")])

    def handle_data(self, data):
        self.said += data


@pytest.fixture
def item():
    """往来港澳通行证签注, which costs money, with all that an item may have."""
    found = make_item("hk-macao-endorsement")
    words = lambda text: {"zh": text, "en": "English words"}  # noqa: E731
    law = {"law": words("某条例"), "article": words("第九条"), "quote": words("材料的依据原文。"), "verified": True}
    national = dict(found.version.national)
    national["intermediary"] = [words("体检机构出具体检报告")]
    national["special_procedures"] = [
        {
            "kind": "hearing", "title": words("听证"), "limit": {"amount": 20, "unit": "working_days"},
            "about": words("影响他人的，先听意见。"), "basis": [law | {"quote": words("听证的依据原文。")}],
        }
    ]  # fmt: skip
    national["materials"] = [one | {"basis": [law]} for one in national["materials"]]
    national["fee"] = national["fee"] | {"note": words("现金、银行卡都可以。")}
    local = found.version.implementing | {
        "joint_departments": [words("某某联办机构")], "entrusted_by": words("某某委托部门"), "nature": "3",
    }  # fmt: skip
    return operations.publish(ServiceItem.model_validate(national), ImplementingItem.model_validate(local), by=BY)[0]


def test_markup_in_a_published_item_is_text_wherever_it_is_read(item, client):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    words = {"zh": f"签注{evil}", "en": f"Endorsement {evil}"}
    national = item.version.national | {"title": words, "sentence": words}
    national["faq"] = [{"question": words, "answer": words}, *national["faq"]]
    national["materials"] = [national["materials"][0] | {"title": words}, *national["materials"][1:]]
    changed = ServiceItem.model_validate(national)
    operations.publish(changed, ImplementingItem.model_validate(item.version.implementing), by=BY)
    client.force_login(make_citizen())
    guide = reverse("hall.guide", args=[item.key])
    begun = client.post(reverse("cases.begin", args=[item.pk]), follow=True)
    pages = [client.get(guide), client.get("/items/"), client.get("/search/?q=签注"), begun]
    for page in [*pages, client.get(f"/powers/{item.department.key}/")]:
        text = page.content.decode()
        found = [words in text for words in ("<script>alert", "<img src=x", "&lt;script&gt;alert(1)")]
        assert (page.status_code, found) == (200, [False, False, True]), page.request["PATH_INFO"]


def laws(rows: tuple[Basis, ...]):
    return {text for one in rows for text in (f"《{one.law.zh}》{one.article.zh}", one.quote.zh)}


def wanted(n: ServiceItem, l: ImplementingItem):  # noqa: E741
    """Each part of the guide with the sentences it must show."""
    procedures = n.special_procedures
    return {
        "what": {n.title.zh, n.sentence.zh},
        "conditions": {text.zh for one in n.conditions for text in (one.question or one.text, one.text)},
        "fees": {text.zh for one in n.fee.items for text in (one.name, one.standard)} | {n.fee.note.zh},
        "fees by law": laws([law for one in n.fee.items for law in one.basis]),
        "materials": {text.zh for one in n.materials for text in (one.title, one.filling, one.standard)},
        "materials by law": laws([law for one in n.materials for law in one.basis]),
        "steps": {text.zh for one in n.steps for text in (one.name, one.about)},
        "procedures": {text.zh for one in procedures for text in (one.title, one.about)},
        "procedures by law": laws([law for one in procedures for law in one.basis]),
        "result": {n.result.name.zh, l.express_note.zh},
        "where": {text for one in l.places for text in (one.title.zh, one.address.zh, one.hours.zh)},
        "whom to ask": {l.consult.phone, l.complain.phone},
        "questions": {text.zh for one in n.faq for text in (one.question, one.answer)},
        "who takes part": {one.zh for one in (*n.intermediary, *l.joint_departments, l.entrusted_by)},
        "law": laws(n.basis) | laws(n.legal_limit.basis),
        "rights and duties": {one.zh for one in (*n.rights, *n.duties)},
        "remedies": {one.zh for one in (n.remedies, l.reconsideration, l.court)},
        "penalties": {text.zh for one in n.penalties for text in (one.conduct, one.consequence)},
        "promise": {l.promise.zh},
    }


def test_every_part_of_the_guide_says_what_the_item_says(item, client):
    national = ServiceItem.model_validate(item.version.national)
    parts = wanted(national, ImplementingItem.model_validate(item.version.implementing))
    assert [name for name, sentences in parts.items() if not sentences] == []
    said = Text(client.get(reverse("hall.guide", args=[item.key])).content.decode()).said
    missing = {name: {one for one in sentences if one not in said} for name, sentences in parts.items()}
    assert {name: sentences for name, sentences in missing.items() if sentences} == {}


def test_notes_that_an_item_holds_are_read_in_its_guide(item, client):
    words = lambda text: {"zh": text, "en": "English words"}  # noqa: E731
    national = dict(item.version.national)
    national["legal_limit"] = national["legal_limit"] | {"note": words("法定期限的说明。")}
    national["steps"] = [national["steps"][0] | {"result": words("收件单一份")}, *national["steps"][1:]]
    national["result"] = national["result"] | {
        "validity": {"amount": 1, "unit": "years", "note": words("有效期的说明。")}
    }
    national["materials"] = [national["materials"][0] | {"size": words("二寸照片")}, *national["materials"][1:]]
    national["special_procedures"] = [
        national["special_procedures"][0] | {"charged": True, "fee_basis": [national["materials"][1]["basis"][0]]}
    ]
    local = item.version.implementing
    local = local | {
        "promised_limit": local["promised_limit"] | {"note": words("原来要 20 天。")},
        "consult": {"phone": "0937-0000001", "note": words("工作日有人接")},
        "online": local["online"] | {"computer": {"single_sign_on": True, "address": "https://zw.example/apply"}},
        "power_content": words("签发和不签发。"), "power_division": words("由市级行使。"),
        "reconsideration_body": {"name": words("酒泉市人民政府"), "phone": "0937-0000009"},
        "court_body": {"name": words("某某人民法院"), "address": words("法院路 1 号"), "url": "https://court.example/"},
    }  # fmt: skip
    operations.publish(ServiceItem.model_validate(national), ImplementingItem.model_validate(local), by=BY)
    said = Text(client.get(reverse("hall.guide", args=[item.key])).content.decode()).said
    for text in (
        "法定期限的说明。", "这一步的结果：收件单一份", "有效期的说明。", "规格：二寸照片", "原来要 20 天。", "工作日有人接",
        "https://zw.example/apply", "签发和不签发。", "由市级行使。", "酒泉市人民政府", "0937-0000009", "法院路 1 号",
        "https://court.example/", "施行日期",
    ):  # fmt: skip
        assert text in said, text


def test_a_site_shows_the_guides_of_its_choice_alone(item, client):
    page = reverse("hall.guide", args=[item.key])
    site = regions.make_site("chosen", item.region_code, item_keys=["tree-felling"])
    client.get("/s/chosen/")
    assert client.get(page).status_code == 404
    site.item_keys = [item.key]
    site.save()
    assert client.get(page).status_code == 200
    regions.make_site("office", item.region_code, department=regions.make_department("other-office"))
    client.get("/s/office/")
    assert client.get(page).status_code == 404


def test_the_first_page_shows_what_can_be_done_across_provinces(item, client):
    assert "跨省通办" in client.get("/").content.decode()
    listed = client.get("/items/?reach=across").content.decode()
    assert item.title in listed
    local = ImplementingItem.model_validate(item.version.implementing | {"reach": "local"})
    operations.publish(ServiceItem.model_validate(item.version.national), local, by=BY)
    assert "跨省通办" not in client.get("/").content.decode()

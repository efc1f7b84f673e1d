"""The plain beginning of an item that only a sheet of national columns describes: form, steps, decisions. Pure."""

from typing import Any

from hexi.blocks.regions.models import Department

#: name, stage, who, and what is done, each in both languages
STEPS = (
    ("受理|Acceptance", "accept", "窗口|Window",
     "材料齐全、符合形式的当场受理，出具受理通知书|Complete applications are accepted at once"),
    ("审查|Examination", "examine", "审查岗|Examiner",
     "审查申请材料是否符合法定条件和标准|The materials are held against the conditions"),
    ("决定|Decision", "decide", "负责人|Head of office",
     "作出准予或者不予许可的书面决定|Granted or refused in writing"),
    ("办结|Closing", "certify", "窗口|Window", "按照决定制作审批结果并归档|The result is made and filed"),
    ("送达|Delivery", "deliver", "窗口|Window", "网上领取、窗口领取或者寄送结果|Online, at the window or by courier"),
)  # fmt: skip
#: what stands where a sheet says nothing: told as a finding (`rules_words`) until somebody writes the real text
NO_FORM, NO_SAMPLE = "本材料没有固定格式", "见受理标准"
GOVERNMENT = "本级人民政府"
PLACE = {
    "title": {"zh": "政务大厅", "en": "Service hall"},
    "address": {"zh": "", "en": ""},
    "window": {"zh": "综合窗口", "en": "General window"},
    "hours": {"zh": "", "en": ""},
}


def _w(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def basis(law: str, article: str, quote: str) -> dict[str, Any]:
    """A legal basis as a cell gives it: nobody has compared it with the text yet, and the quote stays Chinese."""
    return {"law": _w(law, "See the Chinese text"), "article": _w(article, "See the Chinese text"),
            "quote": _w(quote, "See the Chinese text"), "verified": False}  # fmt: skip


def national(base_code: str) -> dict[str, Any]:
    """An item of which only the base code is known."""
    steps = [
        {"name": _w(*name.split("|")), "stage": stage, "role": _w(*role.split("|")), "about": _w(*about.split("|")),
         "limit": {"amount": 5}}
        for name, stage, role, about in STEPS
    ]  # fmt: skip
    field = {"kind": "text", "max_length": 200}
    return {
        "key": f"item-{base_code.lower()}" if base_code.isalnum() else "item-x",
        "title": _w("", ""), "sentence": _w("", ""), "item_type": base_code[2:4], "base_code": base_code,
        "base_code_source": "CATALOG_CODE", "basis": [], "audience": ["1"], "topics": {}, "conditions": [],
        "legal_limit": {"amount": 20}, "fee": {"charged": False, "items": []},
        "result": {"type": "document", "name": _w("", ""), "format": "electronic"}, "steps": steps, "materials": [],
        "form": {"sections": [{"key": "who", "title": _w("申请人", "Applicant"), "fields": [
            {**field, "key": "applicant_name", "label": _w("姓名或名称", "Name"), "prefill": "person.name"},
            {"kind": "phone", "key": "applicant_phone", "label": _w("联系电话", "Telephone"),
             "prefill": "person.phone"},
            {"kind": "long_text", "max_length": 2000, "key": "matter", "label": _w("申请内容", "What you apply for")},
        ]}]},
        "checklist": [],
        "decisions": [
            {"key": "grant", "title": _w("准予", "Grant"), "grants": True,
             "about": _w("符合法定条件、标准", "The conditions and standards of the law are met")},
            {"key": "refuse", "title": _w("不予", "Refuse"), "grants": False, "about": _w("写明理由", "With reasons"),
             "reasons": [{"key": "unmet", "text": _w("不符合法定条件、标准", "The conditions are not met")}]},
        ],
        "faq": [], "rights": [_w("有权查询办理进度", "You may follow the case")],
        "duties": [_w("如实填写并提交真实材料", "Answer truthfully and hand in true papers")],
        "remedies": _w(
            "对决定不服的，可以申请行政复议，也可以提起行政诉讼。", "You may ask for reconsideration or go to court."
        ),
        "penalties": [], "valid_from": "2020-01-01",
    }  # fmt: skip


def local(office: Department, key: str) -> dict[str, Any]:
    """How an office carries it out, as far as the office itself tells."""
    place = {**PLACE, "address": _w(office.address or "", office.address_en or ""),
             "hours": _w(office.hours or "", office.hours_en or "")}  # fmt: skip
    return {
        "item": key, "region": office.region_code, "department": office.key, "use_level": "4", "nature": "1",
        "case_type": "promise", "promised_limit": {"amount": 10}, "handling": ["1"], "places": [place],
        "consult": {"phone": office.phone or ""}, "complain": {"phone": ""}, "visits": 1,
        "online": {"depth": "3", "computer": {"single_sign_on": True}}, "express": False, "appointment": False,
        "pay_online": False, "hall": True, "reach": "local", "promise": _w("", ""),
        "reconsideration": _w(GOVERNMENT, "The government of this level"),
        "court": _w("有管辖权的人民法院", "The court that has jurisdiction"),
    }  # fmt: skip


def line(table: str, place: int) -> dict[str, Any]:
    """A new line of a table."""
    if table == "material":
        return {
            "key": f"m{place + 1}", "type": "copy", "source": "applicant", "source_note": _w("申请人自备", "Yours"),
            "filling": _w("清晰、完整", "Clear and complete"), "standard": _w("真实、有效", "True and valid"),
            "basis": [], "blank": {"source": "text", "body": _w(NO_FORM, "There is no fixed form")},
            "sample": {"source": "text", "body": _w(NO_SAMPLE, "See the standard")}, "levels": ["A", "B", "C", "D"],
        }  # fmt: skip
    return {}


def finish(item: dict[str, Any], office: dict[str, Any]) -> None:
    """What follows from the cells: who the item is for in one sentence, a check for each material, the promise."""
    title = item["title"]
    if not item["sentence"]["zh"]:
        item["sentence"] = _w(f"办理{title['zh']}。", f"{title['en']}.")
    if not office["promise"]["zh"]:
        days = office["promised_limit"]["amount"]
        office["promise"] = _w(f"{days} 个工作日办结", f"Decided in {days} working days")
    checked = {one.get("material") for one in item["checklist"]}
    names = {one["key"] for one in item["materials"]}
    kept = [one for one in item["checklist"] if not one.get("material") or one["material"] in names]
    for one in item["materials"]:
        if one["key"] not in checked and one.get("title"):
            question = _w(f"“{one['title']['zh']}”符合受理标准吗？", f"Does “{one['title']['en']}” meet the standard?")
            kept.append(
                {"key": f"check_{one['key']}"[:40], "stage": "accept", "material": one["key"], "question": question}
            )
    item["checklist"] = kept
    for one in item["penalties"]:
        one.setdefault("conduct", one.get("consequence") or _w("", ""))
    if not item["legal_limit"].get("basis"):
        item["legal_limit"]["basis"] = item["basis"][:1]

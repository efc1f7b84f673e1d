"""Sample service items: one small item that passes every rule of lint, and copies of it with something changed."""

import copy
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.forms.definitions import Field
from hexi.kernel import clock, packs
from hexi.wire.checksums import make_credit_code, make_resident_id

NATIONAL = """\
key: well-permit
title: {zh: 打井许可, en: Well permit}
aliases: [打井, 挖井, dig a well]
sentence: {zh: 打井前先申请打井许可。, en: Apply for a permit before you dig a well.}
item_type: "01"
base_code: "000199123000"
basis: &basis
  - law: {zh: 中华人民共和国水法, en: Water Law}
    edition: 2016-07-02
    article: {zh: 第七条, en: Art. 7}
    quote: {zh: 国家对水资源依法实行取水许可制度和有偿使用制度。, en: Water is used by permit and for payment.}
    verified: true
audience: ["1", "2"]
topics: {person: [greening], corporate: [agriculture]}
life_events: [farming]
conditions:
  - text: {zh: 井在自己的地里。, en: The well is on your own land.}
    question: {zh: 井在您自己的地里吗？, en: "Is the well on your own land?"}
legal_limit: {amount: 20, unit: working_days, basis: *basis}
extension: {amount: 10, unit: working_days, basis: *basis}
fee:
  charged: true
  items:
    - {name: {zh: 水资源费, en: Water fee}, standard: {zh: 每立方米 0.1 元, en: 0.1 yuan a cubic metre}, fen: 10, basis: *basis,
       reducible: true, reduction: {zh: 低保户免收, en: Free for the poor}}
special_procedures:
  - {kind: site_visit, title: {zh: 现场核查, en: Check on site}, limit: {amount: 2}, about: {zh: 看地形, en: The ground is looked at},
     basis: *basis, counts: true}
result:
  type: certificate
  name: {zh: 打井许可证, en: Well permit}
  certificate: well_permit
  facts: {depth: depth, holder: applicant.name}
  sample: {zh: 一页电子证照。, en: One electronic page.}
  validity: {amount: 5, unit: years}
steps:
  - {name: {zh: 受理, en: Acceptance}, stage: accept, role: {zh: 窗口, en: Window}, about: {zh: 材料齐全当场受理并出证明, en: Accepted at once},
     limit: {amount: 5}}
  - {name: {zh: 审核, en: Examination}, stage: examine, role: {zh: 水资源岗, en: Officer}, about: {zh: 两个人到现场核查水位, en: Two officers look},
     limit: {amount: 10}, officers: 2}
  - {name: {zh: 审批, en: Decision}, stage: decide, role: {zh: 局长, en: Head}, about: {zh: 决定准予还是不予许可, en: Granted or refused},
     limit: {amount: 5}}
  - {name: {zh: 办结, en: Issue}, stage: certify, role: {zh: 窗口, en: Window}, about: {zh: 生成加盖印章的许可证, en: The permit is made},
     limit: {amount: 10}}
  - {name: {zh: 送达, en: Delivery}, stage: deliver, role: {zh: 窗口, en: Window}, about: {zh: 网上领取或者寄到家里, en: Online or by post},
     limit: {amount: 10}}
materials:
  - key: application
    title: {zh: 打井申请表, en: Application}
    type: filled
    source: applicant
    source_note: {zh: 网上填写, en: Filled in online}
    filling: {zh: 写清井深, en: Give the depth}
    standard: {zh: 各项齐全, en: Everything is given}
    basis: *basis
    blank: {source: form}
    sample: {source: form}
    levels: [D]
  - key: identity
    title: {zh: 身份证明, en: Identity}
    type: original
    source: government
    source_note: {zh: 登录账号已核实, en: Proved by your account}
    filling: {zh: 不用提交, en: Nothing to hand in}
    standard: {zh: 与申请人一致, en: The applicant's own}
    basis: *basis
    sample: {source: text, body: {zh: 已实名, en: Verified}}
    levels: [A]
    have_it: [account]
  - key: land_title
    title: {zh: 土地权属证明, en: Title to the land}
    type: copy
    format: either
    need: conditional
    when: {">": [{"var": "depth"}, 50]}
    when_words: {zh: 井深超过 50 米的要, en: Deeper than 50 metres}
    source: government
    source_note: {zh: 自然资源部门核发, en: By the land office}
    copies: 1
    size: {zh: A4, en: A4}
    filling: {zh: 拍照上传, en: Upload a photo}
    standard: {zh: 权利人一致, en: The holder agrees}
    basis: *basis
    sample: {source: text, body: {zh: 证书首页, en: First page}}
    levels: [A, B, C]
    have_it: [land_title]
    files: 3
form:
  sections:
    - key: who
      title: {zh: 申请人, en: Applicant}
      fields:
        - {key: applicant_name, kind: text, label: {zh: 姓名, en: Name}, prefill: person.name}
        - {key: neighbour, kind: identity_number, required: false, label: {zh: 邻居身份号码, en: "Neighbour's identity number"}}
    - key: well
      title: {zh: 井, en: The well}
      fields:
        - {key: depth, kind: number, min: 1, max: 500, label: {zh: 井深, en: Depth}, unit: {zh: 米, en: metres}, example: "30"}
asks: {neighbour: {zh: 邻居要签字, en: The neighbour signs}}
checklist:
  - {key: complete, stage: accept, material: application, question: {zh: 填齐了吗？, en: "Is it complete?"}}
  - {key: who, stage: accept, material: identity, question: {zh: 是本人吗？, en: "Is it the applicant?"}}
  - {key: title, stage: examine, material: land_title, question: {zh: 权利人一致吗？, en: "Does the holder agree?"}}
decisions:
  - {key: grant, title: {zh: 准予, en: Grant}, grants: true, about: {zh: 符合条件, en: The conditions are met}}
  - key: refuse
    title: {zh: 不予, en: Refuse}
    grants: false
    about: {zh: 写明理由, en: With reasons}
    reasons:
      - {key: dry, text: {zh: 地下水超采, en: Too much water is drawn already}, basis: *basis}
notices:
  granted: {zh: "请在{day}后动工。", en: "Begin after {day}."}
faq:
  - {question: {zh: 压水井要办吗？, en: "Is a hand pump included?"}, answer: {zh: 不用。, en: No.}}
rights: [{zh: 有权查询进度, en: You may follow the case}]
duties: [{zh: 如实填写, en: Answer truthfully}]
remedies: {zh: 可以申请行政复议，也可以提起行政诉讼。, en: Reconsideration or a lawsuit.}
penalties:
  - {conduct: {zh: 无证打井, en: Digging without permit}, consequence: {zh: 责令停止, en: Stopped}, basis: *basis}
valid_from: 2020-01-01
"""

LOCAL = """\
item: well-permit
region: "620981000000"
department: yumen-water
use_level: "4"
nature: "1"
case_type: promise
promised_limit: {amount: 5}
plan: {examine: {amount: 3}, decide: {amount: 1}, certify: {amount: 4, unit: working_hours}}
handling: ["1", "2", "3"]
places:
  - {title: {zh: 大厅, en: Hall}, address: {zh: 演示路 1 号, en: No. 1 Demo Road}, window: {zh: 1 号窗口, en: Window 1}, hours: {zh: 工作日, en: Working days}}
consult: {phone: 0937-0000001}
complain: {phone: 0937-0012345}
visits: 0
online:
  depth: "4"
  computer: {single_sign_on: true}
  mobile: {single_sign_on: true}
express: true
appointment: true
pay_online: true
hall: true
reach: local
promise: {zh: 5 个工作日办结, en: Decided in five working days}
reconsideration: {zh: 玉门市人民政府, en: Government of Yumen}
court: {zh: 有管辖权的人民法院, en: The court that has jurisdiction}
"""


def make_item(changes: dict[str, Any] | None = None) -> ServiceItem:
    """The sample item, with parts changed by path: `{"legal_limit.amount": 30, "steps.0.limit": None}`."""
    return ServiceItem.model_validate(changed(_read(NATIONAL), changes or {}))


def make_local(changes: dict[str, Any] | None = None) -> ImplementingItem:
    """The sample implementing item, changed as in `make_item`."""
    return ImplementingItem.model_validate(changed(_read(LOCAL), changes or {}))


@cache
def _read(text: str) -> Any:
    return packs.plain(text, Path("item.yaml"))


def changed(content: Any, changes: dict[str, Any]) -> Any:
    """A copy with the values at the paths replaced; `...` takes a key or an element away."""
    content = copy.deepcopy(content)
    for path, value in changes.items():
        *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        thing = content
        for step in way:
            thing = thing[step]
        if value is ...:
            del thing[last]
        else:
            thing[last] = value
    return content


def write_item(folder: Path, *replacements: tuple[str, str]) -> Path:
    """The sample item as a file, with pieces of its text replaced."""
    text = NATIONAL
    for old, new in replacements:
        if old not in text:
            raise LookupError(old)
        text = text.replace(old, new, 1)
    path = folder / "services" / "well-permit.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def parse_item(text: str) -> ServiceItem:
    """An item from YAML text."""
    return packs.parse(text, ServiceItem, Path("item.yaml"))


def make_answers(fields: Iterable[Field], village: str, **given: Any) -> dict[str, Any]:
    """A good answer to every question, whether it is shown or not; `given` replaces some."""
    return {field.key: given.get(field.key, _answer(field, village)) for field in fields if field.kind != "note"}


def answers_of(national: ServiceItem, village: str, **given: Any) -> dict[str, Any]:
    """The same for a whole form."""
    return make_answers([field for _section, field in national.form.fields()], village, **given)


def _answer(field: Field, village: str) -> Any:
    if field.kind == "repeating":
        return [{"id": "r1", **make_answers(field.fields, village)}]
    if field.kind in ("choice", "choices"):
        return field.choices[0].key if field.kind == "choice" else [field.choices[0].key]
    day = clock.today()
    ready: dict[str, Any] = {
        "date": (day - timedelta(days=200) if field.max == "today" else day + timedelta(days=30)).isoformat(),
        "period": {"from": day.isoformat(), "to": (day + timedelta(days=20)).isoformat()},
        "number": str(field.min or 1),
        "money": "100",
        "yes_no": True,
        "region": village,
        "address": {"region": village, "detail": "3 组 5 号"},
        "identity_number": make_resident_id("629999", date(1960, 1, 1), 11),
        "credit_code": make_credit_code("91", "629999", "MA000001"),
        "phone": "10000000001",
        "email": "someone@example.org",
    }
    return str(field.example) or ready.get(field.kind, "示范内容")

"""Rules of publication for the implementing item, held against its national element: promise, visits, channels. Pure.

Sources: services.md §2.7 (a city's quality check) and 国办函〔2017〕115号. Each rule yields what is wrong.
"""

import re
from collections.abc import Iterator
from math import ceil

from hexi.blocks.cases import codes
from hexi.blocks.cases.findings import Finding, office
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.parts import TimeLimit

Findings = Iterator[Finding]
#: a number of the fixed network with its area code, or a service number such as 0937-12345
PHONE = re.compile(r"0(10|2[0-9]|[3-9][0-9]{2})-([0-9]{7,8}|1[0-9]{4})")
#: in working days fall at most this many rest days in a row (eight-day holidays)
LONGEST_HOLIDAY = 8
WORKING = ("working_days", "working_hours")


def it_is_the_same_item(item: ServiceItem, local: ImplementingItem) -> Findings:
    """An implementing item belongs to the national element it names."""
    if local.item != item.key:
        zh = f"实施清单写的是「{local.item}」，国家事项是「{item.key}」"
        yield office("事项名称", ("item",), zh, f"this implements “{local.item}”, not “{item.key}”")


def promise_keeps_the_law(item: ServiceItem, local: ImplementingItem) -> Findings:
    """承诺办结时限 ≤ 法定办结时限."""
    if not within(local.promised_limit, item.legal_limit):
        zh = "承诺办结时限超过了法定办结时限"
        yield office("承诺办结时限", ("promised_limit",), zh, "the promised time is longer than the legal one")


def kind_of_case_fits_the_promise(item: ServiceItem, local: ImplementingItem) -> Findings:
    """即办 ⇒ 即办件; not 即办 ⇒ 承诺件 (services.md §2.7)."""
    instant = local.promised_limit.amount == 0
    if instant != (local.case_type == "instant"):
        wanted = codes.CASE_TYPES["instant" if instant else "promise"]
        zh = f"承诺时限{'为即办' if instant else '不是即办'}，办件类型应为「{wanted.zh}」"
        yield office("办件类型", ("case_type",), zh, f"with this promise the kind of case is “{wanted.en}”")


def plan_keeps_the_promise(item: ServiceItem, local: ImplementingItem) -> Findings:
    """The stages between acceptance and decision fit into the promise."""
    stages = {step.stage for step in item.stages}
    for stage in local.plan:
        if stage not in stages:
            yield office(
                "办理流程", ("plan", stage), f"办理流程没有环节 {stage}", f"the procedure has no stage {stage}"
            )
    counted = [limit for stage, limit in local.plan.items() if stage in ("examine", "review", "decide")]
    if counted and sum(map(hours, counted)) > hours(local.promised_limit):
        yield office(
            "承诺办结时限",
            ("plan",),
            "各环节的时间加起来超过了承诺时限",
            "the stages together take longer than promised",
        )


def visits_have_a_reason(item: ServiceItem, local: ImplementingItem) -> Findings:
    """到办事现场次数 ≠ 0 ⇒ 必须现场办理原因说明."""
    if local.visits and local.visit_reason is None:
        zh = "要群众到现场的，必须写明原因"
        yield office("必须现场办理原因说明", ("visits",), zh, "people must come in person: say why")
    if not local.visits and local.visit_reason is not None:
        yield office(
            "到办事现场次数",
            ("visits",),
            "到现场次数为 0，不必写到现场的原因",
            "no visit is needed, yet a reason is given",
        )


def no_visit_needs_a_way(item: ServiceItem, local: ImplementingItem) -> Findings:
    """0 visits and not online ⇒ by post; depth Ⅳ ⇒ 0 visits."""
    if local.visits == 0 and not local.is_online and codes.POST not in local.handling:
        zh = "不用到现场又不能网办的，要允许邮寄申请"
        yield office("办理形式", ("handling",), zh, "no visit and not online: applications by post must be allowed")
    if local.online.depth == "4" and local.visits:
        zh = "网上办理深度为Ⅳ级的，到现场次数应为 0"
        yield office("网上办理深度", ("online", "depth"), zh, "everything is online (level IV), so there is no visit")


def channels_fit(item: ServiceItem, local: ImplementingItem) -> Findings:
    """办理形式 and the online channels say the same."""
    online = {codes.COMPUTER: local.online.computer, codes.MOBILE: local.online.mobile}
    for code, channel in online.items():
        if (code in local.handling) != (channel is not None and local.is_online):
            name = codes.HANDLING[code]
            zh = f"「{name.zh}」与网上办理的写法不一致，请对照 handling 和 online"
            yield office("办理形式", ("online",), zh, f"“{name.en}” does not agree with `handling` and `online`")
    if local.is_online and not any(online.values()):
        yield office(
            "办理形式",
            ("online",),
            "可以网办，要写电脑端或移动端",
            "it is online: name the computer or the phone channel",
        )


def paper_results_travel(item: ServiceItem, local: ImplementingItem) -> Findings:
    """A paper result without a visit is sent."""
    if local.visits == 0 and item.result.format == "paper" and not local.express:
        zh = "结果是纸质证件又不用到现场，要支持寄送"
        yield office("是否支持物流快递", ("express",), zh, "the result is on paper and nobody comes: it must be sent")


def payment_fits_the_fee(item: ServiceItem, local: ImplementingItem) -> Findings:
    """Not charged ⇒ no online payment."""
    if local.pay_online and not item.fee.charged:
        yield office(
            "是否支持网上支付",
            ("pay_online",),
            "不收费的事项没有网上支付",
            "nothing is charged, so nothing is paid online",
        )


def phones_can_be_called(item: ServiceItem, local: ImplementingItem) -> Findings:
    """咨询方式 ≠ 监督投诉方式, both with area code."""
    for name, element in (("consult", "咨询方式"), ("complain", "监督投诉方式")):
        if not PHONE.fullmatch(getattr(local, name).phone):
            where = (name, "phone")
            yield office(
                element, where, "电话要带区号，如 0937-3312345", "give the phone with its area code, like 0937-3312345"
            )
    if local.consult.phone == local.complain.phone:
        zh = "监督投诉电话不能和咨询电话相同"
        yield office("监督投诉方式", ("complain", "phone"), zh, "complaints need another number than questions")


def level_fits_the_region(item: ServiceItem, local: ImplementingItem) -> Findings:
    """行使层级 follows from the region code."""
    wanted = level_of(local.region)
    if local.use_level not in (wanted, "7"):
        words = codes.LEVELS[wanted]
        zh = f"地区 {local.region} 是{words.zh}，行使层级写的是 {local.use_level}"
        yield office("行使层级", ("use_level",), zh, f"region {local.region} is {words.en.lower()} level")


def entrusted_offices_say_by_whom(item: ServiceItem, local: ImplementingItem) -> Findings:
    """委托部门 for entrusted offices, and only for them."""
    entrusted = local.nature == "3" or local.power_source == "entrusted"
    if entrusted != (local.entrusted_by is not None):
        zh = "受委托办理的要写委托部门，其他的不写"
        yield office("委托部门", ("nature",), zh, "an entrusted office, and only such, names who entrusted it")


RULES = (
    it_is_the_same_item, promise_keeps_the_law, kind_of_case_fits_the_promise, plan_keeps_the_promise,
    visits_have_a_reason, no_visit_needs_a_way, channels_fit, paper_results_travel, payment_fits_the_fee,
    phones_can_be_called, level_fits_the_region, entrusted_offices_say_by_whom,
)  # fmt: skip


def within(promise: TimeLimit, law: TimeLimit) -> bool:
    """True if what is promised can never end after what the law allows, whatever holidays fall into it."""
    if (promise.unit in WORKING) == (law.unit in WORKING):
        return hours(promise) <= hours(law)
    if law.unit in WORKING:
        return hours(promise) / 24 <= hours(law) / 8
    days = ceil(hours(promise) / 8)
    return days == 0 or ceil(days * 7 / 5) + LONGEST_HOLIDAY <= hours(law) / 24


def hours(limit: TimeLimit) -> int:
    """A limit in hours of its own kind: 8 to a working day, 24 to a calendar day."""
    return limit.amount * {"working_days": 8, "calendar_days": 24}.get(limit.unit, 1)


def level_of(region: str) -> str:
    """行使层级 of a 12-digit region code: 2 province, 3 prefecture, 4 county, 5 township, 6 village."""
    for digits, level in ((2, "2"), (4, "3"), (6, "4"), (9, "5")):
        if not region[digits:].strip("0"):
            return level
    return "6"

"""Rules of publication for promises: papers that follow (容缺受理), pledges (告知承诺), renewals. Pure.

Source: services.md §2.5 (model text: 安阳市政务服务条例 arts 24–29).
"""

from collections.abc import Iterator

from hexi.blocks.cases.findings import Finding, wrong
from hexi.blocks.cases.items import ServiceItem

Findings = Iterator[Finding]
#: matters without 告知承诺: what they are called, and words in a title or a law's name that give them away
EXCLUDED = {
    "national_security": ("国家安全", ("国家安全", "反间谍", "国防")),
    "state_secrets": ("国家秘密", ("国家秘密", "保密", "涉密")),
    "public_security": ("公共安全", ("公共安全", "消防", "爆炸", "枪支", "危险化学品", "剧毒", "治安", "出境入境")),
    "finance": ("金融业审慎监管", ("金融", "银行", "证券", "保险业", "期货", "信托", "外汇")),
    "ecology": ("生态环境保护", ("生态", "环境保护", "污染", "森林", "草原", "林木", "野生", "水法", "自然保护")),
    "health_and_safety": ("人身健康和生命安全", ("食品", "药品", "医疗", "医师", "卫生", "安全生产", "特种设备")),
}  # fmt: skip


def deferral_ends_before_the_limit(item: ServiceItem) -> Findings:
    """容缺受理: what follows is there well before the legal limit is over; counted in working days as the limit is."""
    limit = item.legal_limit
    for index, one in enumerate(item.materials):
        term = one.deferrable and one.deferrable.limit
        if term and (term.unit != "working_days" or term.amount < 1):
            zh = f"材料「{one.title.zh}」的容缺补交期限用工作日计算，至少 1 个工作日"
            yield wrong("容缺受理", ("materials", index), zh, "papers follow within working days, at least one")
        elif term and limit.unit == "working_days" and term.amount >= limit.amount:
            zh = f"材料「{one.title.zh}」的容缺补交期限要短于法定办结时限"
            yield wrong("容缺受理", ("materials", index), zh, "papers follow before the legal time limit is over")


def pledge_is_told(item: ServiceItem) -> Findings:
    """告知承诺: if allowed there is a text to sign, with terms for checking and putting right, and its basis."""
    if item.promise_allowed != (item.pledge is not None):
        zh = "写了 promise_allowed 就要写 pledge（告知内容、要求、责任），两者同有同无"
        yield wrong("告知承诺", ("promise_allowed",), zh, "promise_allowed and pledge go together")
    if item.pledge and not item.pledge.basis:
        yield wrong("告知承诺", ("pledge",), "告知承诺没有写依据", "the pledge has no legal basis")
    for name in ("verify", "rectify") if item.pledge else ():
        term = getattr(item.pledge, name)
        if term.unit != "working_days" or term.amount < 1:
            yield wrong(
                "告知承诺", ("pledge", name), "核查和整改期限用工作日计算，至少 1 个工作日", "at least one working day"
            )


def pledge_replaces_known_materials(item: ServiceItem) -> Findings:
    """What is pledged stands for materials there are."""
    known = {one.key for one in item.materials}
    for key in item.pledge.replaces if item.pledge else ():
        if key not in known:
            yield wrong("告知承诺", ("pledge", "replaces"), f"没有材料「{key}」", f"no material “{key}”")


def pledge_is_not_excluded(item: ServiceItem) -> Findings:
    """Not for national and public security, secrets, prudential finance, ecology, health and life safety (§2.5)."""
    if item.pledge is None:
        return
    for kind in item.touches:
        zh = f"涉及{EXCLUDED[kind][0]}的事项不适用告知承诺"
        yield wrong("告知承诺", ("touches",), zh, f"not for matters of {kind.replace('_', ' ')}")
    said = " ".join((item.title.zh, *(one.law.zh for one in item.basis)))
    for kind, (title, words) in EXCLUDED.items():
        if found := next((word for word in words if word in said), ""):
            zh = f"名称或依据里有「{found}」，涉及{title}，不适用告知承诺"
            yield wrong("告知承诺", ("pledge",), zh, f"the name or basis speaks of {kind.replace('_', ' ')}")


def pledge_waits_for_nothing(item: ServiceItem) -> Findings:
    """告知承诺: granted on the spot, so no special procedure comes first in every case."""
    for index, one in enumerate(item.special_procedures if item.pledge else ()):
        if one.always:
            zh = f"告知承诺当场决定，不能每件都先做「{one.title.zh}」"
            yield wrong(
                "告知承诺", ("special_procedures", index), zh, "a pledge is granted at once: nothing comes first"
            )


def renewal_has_a_term(item: ServiceItem) -> Findings:
    """延续: what is renewed is a certificate with an end, asked for before it, under a law that says so."""
    if item.renewal is None:
        return
    if item.result.certificate is None or item.result.validity.amount is None:
        zh = "只有发证照、有效期有年限的事项才能延续"
        yield wrong("延续", ("renewal",), zh, "only a certificate with a term can be renewed")
    if item.renewal.latest >= item.renewal.opens:
        zh = "延续要在 opens 天前开始接收，到 latest 天前算按时，opens 要大于 latest"
        yield wrong("延续", ("renewal",), zh, "renewals open before they must be in")
    if not item.renewal.basis:
        yield wrong("延续", ("renewal",), "延续没有写依据", "the renewal has no legal basis")


RULES = (
    deferral_ends_before_the_limit, pledge_is_told, pledge_replaces_known_materials, pledge_is_not_excluded,
    pledge_waits_for_nothing, renewal_has_a_term,
)  # fmt: skip

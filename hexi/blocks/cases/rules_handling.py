"""Rules of publication for how offices work together: joint review, two levels, quotas. Pure; beside `rules_office`."""

from collections.abc import Iterator

from hexi.blocks.cases.findings import Finding, office
from hexi.blocks.cases.items import ImplementingItem, ServiceItem
from hexi.blocks.cases.rules_office import within
from hexi.blocks.forms.answers import FACTS
from hexi.blocks.forms.conditions import names

Findings = Iterator[Finding]


def joint_is_lawful(item: ServiceItem, local: ImplementingItem) -> Findings:
    """并联: only where the national element says so (art. 42(2) gives 45 days), and then departments are named."""
    if item.joint != (local.joint is not None):
        zh = "国家事项写明联合办理的，实施清单要写 joint 里的各部门；没有写明的不能写"
        yield office("联办机构", ("joint",), zh, "departments are named in `joint` if, and only if, the item is joint")
    if local.joint and len(local.joint_departments) != len(local.joint.reviews):
        zh = "联办机构（joint_departments）要和并联审查的部门一一对应"
        yield office("联办机构", ("joint_departments",), zh, "`joint_departments` names each reviewing department")


def joint_departments_differ(item: ServiceItem, local: ImplementingItem) -> Findings:
    """Each further department once, none of them the lead, each term within the promise."""
    reviews = local.joint.reviews if local.joint else ()
    keys = [one.department for one in reviews]
    known = {one.key for one in item.materials}
    for index, one in enumerate(reviews):
        where = ("joint", "reviews", index)
        if one.department == local.department or keys.count(one.department) > 1:
            zh = f"「{one.department}」是牵头部门，或者写了不止一次"
            yield office("联办机构", where, zh, f"“{one.department}” is the lead, or is there twice")
        if not within(one.limit, local.promised_limit):
            zh = f"「{one.department}」的审查时限超过了承诺办结时限"
            yield office("承诺办结时限", where, zh, f"“{one.department}” may take longer than was promised")
        fields = {field.key for _section, field in item.form.fields()} | set(FACTS)
        for strange in sorted(set(names(one.when)) - fields):
            yield office("联办机构", where, f"条件里没有字段 {strange}", f"no field {strange} to decide by")
        for strange in sorted(set(one.materials) - known):
            yield office("申报材料", where, f"没有材料「{strange}」", f"there is no material “{strange}”")


def lower_differs(item: ServiceItem, local: ImplementingItem) -> Findings:
    """两级: the lower office is another one, and its term no longer than the law's 20 working days (art. 43)."""
    if local.lower is None:
        return
    if local.lower.department == local.department or local.joint:
        zh = "初审的下级机关不能是决定机关自己；两级办理的不能同时并联"
        yield office("办理流程", ("lower",), zh, "the lower office is another one, and two levels are not joint")
    if item.is_permit and (local.lower.limit.unit != "working_days" or local.lower.limit.amount > LOWER_DAYS):
        zh = "下级机关应当自受理之日起 20 个工作日内审查完毕（行政许可法第四十三条）"
        yield office("办理流程", ("lower", "limit"), zh, "the lower office has at most 20 working days (art. 43)")


def quota_is_published(item: ServiceItem, local: ImplementingItem) -> Findings:
    """数量限制: a quota is said to people, and what it measures is a number of the form."""
    if local.quota is None:
        return
    if item.quantity_limit is None:
        yield office("数量限制", ("quota",), "有年度限额的，要写明数量限制", "a quota: tell people of the limit")
    numbers = {field.key for _, field in item.form.fields() if field.kind == "number"}
    if local.quota.measure and local.quota.measure not in numbers:
        zh = f"限额按「{local.quota.measure}」计算，表单里没有这个数字"
        yield office("数量限制", ("quota", "measure"), zh, f"the form has no number “{local.quota.measure}”")


def pledges_are_decided_by_one(item: ServiceItem, local: ImplementingItem) -> Findings:
    """告知承诺 is decided on the spot: no other office is asked first, and none examines below."""
    if item.pledge and (local.joint or local.lower):
        zh = "告知承诺当场决定，不能同时并联或者两级办理"
        yield office(
            "告知承诺", ("joint" if local.joint else "lower",), zh, "a pledge is decided by one office at once"
        )


LOWER_DAYS = 20
RULES = (
    joint_is_lawful, joint_departments_differ, lower_differs, quota_is_published, pledges_are_decided_by_one,
)  # fmt: skip

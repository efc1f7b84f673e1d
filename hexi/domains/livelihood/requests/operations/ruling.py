"""Rules of dispatch: each begins on a day to come, so that it can be tried first; each ends by a date."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.codes import prefix
from hexi.domains.livelihood.requests.models import DispatchRule, Hotline, Subject
from hexi.domains.livelihood.requests.states import PLAN
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require


def add_rule(hotline: Hotline, *, by: Actor, **facts: Any) -> DispatchRule:
    """Another rule from a day to come (`requests.plan`). Raises `Denied`, or `ValidationError` that names the field."""
    require(by, PLAN, hotline.department_id, hotline.region_code)
    row = DispatchRule(region_code=hotline.region_code, **facts)
    _check(row)
    with change(by, "requests.add_rule") as note:
        row.full_clean(exclude={"words"})  # no words is any words, which the field itself would call empty
        row.save()
        note.thing = row
    return row


def _check(row: DispatchRule) -> None:
    within = prefix(row.region_code)
    faults = {
        "valid_from": _("启用日期最早是明天：新规则要先用以往诉求试算，再启用。")
        if row.valid_from <= clock.today()
        else "",
        "office": ""
        if row.office.active and row.office.region_code.startswith(within)
        else _("请选择本地区在用的承办单位。"),
        "subject": _("没有这个分类，请重新选择。")
        if row.subject and not Subject.objects.filter(code=row.subject).exists()
        else "",
        "place_code": _("请选择本热线服务范围内的地区。")
        if row.place_code and (not row.place_code.startswith(within) or regions.find(row.place_code) is None)
        else "",
        "words": _("最多 20 个词，每个 1 到 20 字。")
        if len(row.words) > 20 or any(not 0 < len(word) <= 20 for word in row.words)
        else "",
    }
    if found := {name: sentence for name, sentence in faults.items() if sentence}:
        raise ValidationError(found)


def end_rule(rule: DispatchRule, *, day: date, by: Actor) -> None:
    """From this day on, tomorrow at the earliest, the rule no longer holds. Ended twice, the earlier day counts."""
    hotline = Hotline.objects.get(region_code=rule.region_code)
    require(by, PLAN, hotline.department_id, hotline.region_code)
    if day <= clock.today():
        raise ValidationError({"day": _("停用日期最早是明天：停用前先用以往诉求试算。")})
    day = max(day, rule.valid_from)
    with change(by, "requests.end_rule", rule, day=day.isoformat()):
        DispatchRule.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), pk=rule.pk).update(valid_to=day)

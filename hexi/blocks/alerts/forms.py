"""Forms of alerts: what is said, where it holds, why; times in China's zone to the minute. Beside pages."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.alerts.definitions import colours, hazards
from hexi.blocks.alerts.models import Status
from hexi.blocks.regions.controls import RegionSelect
from hexi.kernel import clock

MINUTE = "%Y-%m-%dT%H:%M"
URGENCIES = (
    ("Immediate", _("立即行动")), ("Expected", _("一小时内行动")), ("Future", _("近期行动")), ("Past", _("不用再行动")),
    ("Unknown", pgettext_lazy("urgency", "不明")),
)  # fmt: skip
CERTAINTIES = (
    ("Observed", _("已发生")), ("Likely", _("很可能（50% 以上）")), ("Possible", _("可能")),
    ("Unlikely", _("不大可能")), ("Unknown", pgettext_lazy("urgency", "不明")),
)  # fmt: skip
RESPONSES = (
    ("Shelter", _("就地躲避")), ("Evacuate", _("撤离")), ("Prepare", _("做好准备")), ("Execute", _("按预案行动")),
    ("Avoid", _("避开危险")), ("Monitor", _("关注消息")), ("Assess", _("自行评估")), ("None", _("不用行动")),
)  # fmt: skip


class Moment(forms.DateTimeField):
    """A day and a time, as the browser's own control gives them."""

    def __init__(self, **kwargs: Any):
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE)
        super().__init__(widget=widget, input_formats=[MINUTE, "%Y-%m-%d %H:%M"], **kwargs)


class WordsForm(forms.Form):
    """What an alert says."""

    hazard = forms.ChoiceField(label=_("预警种类"))
    colour = forms.ChoiceField(label=_("预警颜色"), widget=forms.RadioSelect)
    headline_zh = forms.CharField(
        label=_("标题"), max_length=160, help_text=_("一句话，例如“玉门市下西号镇暴雨橙色预警”。")
    )
    text_zh = forms.CharField(
        label=_("内容"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("发生什么、多大、什么时候、在哪里。"),
    )  # fmt: skip
    advice_zh = forms.CharField(
        label=_("防御指南"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("人们该怎么做。不填就用这一种类的常用指南。"),
    )  # fmt: skip
    responses = forms.MultipleChoiceField(
        label=_("应对行动"), choices=RESPONSES, required=False, widget=forms.CheckboxSelectMultiple
    )
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=URGENCIES, initial="Expected")
    certainty = forms.ChoiceField(label=_("把握程度"), choices=CERTAINTIES, initial="Likely")
    onset = Moment(label=_("开始时间"), required=False, help_text=_("已经开始的不填。"))
    expires = Moment(label=_("失效时间"))
    headline_en = forms.CharField(label=_("英文标题"), max_length=160, required=False)
    text_en = forms.CharField(
        label=_("英文内容"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("标题和内容都有英文，才发布英文一段。"),
    )  # fmt: skip
    advice_en = forms.CharField(
        label=_("英文指南"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    status = forms.ChoiceField(
        label=_("性质"), choices=Status.choices, initial=Status.ACTUAL,
        help_text=_("演练会告诉参加的人并写明是演练；测试不告诉任何人。"),
    )  # fmt: skip
    note = forms.CharField(label=_("演练名称或说明"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["hazard"].choices = [(one.key, str(one.title)) for one in hazards().values()]  # type: ignore[attr-defined]
        self.fields["colour"].choices = [  # type: ignore[attr-defined]
            (one.key, f"{one.title} · {one.level}") for one in colours().values()
        ]
        if not self.is_bound and "expires" not in self.initial:
            self.initial["expires"] = (clock.now() + timedelta(hours=6)).astimezone(clock.CHINA)

    def clean(self) -> dict[str, Any]:
        """The usual advice where none was written."""
        given = super().clean() or {}
        hazard = hazards().get(given.get("hazard", ""))
        if hazard:
            given["advice_zh"] = given.get("advice_zh") or hazard.advice.zh
            given["advice_en"] = given.get("advice_en") or hazard.advice.en
        return given


class ComposeForm(WordsForm):
    """A new alert, with its first area."""

    department = forms.ModelChoiceField(label=_("发布单位"), queryset=None)
    code = forms.CharField(
        label=_("发往的地区"), widget=RegionSelect, required=False,
        help_text=_("下一步可以再加地区、多边形或圆。"),
    )  # fmt: skip
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    field_order = ("department", "hazard", "colour", "code")


class FollowForm(WordsForm):
    """An update: the same words to change."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class CancelForm(forms.Form):
    """Why an alert is called off."""

    note = forms.CharField(label=_("解除的原因"), max_length=200, help_text=_("公众会看到，例如“降雨已经停止”。"))
    headline_zh = forms.CharField(label=_("标题"), max_length=160)
    text_zh = forms.CharField(label=_("内容"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class AreaForm(forms.Form):
    """One more piece of an area: one of the three."""

    code = forms.CharField(label=_("地区"), widget=RegionSelect, required=False)
    polygon = forms.CharField(
        label=_("多边形"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("一行一个点：纬度,经度，例如 39.80,97.00。绕一圈，最后一个点与第一个点相同。"),
    )  # fmt: skip
    circle = forms.CharField(
        label=_("圆"), required=False, help_text=_("圆心的纬度,经度，空格，半径（千米），例如 39.80,97.00 5。")
    )
    name = forms.CharField(
        label=_("名称"), max_length=200, required=False, help_text=_("选地区的不填；多边形和圆要起个名字，公众会看到。")
    )
    name_en = forms.CharField(label=_("英文名称"), max_length=200, required=False)


class ReasonForm(forms.Form):
    """What the composer is to change."""

    reason = forms.CharField(label=_("要修改什么"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

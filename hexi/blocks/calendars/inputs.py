"""What the pages ask for: Django forms. They check the shape; operations check the meaning."""

from datetime import date
from itertools import pairwise

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hexi.blocks.calendars.clocks import Kind, OfficeTime

KINDS = [(Kind.REST.value, _("放假")), (Kind.WORK.value, _("上班"))]
CLEAR = "clear"
WEEK = [(0, _("周一")), (1, _("周二")), (2, _("周三")), (3, _("周四")), (4, _("周五")), (5, _("周六")), (6, _("周日"))]
SOURCE_HINT = _("通知的名称或文号，例如「国办发明电〔2025〕× 号」。")


def _day_field(label: str, **more: object) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d"), **more)


def _time_field(label: str, **more: object) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), **more)


class NewCalendar(forms.Form):
    """A calendar for a division of its own."""

    region_code = forms.CharField(label=_("区划代码"), max_length=12, help_text=_("12 位数字，例如 620981000000。"))


class ChangeDay(forms.Form):
    """Another kind for one day, or back to what it is without a row."""

    day = _day_field(_("日期"))
    kind = forms.ChoiceField(
        label=_("改为"), widget=forms.RadioSelect, choices=[*KINDS, (CLEAR, _("取消本地区的设置，恢复原样"))]
    )
    name = forms.CharField(label=_("名称"), max_length=100, required=False, help_text=_("例如「春节」「开斋节」。"))
    source = forms.CharField(label=_("依据"), max_length=200, required=False, help_text=SOURCE_HINT)


class ImportDays(forms.Form):
    """A list of days from a file."""

    file = forms.FileField(
        label=_("文件"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_("Excel（xlsx）或 CSV。第一行是列名「日期,类型,名称」，类型写「放假」或「上班」。"),
    )
    source = forms.CharField(label=_("依据"), max_length=200, help_text=SOURCE_HINT)


class AnnounceYear(forms.Form):
    """Whether a year's holidays are announced."""

    announced = forms.BooleanField(
        label=_("放假安排已经公布，并且已全部录入"),
        required=False,
        help_text=_("公布以前，涉及这一年的到期日都会注明可能变动。"),
    )
    source = forms.CharField(label=_("依据"), max_length=200, required=False, help_text=SOURCE_HINT)


class WeekHours(forms.Form):
    """Office hours of the week from a day on: up to two stretches, the same on the chosen days."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("星期"), choices=WEEK, coerce=int, widget=forms.CheckboxSelectMultiple, initial=[0, 1, 2, 3, 4]
    )
    morning_start = _time_field(_("上午上班"))
    morning_end = _time_field(_("上午下班"))
    afternoon_start = _time_field(_("下午上班"), required=False)
    afternoon_end = _time_field(_("下午下班"), required=False, help_text=_("中午不休息的，只填上午一段即可。"))
    valid_from = _day_field(_("自哪天起"))
    valid_to = _day_field(_("到哪天止"), required=False, help_text=_("夏令作息等有结束日期的才填。"))

    def clean(self) -> dict[str, object]:
        """Both ends of the afternoon or none."""
        given = super().clean() or {}
        if (given.get("afternoon_start") is None) != (given.get("afternoon_end") is None):
            raise ValidationError({"afternoon_end": _("下午上班和下班时间要一起填。")})
        return given

    def hours(self) -> list[OfficeTime]:
        """The stretches entered, for every chosen weekday."""
        data = self.cleaned_data
        ends = [data[name] for name in ("morning_start", "morning_end", "afternoon_start", "afternoon_end")]
        spans = [(start, end) for start, end in list(pairwise(ends))[::2] if start is not None]
        return [OfficeTime(day, start, end, date.min) for day in data["weekdays"] for start, end in spans]

"""Forms of the pages of special procedures. Beside pages."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.models import ThirdParty
from hexi.blocks.people.models import Account


def _long(label: Any, hint: Any = "", *, required: bool = True, rows: int = 4) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=hint, required=required, widget=widget, max_length=5000)


class Party(forms.Form):
    """Whom to tell (art. 36)."""

    name = forms.CharField(label=_("姓名或者名称"), max_length=200)
    why = _long(_("涉及什么重大利益"), _("会写进告知书。"))
    phone = forms.CharField(
        label=_("联系电话"), max_length=40, required=False,
        help_text=_("没有账户的，发短信告知；短信没有送到的，当面或者邮寄送达后登记。"),
    )  # fmt: skip
    number = forms.CharField(
        label=_("身份证号或者统一社会信用代码"), max_length=30, required=False,
        help_text=_("知道的填写：对方登录后能看到告知书、在网上陈述意见。"),
    )  # fmt: skip


class Served(forms.Form):
    """How the letter reached a third party."""

    how = forms.ChoiceField(label=_("送达方式"), choices=ThirdParty.Served.choices, widget=forms.RadioSelect)
    on = forms.DateField(label=_("送达日期"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("签收人、邮件号或者见证人"), max_length=200)


class View(forms.Form):
    """What a third party says."""

    text = _long(_("意见"))


class Tell(forms.Form):
    """Why a hearing may be asked for."""

    opinion = _long(_("涉及的重大利益关系"), _("会写进告知书。"))


class Ask(forms.Form):
    """Why a hearing is asked for."""

    opinion = _long(_("要求听证的理由"), _("可不填。"), required=False)


class Call(forms.Form):
    """When, where, and who presides."""

    at = forms.DateTimeField(
        label=_("时间"), help_text=_("至少提前七个工作日。"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    place = forms.CharField(label=_("地点"), max_length=200)
    presider = forms.ModelChoiceField(
        label=_("主持人"), queryset=Account.objects.none(), help_text=_("本机关没有审查过这件申请的人。")
    )

    def __init__(self, *args: Any, officers: QuerySet[Account], **given: Any):
        super().__init__(*args, **given)
        self.fields["presider"].queryset = officers  # type: ignore[attr-defined]


class Minutes(forms.Form):
    """What was said at the hearing."""

    minutes = _long(_("听证笔录"), _("各方陈述、证据、质证和申辩。"), rows=12)
    signed_by = forms.CharField(label=_("签字确认的参加人"), max_length=500)


class Assign(forms.Form):
    """Which two go."""

    first = forms.ModelChoiceField(label=_("核查人员一"), queryset=Account.objects.none())
    second = forms.ModelChoiceField(label=_("核查人员二"), queryset=Account.objects.none())

    def __init__(self, *args: Any, officers: QuerySet[Account], **given: Any):
        super().__init__(*args, **given)
        for name in ("first", "second"):
            self.fields[name].queryset = officers  # type: ignore[attr-defined]


class Found(forms.Form):
    """What two officers found."""

    place = forms.CharField(label=_("核查地点"), max_length=300)
    latitude = forms.DecimalField(
        label=_("纬度"), required=False, min_value=-90, max_value=90, max_digits=8, decimal_places=5
    )
    longitude = forms.DecimalField(
        label=_("经度"), required=False, min_value=-180, max_value=180, max_digits=8, decimal_places=5
    )
    photos = forms.FileField(label=_("现场照片"), required=False, help_text=_("至少一张；再交可以加照片。"))
    findings = _long(_("核查情况"))
    passed = forms.TypedChoiceField(
        label=_("结论"), choices=[("1", _("符合")), ("0", _("不符合"))], coerce=lambda text: text == "1",
        widget=forms.RadioSelect,
    )  # fmt: skip

"""Forms of the pages of money. Beside pages."""

import secrets

from django import forms
from django.utils.translation import gettext_lazy as _

from hexi.blocks.money import channels
from hexi.blocks.regions.models import Department
from hexi.kernel import clock


def new_key() -> str:
    """What names a form, so that sent twice it counts once."""
    return secrets.token_hex(8)


class Fen(forms.DecimalField):
    """An amount typed in yuan, given in fen."""

    def __init__(self, **given: object):
        super().__init__(min_value=0, max_digits=12, decimal_places=2, **given)  # type: ignore[arg-type]

    def clean(self, value: object) -> int | None:  # type: ignore[override]
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)


class Take(forms.Form):
    """How the money was handed over."""

    channel = forms.ChoiceField(label=_("缴款方式"), widget=forms.RadioSelect)
    reference = forms.CharField(
        label=_("回单号"), required=False, max_length=80, help_text=_("收银行缴款回单时填写，印在回单上。")
    )
    fen = Fen(label=_("回单金额（元）"), required=False, help_text=_("与应缴不同时填写：整笔暂存，待退还。"))
    key = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(self, *args: object, **given: object):
        super().__init__(*args, **given)  # type: ignore[arg-type]
        self.fields["channel"].choices = [(one.key, one.title) for one in channels.channels(counter=True)]  # type: ignore[attr-defined]


class GiveBack(forms.Form):
    """How much goes back, and why."""

    fen = Fen(label=_("退款金额（元）"))
    reason = forms.CharField(
        label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("缴款人会看到。")
    )
    reference = forms.CharField(
        label=_("退款流水号"),
        required=False,
        max_length=80,
        help_text=_("由银行转账退还时填写。现金和网上支付不用填。"),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=32)


class HandIn(forms.Form):
    """A channel's statement."""

    department = forms.ModelChoiceField(label=_("收费单位"), queryset=Department.objects.none())
    channel = forms.ChoiceField(label=_("渠道"))
    day = forms.DateField(label=_("日期"), initial=clock.today, widget=forms.DateInput(attrs={"type": "date"}))
    file = forms.FileField(
        label=_("对账文件（CSV）"),
        help_text=_("第一行是列名：商户单号、流水号、类型（收款、退款）、金额（元）。UTF-8 或 GB 18030。"),
    )

    def __init__(self, *args: object, departments: object = None, **given: object):
        super().__init__(*args, **given)  # type: ignore[arg-type]
        self.fields["channel"].choices = [(one.key, one.title) for one in channels.channels() if one.keeps]  # type: ignore[attr-defined]
        if departments is not None:
            self.fields["department"].queryset = departments  # type: ignore[attr-defined]

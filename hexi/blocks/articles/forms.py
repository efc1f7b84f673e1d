"""Forms of articles: what one says and where it holds; why it is given back or withdrawn; until when it is true."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hexi.blocks.articles.definitions import kinds
from hexi.blocks.articles.models import Audience
from hexi.blocks.regions.controls import RegionSelect
from hexi.kernel import clock


class Day(forms.DateField):
    """A day, by the browser's own control."""

    def __init__(self, **kwargs: Any):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def lines(rows: int = 2) -> forms.Textarea:
    """A list, one a line."""
    return forms.Textarea(attrs={"rows": rows})


class TextForm(forms.Form):
    """What an article says."""

    kind = forms.ChoiceField(label=_("类型"))
    audience = forms.ChoiceField(
        label=_("谁能看"), choices=Audience.choices, initial=Audience.PUBLIC, widget=forms.RadioSelect
    )
    title = forms.CharField(label=_("标题"), max_length=120, help_text=_("用来问的人的话写，例如“居住证怎么办”。"))
    body = forms.CharField(
        label=_("文章正文"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("空一行分段；## 开头是小标题；- 开头是列表；1. 开头是步骤。网址会变成链接，其他标记按原样显示。"),
    )  # fmt: skip
    reply = forms.CharField(
        label=_("标准答复"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("接电话和答复诉求时直接引用的话。不填，就用正文的开头。"),
    )  # fmt: skip
    source = forms.CharField(
        label=_("依据"), max_length=200, required=False,
        help_text=_("哪部法律哪一条，或者哪份文件，例如《居住证暂行条例》第九条。"),
    )  # fmt: skip
    source_url = forms.URLField(label=_("依据的网址"), max_length=500, required=False, assume_scheme="https")
    keywords = forms.CharField(
        label=_("别的说法"), required=False, widget=lines(3), help_text=_("一行一个：人们会用什么词来找。")
    )
    items = forms.CharField(
        label=_("有关事项"), required=False, widget=lines(), help_text=_("一行一个事项键，例如 residence-permit。")
    )
    subjects = forms.CharField(
        label=_("诉求分类代码"), required=False, widget=lines(),
        help_text=_("一行一个，例如 070303。按它给接线和承办的人推荐。"),
    )  # fmt: skip
    formed_on = Day(
        label=_("形成或者变更日期"), initial=clock.today, required=False,
        help_text=_("主动公开的，从这一天起二十个工作日内公开（政府信息公开条例第二十六条）。"),
    )  # fmt: skip
    valid_from = Day(label=_("生效日期"), initial=clock.today)
    valid_to = Day(label=_("失效日期"), required=False, help_text=_("从这一天起不再有效。长期有效的不填。"))
    title_en = forms.CharField(label=_("英文标题"), max_length=200, required=False)
    body_en = forms.CharField(
        label=_("英文正文"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(one.key, str(one.title)) for one in kinds().values()]  # type: ignore[attr-defined]


class NewForm(TextForm):
    """A new article: whose, where, how often it is looked at again."""

    department = forms.ModelChoiceField(label=_("负责单位"), queryset=None)
    region = forms.CharField(
        label=_("适用地区"), widget=RegionSelect, required=False, help_text=_("不选就是负责单位所在的地区。")
    )
    months = forms.IntegerField(
        label=_("几个月复核一次"), min_value=1, max_value=36, required=False,
        help_text=_("不填就按这一类型通常的间隔。"),
    )  # fmt: skip
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    field_order = ("department", "region", "kind")


class RevisionForm(TextForm):
    """The next version."""

    why = forms.CharField(label=_("改了什么"), max_length=300, required=False, help_text=_("公众能在历次版本里看到。"))


class ReasonForm(forms.Form):
    """What the writer is to change."""

    reason = forms.CharField(label=_("要修改什么"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class WithdrawForm(forms.Form):
    """Why it is taken back."""

    reason = forms.CharField(label=_("为什么撤下"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    whole = forms.BooleanField(
        label=_("以前的各版也撤下"), required=False,
        help_text=_("里面写了不该公开的内容时勾选。不勾选，引用过以前版本的答复还能点开看当时的说法。"),
    )  # fmt: skip


class ReviewForm(forms.Form):
    """Still true until …"""

    until = Day(label=_("下次复核日期"), help_text=_("到这一天再核对一次。"))
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """What the owner says to feedback."""

    text = forms.CharField(
        label=_("答复"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("已更正、没有错，或者还要核实。反馈的人登录过，会收到这条答复。"),
    )  # fmt: skip

"""Forms of the catalogue: an entry with its items, reasons, a file of entries, a region's extra fields."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hexi.blocks.catalog import content, extras
from hexi.blocks.catalog.definitions import formats, licences, ways
from hexi.blocks.catalog.models import Cycle, Grading, ItemType, Mask, Rows, Sharing
from hexi.blocks.regions.controls import RegionSelect
from hexi.kernel import clock

#: blank items offered beside those that are there
BLANK = 3


def lines(rows: int = 2) -> forms.Textarea:
    """A text of some lines."""
    return forms.Textarea(attrs={"rows": rows})


class ProviderForm(forms.Form):
    """Whose data set it is: chosen, or by its credit code."""

    provider = forms.ModelChoiceField(label=_("提供方"), queryset=None, required=False)
    credit_code = forms.CharField(
        label=_("或填统一社会信用代码"), max_length=40, required=False, help_text=_("18 位，按 GB 32100 核对校验码。")
    )


class ItemForm(forms.Form):
    """One information item; one without a name and a title is left out."""

    name = forms.CharField(label=content.ITEM_LABELS["name"], max_length=60, required=False)
    title = forms.CharField(label=content.ITEM_LABELS["title"], max_length=100, required=False)
    title_en = forms.CharField(label=content.ITEM_LABELS["title_en"], max_length=150, required=False)
    type = forms.ChoiceField(label=content.ITEM_LABELS["type"], choices=ItemType.choices, initial="C", required=False)
    length = forms.IntegerField(label=content.ITEM_LABELS["length"], min_value=1, required=False)
    unit = forms.CharField(label=content.ITEM_LABELS["unit"], max_length=20, required=False)
    sensitivity = forms.ChoiceField(
        label=content.ITEM_LABELS["sensitivity"], choices=Grading.choices, initial="internal", required=False
    )
    mask = forms.ChoiceField(label=content.ITEM_LABELS["mask"], choices=Mask.choices, initial="none", required=False)
    personal = forms.BooleanField(label=content.ITEM_LABELS["personal"], required=False)
    key = forms.BooleanField(label=content.ITEM_LABELS["key"], required=False)
    required = forms.BooleanField(label=content.ITEM_LABELS["required"], required=False)
    open = forms.BooleanField(label=content.ITEM_LABELS["open"], required=False)
    of_body = forms.CharField(
        label=content.ITEM_LABELS["of_body"], max_length=200, required=False,
        help_text=_("名称像证件号、手机号、银行账号或健康状况、又要开放的信息项才填，例如“单位的对公账号”。"),
    )  # fmt: skip

    @property
    def said(self) -> str:
        """What the item is called, for the line that folds it away."""
        title, name = self["title"].value() or "", self["name"].value() or ""
        return f"{title}（{name}）" if title and name else title or name


ItemSet = forms.formset_factory(ItemForm, extra=BLANK, max_num=content.MOST_ITEMS)


class EntryForm(forms.Form):
    """What is said of an entry. `items` is the set of its items; `held` the schema of the region's extra fields."""

    title = forms.CharField(label=content.LABELS["title"], max_length=200)
    title_en = forms.CharField(label=content.LABELS["title_en"], max_length=300, required=False)
    unit = forms.CharField(label=content.LABELS["unit"], max_length=100, required=False)
    summary = forms.CharField(
        label=content.LABELS["summary"], max_length=4000, widget=lines(4),
        help_text=_("有什么、从哪来、用来做什么，让别的部门看得懂。"),
    )  # fmt: skip
    summary_en = forms.CharField(label=content.LABELS["summary_en"], max_length=6000, widget=lines(3), required=False)
    keywords = forms.CharField(
        label=content.LABELS["keywords"], required=False, widget=lines(3), help_text=_("一行一个：人们会用什么词来找。")
    )
    format = forms.ChoiceField(label=content.LABELS["format"])
    format_type = forms.CharField(
        label=content.LABELS["format_type"], max_length=40, required=False, help_text=_("例如 xlsx、csv、postgresql。")
    )
    kind = forms.ChoiceField(label=content.LABELS["kind"], choices=[pair for pair in Rows.choices if pair[0] != "view"])
    cycle = forms.ChoiceField(
        label=content.LABELS["cycle"], choices=Cycle.choices, help_text=_("过了周期没有更新，会提醒提供方。")
    )
    grading = forms.ChoiceField(label=content.LABELS["grading"], choices=Grading.choices)
    sharing = forms.ChoiceField(label=content.LABELS["sharing"], choices=Sharing.choices, widget=forms.RadioSelect)
    sharing_condition = forms.CharField(
        label=content.LABELS["sharing_condition"], required=False, widget=lines(), help_text=_("有条件共享必填。")
    )
    sharing_way = forms.ChoiceField(label=content.LABELS["sharing_way"], required=False)
    sharing_basis = forms.CharField(
        label=content.LABELS["sharing_basis"], max_length=500, required=False,
        help_text=_("不予共享必填：法律、行政法规或国务院文件的名称和条款。"),
    )  # fmt: skip
    open = forms.BooleanField(label=content.LABELS["open"], required=False)
    open_condition = forms.CharField(label=content.LABELS["open_condition"], max_length=500, required=False)
    license = forms.ChoiceField(
        label=content.LABELS["license"], required=False, help_text=_("向社会开放的数据集必选。")
    )
    related = forms.CharField(
        label=content.LABELS["related"], required=False, widget=lines(), help_text=_("一行一个代码。")
    )

    def __init__(self, *args: Any, held: Mapping[str, Any] | None = None, view: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        given = dict(kwargs.get("initial") or {})
        self.items = ItemSet(self.data if self.is_bound else None, prefix="items", initial=given.get("items"))
        for name, known in (("format", formats()), ("sharing_way", ways()), ("license", licences())):
            first = [] if name == "format" else [("", _("（不选）"))]
            self.fields[name].choices = [*first, *((one.key, str(one.title)) for one in known.values())]  # type: ignore[attr-defined]
        if view:  # an own register stays one
            self.fields["kind"].choices = [(Rows.VIEW.value, Rows.VIEW.label)]  # type: ignore[attr-defined]
        self.held = held
        for name, field in (held or {}).get("properties", {}).items():
            required = name in (held or {}).get("required", [])
            self.fields[f"extra_{name}"] = extra_field(name, field, required)

    def is_valid(self) -> bool:
        """The entry and each of its items."""
        return super().is_valid() & self.items.is_valid()

    @property
    def said(self) -> dict[str, Any]:
        """What was filled in, as the operations take it."""
        given = dict(self.cleaned_data)
        extra = {name.removeprefix("extra_"): given.pop(name) for name in list(given) if name.startswith("extra_")}
        items = [one for one in self.items.cleaned_data if one and (one.get("name") or one.get("title"))]
        fields = {name: given[name] for name in content.FIELDS}
        return fields | {"related": given["related"].splitlines(), "items": items, "extra": extra}

    def item_errors(self) -> ErrorDict:
        """What is wrong with the shape of items, for the summary at the top."""
        return ErrorDict({f"items-{n}": one for n, one in enumerate(self.items.errors) if one})


class NewEntryForm(EntryForm):
    """A new entry: its classification, or the code it was given elsewhere."""

    classification = forms.CharField(
        label=_("分类码"), max_length=30, required=False,
        help_text=_("类 1 位、项 2 位、目 3 位，细目按需，例如 307001。顺序码自动给。"),
    )  # fmt: skip
    code = forms.CharField(
        label=_("已有的信息资源代码"),
        max_length=40,
        required=False,
        help_text=_("上级已编过码的填，例如 307001/00001。"),
    )
    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    field_order = ("title", "title_en", "classification", "code")

    def clean(self) -> dict[str, Any]:
        """One of the two must be said."""
        given = super().clean() or {}
        if not given.get("classification") and not given.get("code"):
            self.add_error("classification", gettext("请填写分类码，或已有的信息资源代码。"))
        return given


class ChangeForm(EntryForm):
    """A change: why, and that who uses what is touched is known."""

    why = forms.CharField(
        label=_("改了什么"), max_length=300, required=False, help_text=_("订阅的人和历次版本里能看到。")
    )
    aware = forms.BooleanField(widget=forms.HiddenInput, required=False)


def extra_field(name: str, field: Mapping[str, Any], required: bool) -> forms.Field:
    """A region's extra field as a control; the operation checks the meaning."""
    facts: dict[str, Any] = {"label": extras.label(name, field), "required": required}
    facts["help_text"] = str(field.get("description", ""))
    if "enum" in field:
        return forms.ChoiceField(choices=[("", _("（不选）")), *((one, str(one)) for one in field["enum"])], **facts)
    if field["type"] == "boolean":
        return forms.ChoiceField(choices=[("", _("（不选）")), ("true", _("是")), ("false", _("否"))], **facts)
    if field["type"] in ("integer", "number"):
        kind = forms.IntegerField if field["type"] == "integer" else forms.FloatField
        return kind(min_value=field.get("minimum"), max_value=field.get("maximum"), **facts)
    widget = forms.DateInput() if field.get("format") == "date" else None
    return forms.CharField(max_length=field.get("maxLength", extras.LONGEST), widget=widget, **facts)


class ReasonForm(forms.Form):
    """What the writer is to change."""

    reason = forms.CharField(label=_("要修改什么"), max_length=300, widget=lines(3))


class WithdrawForm(forms.Form):
    """Why it is taken back."""

    reason = forms.CharField(label=_("为什么撤下"), max_length=300, widget=lines(3), help_text=_("订阅的人会看到。"))


class SheetForm(forms.Form):
    """A file of entries."""

    file = forms.FileField(
        label=_("目录文件"), help_text=_("XLSX 或 CSV，第一行是列名。先下载目录表格，改好再传，最不容易错。")
    )


class ExtraForm(forms.Form):
    """The extra fields of a region."""

    region = forms.CharField(label=_("地区"), widget=RegionSelect)
    standard = forms.CharField(
        label=_("标准号"), max_length=100, help_text=_("例如 DB51/T 2847-2021《政务信息资源目录编制指南》。")
    )
    valid_from = forms.DateField(label=_("启用日期"), widget=forms.DateInput(), initial=clock.today)
    schema = forms.CharField(
        label=_("扩展项"), widget=lines(14),
        help_text=_(
            "JSON Schema：type 写 object，properties 里写各字段的 type、title，可写 enum、maxLength、minimum、format。"
        ),
    )  # fmt: skip

    def clean_schema(self) -> Any:
        """The text as JSON."""
        try:
            return json.loads(self.cleaned_data["schema"])
        except ValueError as error:
            told = gettext("不是 JSON，第 %(line)s 行附近：%(what)s")
            line = getattr(error, "lineno", 1)
            raise forms.ValidationError(told % {"line": line, "what": getattr(error, "msg", error)}) from error

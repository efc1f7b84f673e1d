"""Forms of the duty desk. Below the pages."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import plans, queries
from hexi.domains.livelihood.emergency.models import Event
from hexi.domains.livelihood.emergency.states import ACTIONS, Source

WORDS = {"dead": _("死亡"), "injured": _("受伤"), "missing": _("失联"), "moved": _("转移")}


def kind_choices() -> list[tuple[str, str]]:
    """Kinds of events."""
    return [("", _("请选择")), *((one.key, str(one.title)) for one in plans.kinds().values())]  # type: ignore[list-item]


def level_choices() -> list[tuple[int, str]]:
    """Levels with the word of their colour, the mildest first."""
    return [(one.level, f"{one.title} {one.colour}") for one in reversed(plans.levels().values())]


class OpenForm(forms.Form):
    """What is known when an event is opened."""

    plan = forms.ChoiceField(
        label=_("按哪个预案"), required=False, help_text=_("选了预案，先期任务和联系人自动列出；种类以预案为准。")
    )
    kind = forms.ChoiceField(label=_("种类"), required=False)
    level = forms.TypedChoiceField(label=_("级别"), coerce=int, initial=4)
    address = forms.CharField(label=_("具体地点"), max_length=200)
    text = forms.CharField(label=_("什么情况"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)
    source = forms.ChoiceField(label=_("怎样得知"), choices=Source, initial=Source.CALL)
    submission = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *given: Any, region: str, **more: Any):
        super().__init__(*given, **more)
        file = plans.file_for(region)
        known = [(one.key, str(one.title)) for one in file.plans] if file else []
        self.fields["plan"].choices = [("", _("不按预案")), *known]  # type: ignore[attr-defined]
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]
        self.fields["level"].choices = level_choices()  # type: ignore[attr-defined]
        self.fields["submission"].initial = lambda: uuid4().hex

    def clean(self) -> dict[str, Any]:
        """The kind is the plan's, or chosen."""
        found = super().clean() or self.cleaned_data
        plan = plans.plan(found.get("plan", ""))
        if plan is not None:
            found["kind"] = plan.kind
        elif not found.get("kind"):
            self.add_error("kind", _("请选择种类，或者选一个预案。"))
        return found


class ActionForm(forms.Form):
    """What an action asks for."""

    opinion = forms.CharField(
        label=_("理由"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000, required=False
    )

    def facts(self) -> dict[str, Any]:
        """What the operation is called with."""
        found = dict(self.cleaned_data)
        if "dead" in found:
            found["numbers"] = {name: found.pop(name) or 0 for name in queries.NUMBERS}
        return found


def action_form(action: str, event: Event, data: Any = None) -> ActionForm:
    """The form of an action."""
    form = ActionForm(data, prefix=action)
    form.fields["opinion"].required = ACTIONS[action].reason
    if add := MORE.get(action):
        add(form, event)
    if action in TWICE:
        form.fields["once"] = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=lambda: uuid4().hex)
    if not ACTIONS[action].reason:
        del form.fields["opinion"]
    return form


def _report(form: ActionForm, event: Event) -> None:
    form.fields["text"] = forms.CharField(
        label=_("最新情况"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000
    )
    last = event.entries.filter(kind="report").last()
    for name, label in WORDS.items():
        form.fields[name] = forms.IntegerField(
            label=label,
            min_value=0,
            max_value=9_999_999,
            required=False,
            initial=last.facts.get(name, 0) if last else 0,
        )


def _level(form: ActionForm, event: Event) -> None:
    choices = [one for one in level_choices() if one[0] != event.level]
    form.fields["level"] = forms.TypedChoiceField(label=_("新的级别"), coerce=int, choices=choices)
    form.order_fields(["level", "opinion"])


def _task(form: ActionForm, event: Event) -> None:
    county = event.case.region_code[:6]
    offices = Department.objects.filter(active=True, region_code__startswith=county)
    form.fields["title"] = forms.CharField(label=_("做什么"), max_length=200)
    form.fields["unit"] = forms.ModelChoiceField(label=_("责任单位"), queryset=offices, empty_label=_("请选择"))
    form.fields["minutes"] = forms.IntegerField(label=_("多少分钟内"), min_value=1, max_value=43200, initial=60)


def _hand_in(form: ActionForm, event: Event) -> None:
    text = event.closing or queries.composed(event)
    form.fields["text"] = forms.CharField(
        label=_("结案报告"), widget=forms.Textarea(attrs={"rows": 14}), max_length=20000, initial=text,
        help_text=_("已按记录起草，请核对、补充原因和改进措施。"),
    )  # fmt: skip


#: what could be done twice: a form of these is named, so that a double press is one
TWICE = ("report", "add_task")
MORE = {"report": _report, "set_level": _level, "add_task": _task, "hand_in": _hand_in}


class ContactForm(forms.Form):
    """One more to ring."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    role = forms.CharField(label=_("做什么"), max_length=100, required=False)
    phone = forms.CharField(label=_("电话"), max_length=20)


class ShiftForm(forms.Form):
    """A shift: a day and its hours."""

    account = forms.ModelChoiceField(label=_("值班员"), queryset=Account.objects.none(), empty_label=_("请选择"))
    leader = forms.ModelChoiceField(
        label=_("带班领导"), queryset=Account.objects.none(), required=False, empty_label=_("没有")
    )
    day = forms.DateField(label=_("日期"), widget=forms.DateInput)
    start = forms.TimeField(label=_("从"), initial="08:30", widget=forms.TimeInput(attrs={"type": "time"}))
    hours = forms.IntegerField(label=_("多少小时"), min_value=1, max_value=48, initial=24)

    def __init__(self, *given: Any, desk: Department | None, **more: Any):
        super().__init__(*given, **more)
        rows = Account.objects.filter(pk__in=[one.pk for one in queries.officers(desk)] if desk else [])
        for name in ("account", "leader"):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

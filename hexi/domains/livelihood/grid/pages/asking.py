"""Forms of the grid: what each action asks, a report, a check-in. Below the pages."""

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import rules
from hexi.domains.livelihood.grid.models import Cell, Incident, Patrol
from hexi.domains.livelihood.grid.operations.reporting import IMAGES, LONGEST
from hexi.domains.livelihood.grid.states import ACTIONS
from hexi.ui.words import english

#: what the number means that an action asks for
AMOUNTS = {
    "ask_delay": _("再要多少（按处置时限的单位）"), "ask_hold": _("预计多少个工作日"),
    "ask_longer": _("再要多少个工作日"),
}  # fmt: skip


class ManyFiles(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class Photos(forms.FileField):
    """Photographs: a list, perhaps empty. What they are is looked at by who keeps them."""

    def __init__(self, **given: Any):
        super().__init__(required=False, widget=ManyFiles(attrs={"accept": ",".join(IMAGES)}), **given)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Every file by itself."""
        return [super(Photos, self).clean(one, initial) for one in data or []]


class ActionForm(forms.Form):
    """The opinion of an action, and what else it asks for."""

    opinion = forms.CharField(
        label=_("意见"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, required=False
    )

    def facts(self) -> dict[str, Any]:
        """What the operation is called with."""
        found = dict(self.cleaned_data)
        if "photos" in found:
            found["photos"] = [(one, one.name) for one in found["photos"]]
        return found


def action_form(action: str, incident: Incident, data: Any = None, files: Any = None) -> ActionForm:
    """The form of an action."""
    form = ActionForm(data, files, prefix=action)
    form.fields["opinion"].required = ACTIONS[action].reason
    if action == "dispatch":
        form.fields["unit"] = unit_field(incident)
    elif action == "handle":
        form.fields["photos"] = Photos(label=_("处置后照片"))
    elif action in AMOUNTS:
        form.fields["amount"] = forms.IntegerField(label=AMOUNTS[action], min_value=1, max_value=365)
    elif action == "evaluate":
        levels = [(n, f"{n}") for n in range(5, 0, -1)]
        form.fields["level"] = forms.TypedChoiceField(label=_("得分（5 最好）"), choices=levels, coerce=int)
    form.order_fields(["unit", "amount", "level", "opinion", "photos"])
    return form


def unit_field(incident: Incident) -> forms.ModelChoiceField:
    """Departments of the county; proposed is who owns the thing where its class asks him first (先属主后属地), else the
    one the class usually goes to."""
    county = incident.centre.region_code[:6]
    offices = Department.objects.filter(active=True, region_code__startswith=county).exclude(pk=incident.centre_id)
    usual = rules.units_of(incident.centre.region_code, incident.subject)
    field = forms.ModelChoiceField(label=_("处置部门"), queryset=offices, empty_label=_("请选择"))
    owner = incident.component.owner_id if incident.component and rules.owner_first(incident.rule) else None
    field.initial = offices.filter(pk=owner).first() or offices.filter(key__in=usual[:1]).first()
    return field


def class_choices() -> list[Any]:
    """Classes under their majors."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in rules.classes():
        major = one.facts["major"]["en" if english() else "zh"]
        groups.setdefault(major, []).append((one.key, str(one)))
    return [("", _("请选择")), *groups.items()]


class ReportForm(forms.Form):
    """What a worker reports."""

    subject = forms.ChoiceField(label=_("类别"))
    text = forms.CharField(label=_("看到了什么"), widget=forms.Textarea(attrs={"rows": 3}), max_length=LONGEST)
    photos = Photos(label=_("现场照片"))
    longitude = forms.FloatField(
        label=_("东经（度）"), required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    latitude = forms.FloatField(
        label=_("北纬（度）"), required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    cell = forms.ModelChoiceField(
        label=_("所在网格"),
        queryset=Cell.objects.none(),
        required=False,
        empty_label=_("按定位判断"),
        help_text=_("没有定位时选择。"),
    )
    place = forms.CharField(label=_("位置说明"), max_length=200, required=False)
    component = forms.CharField(label=_("部件编码"), max_length=20, required=False, help_text=_("标牌上有就填。"))
    urgent = forms.BooleanField(label=_("紧急"), required=False)
    submission = forms.CharField(widget=forms.HiddenInput, max_length=40)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)

    def __init__(self, *given: Any, cells: QuerySet[Cell], **more: Any):
        super().__init__(*given, **more)
        self.fields["subject"].choices = class_choices()
        self.fields["cell"].queryset = cells  # type: ignore[attr-defined]
        self.fields["submission"].initial = lambda: uuid4().hex


class PresenceForm(forms.Form):
    """A check-in."""

    cell = forms.ModelChoiceField(label=_("网格"), queryset=Cell.objects.none())
    patrol = forms.ModelChoiceField(
        label=_("哪项巡查计划"),
        queryset=Patrol.objects.none(),
        required=False,
        empty_label=_("最先到期的一项"),
    )
    longitude = forms.FloatField(
        label=_("东经（度）"), required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    latitude = forms.FloatField(
        label=_("北纬（度）"), required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    note = forms.CharField(label=_("备注"), max_length=200, required=False)
    submission = forms.CharField(widget=forms.HiddenInput, max_length=40)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)

    def __init__(self, *given: Any, cells: QuerySet[Cell], **more: Any):
        super().__init__(*given, **more)
        self.fields["cell"].queryset = cells  # type: ignore[attr-defined]
        plans = Patrol.objects.filter(cell__in=cells).select_related("cell").order_by("cell__code", "pk")
        # a check-in that waited for a line may name a plan that has ended since; it is not offered any more
        self.fields["patrol"].queryset = plans  # type: ignore[attr-defined]
        self.fields["patrol"].widget.choices = [
            ("", self.fields["patrol"].empty_label),  # type: ignore[attr-defined]
            *((one.pk, f"{one.cell.title} · {one}") for one in plans.filter(ended_on=None)),
        ]
        self.fields["submission"].initial = lambda: uuid4().hex

"""Forms of sharing: the screens of an application, what a decision asks for, a grant's changes. Below the pages."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.calendars.clocks import Unit
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Item
from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Entry, Mask, Sharing, Subsystem
from hexi.blocks.regions import codes
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Division
from hexi.domains.livelihood.sharing import queries
from hexi.domains.livelihood.sharing.models import Application, Writing
from hexi.domains.livelihood.sharing.operations.applying import Asked
from hexi.domains.livelihood.sharing.pages.words import masked, number
from hexi.domains.livelihood.sharing.states import ACTIONS
from hexi.kernel import clock

#: begins the name of a field that asks which item answers a question
ANSWER = "answer_"
#: and of one that asks how an item is given
MASK = "mask_"


class WhyForm(forms.Form):
    """What for, by which law, for which service."""

    purpose = forms.CharField(
        label=gettext_lazy("用途"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), required=False,
        help_text=gettext_lazy("办什么事、为什么需要这些数据。提供方和本人都看得到。"),
    )  # fmt: skip
    law = forms.CharField(
        label=gettext_lazy("法律依据"), max_length=300, required=False, help_text=gettext_lazy("写到条款。")
    )
    item = forms.ChoiceField(
        label=gettext_lazy("服务于哪个事项"), required=False,
        help_text=gettext_lazy("选了事项，就可以用来预填它的表单、免交它的材料。"),
    )  # fmt: skip

    def __init__(self, *given: Any, writing: Writing, **more: Any):
        super().__init__(*given, **more)
        rows = [(str(one.pk), one.name) for one in queries.items_of(writing.office)]
        self.fields["item"].choices = [("", _("不服务于具体事项")), *rows]  # type: ignore[attr-defined]


class WhatForm(forms.Form):
    """Which fields, how, which rows."""

    fields_ = forms.MultipleChoiceField(
        label=gettext_lazy("需要哪些信息项"), widget=forms.CheckboxSelectMultiple, required=False
    )
    full = forms.MultipleChoiceField(
        label=gettext_lazy("其中哪些要原样给出"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=gettext_lazy("不选的按目录写明的方式给出，如只留首尾、只到年。只选办事必需的。"),
    )  # fmt: skip
    region = forms.ChoiceField(label=gettext_lazy("哪个地区的数据"), required=False)
    region_field = forms.ChoiceField(label=gettext_lazy("哪个信息项是区划代码"), required=False)

    def __init__(self, *given: Any, writing: Writing, **more: Any):
        super().__init__(*given, **more)
        entry, items = writing.entry, list(writing.entry.items.all())
        self.fields["fields_"].choices = [(one.name, _shown(one)) for one in items]  # type: ignore[attr-defined]
        masked = [(one.name, one.label) for one in items if one.mask != Mask.NONE]
        if entry.sharing == Sharing.UNCONDITIONAL or not masked:
            del self.fields["full"]
        else:
            self.fields["full"].choices = masked  # type: ignore[attr-defined]
        register = own.of(entry)
        if register is not None and not register.said.region:
            del self.fields["region"]
        else:
            own_region = writing.office.region_code
            places = [*codes.ancestors(own_region), own_region, *below(own_region)]
            self.fields["region"].choices = [("", _("全部")), *named(places)]  # type: ignore[attr-defined]
        if register is not None:
            del self.fields["region_field"]
        else:
            self.fields["region_field"].choices = [  # type: ignore[attr-defined]
                ("", _("不按地区")), *((one.name, one.label) for one in items)
            ]  # fmt: skip


def below(code: str) -> list[str]:
    """The divisions of the two levels under one, each before those it holds."""
    first = list(regions.children(code).values_list("code", flat=True))
    second = Division.objects.current().filter(parent_code__in=first).values_list("code", flat=True)
    return sorted([*first, *second])


def named(places: Iterable[str]) -> list[tuple[str, str]]:
    """Divisions to choose from, each once, by their names."""
    wanted = [code for code in dict.fromkeys(places) if code and codes.prefix(code)]
    names = regions.places(wanted)
    return [(code, names.get(code, code)) for code in wanted]


def _shown(item: Any) -> str:
    """A field with how the catalogue gives it."""
    return masked(item.label, item.mask)


class HowForm(forms.Form):
    """Until when, how often, and what it is used for in the service."""

    expires = forms.DateField(label=gettext_lazy("使用到哪一天"), widget=forms.DateInput, required=False)
    quota = forms.IntegerField(
        label=gettext_lazy("每天最多调用多少次"), required=False, min_value=1, max_value=10_000_000,
        help_text=gettext_lazy("不写就按需要。"),
    )  # fmt: skip
    subsystem = forms.ChoiceField(
        label=gettext_lazy("用本单位的哪个系统调用"), required=False,
        help_text=gettext_lazy("选了系统，授权后它就能经数据交换网关取数；本平台办件里照样能用。"),
    )  # fmt: skip

    def __init__(self, *given: Any, writing: Writing, **more: Any):
        super().__init__(*given, **more)
        self.fields["expires"].initial = clock.today() + timedelta(days=365)
        systems = [(str(one.pk), f"{one.name}（{one.code}）") for one in queries.systems_of(writing.office)]
        self.fields["subsystem"].choices = [("", _("不经网关，只在本平台使用")), *systems]  # type: ignore[attr-defined]
        if not systems:
            del self.fields["subsystem"]
        item, written = item_of(writing), writing.written
        if item is None:
            return
        full = [one for one in writing.entry.items.all() if one.name in chosen(writing.entry, written)]
        plain = [("", "—"), *((one.name, one.label) for one in full if _mask(one, written) == Mask.NONE)]
        held = definition(item.version).national
        for _section, question in held.form.fields():
            if question.kind not in ("computed", "file", "photo", "note", "signature", "repeating"):
                self.fields[f"{ANSWER}{question.key}"] = forms.ChoiceField(
                    label=_("预填“%(question)s”用") % {"question": question.label}, choices=plain, required=False
                )
        materials = [(one.key, str(one.title)) for one in held.materials if not one.is_form]
        if materials:
            self.fields["spares"] = forms.ChoiceField(
                label=_("免交哪份材料"), choices=[("", _("没有")), *materials], required=False
            )


FORMS: dict[str, type[forms.Form]] = {"why": WhyForm, "what": WhatForm, "how": HowForm}


def item_of(writing: Writing) -> Item | None:
    """The service item that was chosen."""
    pk = str(writing.written.get("item") or "")
    rows = queries.items_of(writing.office)
    return rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 10 else None


def chosen(entry: Entry, written: dict[str, Any]) -> dict[str, str]:
    """The fields asked for, each with how it is to be given."""
    wanted = set(written.get("fields", ()))
    return {one.name: _mask(one, written) for one in entry.items.all() if one.name in wanted}


def _mask(item: Any, written: dict[str, Any]) -> str:
    return Mask.NONE.value if item.name in written.get("full", ()) else str(item.mask)


def kept(step: str, form: Any) -> dict[str, Any]:
    """What a screen said, as it is kept while writing."""
    data = form.cleaned_data
    if step == "why":
        return {name: data.get(name, "") for name in ("purpose", "law", "item")}
    if step == "what":
        return {"fields": data.get("fields_", []), "full": data.get("full", []), "region": data.get("region", ""),
                "region_field": data.get("region_field", "")}  # fmt: skip
    answers = {name.removeprefix(ANSWER): value for name, value in data.items() if name.startswith(ANSWER) and value}
    day = data.get("expires")
    return {"expires": day.isoformat() if day else "", "quota": data.get("quota") or "", "answers": answers,
            "subsystem": data.get("subsystem", ""), "spares": data.get("spares", "")}  # fmt: skip


def initial(step: str, written: dict[str, Any]) -> dict[str, Any]:
    """The same the other way."""
    found = {name: value for name, value in written.items() if value not in ("", None)}
    found["fields_"] = written.get("fields", [])
    return found | {f"{ANSWER}{key}": value for key, value in written.get("answers", {}).items()}


def asked(writing: Writing) -> Asked:
    """Everything that was written, as the operation takes it."""
    written = writing.written
    day, quota = written.get("expires", ""), written.get("quota")
    return Asked(
        purpose=written.get("purpose", ""), law=written.get("law", ""), fields=chosen(writing.entry, written),
        expires=forms.DateField().to_python(day) if day else None, item=item_of(writing),
        region=written.get("region", ""), region_field=written.get("region_field", ""),
        quota=int(quota) if quota else None, answers=written.get("answers", {}), spares=written.get("spares", ""),
        subsystem=Subsystem.objects.filter(pk=number(str(written.get("subsystem", "")))).first(),
    )  # fmt: skip


# --- deciding ---------------------------------------------------------------------------------------------------------
class ActionForm(forms.Form):
    """The opinion of an action."""

    opinion = forms.CharField(
        label=gettext_lazy("意见"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, required=False
    )


class DecisionForm(ActionForm):
    """What is given of what was asked: fields, how they are shown, of which rows, until when, how often."""

    def __init__(self, data: Any = None, *, found: Application, prefix: str):
        super().__init__(data, prefix=prefix)
        items = [one for one in found.entry.items.all() if one.name in found.fields]
        self.fields["fields"] = forms.MultipleChoiceField(
            label=_("给出哪些信息项"), choices=[(one.name, masked(one.label, found.fields[one.name])) for one in items],
            initial=[one.name for one in items], widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        order = ["fields"]
        for one in items:
            if found.fields[one.name] == Mask.NONE:
                self.fields[f"{MASK}{one.name}"] = forms.ChoiceField(
                    label=_("“%(name)s”怎样给出") % {"name": one.label}, required=False,
                    choices=[pair for pair in Mask.choices if pair[0] != Mask.HIDDEN],
                )  # fmt: skip
                order.append(f"{MASK}{one.name}")
        self._rows(found)
        self.fields["expires"] = forms.DateField(label=_("到哪一天"), initial=found.expires, widget=forms.DateInput)
        self.fields["quota"] = forms.IntegerField(
            label=_("每天最多调用多少次"), initial=found.quota, required=False, min_value=1
        )
        self.order_fields([*order, "rows", "region_field", "expires", "quota", "opinion"])

    def _rows(self, found: Application) -> None:
        """Within the division asked for; where all were asked for, within that of the provider."""
        register = own.of(found.entry)
        if register is not None and not register.said.region:
            return
        places = [found.region or found.entry.region_code, *below(found.region or found.entry.region_code)]
        every = [] if found.region else [("", _("全部"))]
        self.fields["rows"] = forms.ChoiceField(
            label=_("给出哪个地区的行"), choices=[*every, *named(places)], initial=found.region, required=False
        )
        if register is None and not found.region_field:
            self.fields["region_field"] = forms.ChoiceField(
                label=_("哪个信息项是区划代码"), required=False,
                choices=[("", _("不按地区")), *((one.name, one.label) for one in found.entry.items.all())],
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The masks by field, as the operation takes them; one left alone is as it was asked for."""
        given = super().clean() or {}
        chosen = {name: given.pop(name) for name in list(given) if name.startswith(MASK)}
        return given | {"masks": {name.removeprefix(MASK): mask for name, mask in chosen.items() if mask}}


def action_form(action: str, found: Application, data: Any = None) -> ActionForm:
    """The form of an action, with what else it asks for."""
    form = DecisionForm(data, found=found, prefix=action) if action == "grant" else ActionForm(data, prefix=action)
    form.fields["opinion"].required = ACTIONS[action].reason
    if action == "refuse":
        form.fields["opinion"].label = _("不同意的理由")
        form.fields["needed"] = forms.CharField(
            label=_("补充什么就可以共享"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000
        )
    return form


class GrantForm(forms.Form):
    """Why a grant is changed."""

    why = forms.CharField(label=gettext_lazy("理由"), max_length=300)


class RenewForm(GrantForm):
    """Until when it holds from now on."""

    expires = forms.DateField(label=gettext_lazy("续到哪一天"), widget=forms.DateInput)


class TermForm(forms.Form):
    """A term of the region's own."""

    amount = forms.IntegerField(label=gettext_lazy("期限"), min_value=1, max_value=365)
    unit = forms.ChoiceField(
        label=gettext_lazy("单位"),
        choices=[(Unit.WORKING_DAYS.value, gettext_lazy("工作日")), (Unit.CALENDAR_DAYS.value, gettext_lazy("天"))],
    )
    law = forms.CharField(label=gettext_lazy("依据"), max_length=100)
    clause = forms.CharField(label=gettext_lazy("条款"), max_length=100, required=False)
    valid_from = forms.DateField(label=gettext_lazy("启用日期"), widget=forms.DateInput)

"""Forms of petitions: what each action asks an official for, and entry at the window. Below the pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions import access, queries, rules
from hexi.domains.livelihood.petitions.models import Petition, Recusal
from hexi.domains.livelihood.petitions.states import (
    ACTIONS,
    DECIDE,
    FIRST_RESULTS,
    REVIEW_RESULTS,
    Type,
)
from hexi.kernel import clock
from hexi.kernel.actors import Actor

TEXT = {"rows": 4}


class Accounts(forms.ModelChoiceField):
    """Officials by their names."""

    def __init__(self, accounts: list[Account], **more: Any):
        rows = Account.objects.filter(pk__in=[one.pk for one in accounts])
        super().__init__(queryset=rows, empty_label=_("请选择"), **more)


class ActionForm(forms.Form):
    """The opinion of an action, and what else it asks for."""

    opinion = forms.CharField(
        label=_("意见"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, required=False
    )

    def facts(self) -> dict[str, Any]:
        """What the operation is called with."""
        return dict(self.cleaned_data)


def action_form(action: str, petition: Petition, actor: Actor, data: Any = None) -> ActionForm:
    """The form of an action."""
    form = ActionForm(data, prefix=action)
    form.fields["opinion"].required = ACTIONS[action].reason
    if add := MORE.get(action):
        add(form, petition, actor)
    order = ["unit", "handlers", "lead", "way", "where", "account", "days", "result", "facts", "words", "basis", "on",
             "how", "reason", "opinion"]  # fmt: skip
    form.order_fields(order)
    return form


def _transfer(form: ActionForm, petition: Petition, actor: Actor) -> None:
    form.fields["unit"] = _unit(petition, _("有权处理的单位"))


def _refuse(form: ActionForm, petition: Petition, actor: Actor) -> None:
    ways = [("", _("请选择")), *((one.key, str(one.title)) for one in rules.ways().values())]
    form.fields["way"] = forms.ChoiceField(label=_("应当通过什么途径"), choices=ways)
    form.fields["where"] = forms.CharField(
        label=_("向哪里提出"), max_length=200, required=False, help_text=_("写明具体机关；不写就用这一途径的通用说法。")
    )
    form.fields["opinion"].label = _("说明（写进告知书）")


def _join(form: ActionForm, petition: Petition, actor: Actor) -> None:
    rows = queries.alike(petition, actor)
    field = forms.ModelChoiceField(label=_("并入哪一件"), queryset=rows, empty_label=_("请选择"))
    field.help_text = _("列出的是同一信访人，或者同一地方、同一分类的在办事项。")
    form.fields["lead"] = field


def _account(form: ActionForm, petition: Petition, actor: Actor) -> None:
    accounts = queries.handlers_for(petition, petition.case.department)
    form.fields["account"] = Accounts(accounts, label=_("承办人"))


def _dropped(form: ActionForm, petition: Petition, actor: Actor) -> None:
    named = [one.account for one in petition.handlers.filter(ended_at=None).select_related("account")]
    form.fields["account"] = Accounts(named, label=_("承办人"))


def _extend(form: ActionForm, petition: Petition, actor: Actor) -> None:
    form.fields["days"] = forms.IntegerField(label=_("延长多少日（不超过 30）"), min_value=1, max_value=90)
    form.fields["opinion"].label = _("延期理由（告知信访人）")


def _hear(form: ActionForm, petition: Petition, actor: Actor) -> None:
    form.fields["days"] = forms.IntegerField(label=_("预计多少个工作日"), min_value=1, max_value=365)


def _conclude(form: ActionForm, petition: Petition, actor: Actor) -> None:
    results = FIRST_RESULTS if petition.level == 1 else REVIEW_RESULTS
    form.fields["result"] = forms.ChoiceField(label=_("意见"), choices=[(one.value, one.label) for one in results],
                                              widget=forms.RadioSelect)  # fmt: skip
    for name, label in (("facts", _("查明的事实和理由")), ("words", _("处理意见")), ("basis", _("法律法规依据"))):
        form.fields[name] = forms.CharField(label=label, widget=forms.Textarea(attrs=TEXT), max_length=5000)
    del form.fields["opinion"]


def _serve(form: ActionForm, petition: Petition, actor: Actor) -> None:
    form.fields["on"] = forms.DateField(label=_("送达日期"), widget=forms.DateInput, initial=clock.today)
    form.fields["how"] = forms.CharField(label=_("怎样送达"), max_length=100, help_text=_("如当面签收、邮寄签收单号。"))


def _ask(form: ActionForm, petition: Petition, actor: Actor) -> None:
    form.fields["reason"] = forms.CharField(
        label=_("请求复查复核的理由"), widget=forms.Textarea(attrs=TEXT), max_length=5000
    )
    del form.fields["opinion"]


def _route(form: ActionForm, petition: Petition, actor: Actor) -> None:
    form.fields["unit"] = _unit(petition, _("复查、复核的单位"))


def _unit(petition: Petition, label: Any) -> forms.ModelChoiceField:
    rows = queries.units_to(petition).exclude(pk=petition.office_id)
    return forms.ModelChoiceField(label=label, queryset=rows, empty_label=_("请选择"))


MORE = {
    "transfer": _transfer, "refuse": _refuse, "join": _join, "name_handler": _account, "drop_handler": _dropped,
    "extend": _extend, "hear": _hear, "conclude": _conclude, "serve": _serve, "ask": _ask, "route": _route,
}  # fmt: skip


class RecuseForm(forms.Form):
    """Whom to keep out."""

    account = forms.CharField(label=_("姓名（工作人员）"), max_length=60, required=False)
    unit = forms.ModelChoiceField(
        label=_("或者整个单位"), queryset=Department.objects.filter(active=True), required=False,
        empty_label=_("请选择"),
    )  # fmt: skip
    why = forms.ChoiceField(label=_("原因"), choices=Recusal.Why)

    def clean_account(self) -> Account | None:
        """By the whole name; of several of one name nobody can be meant."""
        name = self.cleaned_data["account"].strip()
        if not name:
            return None
        found = list(Account.objects.filter(name=name, posts__isnull=False).distinct()[:2])
        if len(found) != 1:
            raise forms.ValidationError(_("没有找到这名工作人员，或者有重名。请核对姓名，或者选择单位。"))
        return found[0]


class IntakeForm(forms.Form):
    """What somebody says at the window, by letter or by phone, as the official writes it down (art. 19)."""

    channel = forms.ChoiceField(
        label=_("怎样提出"), choices=[("window", _("来访")), ("letter", _("来信")), ("phone", _("来电"))]
    )
    name = forms.CharField(label=_("信访人姓名（名称）"), max_length=60)
    phone = forms.CharField(label=_("联系电话"), max_length=20)
    address = forms.CharField(label=_("住址"), max_length=200, required=False)
    type = forms.ChoiceField(label=_("类型"), choices=Type, initial=Type.CLAIM)
    subject = forms.ChoiceField(label=_("分类"))
    title = forms.CharField(label=_("标题"), max_length=60)
    text = forms.CharField(label=_("事实和理由"), widget=forms.Textarea(attrs={"rows": 6}), max_length=5000)
    wish = forms.CharField(label=_("请求"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000)
    against_unit = forms.ModelChoiceField(
        label=_("被反映的单位"), queryset=Department.objects.filter(active=True), required=False,
        empty_label=_("没有"),
    )  # fmt: skip
    against_name = forms.CharField(label=_("被反映的人"), max_length=60, required=False)
    people = forms.IntegerField(label=_("信访人数"), min_value=1, max_value=99999, initial=1)
    representatives = forms.CharField(
        label=_("代表（多人时，不超过 5 人）"), widget=forms.Textarea(attrs={"rows": 3}), required=False,
        help_text=_("每位代表一行，先写姓名，空一格写电话。"),
    )  # fmt: skip
    submission = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *given: Any, **more: Any):
        super().__init__(*given, **more)
        self.fields["subject"].choices = [  # type: ignore[attr-defined]
            ("", _("请选择")), *((one.key, str(one.title)) for one in rules.classes().values())
        ]  # fmt: skip


def representatives(text: str) -> tuple[dict[str, str], ...]:
    """One a line: name, blank, phone."""
    rows = (line.split() for line in text.splitlines() if line.strip())
    return tuple({"name": row[0], "phone": "".join(row[1:])} for row in rows)


def may_recuse(petition: Petition, actor: Actor) -> bool:
    """True for the petition office that reads it."""
    return actor.may(DECIDE, petition.office_id, petition.office_region) and access.may_read(petition, actor)

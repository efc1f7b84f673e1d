"""Grants at the workbench: what one's own office gave and was given, and what is done to a grant."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.catalog import own
from hexi.blocks.catalog.models import Entry, Grant, GrantState, Mask, Subsystem
from hexi.blocks.catalog.operations import exchange, grants
from hexi.blocks.catalog.queries import exchange as queries
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import require
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

OPEN = (GrantState.ACTIVE, GrantState.SUSPENDED)
#: days until the end, as the list is narrowed by them
ENDING = (7, 30, 90)
#: where words are looked for
SEARCHED = (
    "entry__title", "entry__title_en", "entry__code", "department__name", "department__name_en", "subsystem__title",
    "subsystem__title_en", "subsystem__member__title", "subsystem__member__title_en", "purpose", "basis",
)  # fmt: skip


def _search(rows: QuerySet[Grant], text: str) -> QuerySet[Grant]:
    """Each word stands in the data set's name or code, in who uses it, purpose or case, or is the grant's number."""
    for word in text.split():
        found = _numbered(word)
        for name in SEARCHED:
            found |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(found)
    return rows


def _numbered(word: str) -> Q:
    try:
        return Q(number=UUID(word))
    except ValueError:
        return Q()


def _states(rows: QuerySet[Grant], state: str) -> QuerySet[Grant]:
    """As the list says it: the day counts before the job has been round."""
    over = Q(state__in=OPEN, expires__lt=clock.today())
    return rows.filter(Q(state=state) | over) if state == GrantState.EXPIRED else rows.filter(state=state).exclude(over)


def _providers(request: HttpRequest) -> list[tuple[int, str]]:
    held = queries.grants(_actor(request)).order_by().values("entry__provider")
    return [(one.pk, one.title) for one in Department.objects.filter(pk__in=held).order_by("region_code", "key")]


def _days() -> list[tuple[str, str]]:
    return [(str(days), _("%(n)s 天之内") % {"n": days}) for days in ENDING]


def _ending(rows: QuerySet[Grant], days: str) -> QuerySet[Grant]:
    last = clock.today() + timedelta(days=int(days))
    return rows.filter(state__in=OPEN, expires__range=(clock.today(), last))


GRANTS = ListPage(
    title=gettext_lazy("数据授权"),
    columns=(
        Column(
            "entry", gettext_lazy("数据集"), value="entry.name",
            link=lambda one: reverse("catalog.grant", args=[one.pk]),
        ),
        Column("provider", gettext_lazy("提供方"), value="entry.provider.title"),
        Column("consumer", gettext_lazy("使用方"), value="consumer_name"),
        Column("purpose", gettext_lazy("用途")),
        Column("basis", gettext_lazy("依据")),
        Column("expires", gettext_lazy("有效到"), kind="day", sort="expires"),
        Column("calls", gettext_lazy("调用次数"), kind="number", sort="calls"),
        Column("last_used", gettext_lazy("上次使用"), kind="moment", sort="last_used"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("active", gettext_lazy("有效的"), lambda rows: rows.filter(state=GrantState.ACTIVE)),
        SavedView("unused", gettext_lazy("长期不用的"), lambda rows: rows.filter(unused_told__isnull=False)),
    ),
    search=_search,
    filters=(
        Filter("state", gettext_lazy("状态"), GrantState.choices, _states),
        Filter("provider", gettext_lazy("提供方"), _providers, "entry__provider", with_request=True),
        Filter("ending", gettext_lazy("快到期"), _days, _ending),
    ),
    empty=Empty(gettext_lazy("还没有授权。申请批准后会出现在这里。"), icon="key"),
    on_export=lambda request, count: exchange.note_export(_actor(request), "catalog.grant", count),
    template="catalog/grants.html",
)  # fmt: skip


def grant_list(request: HttpRequest) -> HttpResponseBase:
    """What one's own office gave and was given."""
    actor = _actor(request)
    return GRANTS.respond(request, queries.grants(actor), gives=bool(actor.scopes(queries.GRANT)))


def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """One grant: what, of which rows, for what, until when; what was done to it."""
    found = get_object_or_404(queries.grants(_actor(request)), pk=pk)
    items = {one.name: one.label for one in found.entry.items.all()}
    fields = "；".join(_masked(items.get(name, name), mask) for name, mask in found.fields.items())
    facts = (
        (_("提供方"), found.entry.provider.title), (_("使用方"), found.consumer_name), (_("用途"), found.purpose),
        (_("信息项"), fields), (_("区划范围"), found.region or _("全部")), (_("依据"), found.basis or None),
        (_("法律依据"), found.law or None), (_("有效期"), f"{found.begins} – {found.expires}"),
        (_("每天最多调用"), found.quota),
        (_("今天已调用"), _used_today(found)), (_("调用次数"), found.calls), (_("编号"), found.number),
    )  # fmt: skip
    page = DetailPage(
        found.entry.name, facts, tag=found.tag, crumbs=_crumbs(), place="catalog.grant", template="catalog/grant.html",
    )  # fmt: skip
    return page.respond(
        request, found, grant=found, changes=found.changes.all(), gives=queries.gives(_actor(request), found),
        logs=bool(_actor(request).scopes(queries.LOG)),
    )  # fmt: skip


def _masked(label: str, mask: str) -> str:
    return f"{label}（{dict(Mask.choices).get(mask, mask)}）"


def _used_today(grant: Grant) -> int:
    return grant.used if grant.used_on == clock.today() else 0


class GrantForm(forms.Form):
    """What is done to a grant."""

    what = forms.ChoiceField(
        label=gettext_lazy("办理"),
        choices=[("suspend", gettext_lazy("暂停")), ("resume", gettext_lazy("恢复")), ("renew", gettext_lazy("续期")),
                 ("revoke", gettext_lazy("收回"))],
        widget=forms.RadioSelect,
    )  # fmt: skip
    expires = forms.DateField(
        label=gettext_lazy("新的截止日"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("续期时填写。"),
    )  # fmt: skip
    why = forms.CharField(label=gettext_lazy("理由"), max_length=300)

    def clean(self) -> dict[str, Any]:
        """A renewal says until when."""
        given = super().clean() or {}
        if given.get("what") == "renew" and not given.get("expires"):
            self.add_error("expires", _("续期要写新的截止日。"))
        return given


def change_grant(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Suspend, resume, renew or take back."""
    found = get_object_or_404(queries.grants(_actor(request)), pk=pk)
    require(_actor(request), queries.GRANT, found.entry.provider_id, found.entry.region_code)
    back = reverse("catalog.grant", args=[pk])

    def save(form: GrantForm) -> str:
        given, by = form.cleaned_data, _actor(request)
        more = {"expires": given["expires"]} if given["what"] == "renew" else {}
        getattr(grants, given["what"])(found, by=by, why=given["why"], **more)
        messages.success(request, _("已办理。"))
        return back

    page = FormPage(_("办理授权"), _("确定"), lead=str(found), back=back, crumbs=_crumbs())
    return page.respond(request, GrantForm, save)


# --- given to a system elsewhere --------------------------------------------------------------------------------------
class WhomForm(forms.Form):
    """What, and to whom."""

    entry = forms.ModelChoiceField(label=gettext_lazy("数据集"), queryset=None)
    subsystem = forms.ModelChoiceField(label=gettext_lazy("子系统"), queryset=None)


class GiveForm(forms.Form):
    """Which items of which rows, for what, until when."""

    fields_ = forms.MultipleChoiceField(
        label=gettext_lazy("给出哪些信息项"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("按目录写明的方式给出；目录写明不给出的不在其中。"),
    )  # fmt: skip
    rows = forms.CharField(
        label=gettext_lazy("区划范围"), max_length=12, required=False,
        help_text=gettext_lazy("12 位区划代码，只给这个地区的行；留空：全部。"),
    )  # fmt: skip
    region_field = forms.ChoiceField(label=gettext_lazy("哪个信息项是区划代码"), required=False)
    purpose = forms.CharField(label=gettext_lazy("用途"), max_length=300)
    basis = forms.CharField(
        label=gettext_lazy("依据"), max_length=60,
        help_text=gettext_lazy("办件编号，或者对方来文的文号。同一依据对同一子系统只授权一次。"),
    )  # fmt: skip
    law = forms.CharField(
        label=gettext_lazy("法律依据"), max_length=300, required=False,
        help_text=gettext_lazy("对方凭哪部法律的哪一条取得这些数据。含个人信息必填。"),
    )  # fmt: skip
    expires = forms.DateField(label=gettext_lazy("有效到"), widget=forms.DateInput(attrs={"type": "date"}))
    quota = forms.IntegerField(
        label=gettext_lazy("每天最多调用"), required=False, min_value=1, max_value=10_000_000,
        help_text=gettext_lazy("不写就按需要。"),
    )  # fmt: skip

    def __init__(self, *given: Any, entry: Entry, **more: Any):
        super().__init__(*given, **more)
        items = list(entry.items.all())
        shown = [(one.name, _masked(one.label, one.mask)) for one in items if one.mask != Mask.HIDDEN]
        self.fields["fields_"].choices = shown  # type: ignore[attr-defined]
        places = [("", _("不按地区")), *((one.name, one.label) for one in items)]
        self.fields["region_field"].choices = places  # type: ignore[attr-defined]
        if own.of(entry) is not None:
            del self.fields["region_field"]


def give_to(request: HttpRequest) -> HttpResponseBase:
    """Which data set, and which system: of this installation or of another."""
    actor = _actor(request)

    def form(*args: Any, **kwargs: Any) -> WhomForm:
        made = WhomForm(*args, **kwargs)
        made.fields["entry"].queryset = queries.givable(actor)  # type: ignore[attr-defined]
        made.fields["subsystem"].queryset = queries.callers()  # type: ignore[attr-defined]
        return made

    def save(form: WhomForm) -> str:
        return reverse("catalog.give", args=[form.cleaned_data["entry"].pk, form.cleaned_data["subsystem"].pk])

    asked = request.GET.get("subsystem", "")
    initial = {"subsystem": asked} if asked.isdecimal() and len(asked) < 10 else {}
    page = FormPage(_("给子系统授权"), _("继续"), back=reverse("catalog.grant_list"), crumbs=_crumbs())
    return page.respond(request, form, save, initial)


def give(request: HttpRequest, entry: int, subsystem: int) -> HttpResponseBase:
    """The grant itself; a service over the data set then answers this system through the gateways."""
    found: Entry = get_object_or_404(queries.givable(_actor(request)), pk=entry)
    system: Subsystem = get_object_or_404(queries.callers(), pk=subsystem)

    def form(*args: Any, **kwargs: Any) -> GiveForm:
        return GiveForm(*args, entry=found, **kwargs)

    def save(form: GiveForm) -> str:
        given = dict(form.cleaned_data)
        made = grants.grant(found, system, fields=given.pop("fields_"), by=_actor(request), **given)
        messages.success(request, _("已授权。"))
        return reverse("catalog.grant", args=[made.pk])

    lead = f"{found.name} → {system.member.name} · {system.name}"
    page = FormPage(
        _("给子系统授权"), _("给出授权"), lead=lead, back=reverse("catalog.give_to"), crumbs=_crumbs(),
        template="catalog/give.html",
    )  # fmt: skip
    elsewhere = system.member.department_id is None
    return page.respond(request, form, save, {"expires": clock.today() + timedelta(days=365)}, elsewhere=elsewhere)


def _crumbs() -> tuple[tuple[Any, str], ...]:
    return ((GRANTS.title, reverse("catalog.grant_list")),)


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]

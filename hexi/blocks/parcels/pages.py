"""A person's parcels with the pick-up code; the office's list, handing out by code, sending, the label."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.parcels import addresses, codes, couriers, label, operations, queries
from hexi.blocks.parcels.models import Parcel, Problem, State, Track, Way
from hexi.kernel.actors import Denied, require
from hexi.ui import words
from hexi.ui.assets import icon
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Action, Column, Empty, Filter, SavedView

WAYS = [(one.value, one.label) for one in Way]
MINE = ListPage(
    title=gettext_lazy("我的送达"),
    columns=(
        Column("title", gettext_lazy("送达的东西"), link=lambda one: reverse("parcels.mine_one", args=[one.number])),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("way", gettext_lazy("送达方式"), value="get_way_display"),
        Column("department", gettext_lazy("寄出（发放）机关"), value="department.title"),
        Column("made_at", gettext_lazy("日期"), kind="day", sort="made_at"),
        Column("number", gettext_lazy("编号")),
    ),
    filters=(Filter("way", gettext_lazy("送达方式"), WAYS, "way"),),
    export=False,
    empty=Empty(gettext_lazy("还没有送达的东西。办件选了窗口领取或者快递的，证件做好后会出现在这里。")),
)
PARCELS = ListPage(
    title=gettext_lazy("送达"),
    columns=(
        Column("number", gettext_lazy("编号"), link=lambda one: reverse("parcels.parcel", args=[one.number])),
        Column("title", gettext_lazy("内件"), value="title"),
        Column("receiver", gettext_lazy("收件人"), value=lambda one: words.mask_name(one.receiver_name)),
        Column("to", gettext_lazy("地址"), value=lambda one: addresses.masked(one.to)),
        Column("way", gettext_lazy("送达方式"), value="get_way_display"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("problem", gettext_lazy("异常"), value="trouble", kind="tag"),
        Column("tracking", gettext_lazy("快递单号")),
        Column("made_at", gettext_lazy("建立"), kind="day", sort="made_at"),
        Column("delivered_at", gettext_lazy("送达"), kind="moment", sort="delivered_at"),
    ),
    filters=(
        Filter("way", gettext_lazy("送达方式"), WAYS, "way"),
        Filter("state", gettext_lazy("状态"), State.choices, "state"),
        Filter("problem", gettext_lazy("异常"), Problem.choices, "problem"),
        Filter("from", gettext_lazy("自"), "date", "made_at__date__gte"),
    ),
    views=(
        SavedView("send", gettext_lazy("待寄出"), lambda rows: rows.filter(state=State.TO_SEND)),
        SavedView("pickup", gettext_lazy("待领取"), lambda rows: rows.filter(state=State.PICKUP)),
        SavedView("problems", gettext_lazy("有异常"), queries.troubled),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=queries.find,
    bulk=(
        Action("send", gettext_lazy("下单寄出"), "truck-delivery", lambda request, rows: _send_all(request, rows),
               verb="parcels.send"),
    ),
    empty=Empty(gettext_lazy("这里没有要送达的东西。")),
    on_export=lambda request, count: operations.note_export(request.actor, count),
)  # fmt: skip


# --- the receiver -----------------------------------------------------------------------------------------------------
def mine(request: HttpRequest) -> HttpResponseBase:
    """What is on its way to a person and the bodies he represents."""
    return MINE.respond(request, queries.own(request.actor))  # type: ignore[attr-defined]


@never_cache
def mine_one(request: HttpRequest, number: str) -> HttpResponse:
    """One of them: where it is, and the code to collect it."""
    parcel = get_object_or_404(queries.own(request.actor), number=number)  # type: ignore[attr-defined]
    good = codes.good(parcel)
    page = DetailPage(
        parcel.title, _facts(parcel, whole=True), parcel.tag, crumbs=((_("我的送达"), reverse("parcels.mine")),),
        place="parcels.mine", template="parcels/mine.html",
    )  # fmt: skip
    code = codes.code_of(parcel) if good else ""
    return page.respond(request, parcel, events=events_of(parcel), code=code, waits=parcel.state == State.PICKUP)


@require_POST
def new_code(request: HttpRequest, number: str) -> HttpResponse:
    """Another pick-up code: the old one no longer counts."""
    parcel = get_object_or_404(queries.own(request.actor), number=number)  # type: ignore[attr-defined]
    try:
        operations.renew_code(parcel, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已换新的领取码，旧码不再有效。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("parcels.mine_one", args=[number]))


# --- the office -------------------------------------------------------------------------------------------------------
def parcels(request: HttpRequest) -> HttpResponseBase:
    """What an office sends and hands out."""
    actor = request.actor  # type: ignore[attr-defined]
    link = Markup('<a class="btn btn-primary" href="{}">{}{}</a>')
    hand_out = link.format(reverse("parcels.hand"), icon("package"), _("凭码交付"))
    actions = hand_out if actor.scopes("parcels.hand") else ""
    return PARCELS.respond(request, queries.seen_by(actor), heading_actions=actions)


def waiting(request: HttpRequest) -> int:
    """How many are to be sent or have a problem."""
    return queries.waiting(request.actor)  # type: ignore[attr-defined]


@never_cache
def parcel(request: HttpRequest, number: str) -> HttpResponse:
    """One parcel in full, and what can be done with it."""
    found = _seen(request, number)
    actor, where = request.actor, (found.department_id, found.region_code)  # type: ignore[attr-defined]
    send, hand_out = actor.may("parcels.send", *where), actor.may("parcels.hand", *where)
    courier = couriers.couriers().get(found.courier)
    note = found.problem_note if found.problem else ""
    page = DetailPage(
        found.title, _facts(found, whole=True), found.tag, crumbs=((_("送达"), reverse("parcels.parcels")),),
        place="parcels.parcel", template="parcels/parcel.html",
    )  # fmt: skip
    return page.respond(
        request, found, events=events_of(found), note=note, synthetic=courier is not None and courier.synthetic,
        may_send=send and (found.state == State.TO_SEND or (found.state == State.ORDERING and found.due is None)),
        may_label=send and bool(found.tracking),
        may_cancel=send and found.state in (State.PICKUP, State.TO_SEND, State.ORDERING, State.ORDERED),
        may_again=send and found.state in (State.RETURNED, State.CANCELLED) and not _anew(found),
        may_hand=hand_out and found.state == State.PICKUP,
    )  # fmt: skip


@require_POST
def send(request: HttpRequest, number: str) -> HttpResponse:
    """Order the courier."""
    found = _seen(request, number)
    try:
        operations.send(found, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("正在向快递下单。面单几秒后可以打印。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("parcels.parcel", args=[number]))


class HandForm(forms.Form):
    """Number and code as the receiver says them."""

    number = forms.CharField(
        label=gettext_lazy("编号"), max_length=40, help_text=gettext_lazy("P 开头；收件人的“我的送达”里有。")
    )
    code = forms.CharField(
        label=gettext_lazy("领取码"), max_length=10, help_text=gettext_lazy("六位数字，请收件人报给您。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    taken_by = forms.CharField(
        label=gettext_lazy("代领人姓名"), max_length=60, required=False, help_text=gettext_lazy("本人来领的不填。")
    )


def hand(request: HttpRequest) -> HttpResponseBase:
    """Hand out at the window to whoever says the code."""

    def save(form: HandForm) -> str:
        facts, actor = form.cleaned_data, request.actor  # type: ignore[attr-defined]
        number = facts["number"].strip().upper()
        found = queries.seen_by(actor).filter(number=number, way=Way.WINDOW).first()
        if found is None:
            raise ValidationError({"number": _("没有这个编号的待领取物，请核对。")})
        operations.hand(found, code=facts["code"], taken_by=facts["taken_by"], by=actor)
        messages.success(request, _("已交付：%(title)s。") % {"title": found.title})
        return reverse("parcels.parcel", args=[number])

    page = FormPage(
        _("凭码交付"), _("核对并交付"), back=reverse("parcels.parcels"), icon="package",
        lead=_("输对领取码，就登记为已送达，期限在这一刻停止。"),
    )  # fmt: skip
    return page.respond(request, HandForm, save, {"number": request.GET.get("number", "")[:40]})


class KnownForm(forms.Form):
    """Which paper was checked instead of a code."""

    checked = forms.CharField(
        label=gettext_lazy("核对了什么证件"), max_length=100,
        help_text=gettext_lazy("例如“居民身份证原件”。不要写证件号码。"),
    )  # fmt: skip
    taken_by = HandForm.base_fields["taken_by"]


def hand_known(request: HttpRequest, number: str) -> HttpResponseBase:
    """Hand out without a code, the identity paper checked."""
    found = _seen(request, number)
    back = reverse("parcels.parcel", args=[number])

    def save(form: KnownForm) -> str:
        operations.hand_known(found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("已交付：%(title)s。") % {"title": found.title})
        return back

    page = FormPage(_("核对证件后交付"), _("交付"), lead=f"{found.title} · {found.receiver_name}", back=back)
    return page.respond(request, KnownForm, save)


class CancelForm(forms.Form):
    """Why it is called off."""

    reason = forms.CharField(label=gettext_lazy("取消的原因"), max_length=300, help_text=gettext_lazy("收件人会看到。"))


def cancel(request: HttpRequest, number: str) -> HttpResponseBase:
    """Call it off."""
    found = _seen(request, number)
    back = reverse("parcels.parcel", args=[number])

    def save(form: CancelForm) -> str:
        operations.cancel(found, reason=form.cleaned_data["reason"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已取消。可以重新安排送达。"))
        return back

    return FormPage(_("取消送达"), _("取消送达"), back=back, kind="danger").respond(request, CancelForm, save)


class AgainForm(forms.Form):
    """How it is to reach the receiver now."""

    way = forms.ChoiceField(label=gettext_lazy("送达方式"), choices=WAYS[1:], widget=forms.RadioSelect)
    to_name = forms.CharField(label=gettext_lazy("收件人"), max_length=60, required=False)
    to_phone = forms.CharField(label=gettext_lazy("收件电话"), max_length=20, required=False)
    to_address = forms.CharField(
        label=gettext_lazy("收件地址"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("选快递的要填，写到门牌号。"),
    )


def again(request: HttpRequest, number: str) -> HttpResponseBase:
    """Arrange anew what came back."""
    found = _seen(request, number)

    def save(form: AgainForm) -> str:
        given = form.cleaned_data
        to = {name: given[f"to_{name}"] for name in addresses.FIELDS}
        fresh = operations.again(found, way=given["way"], to=to, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已重新安排：%(number)s。") % {"number": fresh.number})
        return reverse("parcels.parcel", args=[fresh.number])

    known = found.to or addresses.of_person(found.receiver)
    page = FormPage(_("重新安排送达"), _("重新安排"), back=reverse("parcels.parcel", args=[number]))
    return page.respond(
        request, AgainForm, save, {"way": found.way, **{f"to_{name}": known.get(name, "") for name in known}}
    )


@never_cache
def label_of(request: HttpRequest, number: str) -> HttpResponse:
    """The label to print."""
    found = _seen(request, number)
    require(request.actor, "parcels.send", found.department_id, found.region_code)  # type: ignore[attr-defined]
    if not found.tracking:
        raise Http404(_("还没有面单：快递还没有给出单号。"))
    return HttpResponse(label.make(found), "application/pdf")


# --- on others' pages -------------------------------------------------------------------------------------------------
def panel(request: HttpRequest, thing: Any) -> Markup | None:
    """Where the thing of this page is, for the receiver and for the office. For `Panel` in the owner's manifest."""
    found = queries.latest_of(thing)
    if not found:
        return None
    own = set(queries.own(request.actor).filter(pk__in=[one.pk for one in found]).values_list("pk", flat=True))  # type: ignore[attr-defined]
    rows = [
        (one, reverse("parcels.mine_one" if one.pk in own else "parcels.parcel", args=[one.number]), events_of(one))
        for one in found
    ]
    facts = {"rows": rows, "may_open": bool(own) or _may_see(request)}
    return Markup(render_to_string("parcels/panel.html", facts, request))  # noqa: S704 - ours


def events_of(parcel: Parcel) -> list[dict[str, Any]]:
    """The parcel's way, newest first."""
    # tracks keep the office's name as it was; that of the sending office is shown in the language of the page
    names = {parcel.department.name: parcel.department.title}
    told = sorted(parcel.tracks.all(), key=lambda one: (one.at, one.pk), reverse=True)
    return [
        {
            "title": State(one.kind).label, "at": one.at, "who": names.get(one.who, one.who), "text": _said(one),
            "state": State(one.kind).tag,
        }
        for one in told
    ]  # fmt: skip


def _said(one: Track) -> str:
    return " · ".join(part for part in (one.place, one.text) if part)


def _facts(one: Parcel, *, whole: bool) -> tuple[tuple[Any, Any], ...]:
    to = f"{one.to['name']} {one.to['phone']} {one.to['address']}" if one.to else None
    proof = (
        _("%(who)s，%(at)s") % {"who": one.signed_by, "at": words.moment(one.delivered_at)} if one.signed_by else None
    )
    return (
        (_("编号"), one.number),
        (_("送达方式"), one.get_way_display()),
        (_("收件人"), one.receiver_name if whole else words.mask_name(one.receiver_name)),
        (_("收件地址"), to),
        (_("领取地点"), one.place or None if one.way == Way.WINDOW else None),
        (_("领取码有效到"), words.day(one.valid_to) if one.state == State.PICKUP else None),
        (_("寄出（发放）机关"), one.department.title),
        (_("快递"), str(couriers.couriers()[one.courier].title) if one.courier in couriers.couriers() else None),
        (_("快递单号"), one.tracking or None),
        (_("签收"), proof),
        (_("经手"), one.handed_by or None),
    )


def _anew(found: Parcel) -> bool:
    same = Parcel.objects.filter(of_kind=found.of_kind, of_ref=found.of_ref)
    return same.exclude(state__in=(State.RETURNED, State.CANCELLED)).exists()


def _may_see(request: HttpRequest) -> bool:
    return any(request.actor.scopes(verb) for verb in queries.OFFICIAL_VERBS)  # type: ignore[attr-defined]


def _seen(request: HttpRequest, number: str) -> Parcel:
    try:
        return queries.seen(number, request.actor)  # type: ignore[attr-defined]
    except Parcel.DoesNotExist:
        raise Http404(_("没有这件送达，或者不归您的部门管。")) from None


def _send_all(request: HttpRequest, rows: Any) -> str:
    done, why = 0, []
    for one in rows:
        try:
            operations.send(one, by=request.actor)  # type: ignore[attr-defined]
            done += 1
        except (ValidationError, Denied) as error:
            why += getattr(error, "messages", [str(error)])
    said = _("已下单 %(n)s 件。") % {"n": done}
    return said + "".join(dict.fromkeys(why))

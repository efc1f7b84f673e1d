"""Alerts at work: composing, looking at it as the public will, approving, publishing, following up, the call list."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.alerts import areas, drawing, foreseen, mapped, operations, queries, reaching
from hexi.blocks.alerts.areas import Piece
from hexi.blocks.alerts.forms import AreaForm, CancelForm, ComposeForm, FollowForm, ReasonForm, WordsForm
from hexi.blocks.alerts.models import Alert, Kind, Reached, State
from hexi.blocks.alerts.pages import facts, shade_tag, shown
from hexi.blocks.alerts.reach import title_of
from hexi.blocks.audit import operations as audit
from hexi.blocks.regions import codes
from hexi.blocks.regions import queries as regions
from hexi.kernel.actors import Denied
from hexi.kernel.packs import Words
from hexi.ui import words
from hexi.ui.pages import DetailPage, FormPage, ListPage, seen_at
from hexi.ui.tables import Action, Column, Empty, Filter, SavedView

#: not public yet
BEFORE = (State.DRAFT, State.WAITING, State.APPROVED)

LIST = ListPage(
    title=gettext_lazy("预警发布"),
    columns=(
        Column("headline", gettext_lazy("标题"), link=lambda one: reverse("alerts.work_alert", args=[one.number])),
        Column("number", gettext_lazy("编号")),
        Column("kind", gettext_lazy("类型"), value="get_kind_display"),
        Column("colour", gettext_lazy("预警颜色"), value=shade_tag, kind="tag"),
        Column("area", gettext_lazy("区域"), value=lambda one: str(areas.names(one.areas))),
        Column("composed", gettext_lazy("起草人"), value="composed_name"),
        Column("expires", gettext_lazy("有效到"), kind="moment", sort="expires"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView(
            "waiting", gettext_lazy("待我核准"), lambda rows, request: queries.to_approve(request.actor, rows), True
        ),
        SavedView("now", gettext_lazy("生效中"), lambda rows: rows.in_force()),
        SavedView("calls", gettext_lazy("有人未确认"), mapped.waiting),
        SavedView("drafts", gettext_lazy("起草中"), lambda rows: rows.filter(state=State.DRAFT)),
    ),
    filters=(Filter("place", gettext_lazy("区划代码"), "text", lambda rows, code: _concerning(rows, code)),),
    search=lambda rows, text: rows.filter(Q(headline_zh__contains=text) | Q(number__contains=text)),
    empty=Empty(gettext_lazy("还没有预警。"), icon="alert-triangle"),
    template="alerts/work_list.html",
)


def _concerning(rows: QuerySet[Alert], code: str) -> QuerySet[Alert]:
    """Those that have something in common with a division: areas are a stored list, so it is asked in Python."""
    if not codes.is_code(code):
        return rows.none()
    found = rows.order_by().select_related(None).only("pk", "areas", "region_code")
    return rows.filter(pk__in=[one.pk for one in found if queries.concerns(one, code)])


def work_alerts(request: HttpRequest) -> HttpResponseBase:
    """All the office looks after."""
    return LIST.respond(
        request, queries.seen_by(_actor(request)), may_compose=bool(_actor(request).scopes(queries.COMPOSE))
    )


def waiting(request: HttpRequest) -> int:
    """How many wait for this official's approval: the number in the menu."""
    actor = _actor(request)
    return queries.to_approve(actor).count() if actor.scopes(queries.APPROVE) else 0


def compose(request: HttpRequest) -> HttpResponseBase:
    """A new draft."""
    actor = _actor(request)
    offices = queries.offices(actor)

    def form(*args: Any, **kwargs: Any) -> ComposeForm:
        made = ComposeForm(*args, **kwargs)
        made.fields["department"].queryset = offices  # type: ignore[attr-defined]
        return made

    def save(form: ComposeForm) -> str:
        given = dict(form.cleaned_data)
        code = given.pop("code")
        pieces = [_division(code)] if code else []
        made = operations.compose(given.pop("department"), pieces=pieces, once=given.pop("once"), by=actor, **given)
        messages.success(request, _("已保存为草稿。请检查区域和内容，再提交核准。"))
        return reverse("alerts.work_alert", args=[made.number])

    page = FormPage(_("起草预警"), _("保存草稿"), back=reverse("alerts.work_alerts"), template="alerts/form.html")
    first = offices.first()
    initial = {"department": first.pk if first else None, "code": first.region_code if first else ""}
    return page.respond(request, form, save, initial, levels=regions.levels)


def _division(code: str) -> Piece:
    row = regions.find(code)
    if row is None:
        raise ValidationError({"code": _("请选择地区。")})
    return Piece(Words(zh=row.name, en=row.name_en), code=code)


def work_alert(request: HttpRequest, number: str) -> HttpResponse:
    """One message: as the public sees it, what is wrong with it, who was reached, and what may be done now."""
    found, actor = _seen(request, number), _actor(request)
    page = DetailPage(
        found.headline, _facts(found), found.tag, crumbs=((_("预警发布"), reverse("alerts.work_alerts")),),
        place="alerts.work_alert", template="alerts/work_alert.html",
    )  # fmt: skip
    told = queries.confirmed(found) if found.state == State.PUBLISHED else None
    counted = queries.found(found) if found.state == State.PUBLISHED else {}
    named = [(title_of(kind), number) for kind, number in counted.items()]
    faults = operations.faults(found) if found.state in (State.DRAFT, State.WAITING) else []
    return page.respond(
        request, found, **shown(found), **_may(found, actor), faults=faults, told=told, counted=named,
        mine=found.composed_key == actor.key, foreseen=_foreseen(found),
        idle=foreseen.idle(found) if found.state in BEFORE else [],
    )  # fmt: skip


def _foreseen(found: Alert) -> list[tuple[str, str]]:
    """What it would reach, in figures, before it is public: word and number."""
    if found.state not in BEFORE:
        return []
    seen = foreseen.foreseen(found)
    counts = [(title_of(kind), number, kind in seen.cut) for kind, number in seen.kinds.items()]
    more = bool(seen.cut)  # of what was not counted nobody knows where it lies or who is told
    figures = [(_("地区"), seen.divisions, more), *counts, (pgettext("alert", "通知到的人"), seen.people, more)]
    return [(title, f"{number:,}+" if cut else f"{number:,}") for title, number, cut in figures]


def _may(found: Alert, actor: Any) -> dict[str, bool]:
    """Which buttons are shown; the operations decide."""
    where = (found.department_id, found.region_code)
    own = found.composed_key == actor.key
    compose, approve = actor.may(queries.COMPOSE, *where), actor.may(queries.APPROVE, *where) and not own
    before = found.state in BEFORE
    open_follow = found.followers.exclude(state=State.WITHDRAWN).exists() if found.in_force else True
    return {
        "may_change": own and compose and found.state == State.DRAFT,
        "may_redraw": own and compose and found.state == State.DRAFT and found.kind != Kind.CANCEL,
        "may_approve": approve and found.state == State.WAITING,
        "may_publish": (compose or approve) and found.state == State.APPROVED,
        "may_withdraw": (own or approve) and before,
        "may_follow": compose and found.in_force and not open_follow,
    }


def _facts(found: Alert) -> tuple[tuple[Any, Any], ...]:
    return (
        *facts(found),
        (_("类型"), found.get_kind_display()),
        (_("起草"), f"{found.composed_name} · {words.moment(found.composed_at)}"),
        (_("核准"), f"{found.approved_name} · {words.moment(found.approved_at)}" if found.approved_at else None),
        (_("签名人"), found.signer or None),
    )


def change(request: HttpRequest, number: str) -> HttpResponseBase:
    """Other words."""
    found, actor = _seen(request, number), _actor(request)
    back = reverse("alerts.work_alert", args=[number])

    def save(form: WordsForm) -> str:
        operations.change(found, by=actor, **form.cleaned_data)
        messages.success(request, _("已保存。"))
        return back

    page = FormPage(_("修改预警"), _("保存"), back=back)
    return page.respond(request, WordsForm, save, {name: getattr(found, name) for name in operations.FIELDS})


def area(request: HttpRequest, number: str) -> HttpResponseBase:
    """One more piece of its area."""
    found, actor = _seen(request, number), _actor(request)
    back = reverse("alerts.work_alert", args=[number])

    def save(form: AreaForm) -> str:
        given = form.cleaned_data
        piece = Piece(Words(zh=given["name"], en=given["name_en"]), polygon=given["polygon"], circle=given["circle"])
        if given["code"] and not (given["polygon"] or given["circle"]):
            piece = _division(given["code"])
        operations.add_area(found, piece, by=actor)
        return back

    page = FormPage(
        _("加一块区域"), _("加上"), lead=_("选一个地区，或者画一个多边形、一个圆：填一样。"), back=back,
        template="alerts/form.html",
    )  # fmt: skip
    ground = drawing.ground(found)
    return page.respond(request, AreaForm, save, levels=regions.levels, ground=ground, number=number)


def area_map(request: HttpRequest, number: str) -> HttpResponse:
    """What lies under the shape that is drawn, as GeoJSON: what this site knows of the issuing region."""
    data = drawing.ground(_seen(request, number)).data()
    return JsonResponse(data, headers={"Cache-Control": "no-store"})


@require_POST
def drop_area(request: HttpRequest, number: str) -> HttpResponse:
    """Without one piece, named by its place in the list."""
    found = _seen(request, number)
    place = request.POST.get("area", "")
    if place.isdecimal() and len(place) < 4 and int(place) < len(found.areas):
        try:
            operations.drop_area(found, found.areas[int(place)], by=_actor(request))
        except ValidationError as error:  # submitted meanwhile, or an all-clear
            messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("alerts.work_alert", args=[number]))


#: what a button of the page does → the operation and what is said then
ACTS = {
    "submit": (operations.submit, gettext_lazy("已提交，核准人已收到通知。")),
    "publish": (operations.publish, gettext_lazy("已签名发布。正在通知区域内的人。")),
    "withdraw": (operations.withdraw, gettext_lazy("已作废。")),
    "approve": (operations.approve, gettext_lazy("已核准，还没有发布。")),
}


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Submit, approve, approve and publish, publish, withdraw."""
    found, actor = _seen(request, number), _actor(request)
    what = request.POST.get("what", "")
    steps = ("approve", "publish") if what == "approve_and_publish" else (what,)
    try:
        for step in steps:
            operation, said = ACTS[step]
            operation(found, by=actor, **({"seen": seen_at(request)} if step == "approve" else {}))
        messages.success(request, said)
    except KeyError:
        raise Http404(_("没有这种操作。")) from None
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except ImproperlyConfigured as error:
        messages.error(request, _("不能签名，没有发布：%(why)s") % {"why": error})
    return HttpResponseRedirect(reverse("alerts.work_alert", args=[number]))


def give_back(request: HttpRequest, number: str) -> HttpResponseBase:
    """Return it with what is to change."""
    found, actor = _seen(request, number), _actor(request)
    back = reverse("alerts.work_alert", args=[number])

    def save(form: ReasonForm) -> str:
        operations.give_back(found, reason=form.cleaned_data["reason"], by=actor)
        messages.success(request, _("已退回起草人。"))
        return back

    return FormPage(_("退回修改"), _("退回"), lead=found.headline, back=back).respond(request, ReasonForm, save)


def update(request: HttpRequest, number: str) -> HttpResponseBase:
    """The draft of an update."""
    initial = {name: getattr(_seen(request, number), name) for name in operations.FIELDS}
    page = FormPage(_("更新预警"), _("保存草稿"), back=reverse("alerts.work_alert", args=[number]))
    return page.respond(request, FollowForm, _following(request, number, Kind.UPDATE), initial)


def cancel(request: HttpRequest, number: str) -> HttpResponseBase:
    """The draft of an all-clear; it too is approved by another."""
    found = _seen(request, number)
    text = _("%(headline)s现在解除。") % {"headline": found.headline_zh}
    initial = {"headline_zh": _("解除：%(headline)s") % {"headline": found.headline_zh}, "text_zh": text}
    page = FormPage(_("解除预警"), _("保存草稿"), back=reverse("alerts.work_alert", args=[number]))
    return page.respond(request, CancelForm, _following(request, number, Kind.CANCEL), initial)


def _following(request: HttpRequest, number: str, kind: Kind) -> Any:
    found, actor = _seen(request, number), _actor(request)

    def save(form: Any) -> str:
        given = dict(form.cleaned_data)
        if kind == Kind.CANCEL:  # the advice of the warning would contradict the all-clear
            given |= {"advice_zh": "", "advice_en": "", "headline_en": "", "text_en": "", "responses": []}
        made = operations.follow(found, kind, once=given.pop("once"), by=actor, **given)
        messages.success(request, _("已保存为草稿，请提交核准。"))
        return reverse("alerts.work_alert", args=[made.number])

    return save


# --- the call list ----------------------------------------------------------------------------------------------------
def _note_phone(request: HttpRequest, rows: Any) -> str:
    done = 0
    for row in rows.select_related("alert"):
        reaching.confirm_by_phone(row, by=_actor(request))
        done += 1
    return ngettext("已登记%(n)s人电话确认。", "已登记%(n)s人电话确认。", done) % {"n": done}


CALLS = ListPage(
    title=gettext_lazy("叫应名单"),
    columns=(
        Column("title", gettext_lazy("谁")),
        Column("kind", gettext_lazy("种类"), value=lambda one: title_of(one.kind)),
        Column("region", gettext_lazy("地区"), value="region_code"),
        Column("phone", gettext_lazy("电话"), value=lambda one: _phone(one)),
        Column("told_at", gettext_lazy("通知时间"), kind="moment"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("confirmed_at", gettext_lazy("确认时间"), kind="moment"),
        Column("how", gettext_lazy("怎样确认"), value="get_confirmed_how_display"),
        Column("who", gettext_lazy("确认人"), value="confirmed_by"),
    ),
    views=(
        SavedView("open", gettext_lazy("未确认"), lambda rows: rows.filter(confirmed_at=None)),
        SavedView("all", gettext_lazy("全部")),
    ),
    bulk=(Action("phone", gettext_lazy("登记电话确认"), "phone", _note_phone, verb=queries.VIEW),),
    empty=Empty(gettext_lazy("没有要确认的人。"), icon="users"),
    template="alerts/calls.html",
)  # fmt: skip


def _phone(row: Reached) -> str:
    return (row.account.phone if row.account else "") or (row.person.phone if row.person else "")


def calls(request: HttpRequest, number: str) -> HttpResponseBase:
    """Who is to be called, those who have not confirmed first; that numbers were seen, or saved, is logged."""
    found, actor = _seen(request, number), _actor(request)

    def log(_request: HttpRequest, rows: Iterable[Reached]) -> None:
        persons = {row.person_id or row.account.person_id for row in rows if row.person_id or row.account}
        with audit.change(actor, "alerts.calls", found):  # all in one transaction
            for person in sorted(one for one in persons if one):
                audit.look(actor, found, purpose=f"预警叫应 {found.number}", person_id=person)

    page = replace(CALLS, on_show=log)
    return page.respond(request, queries.calls(found), alert=found, told=queries.confirmed(found))


@require_POST
def confirm_mine(request: HttpRequest, pk: int) -> HttpResponse:
    """I know."""
    row = get_object_or_404(Reached.objects.asked(), pk=pk)
    try:
        reaching.confirm(row, by=_actor(request))
        messages.success(request, _("已确认收到。"))
    except Denied as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("workbench.home"))


def tile(request: HttpRequest) -> Markup | None:
    """Alerts the official has yet to confirm, on the workbench's first page."""
    rows = list(queries.my_calls(_actor(request))[:5])
    if not rows:
        return None
    return Markup(render_to_string("alerts/tile.html", {"rows": rows}, request))  # noqa: S704 - ours


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _seen(request: HttpRequest, number: str) -> Alert:
    try:
        return queries.seen(number, _actor(request))
    except Alert.DoesNotExist:
        raise Http404(_("没有这条预警，或者不归您的部门管。")) from None

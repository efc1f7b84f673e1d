"""Whom the exchange trusts and how it is ordered: gateways with their fingerprints, access groups, what is pushed."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.catalog import exchange_keys
from hexi.blocks.catalog.models import Gateway, Group, LoadState, Subsystem
from hexi.blocks.catalog.operations import exchange, push
from hexi.blocks.catalog.queries import exchange as queries
from hexi.blocks.regions import queries as regions
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

#: a card names members and keys: more bytes are no card
LARGEST_CARD = 1_000_000
GATEWAYS = ListPage(
    title=gettext_lazy("网关"),
    columns=(
        Column("name", gettext_lazy("网关"), value="name", link=lambda one: reverse("catalog.gateway", args=[one.pk])),
        Column("code", gettext_lazy("代码"), kind="code"),
        Column("url", gettext_lazy("地址"), kind="code"),
        Column("peers", gettext_lazy("成员"), kind="number"),
        Column("changed_at", gettext_lazy("更新于"), kind="moment", sort="changed_at"),
        Column("state", gettext_lazy("状态"), value=lambda one: _state(one), kind="tag"),
    ),
    empty=Empty(gettext_lazy("还没有登记本平台的网关：在服务器上运行 hexi catalog gateway。"), icon="network"),
    template="catalog/gateways.html", export=False,
)  # fmt: skip
GROUPS = ListPage(
    title=gettext_lazy("访问组"),
    columns=(
        Column("name", gettext_lazy("访问组"), value="name", link=lambda one: reverse("catalog.group", args=[one.pk])),
        Column("code", gettext_lazy("代码"), kind="code"),
        Column("size", gettext_lazy("子系统"), kind="number"),
    ),
    empty=Empty(gettext_lazy("还没有访问组。调用权给一个组，组里的子系统都能调用。"), icon="users"),
    template="catalog/groups.html", export=False,
)  # fmt: skip
FEEDS = ListPage(
    title=gettext_lazy("数据推送"),
    columns=(
        Column("entry", gettext_lazy("数据集"), value="entry.name"),
        Column("service", gettext_lazy("推送到"), kind="code"),
        Column("last", gettext_lazy("已写到第几条"), kind="number"),
        Column("waiting", gettext_lazy("等待回执"), kind="number"),
        Column("oldest", gettext_lazy("最早一条等待自"), kind="moment"),
        Column("answer", gettext_lazy("最近的答复"), value=lambda one: one.answer or ""),
        Column("state", gettext_lazy("状态"), value=lambda one: _sending(one), kind="tag"),
        Column(
            "stop", gettext_lazy("办理"), value=lambda one: _("停止推送") if one.active else "",
            link=lambda one: reverse("catalog.stop_feed", args=[one.pk]) if one.active else "",
        ),
    ),
    views=(
        SavedView("active", gettext_lazy("在推送"), lambda rows: rows.filter(active=True)),
        SavedView("stuck", gettext_lazy("有等待的"), lambda rows: rows.filter(active=True, waiting__gt=0)),
        SavedView("all", gettext_lazy("全部")),
    ),
    empty=Empty(gettext_lazy("还没有推送。在一项授权的页面上可以开始推送。"), icon="send"), export=False,
)  # fmt: skip
#: what a piece of another Hexi says
SAID = {
    "rows_refreshed": gettext_lazy("数据更新"), "entry_changed": gettext_lazy("目录变更"),
    "entry_withdrawn": gettext_lazy("数据集已撤下"),
}  # fmt: skip
RECEIVED = ListPage(
    title=gettext_lazy("收到的推送"),
    columns=(
        Column("at", gettext_lazy("时间"), kind="moment", sort="at"),
        Column("sender", gettext_lazy("发送方"), kind="code"),
        Column("what", gettext_lazy("发生了什么"), value=lambda one: SAID.get(one.what, one.what)),
        Column("entry", gettext_lazy("对方的数据集代码"), kind="code"),
        Column("subsystem", gettext_lazy("收到的子系统"), value=lambda one: one.subsystem.name),
        Column("number", gettext_lazy("第几条"), kind="number"),
        Column("used", gettext_lazy("本地怎样办的"), value=lambda one: _used(one), kind="tag"),
    ),
    filters=(Filter("entry", gettext_lazy("对方的数据集代码"), "text"),),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("unused", gettext_lazy("没有办的"), lambda rows: rows.filter(used_at=None)),
        SavedView("withdrawn", gettext_lazy("撤下的"), lambda rows: rows.filter(what="entry_withdrawn")),
    ),
    empty=Empty(gettext_lazy("还没有收到推送。"), icon="inbox"), export=False,
)  # fmt: skip


def _state(one: Gateway) -> tuple[str, str]:
    if one.own:
        return "done", str(_("本平台"))
    return ("done", str(_("信任"))) if one.active else ("off", str(_("不再信任")))


def _used(one: Any) -> tuple[str, str]:
    """What the data set here that mirrors it made of a piece."""
    if not one.used:
        return "draft", str(_("没有办"))
    if one.used in LoadState.values:
        return LoadState(one.used).tag, str(LoadState(one.used).label)
    return {"withdrawn": ("off", str(_("本地的也已撤下")))}.get(one.used, ("off", str(_("不认识，没有办"))))


def _sending(one: Any) -> tuple[str, str]:
    if not one.active:
        return "off", str(_("已停止"))
    return ("near", str(_("等待回执"))) if one.waiting else ("done", str(_("已送达")))


# --- gateways ---------------------------------------------------------------------------------------------------------
def gateways(request: HttpRequest) -> HttpResponseBase:
    """Our own installation, and those it speaks to."""
    return GATEWAYS.respond(request, queries.gateways(_actor(request)))


def gateway(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: what its certificate is known by, its keys, who takes part behind it."""
    found = get_object_or_404(queries.gateways(_actor(request)).prefetch_related("keys"), pk=pk)
    mark = exchange_keys.fingerprint(found.certificate)
    facts = (
        (_("代码"), found.code),
        (_("地址"), found.url),
        (_("证书指纹（SHA-256）"), exchange_keys.read_out(mark)),
        (_("更新于"), found.changed_at),
    )
    page = DetailPage(
        found.name, facts, tag=_state(found), crumbs=_crumbs(GATEWAYS, "gateways"), template="catalog/gateway.html"
    )
    return page.respond(request, found, gateway=found, members=found.members.order_by("-active", "code"))


def own_card(request: HttpRequest) -> HttpResponse:
    """Our card as a file, for the other side to trust."""
    if not queries.gateways(_actor(request)).filter(own=True).exists():
        raise Http404(_("还没有登记本平台的网关，或者不归您管。"))
    said = queries.card()
    answer = HttpResponse(json.dumps(said, ensure_ascii=False, indent=1), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="gateway-{said["code"]}.json"'
    return answer


class TrustForm(forms.Form):
    """Their card, and the fingerprint they told us by another way."""

    card = forms.FileField(
        label=gettext_lazy("对方的网关名片"), help_text=gettext_lazy("对方从自己的“网关”页下载的 JSON 文件。")
    )
    fingerprint = forms.CharField(
        label=gettext_lazy("证书指纹"), max_length=200,
        help_text=gettext_lazy("请对方打电话或当面告知，不要从文件里抄：与文件不符就不信任。"),
    )  # fmt: skip


def trust(request: HttpRequest) -> HttpResponseBase:
    """Speak to another installation from now on, or take its newer card."""

    def save(form: TrustForm) -> str:
        file = form.cleaned_data["card"]
        if file.size > LARGEST_CARD:
            raise ValidationError({"card": _("文件太大，不是网关名片。")})
        try:
            said = json.loads(file.read())
        except (ValueError, RecursionError):
            raise ValidationError({"card": _("这个文件不是 JSON，不是网关名片。")}) from None
        made = exchange.trust(said, fingerprint=form.cleaned_data["fingerprint"], by=_actor(request))
        messages.success(request, _("已信任“%(name)s”。") % {"name": made.name})
        return reverse("catalog.gateway", args=[made.pk])

    page = FormPage(
        _("信任另一个网关"), _("信任"), back=reverse("catalog.gateways"), crumbs=_crumbs(GATEWAYS, "gateways")
    )
    return page.respond(request, TrustForm, save)


class WhyForm(forms.Form):
    """A reason."""

    why = forms.CharField(label=gettext_lazy("理由"), max_length=300)


def distrust(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Speak to it no more."""
    found = get_object_or_404(queries.gateways(_actor(request)), pk=pk, own=False)
    back = reverse("catalog.gateway", args=[pk])

    def save(form: WhyForm) -> str:
        exchange.distrust(found, why=form.cleaned_data["why"], by=_actor(request))
        messages.success(request, _("已不再信任；它以前签过的报文仍可核验。"))
        return back

    lead = _("与“%(name)s”之间的调用会立即中断。") % {"name": found.name}
    page = FormPage(
        _("不再信任"), _("不再信任"), lead=lead, back=back, kind="danger", crumbs=_crumbs(GATEWAYS, "gateways")
    )
    return page.respond(request, WhyForm, save)


# --- groups -----------------------------------------------------------------------------------------------------------
def groups(request: HttpRequest) -> HttpResponseBase:
    """Subsystems that get rights together."""
    actor = _actor(request)
    return GROUPS.respond(request, queries.groups(actor), may_add=bool(queries.whole_regions(actor)))


class GroupForm(forms.Form):
    """A new group."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    title_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=150, required=False)
    code = forms.CharField(
        label=gettext_lazy("代码"), max_length=60, help_text=gettext_lazy("字母、数字和 - .，登记后不能改。")
    )


def add_group(request: HttpRequest) -> HttpResponseBase:
    """A group of one's own region."""
    actor = _actor(request)
    where = queries.whole_regions(actor)
    if not where:
        raise Http404(_("访问组由管理整个地区数据交换的岗位管理。"))

    def save(form: GroupForm) -> str:
        made = exchange.add_group(region_code=where[0].ljust(12, "0"), by=actor, **form.cleaned_data)
        return reverse("catalog.group", args=[made.pk])

    page = FormPage(_("新建访问组"), _("新建"), back=reverse("catalog.groups"), crumbs=_crumbs(GROUPS, "groups"))
    return page.respond(request, GroupForm, save)


class PutForm(forms.Form):
    """Who is to be in it."""

    subsystem = forms.ModelChoiceField(label=gettext_lazy("子系统"), queryset=None)


def group(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who is in it and what it may call; whoever manages it adds and takes out."""
    found = _group(request, pk)
    manages = queries.manages_group(_actor(request), found)
    systems = found.subsystems.select_related("member").order_by("member__code", "code")
    rights = found.rights.select_related("service__subsystem__member", "endpoint").order_by("pk")
    region = regions.find(found.region_code)
    facts = ((_("代码"), found.code), (_("地区"), region.title if region else found.region_code))
    page = DetailPage(found.name, facts, crumbs=_crumbs(GROUPS, "groups"), template="catalog/group.html")
    return page.respond(request, found, group=found, systems=systems, rights=rights, manages=manages)


def put_in(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another subsystem has the group's rights."""
    found = _group(request, pk)
    back = reverse("catalog.group", args=[pk])

    def form(*args: Any, **kwargs: Any) -> PutForm:
        made = PutForm(*args, **kwargs)
        made.fields["subsystem"].queryset = queries.callers().exclude(groups=found)  # type: ignore[attr-defined]
        return made

    def save(form: PutForm) -> str:
        exchange.put_in_group(found, form.cleaned_data["subsystem"], by=_actor(request))
        return back

    page = FormPage(_("加入子系统"), _("加入"), lead=found.name, back=back, crumbs=_crumbs(GROUPS, "groups"))
    return page.respond(request, form, save)


def take_out(request: HttpRequest, pk: int, subsystem: int) -> HttpResponseBase:
    """It has them no more; asked once."""
    found = _group(request, pk)
    system = get_object_or_404(found.subsystems, pk=subsystem)
    back = reverse("catalog.group", args=[pk])

    def save(_form: forms.Form) -> str:
        exchange.take_from_group(found, system, by=_actor(request))
        return back

    lead = _("“%(system)s”不再有“%(group)s”的调用权。") % {"system": system.name, "group": found.name}
    page = FormPage(_("移出访问组"), _("移出"), lead=lead, back=back, kind="danger", crumbs=_crumbs(GROUPS, "groups"))
    return page.respond(request, forms.Form, save)


# --- feeds ------------------------------------------------------------------------------------------------------------
def feeds(request: HttpRequest) -> HttpResponseBase:
    """What is sent to whom, how far it is, and what waits for its receipt."""
    return FEEDS.respond(request, queries.feeds(_actor(request)))


def received(request: HttpRequest) -> HttpResponseBase:
    """What others pushed to one's own systems."""
    crumbs = ((_("数据授权"), reverse("catalog.grant_list")), (RECEIVED.title, ""))
    return RECEIVED.respond(request, queries.received(_actor(request)), crumbs=crumbs)


class FollowForm(forms.Form):
    """In whose name, and where to."""

    sender = forms.ModelChoiceField(label=gettext_lazy("以哪个子系统的名义"), queryset=None)
    service = forms.CharField(
        label=gettext_lazy("接收服务的完整代码"), max_length=330,
        help_text=gettext_lazy("实例/类别/成员/子系统/服务，例如 CN/GOV/91…/HALL/INBOX；由使用方告知。"),
    )  # fmt: skip


def follow(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Push what happens to the grant's data set from now on."""
    actor = _actor(request)
    found = get_object_or_404(queries.grants(actor), pk=pk)
    if not queries.gives(actor, found) or found.subsystem_id is None:
        raise Http404(_("只有提供方能推送，而且只能推送给得到授权的子系统。"))
    senders = Subsystem.objects.filter(member__department=found.entry.provider_id, active=True).order_by("code")

    def form(*args: Any, **kwargs: Any) -> FollowForm:
        made = FollowForm(*args, **kwargs)
        made.fields["sender"].queryset = senders  # type: ignore[attr-defined]
        return made

    def save(form: FollowForm) -> str:
        push.follow(found, form.cleaned_data["sender"], service=form.cleaned_data["service"], by=actor)
        messages.success(request, _("已开始推送：以后的更新按顺序送出，每条等回执。"))
        return reverse("catalog.feeds")

    back = reverse("catalog.grant", args=[pk])
    page = FormPage(_("推送更新"), _("开始推送"), lead=str(found), back=back, crumbs=_crumbs(FEEDS, "feeds"))
    return page.respond(request, form, save, {"service": f"{push.name_of(found.subsystem)}/"})


def stop_feed(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send nothing more; asked once."""
    found = get_object_or_404(queries.feeds(_actor(request)), pk=pk, active=True)

    def save(_form: forms.Form) -> str:
        push.stop(found, by=_actor(request))
        messages.success(request, _("已停止推送。"))
        return reverse("catalog.feeds")

    lead = _("“%(entry)s”不再推送到 %(service)s；还没有送出的丢弃。")
    lead %= {"entry": found.entry.name, "service": found.service}
    page = FormPage(
        _("停止推送"),
        _("停止推送"),
        lead=lead,
        back=reverse("catalog.feeds"),
        kind="danger",
        crumbs=_crumbs(FEEDS, "feeds"),
    )
    return page.respond(request, forms.Form, save)


# --- common -----------------------------------------------------------------------------------------------------------
def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _group(request: HttpRequest, pk: int) -> Group:
    return get_object_or_404(queries.groups(_actor(request)), pk=pk)


def _crumbs(page: ListPage, name: str) -> tuple[tuple[Any, str], ...]:
    return ((_("数据交换成员"), reverse("catalog.members")), (page.title, reverse(f"catalog.{name}")))

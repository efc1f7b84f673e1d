"""The exchange at work: who takes part, their systems, services and rights; grants; the message log with its proofs."""

import uuid
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.catalog.models import (
    Endpoint,
    Entry,
    Group,
    Kind,
    Member,
    MessageLog,
    Right,
    Service,
    Side,
    State,
    Subsystem,
)  # fmt: skip
from hexi.blocks.catalog.operations import exchange
from hexi.blocks.catalog.operations.looking import PERSON
from hexi.blocks.catalog.queries import exchange as queries
from hexi.blocks.catalog.queries import proving
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

MEMBERS = ListPage(
    title=gettext_lazy("数据交换成员"),
    columns=(
        Column("name", gettext_lazy("成员"), value="name", link=lambda one: reverse("catalog.member", args=[one.pk])),
        Column("code", gettext_lazy("代码"), value=lambda one: f"{one.instance}/{one.member_class}/{one.code}"),
        Column("gateway", gettext_lazy("网关"), value="gateway.name"),
        Column("systems", gettext_lazy("子系统"), kind="number"),
        Column("state", gettext_lazy("状态"), value=lambda one: _tag(one.active and one.gateway.active), kind="tag"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("own", gettext_lazy("本平台"), lambda rows: rows.filter(gateway__own=True)),
        SavedView("others", gettext_lazy("其他网关"), lambda rows: rows.filter(gateway__own=False)),
    ),
    search=lambda rows, text: rows.filter(
        Q(title__icontains=text) | Q(title_en__icontains=text) | Q(code__icontains=text)
    ),
    empty=Empty(gettext_lazy("还没有成员。请管理员先登记本平台的网关，再加入部门。"), icon="network"),
    template="catalog/members.html",
)  # fmt: skip
LOG = ListPage(
    title=gettext_lazy("交换日志"),
    columns=(
        Column("at", gettext_lazy("时间"), kind="moment", link=lambda one: reverse("catalog.message", args=[one.pk])),
        Column("side", gettext_lazy("记在哪里"), value="get_side_display"),
        Column("kind", gettext_lazy("报文"), value="get_kind_display"),
        Column("client", gettext_lazy("调用方"), value=lambda one: _short(one.client), kind="code"),
        Column("service", gettext_lazy("服务"), value=lambda one: _short(one.service), kind="code"),
        Column("issue", gettext_lazy("办件编号"), kind="code"),
        Column("outcome", gettext_lazy("结果"), value=lambda one: _outcome(one), kind="tag"),
        Column("stamp", gettext_lazy("时间戳"), value="batch.at", kind="moment"),
    ),
    filters=(
        Filter("issue", gettext_lazy("办件编号"), "text"),
        Filter("client", gettext_lazy("调用方"), "text", "client__startswith"),
        Filter("service", gettext_lazy("服务"), "text", "service__startswith"),
        Filter("grant", gettext_lazy("授权编号"), "text", lambda rows, text: _through(rows, text)),
        Filter("side", gettext_lazy("记在哪里"), Side.choices),
        Filter("from", gettext_lazy("从"), "date", "at__date__gte"),
        Filter("until", gettext_lazy("到"), "date", "at__date__lte"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("faults", gettext_lazy("出错的"), lambda rows: rows.exclude(fault="")),
        SavedView("unstamped", gettext_lazy("还没有时间戳"), lambda rows: rows.filter(batch=None)),
    ),
    empty=Empty(gettext_lazy("还没有交换过报文。"), icon="inbox"),
    on_export=lambda request, count: exchange.note_export(_actor(request), "catalog.messagelog", count),
)  # fmt: skip


def _through(rows: QuerySet[MessageLog], text: str) -> QuerySet[MessageLog]:
    """Calls through a grant, by its number."""
    try:
        return rows.filter(grant__number=uuid.UUID(text))
    except ValueError:
        return rows.none()


def _tag(active: bool) -> tuple[str, str]:
    return ("done", str(_("在用"))) if active else ("off", str(_("停用")))


def _short(name: str) -> str:
    """A name without instance and class, which are the same in most rows."""
    return name.split("/", 2)[-1]


def _outcome(row: MessageLog) -> tuple[str, str]:
    if row.kind == Kind.REQUEST:
        return "draft", str(_("请求"))
    return ("refused", row.fault) if row.fault else ("done" if (row.status or 0) < 400 else "near", str(row.status))


# --- members, systems, services ---------------------------------------------------------------------------------------
def members(request: HttpRequest) -> HttpResponseBase:
    """Who takes part."""
    actor = _actor(request)
    may = {"may_add": queries.offices(actor).exists(), "may_trust": queries.trusts(actor)}
    return MEMBERS.respond(request, queries.members(actor), **may)


def member(request: HttpRequest, pk: int) -> HttpResponse:
    """One member: its systems, what they offer, and who may call it."""
    found = _member(request, pk)
    facts = (
        (_("代码"), f"{found.instance}/{found.member_class}/{found.code}"),
        (_("网关"), f"{found.gateway.name}（{found.gateway.url}）"),
        (_("部门"), found.department.title if found.department else None),
    )
    page = DetailPage(
        found.name,
        facts,
        tag=_tag(found.active and found.gateway.active),
        crumbs=_crumbs(),
        template="catalog/member.html",
    )
    systems = found.subsystems.order_by("code").prefetch_related("services__rights")
    actor = _actor(request)
    may = {"manages": queries.manages(actor, found), "gives": bool(actor.scopes(queries.GRANT))}
    return page.respond(request, found, member=found, systems=systems, **may)


class MemberForm(forms.Form):
    """A department of ours and its codes."""

    department = forms.ModelChoiceField(label=gettext_lazy("部门"), queryset=None)
    instance = forms.CharField(
        label=gettext_lazy("实例代码"),
        max_length=40,
        initial="CN",
        help_text=gettext_lazy("整个交换网络共用，例如 CN。"),
    )
    member_class = forms.CharField(label=gettext_lazy("类别代码"), max_length=40, initial="GOV")
    code = forms.CharField(
        label=gettext_lazy("成员代码"),
        max_length=60,
        help_text=gettext_lazy("本部门的统一社会信用代码，登记后不能改。"),
    )


def add_member(request: HttpRequest) -> HttpResponseBase:
    """A department takes part."""
    actor = _actor(request)

    def form(*args: Any, **kwargs: Any) -> MemberForm:
        made = MemberForm(*args, **kwargs)
        made.fields["department"].queryset = queries.offices(actor)  # type: ignore[attr-defined]
        return made

    def save(form: MemberForm) -> str:
        given = dict(form.cleaned_data)
        office = given.pop("department")
        made = exchange.add_member(office, title=office.name, title_en=office.name_en, by=actor, **given)
        return reverse("catalog.member", args=[made.pk])

    page = FormPage(_("加入成员"), _("加入"), back=reverse("catalog.members"), crumbs=_crumbs())
    return page.respond(request, form, save)


class SubsystemForm(forms.Form):
    """A system of a member."""

    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    code = forms.CharField(
        label=gettext_lazy("子系统代码"),
        max_length=60,
        help_text=gettext_lazy("字母、数字和 ' ( ) + , - . = ?，登记后不能改。"),
    )
    certificate = forms.CharField(
        label=gettext_lazy("证书"), required=False, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("PEM。这个系统调用别人的服务时出示；留空：只提供服务，不调用。"),
    )  # fmt: skip


def add_subsystem(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A system of a member of ours."""
    found = _managed(request, pk)
    back = reverse("catalog.member", args=[pk])

    def save(form: SubsystemForm) -> str:
        exchange.add_subsystem(found, by=_actor(request), **form.cleaned_data)
        return back

    page = FormPage(_("登记子系统"), _("登记"), lead=found.name, back=back, crumbs=_crumbs(found))
    return page.respond(request, SubsystemForm, save)


class CertificateForm(forms.Form):
    """Another certificate, or switched off."""

    certificate = SubsystemForm.base_fields["certificate"]
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False)


def change_subsystem(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Renew a system's certificate, or switch the system off."""
    found = get_object_or_404(Subsystem.objects.select_related("member"), pk=pk)
    owner = _managed(request, found.member_id)
    back = reverse("catalog.member", args=[owner.pk])

    def save(form: CertificateForm) -> str:
        exchange.change_subsystem(found, by=_actor(request), **form.cleaned_data)
        return back

    page = FormPage(_("证书与启停"), _("保存"), lead=found.name, back=back, crumbs=_crumbs(owner))
    return page.respond(request, CertificateForm, save, {"certificate": found.certificate, "active": found.active})


ABOUT_PERSONS = gettext_lazy("答复涉及个人")
ABOUT_PERSONS_HELP = gettext_lazy(
    "服务地址的答复里有个人信息就勾选：每次调用要写明用途、办件编号和查的是谁，本人看得到。"
)


class ServiceForm(forms.Form):
    """Where it lives, or whose rows it gives."""

    subsystem = forms.ModelChoiceField(label=gettext_lazy("子系统"), queryset=None)
    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    code = forms.CharField(
        label=gettext_lazy("服务代码"),
        max_length=60,
        help_text=gettext_lazy("字母、数字和 ' ( ) + , - . = ?，登记后不能改。"),
    )
    url = forms.CharField(
        label=gettext_lazy("服务地址"), max_length=300, required=False,
        help_text=gettext_lazy("内部地址，以 http:// 或 https:// 开头；与目录条目二者选一。"),
    )  # fmt: skip
    entry = forms.ModelChoiceField(
        label=gettext_lazy("目录条目"), queryset=None, required=False,
        help_text=gettext_lazy("由本平台直接给出数据，谁能看什么由授权决定。"),
    )  # fmt: skip
    timeout = forms.IntegerField(label=gettext_lazy("最长等待（秒）"), min_value=1, max_value=120, initial=30)
    personal = forms.BooleanField(label=ABOUT_PERSONS, required=False, help_text=ABOUT_PERSONS_HELP)


def add_service(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A service of a member of ours."""
    found = _managed(request, pk)

    def form(*args: Any, **kwargs: Any) -> ServiceForm:
        made = ServiceForm(*args, **kwargs)
        made.fields["subsystem"].queryset = found.subsystems.order_by("code")  # type: ignore[attr-defined]
        own = Entry.objects.filter(provider=found.department, state=State.PUBLISHED)
        made.fields["entry"].queryset = own.order_by("title")  # type: ignore[attr-defined]
        return made

    def save(form: ServiceForm) -> str:
        given = dict(form.cleaned_data)
        made = exchange.add_service(given.pop("subsystem"), by=_actor(request), **given)
        return reverse("catalog.service", args=[made.pk])

    back = reverse("catalog.member", args=[pk])
    page = FormPage(_("登记服务"), _("登记"), lead=found.name, back=back, crumbs=_crumbs(found))
    return page.respond(request, form, save)


def service(request: HttpRequest, pk: int) -> HttpResponse:
    """One service: where it is, who may call which part of it."""
    found = _service(request, pk)
    owner = found.subsystem.member
    facts = (
        (_("完整代码"), queries.full_name(found)),
        (_("服务地址"), found.url or None),
        (_("目录条目"), found.entry.name if found.entry else None),
        (_("最长等待（秒）"), found.timeout),
        (ABOUT_PERSONS, None if found.entry else (_("是") if found.personal else _("否"))),
        (_("停用说明"), found.notice or None),
    )
    rights = found.rights.select_related("subsystem__member", "group", "endpoint").order_by("pk")
    page = DetailPage(found.name, facts, tag=_tag(found.active), crumbs=_crumbs(owner), template="catalog/service.html")
    return page.respond(request, found, service=found, rights=rights)


class AllowForm(forms.Form):
    """Whom, and which part."""

    subsystem = forms.ModelChoiceField(label=gettext_lazy("子系统"), queryset=None, required=False)
    group = forms.ModelChoiceField(label=gettext_lazy("访问组"), queryset=None, required=False)
    method = forms.ChoiceField(
        label=gettext_lazy("方法"), choices=[(one, one) for one in ("*", "GET", "POST", "PUT", "PATCH", "DELETE")]
    )
    path = forms.CharField(
        label=gettext_lazy("接口路径"), max_length=300, required=False,
        help_text=gettext_lazy("留空：整个服务。例如 /v1/*：* 表示一段，结尾的 ** 表示其余全部。"),
    )  # fmt: skip


def allow(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Let a subsystem or a group call a service, or one endpoint of it."""
    found = _service(request, pk)

    def form(*args: Any, **kwargs: Any) -> AllowForm:
        made = AllowForm(*args, **kwargs)
        made.fields["subsystem"].queryset = queries.callers()  # type: ignore[attr-defined]
        made.fields["group"].queryset = Group.objects.order_by("code")  # type: ignore[attr-defined]
        return made

    def save(form: AllowForm) -> str:
        given, endpoint = form.cleaned_data, None
        if given["path"]:
            endpoint = Endpoint.objects.filter(service=found, method=given["method"], path=given["path"]).first()
            endpoint = endpoint or exchange.add_endpoint(
                found, method=given["method"], path=given["path"], by=_actor(request)
            )
        exchange.allow(found, subsystem=given["subsystem"], group=given["group"], endpoint=endpoint, by=_actor(request))
        return back

    back = reverse("catalog.service", args=[pk])
    page = FormPage(_("允许调用"), _("允许"), lead=found.name, back=back, crumbs=_crumbs(found.subsystem.member))
    return page.respond(request, form, save)


def forbid(request: HttpRequest, pk: int, right: int) -> HttpResponseBase:
    """Take a right back, once more asked."""
    found = get_object_or_404(
        Right.objects.select_related("service", "subsystem", "group"), pk=right, service=_service(request, pk)
    )

    def save(_form: forms.Form) -> str:
        exchange.forbid(found, by=_actor(request))
        return back

    back = reverse("catalog.service", args=[pk])
    lead = _("“%(who)s”将不能再调用“%(service)s”。") % {"who": found.subsystem or found.group, "service": found.service}
    page = FormPage(_("收回调用权"), _("收回"), lead=lead, back=back, kind="danger", crumbs=_crumbs())
    return page.respond(request, forms.Form, save)


class SwitchForm(forms.Form):
    """On or off, with a word for callers."""

    active = forms.BooleanField(label=gettext_lazy("在用"), required=False)
    notice = forms.CharField(
        label=gettext_lazy("停用说明"), max_length=200, required=False, help_text=gettext_lazy("停用时告诉调用方。")
    )
    personal = forms.BooleanField(label=ABOUT_PERSONS, required=False, help_text=ABOUT_PERSONS_HELP)


def switch(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Switch a service off or on."""
    found = _service(request, pk)

    def save(form: SwitchForm) -> str:
        exchange.switch_service(found, by=_actor(request), **form.cleaned_data)
        return back

    back = reverse("catalog.service", args=[pk])

    def form(*args: Any, **kwargs: Any) -> SwitchForm:
        made = SwitchForm(*args, **kwargs)
        if not found.url.startswith("http"):
            del made.fields["personal"]
        return made

    page = FormPage(_("停用或启用"), _("保存"), lead=found.name, back=back, crumbs=_crumbs(found.subsystem.member))
    said = {"active": found.active, "notice": found.notice, "personal": found.personal}
    return page.respond(request, form, save, said)


# --- the log ----------------------------------------------------------------------------------------------------------
def message_list(request: HttpRequest) -> HttpResponseBase:
    """The messages of one's own office."""
    return LOG.respond(request, queries.log(_actor(request)))


def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message with what proves it. Bodies are not shown: they may hold what the reader has no purpose for."""
    if not queries.log(_actor(request)).filter(pk=pk).exists():
        raise Http404(_("没有这条报文，或者不归您看。"))
    found = MessageLog.objects.select_related("batch", "archive", "grant__entry").get(pk=pk)
    proved = dict(proving.proof(found))
    other = MessageLog.objects.filter(request_id=found.request_id, side=found.side).exclude(pk=pk).first()
    facts = (
        (_("时间"), found.at), (_("调用方"), found.client), (_("服务"), found.service),
        (_("请求编号"), found.request_id),
        (_("办件编号"), found.issue or None), (_("操作人"), found.user or None), (_("状态码"), found.status),
        (_("错误类型"), found.fault or None), (_("正文长度（字节）"), found.body_size),
        (_("链上位置"), f"{found.stream} {found.seq}"),
        (_("归档"), found.archive.name if found.archive else None), (_("数据授权"), _grant_link(request, found)),
    )  # fmt: skip
    page = DetailPage(
        f"{found.get_side_display()} · {found.get_kind_display()}", facts, tag=_outcome(found),
        crumbs=((LOG.title, reverse("catalog.message_list")),), place="catalog.message",
        template="catalog/message.html",
    )  # fmt: skip
    first, second, *rest = bytes(found.head).decode(errors="replace").split("\r\n")
    second = second.partition("?")[0]  # a query is a question about somebody, like a body
    rest = [one for one in rest if not one.lower().startswith(f"{PERSON}:")]  # and so is whom it names
    head = "\r\n".join((first, second, *rest))
    return page.respond(request, found, row=found, proved=proved, head=head, other=other)


def _grant_link(request: HttpRequest, row: MessageLog) -> Any:
    """The grant a call went through, a link for who may see it."""
    if row.grant is None:
        return None
    if not queries.grants(_actor(request)).filter(pk=row.grant_id).exists():
        return row.grant.number
    return Markup('<a href="{}">{}</a>').format(reverse("catalog.grant", args=[row.grant_id]), row.grant.number)


# --- common -----------------------------------------------------------------------------------------------------------
def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _crumbs(member: Member | None = None) -> tuple[tuple[Any, str], ...]:
    first = (MEMBERS.title, reverse("catalog.members"))
    return (first, (member.name, reverse("catalog.member", args=[member.pk]))) if member else (first,)


def _member(request: HttpRequest, pk: int) -> Member:
    return get_object_or_404(queries.members(_actor(request)), pk=pk)


def _managed(request: HttpRequest, pk: int) -> Member:
    found = _member(request, pk)
    if not queries.manages(_actor(request), found):
        raise Http404(_("没有这个成员，或者不归您管。"))
    return found


def _service(request: HttpRequest, pk: int) -> Service:
    return get_object_or_404(queries.services(_actor(request)), pk=pk)

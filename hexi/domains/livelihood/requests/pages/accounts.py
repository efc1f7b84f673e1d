"""The account matrix at the workbench: register and league, one text to many; and where its adapter pushes."""

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests.channels import accounts as matrix
from hexi.domains.livelihood.requests.models import Outgoing, SocialAccount
from hexi.domains.livelihood.requests.states import PLAN
from hexi.kernel.actors import Actor, within
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Action, Column, Empty, SavedView


@csrf_exempt
@require_POST
def account_events(request: HttpRequest) -> JsonResponse:
    """Take a signed event in; the number of the order it became."""
    try:
        body = request.body
    except RequestDataTooBig:
        body = b" " * (matrix.LONGEST_BODY + 1)
    if len(body) > matrix.LONGEST_BODY:
        return JsonResponse({"error": f"at most {matrix.LONGEST_BODY} bytes"}, status=413)
    given = {name.lower(): value for name, value in request.headers.items()}
    try:
        return JsonResponse(matrix.hear(body, given))
    except matrix.BadEvent as error:
        return JsonResponse({"error": str(error)}, status=401 if error.forged else 400)
    except ValidationError as error:
        return JsonResponse({"error": " ".join(error.messages)}, status=422)


def _rate(one: Any) -> str:
    return f"{100 * one.answered / one.asked:.0f}%" if one.asked else "—"


ACCOUNTS = ListPage(
    title=gettext_lazy("账号矩阵"),
    lead=gettext_lazy("给账号的留言自动成为诉求，答复回到原帖下。"),
    columns=(
        Column("name", gettext_lazy("账号"), value="name",
               link=lambda one: reverse("requests.edit_account", args=[one.pk])),
        Column("platform", gettext_lazy("平台"), value=lambda one: one.get_platform_display()),
        Column("office", gettext_lazy("承办单位"), value="department.title"),
        Column("followers", gettext_lazy("关注数"), value="followers", sort="followers"),
        Column("reads", gettext_lazy("阅读数"), value="reads", sort="reads"),
        Column("asked", gettext_lazy("留言"), value="asked", sort="asked"),
        Column("answered", gettext_lazy("已答复"), value="answered", sort="answered"),
        Column("rate", gettext_lazy("答复率"), value=_rate),
        Column("state", gettext_lazy("状态"), kind="tag",
               value=lambda one: ("done", _("在用")) if one.active else ("off", _("已停用"))),
    ),
    empty=Empty(gettext_lazy("还没有登记账号。")),
)  # fmt: skip


def _sent(one: Outgoing) -> tuple[str, str]:
    if one.sent_at:
        return "done", _("已发出")
    return ("refused", _("没有发出")) if one.failed else ("wait", _("待发"))


def _again(request: HttpRequest, rows: QuerySet[Outgoing]) -> str:
    many = sum(matrix.send_again(one, by=request.actor) for one in rows.select_related("account"))  # type: ignore[attr-defined]
    return _("%(n)s 条重新发送。") % {"n": many}


OUTGOING = ListPage(
    title=gettext_lazy("账号发出的内容"),
    lead=gettext_lazy("发不出去的写明原因；改好以后可以重新发送。"),
    columns=(
        Column("text", gettext_lazy("内容"), value=lambda one: Truncator(one.text).chars(60)),
        Column("account", gettext_lazy("账号"), value="account.name"),
        Column("order", gettext_lazy("诉求"),
               value=lambda one: one.mention.request.case.number if one.mention else "—"),
        Column("state", gettext_lazy("状态"), value=_sent, kind="tag"),
        Column("failed", gettext_lazy("原因"), value="failed"),
        Column("tries", gettext_lazy("试过几次"), value="tries", kind="number"),
        Column("made", gettext_lazy("写成"), value="made_at", kind="moment"),
        Column("reads", gettext_lazy("阅读数"), value="reads", kind="number"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("failed", gettext_lazy("没有发出"), lambda rows: rows.exclude(failed="")),
        SavedView("waiting", gettext_lazy("待发"), lambda rows: rows.filter(sent_at=None, failed="")),
    ),
    bulk=(Action("again", gettext_lazy("重新发送"), "send", _again, verb=PLAN),),
    empty=Empty(gettext_lazy("这里没有内容。")),
)  # fmt: skip


def accounts(request: HttpRequest) -> HttpResponseBase:
    """The register with reach and answers: the league."""
    ways = (
        ("requests.new_account", _("登记账号")),
        ("requests.publish_text", _("一文多发")),
        ("requests.outgoing", _("账号发出的内容")),
    )
    links = format_html_join(
        " ",
        '<a class="btn btn-secondary" href="{}">{}</a>',
        ((reverse(name), word) for name, word in ways),
    )
    return ACCOUNTS.respond(request, matrix.league(request.actor), heading_actions=links)  # type: ignore[attr-defined]


def outgoing(request: HttpRequest) -> HttpResponseBase:
    """What goes out by the accounts: sent, waiting, given up and why."""
    crumbs = ((_("账号矩阵"), reverse("requests.accounts")),)
    return OUTGOING.respond(request, matrix.outgoing(request.actor), crumbs=crumbs)  # type: ignore[attr-defined]


class AccountForm(forms.Form):
    """An account."""

    name = forms.CharField(label=gettext_lazy("账号"), max_length=80)
    key = forms.SlugField(label=gettext_lazy("接口里的代号"), max_length=60)
    platform = forms.ChoiceField(label=gettext_lazy("平台"), choices=SocialAccount.Platform.choices)
    department = forms.ModelChoiceField(Department.objects.none(), label=gettext_lazy("承办单位"))


def _offices(by: Actor) -> QuerySet[Department]:
    return Department.objects.filter(within(by.scopes(PLAN), "pk"), active=True)


def edit_account(request: HttpRequest, account: int) -> HttpResponseBase:
    """Another name or office; or out of use, and back."""
    by = request.actor  # type: ignore[attr-defined]
    one = get_object_or_404(matrix.league(by), pk=account)

    class Form(AccountForm):
        key = None  # type: ignore[assignment]  # the adapter names it so
        department = forms.ModelChoiceField(_offices(by), label=gettext_lazy("承办单位"))
        active = forms.BooleanField(
            label=gettext_lazy("在用"), required=False, help_text=gettext_lazy("停用后不再收留言，也不再发出内容。")
        )

    def save(form: forms.Form) -> str:
        matrix.change_account(one, by=by, **form.cleaned_data)
        messages.success(request, _("已保存。"))
        return reverse("requests.accounts")

    back = reverse("requests.accounts")
    page = FormPage(title=one.name, submit=_("保存"), back=back, crumbs=((_("账号矩阵"), back),))
    now = {"name": one.name, "platform": one.platform, "department": one.department_id, "active": one.active}
    return page.respond(request, Form, save, now)


def new_account(request: HttpRequest) -> HttpResponseBase:
    """Register an account."""
    by = request.actor  # type: ignore[attr-defined]

    class Form(AccountForm):
        department = forms.ModelChoiceField(_offices(by), label=gettext_lazy("承办单位"))

    def save(form: forms.Form) -> str:
        matrix.register(**form.cleaned_data, by=by)
        messages.success(request, _("账号已登记。"))
        return reverse("requests.accounts")

    back = reverse("requests.accounts")
    return FormPage(title=_("登记账号"), submit=_("保存"), back=back, crumbs=((_("账号矩阵"), back),)).respond(
        request, Form, save
    )


def publish_text(request: HttpRequest) -> HttpResponseBase:
    """One text to many accounts."""
    by = request.actor  # type: ignore[attr-defined]
    mine = matrix.league(by).filter(active=True)

    class Form(forms.Form):
        text = forms.CharField(label=gettext_lazy("内容"), max_length=2000, widget=forms.Textarea)
        accounts = forms.ModelMultipleChoiceField(mine, label=gettext_lazy("账号"), widget=forms.CheckboxSelectMultiple)
        once = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def save(form: forms.Form) -> str:
        many = matrix.publish(form.cleaned_data["text"], form.cleaned_data["accounts"],
                              once=form.cleaned_data["once"], by=by)  # fmt: skip
        messages.success(request, _("已发往 %(n)s 个账号。") % {"n": many})
        return reverse("requests.accounts")

    back = reverse("requests.accounts")
    page = FormPage(title=_("一文多发"), submit=_("发送出去"), back=back, crumbs=((_("账号矩阵"), back),))
    return page.respond(request, Form, save, {"once": secrets.token_hex(12)})

"""By which channels one wants to be told, and the operator's list of what could not be sent."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from hexi.blocks.notices import operations, queries
from hexi.blocks.notices.channels import Contact, channels, ready
from hexi.blocks.notices.contacts import contact_of, recipient_of
from hexi.blocks.notices.models import Delivery
from hexi.blocks.people.models import Account
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Action, Column, Empty


class Wishes(forms.Form):
    """The channels one wants; `offered` are (key, words) of those set up."""

    channels = forms.MultipleChoiceField(
        label=gettext_lazy("除站内信外，还可以这样告诉我"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *arguments: Any, offered: list[tuple[str, str]], **more: Any):
        super().__init__(*arguments, **more)
        self.fields["channels"].choices = offered


def wishes(request: HttpRequest) -> HttpResponseBase:
    """By which channels one wants to be told."""
    account = Account.objects.select_related("person").get(pk=request.actor.account_id)  # type: ignore[attr-defined]
    contact, unwanted = contact_of(account), queries.unwanted(account.pk)
    offered = [(channel.key, _offer(channel.key, contact)) for channel in ready()]

    def save(form: Wishes) -> str:
        operations.want(form.cleaned_data["channels"], by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。"))
        return reverse("notices.wishes")

    page = FormPage(
        title=_("消息怎样告诉我"), submit=_("保存"), back=reverse("notices.inbox"), template="notices/wishes.html",
        crumbs=((_("消息"), reverse("notices.inbox")),),
    )  # fmt: skip
    chosen = [key for key, _title in offered if key not in unwanted]
    return page.respond(request, partial(Wishes, offered=offered), save, {"channels": chosen}, offered=offered)


def _offer(key: str, contact: Contact) -> str:
    channel = channels()[key]
    address = channel.mask(channel.address(contact)) or _("没有登记，请到“我的账户”补上")
    return f"{channel.title} · {address}"


@require_POST
def try_out(request: HttpRequest) -> HttpResponse:
    """Send oneself a test message."""
    try:
        operations.try_channels(by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("测试消息已发出，请查收。"))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("notices.wishes")


# --- the operator -----------------------------------------------------------------------------------------------------


def _retry(request: HttpRequest, rows: QuerySet[Delivery]) -> str:
    many = 0
    for row in rows:
        operations.retry(row, by=request.actor)  # type: ignore[attr-defined]
        many += 1
    return ngettext("%(n)s条消息将重新发送", "%(n)s条消息将重新发送", many) % {"n": many}


def _channel_title(key: str) -> str:
    return str(channels()[key].title) if key in channels() else key


def _masked(row: Delivery) -> str:
    channel = channels().get(row.channel)
    return channel.mask(channel.address(contact_of(recipient_of(row.notice)))) if channel else ""


FAILURES = ListPage(
    title=gettext_lazy("发送失败"),
    lead=gettext_lazy("这些消息已在收件人的站内信里，但没有从别的渠道送达。"),
    columns=(
        Column("made_at", gettext_lazy("时间"), kind="moment", sort="made_at"),
        Column("channel", gettext_lazy("渠道"), value=lambda row: _channel_title(row.channel)),
        Column("to", gettext_lazy("收件人"), value=_masked),
        Column("key", gettext_lazy("模板"), value="notice.key"),
        Column("tries", gettext_lazy("次数"), kind="number"),
        Column("answer", gettext_lazy("对方答复")),
    ),
    bulk=(Action("retry", gettext_lazy("重新发送"), "refresh", _retry),),
    empty=Empty(gettext_lazy("没有发送失败的消息。"), icon="mail"),
)


def failures(request: HttpRequest) -> HttpResponseBase:
    """What was given up, to be looked at and sent again."""
    return FAILURES.respond(request, queries.failures())


def failures_count(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return queries.failures().count()

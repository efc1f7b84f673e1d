"""Webhooks of an outside system (workbench): subscribe, stop, and what could not be delivered."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.notices import webhooks
from hexi.blocks.notices.models import Webhook, WebhookDelivery
from hexi.blocks.people import keys
from hexi.blocks.people.models import ApiKey
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Action, Column, Empty


class Subscription(forms.Form):
    """Where to tell, and of what."""

    url = forms.URLField(
        label=gettext_lazy("接收地址"), max_length=500, assume_scheme="https",
        help_text=gettext_lazy("事件用 POST 发到这里，CloudEvents 1.0，带签名。"),
    )  # fmt: skip
    events = forms.MultipleChoiceField(label=gettext_lazy("事件"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["events"].choices = [(one.key, one.title) for one in webhooks.event_types().values()]  # type: ignore[attr-defined]


def panel(request: HttpRequest, key: ApiKey) -> Markup:
    """The webhooks of a key, on its page."""
    found = Webhook.objects.filter(api_key=key, withdrawn_at=None).order_by("pk")
    titles = webhooks.event_types()
    rows = [(one, "、".join(str(titles[name].title) for name in one.events if name in titles)) for one in found]
    return Markup(render_to_string("notices/webhooks.html", {"key": key, "rows": rows}, request))  # noqa: S704 - ours


@never_cache
def subscribe(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A new webhook; its secret is on the page that answers, and nowhere else."""
    key = get_object_or_404(keys.within_reach(request.actor).in_force(), pk=pk)  # type: ignore[attr-defined]
    back = reverse("people.api_key", args=[pk])

    def save(form: Subscription) -> HttpResponse:
        _made, secret = webhooks.subscribe(key, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        facts = {"title": _("已订阅"), "key": key, "text": secret, "back": back}
        return render(request, "people/key.html", facts)

    page = FormPage(_("订阅事件"), _("订阅"), lead=key.name, back=back)
    return page.respond(request, Subscription, save)


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell an address no more."""
    mine = Webhook.objects.filter(api_key__in=keys.within_reach(request.actor))  # type: ignore[attr-defined]
    webhook = get_object_or_404(mine.select_related("api_key"), pk=pk)
    webhooks.stop(webhook, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已停止订阅。还没送到的事件不再发送。"))
    return redirect("people.api_key", webhook.api_key_id)


def _again(request: HttpRequest, rows: QuerySet[WebhookDelivery]) -> str:
    done = sum(webhooks.send_again(row, by=request.actor) for row in rows)  # type: ignore[attr-defined]
    return _("%(n)s 个事件将重新发送。") % {"n": done}


DEAD = ListPage(
    title=gettext_lazy("未送达的事件"),
    lead=gettext_lazy("两天内反复发送都没有送到对方系统。对方恢复后，勾选并重新发送。"),
    columns=(
        Column("at", gettext_lazy("时间"), kind="moment", sort="at"),
        Column("system", gettext_lazy("系统"), value="webhook.api_key.name"),
        Column("type", gettext_lazy("事件"), value=lambda row: _title(row.type)),
        Column("subject", gettext_lazy("编号")),
        Column("url", gettext_lazy("接收地址"), value="webhook.url"),
        Column("tries", gettext_lazy("次数"), kind="number"),
        Column("answer", gettext_lazy("对方答复")),
    ),
    bulk=(Action("again", gettext_lazy("重新发送"), "refresh", _again),),
    empty=Empty(gettext_lazy("没有未送达的事件。"), icon="mail"),
)


def _title(key: str) -> str:
    known = webhooks.event_types()
    return str(known[key].title) if key in known else key


def dead(request: HttpRequest) -> HttpResponseBase:
    """What was given up."""
    return DEAD.respond(request, webhooks.dead(request.actor))  # type: ignore[attr-defined]


def dead_count(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return webhooks.dead(request.actor).count()  # type: ignore[attr-defined]

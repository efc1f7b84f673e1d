"""Systems people sign in to with their account here (workbench): made, looked at, ended."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.blocks.people import provider
from hexi.blocks.people.forms import departments_within
from hexi.blocks.regions.models import Department
from hexi.kernel.actors import Scope
from hexi.ui.pages import FormPage


class NewClient(forms.Form):
    """A system, where it takes people back, and what it learns of them."""

    name = forms.CharField(
        label=gettext_lazy("系统名称"), max_length=100, help_text=gettext_lazy("登录的人会看到这个名称。")
    )
    department = forms.ModelChoiceField(
        label=gettext_lazy("所属部门"), queryset=Department.objects.none(), empty_label=gettext_lazy("请选择")
    )
    redirect_uris = forms.CharField(
        label=gettext_lazy("回调地址"), widget=forms.Textarea(attrs={"rows": 3}), help_text=gettext_lazy("每行一个。")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("可以知道什么"), widget=forms.CheckboxSelectMultiple, choices=list(provider.SCOPES.items())
    )

    def __init__(self, *args: Any, scopes: tuple[Scope, ...] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments_within(scopes)  # type: ignore[attr-defined]


def clients(request: HttpRequest) -> HttpResponse:
    """The systems within reach, and where they find us."""
    found = provider.within_reach(request.actor)  # type: ignore[attr-defined]
    offices = Department.objects.in_bulk([one.data["department"] for one in found])
    rows = [
        (
            one,
            offices[one.data["department"]],
            "、".join(str(provider.SCOPES.get(name, name)) for name in one.get_scopes()),
        )
        for one in found
        if one.data["department"] in offices
    ]
    address = request.build_absolute_uri("/.well-known/openid-configuration")
    return render(request, "people/clients.html", {"title": _("统一登录"), "rows": rows, "address": address})


@never_cache
def new_client(request: HttpRequest) -> HttpResponseBase:
    """Make one; its secret is on the page that answers, and nowhere else."""
    actor = request.actor  # type: ignore[attr-defined]

    def form_class(*args: Any, **kwargs: Any) -> NewClient:
        return NewClient(*args, scopes=actor.scopes(provider.VERB), **kwargs)

    def save(form: NewClient) -> HttpResponse:
        facts = {**form.cleaned_data, "redirect_uris": form.cleaned_data["redirect_uris"].splitlines()}
        client, secret = provider.make(by=actor, **facts)
        shown = {
            "title": _("系统已登记"),
            "key": client,
            "text": secret,
            "id": client.pk,
            "back": reverse("people.clients"),
        }
        return render(request, "people/key.html", shown)

    page = FormPage(_("登记系统"), _("登记"), back=reverse("people.clients"), icon="key")
    return page.respond(request, form_class, save, {"scopes": ["openid", "profile"]})


@require_POST
def withdraw_client(request: HttpRequest, pk: str) -> HttpResponse:
    """End one at once."""
    found = next((one for one in provider.within_reach(request.actor) if one.pk == pk), None)  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    provider.withdraw(found, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已停止。这个系统不能再用本站账户登录。"))
    return redirect("people.clients")

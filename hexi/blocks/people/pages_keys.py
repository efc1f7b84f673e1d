"""Outside systems (workbench): their keys, made and shown once, looked after, withdrawn."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.people import keys
from hexi.blocks.people.forms import departments_within
from hexi.blocks.people.models import ApiKey
from hexi.blocks.regions.models import Department
from hexi.kernel.actors import Scope
from hexi.kernel.clock import today
from hexi.ui.assets import icon
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty, SavedView


class NewKey(forms.Form):
    """What a new key is for, and what it may do."""

    name = forms.CharField(
        label=gettext_lazy("系统名称"), max_length=60, help_text=gettext_lazy("例如：水权交易系统。日志里写这个名称。")
    )
    department = forms.ModelChoiceField(
        label=gettext_lazy("所属部门"), queryset=Department.objects.none(), empty_label=gettext_lazy("请选择")
    )
    verbs = forms.MultipleChoiceField(label=gettext_lazy("可以做什么"), widget=forms.CheckboxSelectMultiple)
    everywhere = forms.BooleanField(
        label=gettext_lazy("本区域全部部门"), required=False, help_text=gettext_lazy("不勾选则只限所属部门。")
    )
    expires = forms.DateField(
        label=gettext_lazy("有效期至"), required=False, help_text=gettext_lazy("不填为长期；随时可以收回。")
    )

    def __init__(self, *args: Any, scopes: tuple[Scope, ...] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments_within(scopes)  # type: ignore[attr-defined]
        self.fields["verbs"].choices = [(one.verb, one.title) for one in keys.grantable().values()]  # type: ignore[attr-defined]


def state_of(key: ApiKey) -> tuple[str, str]:
    """State and word of a key."""
    if key.withdrawn_at:
        return "off", _("已收回")
    return ("off", _("已过期")) if key.expires and key.expires < today() else ("done", _("有效"))


def verbs_of(key: ApiKey) -> str:
    """What a key may do, in words."""
    known = keys.grantable()
    return "、".join(str(known[verb].title) for verb in key.verbs if verb in known)


KEYS = ListPage(
    title=gettext_lazy("外部系统"),
    lead=gettext_lazy("部门自己的系统凭密钥调用接口（/api/v1/）。密钥只在发放时显示一次。"),
    columns=(
        Column("name", gettext_lazy("系统名称"), link=lambda key: reverse("people.api_key", args=[key.pk])),
        Column("department", gettext_lazy("所属部门"), value="department.title"),
        Column("verbs", gettext_lazy("可以做什么"), value=verbs_of),
        Column("used_at", gettext_lazy("最近使用"), kind="moment", sort="used_at"),
        Column("expires", gettext_lazy("有效期至"), kind="day", sort="expires"),
        Column("state", gettext_lazy("状态"), value=state_of, kind="tag"),
    ),
    views=(
        SavedView("good", gettext_lazy("有效"), lambda rows: rows.in_force()),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=lambda rows, text: rows.filter(name__contains=text),
    empty=Empty(gettext_lazy("还没有外部系统。发放一把密钥，部门的系统就能调用接口。"), icon="key"),
)


def api_keys(request: HttpRequest) -> HttpResponseBase:
    """The keys one may look after."""
    link = Markup('<a class="btn btn-{}" href="{}">{}{}</a>')
    actions = Markup(" ").join(
        (
            link.format("primary", reverse("people.new_api_key"), icon("key"), _("发放密钥")),
            link.format("secondary", reverse("api"), icon("book"), _("接口说明")),
        )
    )
    return KEYS.respond(request, keys.within_reach(request.actor), heading_actions=actions)  # type: ignore[attr-defined]


@never_cache
def new_api_key(request: HttpRequest) -> HttpResponseBase:
    """Make a key; its text is on the page that answers, and nowhere else."""
    actor = request.actor  # type: ignore[attr-defined]

    def form_class(*args: Any, **kwargs: Any) -> NewKey:
        return NewKey(*args, scopes=actor.scopes(keys.VERB), **kwargs)

    def save(form: NewKey) -> HttpResponse:
        key, text = keys.make(by=actor, **form.cleaned_data)
        return render(request, "people/key.html", {"title": _("密钥已发放"), "key": key, "text": text})

    lead = _("密钥等于这个系统的身份。范围给够用的最小一份。")
    page = FormPage(_("发放密钥"), _("发放"), lead=lead, back=reverse("people.api_keys"), icon="key")
    return page.respond(request, form_class, save)


def api_key(request: HttpRequest, pk: int) -> HttpResponse:
    """One key: what it may do, and what others add (its webhooks)."""
    key = _within(request, pk)
    reach = _("本区域全部部门") if key.everywhere else key.department.title
    facts = (
        (_("所属部门"), key.department.title),
        (_("可以做什么"), verbs_of(key)),
        (_("范围"), f"{reach}（{key.region_code}）"),
        (_("密钥开头"), f"{keys.PREFIX}_{key.public}_…"),
        (_("发放"), f"{key.made_at.astimezone().date()} {key.made_by}"),
        (_("有效期至"), key.expires or _("长期")),
        (_("最近使用"), (key.used_at and key.used_at.astimezone().strftime("%Y-%m-%d %H:%M")) or _("还没有用过")),
    )
    page = DetailPage(
        key.name, facts, tag=state_of(key), crumbs=((_("外部系统"), reverse("people.api_keys")),),
        place="people.api_key", template="people/api_key.html",
    )  # fmt: skip
    return page.respond(request, key, ends=key.withdrawn_at is None)


@require_POST
def withdraw_api_key(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key at once."""
    keys.withdraw(_within(request, pk), by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已收回。用这把密钥的请求从现在起都会被拒绝。"))
    return redirect("people.api_keys")


def _within(request: HttpRequest, pk: int) -> ApiKey:
    return get_object_or_404(keys.within_reach(request.actor), pk=pk)  # type: ignore[attr-defined]

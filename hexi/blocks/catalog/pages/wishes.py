"""Data people wish for, and what they built on open data: the lists for everybody, one's own, the forms; reviews."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.catalog.models import Entry, Product, ProductState, Wish, WishState
from hexi.blocks.catalog.operations import portal as operations
from hexi.blocks.catalog.queries import portal
from hexi.blocks.catalog.queries.entries import KEEP
from hexi.blocks.regions.queries import region_of
from hexi.kernel.actors import within
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

CRUMBS = gettext_lazy("数据开放")
#: what a wish may be answered with
ANSWERS = (WishState.PLANNED, WishState.OPENED, WishState.REFUSED)


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _crumbs() -> Any:
    return ((CRUMBS, reverse("catalog.datasets")),)


# --- wishes -----------------------------------------------------------------------------------------------------------
WISHES = ListPage(
    title=gettext_lazy("数据需求"),
    lead=gettext_lazy("想要的数据还没有开放？写下来，主管部门会答复。答复以后，大家都能看到需求和答复，看不到是谁提的。"),
    columns=(
        Column("title", gettext_lazy("需要的数据")),
        Column("text", gettext_lazy("说明")),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("answer", gettext_lazy("答复")),
        Column("entry", gettext_lazy("已开放的数据集"), value="entry.name",
               link=lambda one: reverse("catalog.dataset", args=[one.entry.slug]) if one.entry else ""),
        Column("created", gettext_lazy("提出"), kind="day", sort="created"),
    ),
    views=(
        SavedView("all", gettext_lazy("已答复")),
        SavedView("mine", gettext_lazy("我提的"), of=lambda request: _mine(Wish, request)),
    ),
    filters=(Filter("state", gettext_lazy("状态"), lambda: [(one.value, one.label) for one in ANSWERS]),),
    empty=Empty(gettext_lazy("还没有答复过的数据需求。"), icon="bulb"),
    export=False,
)  # fmt: skip


def _mine(model: Any, request: HttpRequest) -> QuerySet:
    return model.objects.filter(account=getattr(_actor(request), "account_id", None)).order_by("-pk")


def wishes(request: HttpRequest) -> HttpResponseBase:
    """What was asked for and answered; one's own, too, while it waits."""
    rows = Wish.objects.exclude(state=WishState.WAITING).select_related("entry").order_by("-pk")
    return WISHES.respond(request, rows, crumbs=_crumbs(), heading_actions=_button("catalog.wish", _("提出数据需求")))


def _button(name: str, word: str) -> Any:
    from django.utils.html import format_html

    return format_html('<a class="btn btn-primary" href="{}">{}</a>', reverse(name), word)


class WishForm(forms.Form):
    """What one wishes for."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    title = forms.CharField(label=gettext_lazy("需要什么数据"), max_length=100)
    text = forms.CharField(
        label=gettext_lazy("用来做什么，需要哪些列、多长时间的"), max_length=2000, widget=forms.Textarea,
        help_text=gettext_lazy("不要写个人信息，答复后会公开。"),
    )  # fmt: skip


def wish(request: HttpRequest) -> HttpResponseBase:
    """Ask for data to be opened."""

    def save(form: WishForm) -> str:
        operations.wish(region=region_of(request), by=_actor(request), **form.cleaned_data)
        messages.success(request, _("已收到。答复后会通知您。"))
        return reverse("catalog.wishes") + "?view=mine"

    page = FormPage(_("提出数据需求"), _("提交"), back=reverse("catalog.wishes"), crumbs=_crumbs())
    return page.respond(request, WishForm, save)


# --- products ---------------------------------------------------------------------------------------------------------
def products(request: HttpRequest) -> HttpResponse:
    """What people built, and one's own with where it stands."""
    shown = Product.objects.filter(state=ProductState.SHOWN).prefetch_related("entries").order_by("-pk")[:100]
    facts = {
        "title": _("应用成果"), "crumbs": _crumbs(), "rows": shown,
        "mine": _mine(Product, request)[:20] if getattr(_actor(request), "account_id", None) else [],
    }  # fmt: skip
    return render(request, "catalog/products.html", facts)


class ProductForm(forms.Form):
    """What one built."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    title = forms.CharField(label=gettext_lazy("名称"), max_length=100)
    text = forms.CharField(label=gettext_lazy("它做什么"), max_length=2000, widget=forms.Textarea)
    url = forms.CharField(label=gettext_lazy("网址"), max_length=500)
    author = forms.CharField(label=gettext_lazy("作者"), max_length=100, help_text=gettext_lazy("展示给所有人。"))
    entries = forms.CharField(
        label=gettext_lazy("用了哪些数据集"), widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("一行一个资源代码，例如 207001/00001；数据集页面上有。"),
    )  # fmt: skip

    def clean_entries(self) -> list[Entry]:
        """Codes or short names of open data sets."""
        found = []
        for line in self.cleaned_data["entries"].split():
            try:
                found.append(portal.open_entry(line.rstrip("/").rpartition("/data/")[2] or line))
            except Entry.DoesNotExist:
                told = _("没有代码为 %(code)s 的开放数据集，请核对。") % {"code": line[:80]}
                raise forms.ValidationError(told) from None
        return list(dict.fromkeys(found))


def product(request: HttpRequest) -> HttpResponseBase:
    """Register something built on open data."""

    def save(form: ProductForm) -> str:
        operations.show(region=region_of(request), by=_actor(request), **form.cleaned_data)
        messages.success(request, _("已登记。审核后展示，结果会通知您。"))
        return reverse("catalog.products")

    page = FormPage(_("登记应用"), _("提交"), back=reverse("catalog.products"), crumbs=_crumbs())
    return page.respond(request, ProductForm, save, {"entries": request.GET.get("entry", "")[:80]})


@require_POST
def end_product(request: HttpRequest, pk: int) -> HttpResponse:
    """Show it no more."""
    found = Product.objects.filter(pk=pk, account=getattr(_actor(request), "account_id", None)).first()
    if found is None:
        raise Http404(_("没有这个应用，或者不是您登记的。"))
    operations.end(found, by=_actor(request))
    messages.success(request, _("已撤下。"))
    return HttpResponseRedirect(reverse("catalog.products"))


# --- at the workbench -------------------------------------------------------------------------------------------------
def _mine_to_keep(model: Any, request: HttpRequest) -> QuerySet:
    scopes = [scope for scope in _actor(request).scopes(KEEP) if scope.department is None]
    return model.objects.filter(within(scopes, "pk", "region_code")).order_by("-pk")


WORK_WISHES = ListPage(
    title=gettext_lazy("数据需求"),
    columns=(
        Column("title", gettext_lazy("需要的数据"), link=lambda one: reverse("catalog.answer_wish", args=[one.pk])),
        Column("text", gettext_lazy("说明")),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("answered", gettext_lazy("答复人"), value="answered_name"),
        Column("created", gettext_lazy("提出"), kind="moment", sort="created"),
    ),
    views=(
        SavedView("waiting", gettext_lazy("待答复"), lambda rows: rows.filter(state=WishState.WAITING)),
        SavedView("all", gettext_lazy("全部")),
    ),
    empty=Empty(gettext_lazy("没有等着答复的数据需求。"), icon="bulb"),
)
WORK_PRODUCTS = ListPage(
    title=gettext_lazy("应用成果审核"),
    columns=(
        Column("title", gettext_lazy("名称"), link=lambda one: reverse("catalog.review_product", args=[one.pk])),
        Column("author", gettext_lazy("作者")),
        Column("url", gettext_lazy("网址")),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("created", gettext_lazy("登记"), kind="moment", sort="created"),
    ),
    views=(
        SavedView("waiting", gettext_lazy("待审核"), lambda rows: rows.filter(state=ProductState.WAITING)),
        SavedView("all", gettext_lazy("全部")),
    ),
    empty=Empty(gettext_lazy("没有等着审核的应用。"), icon="blocks"),
)


def work_wishes(request: HttpRequest) -> HttpResponseBase:
    """Wishes of the region."""
    return WORK_WISHES.respond(request, _mine_to_keep(Wish, request))


def work_products(request: HttpRequest) -> HttpResponseBase:
    """Products of the region."""
    return WORK_PRODUCTS.respond(request, _mine_to_keep(Product, request))


def waiting(request: HttpRequest) -> int:
    """How many wait: the number beside the menu word."""
    return _mine_to_keep(Wish, request).filter(state=WishState.WAITING).count()


def products_waiting(request: HttpRequest) -> int:
    """The same for products."""
    return _mine_to_keep(Product, request).filter(state=ProductState.WAITING).count()


class AnswerForm(forms.Form):
    """What becomes of a wish."""

    state = forms.ChoiceField(
        label=gettext_lazy("怎么答复"), widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in ANSWERS],
    )  # fmt: skip
    entry = forms.CharField(label=gettext_lazy("已开放的数据集代码"), required=False, max_length=80)
    answer = forms.CharField(label=gettext_lazy("答复"), max_length=2000, widget=forms.Textarea)


def answer_wish(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Answer one."""
    found = _mine_to_keep(Wish, request).filter(pk=pk).first()
    if found is None:
        raise Http404(_("没有这个数据需求，或者不归您管。"))

    def save(form: AnswerForm) -> str:
        operations.answer(
            found, state=form.cleaned_data["state"], answer=form.cleaned_data["answer"],
            entry=_open(form.cleaned_data["entry"]), by=_actor(request),
        )  # fmt: skip
        messages.success(request, _("已答复。"))
        return reverse("catalog.work_wishes")

    page = FormPage(found.title, _("答复"), lead=found.text, back=reverse("catalog.work_wishes"))
    initial = {"state": found.state, "answer": found.answer, "entry": found.entry.code if found.entry else ""}
    return page.respond(request, AnswerForm, save, initial)


def _open(code: str) -> Entry | None:
    if not code.strip():
        return None
    try:
        return portal.open_entry(code.strip())
    except Entry.DoesNotExist:
        told = _("没有代码为 %(code)s 的开放数据集，请核对。") % {"code": code[:80]}
        raise ValidationError({"entry": told}) from None


class ReviewForm(forms.Form):
    """Whether it is shown."""

    good = forms.TypedChoiceField(
        label=gettext_lazy("审核结果"), widget=forms.RadioSelect, coerce=lambda value: value == "yes",
        choices=[("yes", gettext_lazy("展示")), ("no", gettext_lazy("不展示"))],
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("不展示的原因"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )


def review_product(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Look at one and say whether it is shown."""
    found = _mine_to_keep(Product, request).filter(pk=pk).first()
    if found is None:
        raise Http404(_("没有这个应用，或者不归您管。"))

    def save(form: ReviewForm) -> str:
        operations.review(found, by=_actor(request), **form.cleaned_data)
        messages.success(request, _("已审核。"))
        return reverse("catalog.work_products")

    lead = f"{found.author} · {found.url} · {found.text}"
    page = FormPage(found.title, _("保存"), lead=lead, back=reverse("catalog.work_products"))
    return page.respond(request, ReviewForm, save)

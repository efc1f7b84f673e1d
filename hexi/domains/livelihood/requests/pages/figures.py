"""Figures of the hotline, the class tree: for those who answer for it."""

from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.indicators.counted import Slice
from hexi.blocks.indicators.table import Asked, asking
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import definitions, queries
from hexi.domains.livelihood.requests import facts as counted
from hexi.domains.livelihood.requests.models import Subject
from hexi.domains.livelihood.requests.pages import words, work
from hexi.kernel import clock
from hexi.ui.pages import FormPage


def request_figures(request: HttpRequest) -> HttpResponse:
    """Counts and rates of a span, by class, office and month; each opens its list."""
    last = _day(request.GET.get("to")) or clock.today()
    first = _day(request.GET.get("from")) or last - timedelta(days=29)
    first = min(first, last)
    region = regions.region_of(request)
    part = Slice(first, last, region)
    facts = {
        "title": _("热线统计"), "first": first, "last": last, "figures": queries.rates(part),
        "league": queries.by_office(part), "subjects": queries.by_subject(part, 2),
        "months": [(month, one, _within(part, month)) for month, one in queries.by_month(part)],
        "names": words.subject_names(), "part": part, "behind": _behind, "unsorted": counted.UNSORTED,
    }  # fmt: skip
    return render(request, "requests/figures.html", facts)


def _within(part: Slice, month: date) -> Slice:
    """What of the days lies in a month."""
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return part.but(first=max(part.first, month), last=min(part.last, last))


def _behind(names: str, part: Slice, below: str = "") -> str:
    address = reverse("requests.behind", args=[names])
    return f"{address}?{urlencode(asking(part) | ({'class': below} if below else {}))}"


def behind_address(keys: tuple[str, ...], part: Slice) -> str:
    """Where the orders behind a figure stand."""
    return _behind("+".join(key.removeprefix(f"{counted.OWNER}.") for key in keys), part)


BEHIND = replace(work.ORDERS, title=gettext_lazy("数字背后的诉求"), filters=(), views=(), search=None)


def behind(request: HttpRequest, names: str) -> HttpResponseBase:
    """The orders a figure has counted, those among them that the actor's posts may see."""
    wanted = names.split("+")
    if not all(name in counted.WHICH for name in wanted):
        raise Http404(_("没有这个数字。"))
    rows, times = counted.behind(wanted, Asked(request, "").slice, request.GET.get("class", "")[:12])
    seen = queries.worded(queries.for_officials(request.actor).filter(pk__in=rows.values("pk")))  # type: ignore[attr-defined]
    told = {"n": times, "orders": rows.count(), "seen": seen.count()}
    lead = _("这个数字共 %(n)s 次，是 %(orders)s 件诉求，您的岗位可以查看其中 %(seen)s 件。") % told
    if told["n"] == told["orders"] == told["seen"]:
        lead = _("这个数字数的就是这 %(n)s 件诉求。") % told
    title = "、".join(str(counted.TITLES[f"{counted.OWNER}.{name}"]) for name in wanted)
    crumbs = ((_("热线统计"), reverse("requests.request_figures")),)
    return replace(BEHIND, lead=lead).respond(request, seen.order_by("-pk"), title=title, crumbs=crumbs)


class TreeForm(forms.Form):
    """A region's own tree of classes."""

    file = forms.FileField(
        label=gettext_lazy("分类表（CSV 或 XLSX）"),
        help_text=gettext_lazy(
            "第一行表头；一列一级，每行一个分类。可以另有“英文名称”和“关键词”两列，关键词用顿号隔开。"
        ),
    )


def classes(request: HttpRequest) -> HttpResponseBase:
    """The tree in force, and the form that replaces it."""

    def save(form: TreeForm) -> str:
        file = form.cleaned_data["file"]
        many = definitions.take_tree(file.name, file.read(), by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已换上新的分类，共 %(n)s 个。原有诉求保留原来的分类。") % {"n": many})
        return reverse("requests.classes")

    page = FormPage(
        title=_("诉求分类"), submit=_("换上这套分类"), template="requests/classes.html",
        lead=_("本地区有自己的分类时，上传后整套替换。"),
    )  # fmt: skip
    rows = [(one, one.level) for one in Subject.objects.filter(active=True)]
    return page.respond(request, TreeForm, save, rows=rows)


class ClassForm(forms.Form):
    """What a class is called."""

    title_en = forms.CharField(
        label=gettext_lazy("英文名称"), max_length=definitions.TITLE_EN, required=False,
        help_text=gettext_lazy("不填则英文页面显示中文名称。"),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("关键词"), required=False, widget=forms.Textarea(attrs={"rows": 6}), max_length=2000,
        help_text=gettext_lazy("大家怎么叫它，一行一个或用顿号隔开；找分类、训练分类器时用。"),
    )  # fmt: skip


def describe_class(request: HttpRequest, code: str) -> HttpResponseBase:
    """The English title and the key words of a class."""
    found = get_object_or_404(Subject, code=code, active=True)
    back = reverse("requests.classes")

    def save(form: ClassForm) -> str:
        given = form.cleaned_data
        words_given = definitions.words_of(given["words"])
        definitions.describe(found, title_en=given["title_en"], words=words_given, by=request.actor)  # type: ignore[attr-defined]
        messages.success(request, _("已保存。"))
        return back

    initial = {"title_en": found.title_en, "words": "\n".join(found.words)}
    page = FormPage(
        title=_("分类的名称和关键词"), submit=_("保存"), back=back, crumbs=((_("诉求分类"), back),), lead=found.title
    )
    return page.respond(request, ClassForm, save, initial)


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None

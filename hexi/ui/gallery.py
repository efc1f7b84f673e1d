"""The gallery at /ui/: every part and page kind in every state, in the language and edition one chooses."""

import json
from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.kernel.clock import now, today
from hexi.ui.map_samples import SHAPE, map_drawings, map_ground
from hexi.ui.pages import BoardPage, DetailPage, Figure, FormPage, ListPage, Section, Step, StepsPage
from hexi.ui.samples import KINDS, Order, checks, events, levels, life_events, shelf
from hexi.ui.tables import Action, Column, Empty, Filter, SavedView
from hexi.ui.words import day, money
from hexi.wire import geojson

STATES = ("done", "doing", "wait", "near", "overdue", "refused", "paused", "draft", "info", "off")


class PermitForm(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label=gettext_lazy("申请人"), help_text=gettext_lazy("与身份证一致"), max_length=50)
    volume = forms.IntegerField(label=gettext_lazy("采伐蓄积（立方米）"), min_value=1, max_value=999)
    begins = forms.DateField(label=gettext_lazy("开始日期"), widget=forms.DateInput)
    kind = forms.ChoiceField(label=gettext_lazy("林木种类"), choices=KINDS)
    way = forms.ChoiceField(
        label=gettext_lazy("怎样领取"),
        widget=forms.RadioSelect,
        choices=(("window", gettext_lazy("到窗口领取")), ("post", gettext_lazy("邮寄送达"))),
    )
    reason = forms.CharField(label=gettext_lazy("采伐理由"), widget=forms.Textarea, required=False)
    photo = forms.FileField(label=gettext_lazy("现场照片"), required=False)
    agree = forms.BooleanField(label=gettext_lazy("以上内容属实，我承担相应责任"))


def gallery(request: HttpRequest) -> HttpResponse:
    """All parts on one page."""
    bad = PermitForm({"name": "", "volume": "-3", "way": "window"})
    facts = {
        "states": STATES,
        "form": PermitForm(prefix="plain"),
        "bad": bad,
        "events": events(),
        "checks": checks(),
        "levels": levels(),
        "tiles": life_events(),
        "steps": STEPS.at("papers", lambda key: reverse("ui.gallery_steps", args=[1])),
        "moment": now(),
        "length": timedelta(days=3, hours=4),
    }
    return render(request, "ui/gallery.html", facts)


def _row_link(order: Order) -> str:
    return reverse("ui.gallery_row", args=[order.pk])


ORDERS = ListPage(
    title=gettext_lazy("待办件"),
    lead=gettext_lazy("示例数据，用来看列表页的样子。"),
    columns=(
        Column("number", gettext_lazy("办件编号")),
        Column("title", gettext_lazy("事项"), sort="title"),
        Column("person", gettext_lazy("申请人")),
        Column("state", gettext_lazy("状态"), kind="tag"),
        Column("due", gettext_lazy("到期"), kind="day", sort="due"),
        Column("fee", gettext_lazy("费用"), kind="money"),
    ),
    filters=(
        Filter("kind", gettext_lazy("种类"), KINDS, lambda rows, value: rows.where(lambda one: one.kind == value)),
        Filter(
            "from", gettext_lazy("到期不早于"), "date", lambda rows, value: rows.where(lambda one: one.due >= value)
        ),
    ),
    views=(
        SavedView("all", gettext_lazy("全部")),
        SavedView("late", gettext_lazy("已超期"), lambda rows: rows.where(lambda one: one.late)),
        SavedView("none", gettext_lazy("空的视图"), lambda rows: rows.where(lambda one: False)),
    ),
    search=lambda rows, text: rows.where(lambda one: text in one.title or text in one.number or text in one.person),
    bulk=(
        Action(
            "claim",
            gettext_lazy("认领"),
            "hand-grab",
            lambda request, rows: _("示例：认领了 %(n)s 件。") % {"n": rows.count()},
        ),
    ),
    empty=Empty(
        gettext_lazy("没有待办件。群众提交申请后会出现在这里。"), action=gettext_lazy("看全部办件"), url="?view=all"
    ),
    row_link=_row_link,
    row_panel=True,
)


def gallery_home(request: HttpRequest) -> HttpResponse:
    """A first page at the citizen's door."""
    topics = [{"title": one["title"], "url": "#main", "count": 10 + place} for place, one in enumerate(life_events())]
    return render(request, "ui/gallery_home.html", {"tiles": life_events(), "topics": topics, "events": events()})


def gallery_list(request: HttpRequest) -> HttpResponseBase:
    """The list page at the plain door."""
    return ORDERS.respond(request, shelf())


def gallery_work(request: HttpRequest) -> HttpResponseBase:
    """The list page as officials see it."""
    return ORDERS.respond(request, shelf())


def gallery_row(request: HttpRequest, pk: int) -> HttpResponse:
    """The detail page of a row."""
    order = next((one for one in shelf().rows if one.pk == pk), None)
    if order is None:
        raise Http404
    return _detail(request, order)


def gallery_detail(request: HttpRequest) -> HttpResponse:
    """The detail page."""
    return _detail(request, shelf().rows[0])


def _detail(request: HttpRequest, order: Order) -> HttpResponse:
    page = DetailPage(
        title=order.title,
        tag=order.state,
        facts=(
            (_("办件编号"), order.number),
            (_("申请人"), order.person, "#main"),
            (_("到期"), day(order.due)),
            (_("费用"), money(order.fee)),
        ),
        crumbs=((_("待办件"), reverse("ui.gallery_list")), (order.number, "")),
        template="ui/gallery_detail.html",
    )
    law = Section(_("设定依据"), Markup("<p>{}</p>").format(_("《中华人民共和国森林法》第五十六条")))
    return page.respond(request, order, panels=[law], events=events(), checks=checks())


def gallery_form(request: HttpRequest) -> HttpResponseBase:
    """The form page; whatever is sent is refused, to show how that looks."""
    page = FormPage(
        title=_("林木采伐申请"), submit=_("提交"), lead=_("大约需要三分钟。"), back=reverse("ui.gallery"), icon="send"
    )

    def save(form: PermitForm) -> str:
        raise ValidationError({"volume": _("超过本年剩余限额 12 立方米。请改小，或明年再申请。")})

    return page.respond(request, PermitForm, save)


STEPS = StepsPage(
    gettext_lazy("林木采伐许可"),
    (
        Step("who", gettext_lazy("申请人")),
        Step("papers", gettext_lazy("材料")),
        Step("way", gettext_lazy("领取方式")),
        Step("check", gettext_lazy("核对")),
    ),
)


def gallery_steps(request: HttpRequest, number: int) -> HttpResponse:
    """One screen of the steps page."""
    if not 1 <= number <= len(STEPS.steps):
        raise Http404
    keys = [step.key for step in STEPS.steps]
    return STEPS.render(
        request,
        keys[number - 1],
        "ui/gallery_steps.html",
        {"due": today() + timedelta(days=1)},
        url_of=lambda key: reverse("ui.gallery_steps", args=[keys.index(key) + 1]),
    )


def gallery_board(request: HttpRequest) -> HttpResponse:
    """The board page."""
    figures = (
        Figure("17,276", _("全年办件"), _("件"), reverse("ui.gallery_list"), (820, 1105, 960, 1502, 1380, 1610, 1724)),
        Figure("0.8", _("平均用时"), _("工作日"), "", (2.1, 1.9, 1.6, 1.2, 1.0, 0.9, 0.8), "done"),
        Figure("12", _("临近到期"), _("件"), reverse("ui.gallery_list"), (9, 11, 8, 14, 10, 13, 12), "near"),
        Figure("2", _("已超期"), _("件"), reverse("ui.gallery_list"), (0, 0, 1, 0, 3, 1, 2), "overdue"),
    )
    page = BoardPage(
        title=_("办件统计"), figures=figures, lead=_("示例数据，用来看看板页的样子。"), template="ui/gallery_board.html"
    )
    return page.respond(
        request, rows=[(_("林木采伐"), 412), (_("居住证"), 388), (_("开办企业"), 131), (_("食品经营"), 40)]
    )


def gallery_map(request: HttpRequest) -> HttpResponse:
    """Maps in their states: a cartogram, the ground, nothing on it, beside a list; a pin, a shape that is drawn."""
    drawings = map_drawings()
    facts = {"drawings": drawings, "ground": map_ground(), "shape": json.dumps(geojson.geometry(SHAPE))}
    facts["rows"] = [
        {"name": one.name, "href": one.href, "counts": [one.counts.get("counted", 0)], "busy": bool(one.counts)}
        for one in drawings["tiles"].tiles
    ]
    return render(request, "ui/gallery_map.html", {"title": _("地图"), **facts})


def gallery_map_data(request: HttpRequest, state: str) -> HttpResponse:
    """What the script draws for one of them."""
    found = {**map_drawings(), "pin": map_ground()}.get(state)
    if found is None:
        raise Http404
    return JsonResponse(found.data())


def gallery_error(request: HttpRequest, status: int) -> HttpResponse:
    """The error page, as it looks for this status."""
    facts = {
        "status": status,
        "title": _("没有找到这一页") if status == 404 else _("没有办成"),
        "kept": _("之前保存的内容都还在。"),
        "remedy": _("请用搜索查找，或回到首页。"),
        "number": "0a1b2c3d",
    }
    return render(request, "ui/error.html", facts)

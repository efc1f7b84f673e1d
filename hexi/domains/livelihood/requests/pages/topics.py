"""Repeated and hot topics: a list, hottest first, and each with its orders."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.domains.livelihood.requests import mapped, operations, queries
from hexi.domains.livelihood.requests.models import Topic
from hexi.domains.livelihood.requests.operations import merging
from hexi.domains.livelihood.requests.pages import words
from hexi.domains.livelihood.requests.states import DISPATCH
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty, SavedView

#: from this many callers on a topic is one of many people
MANY = 3
#: orders the page of a topic names; those that are merged make room for the next
MOST = 800

TOPICS = ListPage(
    title=gettext_lazy("热点诉求"),
    lead=gettext_lazy("时间、地点、意思都相近的诉求，每小时重新归并；越近越多越靠前。"),
    columns=(
        Column("title", gettext_lazy("最早的诉求"), value="lead.case.title",
               link=lambda one: reverse("requests.topic", args=[one.lead.case.number])),
        Column("orders", gettext_lazy("件数"), value="orders", kind="number", sort="orders"),
        Column("callers", gettext_lazy("人数"), value="callers", kind="number", sort="callers"),
        Column("subject", gettext_lazy("分类"), value="subject_title"),
        Column("place", gettext_lazy("在哪里"), value="place_title"),
        Column("first", gettext_lazy("最早"), value="first_at", kind="moment", sort="first_at"),
        Column("last", gettext_lazy("最近"), value="last_at", kind="moment", sort="last_at"),
    ),
    views=(
        SavedView("hot", gettext_lazy("多人反映"), lambda rows: rows.filter(callers__gte=MANY)),
        SavedView("again", gettext_lazy("同一人反复反映"), lambda rows: rows.filter(callers=1)),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=lambda rows, text: rows.filter(lead__case__title__contains=text),
    empty=Empty(gettext_lazy("没有重复或集中的诉求。")),
    template="requests/topics.html",
)  # fmt: skip


def _seen(request: HttpRequest) -> QuerySet[Topic]:
    return queries.topics(request.actor)  # type: ignore[attr-defined]


def topics(request: HttpRequest) -> HttpResponseBase:
    """Topics whose first order the posts may see."""
    rows = queries.topics_worded(_seen(request))
    return TOPICS.respond(request, rows, drawing=mapped.topics_drawing(request.actor))  # type: ignore[attr-defined]


def topics_map(request: HttpRequest) -> HttpResponse:
    """The map beside that list."""
    return JsonResponse(mapped.topics_drawing(request.actor).data())  # type: ignore[attr-defined]


def topic(request: HttpRequest, number: str) -> HttpResponse:
    """One topic with those of its orders that the posts may see."""
    found = _seen(request).filter(lead__case__number=number).first()
    if found is None:
        raise Http404(_("没有这个热点，可能已重新归并。"))
    sentences: list[str] = []
    if request.method == "POST":
        try:
            return _merge(request, found)
        except ValidationError as error:
            sentences = error.messages
    rows = list(queries.topic_orders(found, request.actor, MOST))  # type: ignore[attr-defined]
    free = [one.request for one in rows if one.request.case.state in merging.FREE]
    may = request.actor.may(DISPATCH, found.lead.hotline_id, found.lead.hotline_region)  # type: ignore[attr-defined]
    facts = {
        "title": found.lead.case.title, "topic": found, "subject": words.subject_word(found.subject),
        "rows": [(one.request, words.tag(one.request), words.place_word(one.request), round(one.alike * 100))
                 for one in rows],
        "leads": [(one.case.number, f"{one.case.number} {one.case.title}") for one in free] if may else [],
        "chosen": request.POST.getlist("order") if sentences else [one.case.number for one in free],
        "lead": request.POST.get("lead") or (free[0].case.number if free else ""), "sentences": sentences,
        "free": {one.pk for one in free} if may and len(free) > 1 else set(),
    }  # fmt: skip
    return render(request, "requests/topic.html", facts, status=422 if sentences else 200)


def _merge(request: HttpRequest, topic: Topic) -> HttpResponse:
    """The chosen orders follow one of them."""
    actor, data = request.actor, request.POST  # type: ignore[attr-defined]
    numbers = data.getlist("order")
    lead = next(iter(merging.of_topic(topic.lead, [data.get("lead", "")], actor)), None)
    if lead is None:
        raise ValidationError({"lead": _("请选择并入哪一件。")})
    n = operations.ask_merge(lead, merging.of_topic(topic.lead, numbers, actor), by=actor)
    messages.success(request, _("正在并入 %(number)s：%(n)s 件，并完告诉您。") % {"number": lead.case.number, "n": n})
    return HttpResponseRedirect(reverse("requests.topic", args=[topic.lead.case.number]))

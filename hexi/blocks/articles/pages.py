"""What the public sees of articles: the list, one with its feedback form, what it said before."""

import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.articles import answering, markup, queries
from hexi.blocks.articles.definitions import kinds
from hexi.blocks.articles.models import State, Version, words_of
from hexi.blocks.regions.models import Department
from hexi.blocks.regions.queries import place, region_of
from hexi.blocks.search.queries import titles
from hexi.kernel import clock
from hexi.kernel.networks import counted
from hexi.ui import words
from hexi.ui.pages import DetailPage, ListPage
from hexi.ui.tables import Column, Empty, Filter

#: so many are shown on the first page
NEWEST = 5


def kind_word(key: str) -> str:
    """What a kind is called; its key if no pack has it any more."""
    return str(kinds()[key].title) if key in kinds() else key


def kind_options() -> list[tuple[str, str]]:
    """The kinds to choose from."""
    return [(one.key, str(one.title)) for one in kinds().values()]


def _offices() -> list[tuple[int, str]]:
    """Departments that have something public."""
    of_public = Version.objects.shown().values("article__department_id")
    return [(one.pk, one.title) for one in Department.objects.filter(pk__in=of_public).order_by("region_code", "key")]


def sought(rows: QuerySet[Version], text: str) -> QuerySet[Version]:
    """By words of the title, the text, or what people call it."""
    for word in text.split():
        rows = rows.filter(
            Q(title__icontains=word) | Q(title_en__icontains=word) | Q(body__icontains=word)
            | Q(body_en__icontains=word) | Q(keywords__icontains=word)
        )  # fmt: skip
    return rows


LIST = ListPage(
    title=gettext_lazy("政策和知识"),
    lead=gettext_lazy("政策、办事知识和常见问答。每一篇都写明依据、负责单位和核对日期。"),
    columns=(
        Column(
            "title", gettext_lazy("标题"), value="name",
            link=lambda one: reverse("articles.article", args=[one.article_id]),
        ),
        Column("kind", gettext_lazy("类型"), value=lambda one: kind_word(one.kind)),
        Column("department", gettext_lazy("负责单位"), value="article.department.title"),
        Column("source", gettext_lazy("依据"), value="source"),
        Column("approved", gettext_lazy("发布"), value="approved_at", kind="day", sort="approved_at"),
        Column(
            "reviewed", gettext_lazy("最近核对"), kind="day",
            value=lambda one: one.article.reviewed_at or one.approved_at,
        ),
    ),
    filters=(
        Filter("kind", gettext_lazy("类型"), kind_options, "kind"),
        Filter("office", gettext_lazy("负责单位"), _offices, "article__department"),
    ),
    search=sought,
    empty=Empty(gettext_lazy("还没有发布政策和知识。"), icon="book"),
)  # fmt: skip


def public_list(request: HttpRequest) -> HttpResponseBase:
    """What holds where the visitor is."""
    return LIST.respond(request, queries.public(region_of(request)))


def newest_tile(request: HttpRequest) -> Markup | None:
    """What was published last where the visitor is, on the portal's first page; absent while there is nothing."""
    found = list(queries.public(region_of(request))[:NEWEST])
    facts = {"rows": [(one, kind_word(one.kind)) for one in found]}
    return Markup(render_to_string("articles/tile_newest.html", facts, request)) if found else None  # noqa: S704 - ours


def article(request: HttpRequest, pk: int) -> HttpResponse:
    """One article as it holds today. An internal one leads those who may read it to the workbench."""
    version = _read(request, pk)
    if day := day_of(request.GET.get("on", "")):
        return _said_on(request, version, day)
    if not version.public:
        return HttpResponseRedirect(reverse("articles.work_article", args=[pk]))
    return show(request, version)


def _said_on(request: HttpRequest, version: Version, day: date) -> HttpResponse:
    """To what it said on a day; the present page says so if it said nothing yet."""
    try:
        found = queries.said_on(version.article_id, day, request.actor)  # type: ignore[attr-defined]
    except Version.DoesNotExist:
        messages.warning(request, _("%(day)s还没有发布。") % {"day": words.day(day)})
        return HttpResponseRedirect(reverse("articles.article", args=[version.article_id]))
    page = "articles.version" if found.public else "articles.work_version"
    return HttpResponseRedirect(reverse(page, args=[found.article_id, found.number]))


def show(
    request: HttpRequest, version: Version, *, errors: dict[str, Any] | None = None, once: str = "", status: int = 200
) -> HttpResponse:  # fmt: skip
    """The page of a version with its feedback form; `errors` of what was posted."""
    page = DetailPage(
        version.name, (), version.tag if version.expired else None,
        crumbs=((_("政策和知识"), reverse("articles.public_list")),), place="articles.article",
        template="articles/article.html",
    )  # fmt: skip
    typed = request.POST if errors else {}
    context = page_facts(version) | {"errors": errors or {}, "typed": typed, "once": once or str(uuid.uuid4())}
    response = page.respond(request, version, **context)
    response.status_code = status
    patch_vary_headers(response, ["Cookie"])
    return response


def page_facts(version: Version) -> dict[str, Any]:
    """What the public and the officials see alike of a version."""
    article = version.article
    earlier = article.versions.filter(state=State.REPLACED, audience="public").order_by("-number")
    return {
        "version": version, "blocks": markup.parse(version.text), "rows": [row for row in facts(version) if row[1]],
        "guides": guides_of(version), "earlier": earlier,
    }  # fmt: skip


def facts(version: Version) -> tuple[tuple[Any, Any], ...]:
    """The facts of a version for its pages."""
    article = version.article
    checked = max(one for one in (article.reviewed_at, version.approved_at, version.written_at) if one)
    return (
        (_("类型"), kind_word(version.kind)),
        (_("负责单位"), article.department.title),
        (_("适用地区"), place(article.region_code) or article.department.title),
        (_("依据"), version.source),
        (_("生效日期"), words.day(version.valid_from)),
        (_("失效日期"), words.day(version.valid_to) if version.valid_to else None),
        (_("发布"), words.moment(version.approved_at) if version.approved_at else None),
        (_("最近核对"), words.day(clock.local_day(checked)) if version.state == State.PUBLISHED else None),
        (_("版本"), _("第 %(n)s 版") % {"n": version.number}),
        (_("咨询电话"), article.department.phone),
    )


def guides_of(version: Version) -> list[tuple[str, str]]:
    """(title, address) of the guides of its service items, where the hall is open and knows them."""
    region, found = version.article.region_code, []
    try:
        pages = [reverse("hall.guide", args=[key]) for key in words_of(version.items)]
    except NoReverseMatch:  # the hall is switched off
        return []
    named = titles("item", [f"{page}?region={region}" for page in pages]) if pages else {}
    for page in pages:
        address = f"{page}?region={region}"
        if address in named:
            found.append((named[address], address))
    return found


def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What it said from a day to a day: an answer that was given from it leads here."""
    found = _read(request, pk, number)
    now = reverse("articles.article", args=[pk]) if found.article.current_id else ""
    crumbs = ((_("政策和知识"), reverse("articles.public_list")), (found.name, now))
    page = DetailPage(found.name, (), found.tag, crumbs=crumbs, template="articles/version.html")
    return page.respond(request, found, **page_facts(found))


@require_POST
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """Helpful or not, and what is wrong."""
    found = _read(request, pk)
    once = request.POST.get("once", "")
    helpful = {"yes": True, "no": False}.get(request.POST.get("helpful", ""))
    back = reverse("articles.article" if found.public else "articles.work_article", args=[pk])
    try:
        answering.give(
            found, helpful=helpful, text=request.POST.get("text", ""), once=_uuid(once),
            address=counted(str(request.META.get("REMOTE_ADDR", ""))), by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
    except ValidationError as error:
        errors = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        if not found.public:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(back)
        return show(request, found, errors=errors, once=once, status=422)
    messages.success(request, _("谢谢。写了内容的，负责单位会答复。"))
    return HttpResponseRedirect(back)


def day_of(text: str) -> date | None:
    """The day an address or a form names; None if it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


def _read(request: HttpRequest, pk: int, number: int | None = None) -> Version:
    try:
        return queries.read(pk, request.actor, number)  # type: ignore[attr-defined]
    except Version.DoesNotExist:
        raise Http404(_("没有这篇知识，或者已经撤下。")) from None

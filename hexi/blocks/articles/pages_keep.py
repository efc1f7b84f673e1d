"""What readers say and who is behind: the list of feedback, its answer, the league of offices."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.articles import answering, queries
from hexi.blocks.articles.forms import AnswerForm
from hexi.blocks.articles.models import Feedback, Side
from hexi.blocks.audit.operations import change
from hexi.ui.pages import FormPage, ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView


def _logged(request: HttpRequest, count: int) -> None:
    with change(request.actor, "articles.export_feedback", count=count):  # type: ignore[attr-defined]
        pass


LIST = ListPage(
    title=gettext_lazy("知识反馈"),
    columns=(
        Column(
            "text", gettext_lazy("反馈"), value=lambda one: one.text or "—",
            link=lambda one: reverse("articles.answer_feedback", args=[one.pk]),
        ),
        Column(
            "title", gettext_lazy("知识"), value="version.name",
            link=lambda one: reverse("articles.work_article", args=[one.article_id]),
        ),
        Column("side", gettext_lazy("谁反馈的"), value="get_side_display"),
        Column("helpful", gettext_lazy("有没有帮助"), value=lambda one: helpful_word(one.helpful)),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("department", gettext_lazy("负责单位"), value="article.department.title"),
        Column("at", gettext_lazy("时间"), kind="moment", sort="at"),
    ),
    views=(
        SavedView("open", gettext_lazy("待答复"), lambda rows: rows.filter(open=True)),
        SavedView("all", gettext_lazy("全部")),
    ),
    filters=(Filter("side", gettext_lazy("谁反馈的"), Side.choices, "side"),),
    search=lambda rows, text: rows.filter(text__icontains=text),
    on_export=_logged,
    empty=Empty(gettext_lazy("没有等着答复的反馈。"), icon="messages"),
)  # fmt: skip


def helpful_word(helpful: bool | None) -> str:
    """What somebody pressed."""
    return "—" if helpful is None else _("有帮助") if helpful else _("没帮助")


def feedback_list(request: HttpRequest) -> HttpResponseBase:
    """What readers said of the articles one may see."""
    return LIST.respond(request, queries.feedback(request.actor), crumbs=_crumbs())  # type: ignore[attr-defined]


def answer_feedback(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One of them, and what the owner says to it."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = queries.feedback(actor).filter(pk=pk).first()
    if found is None:
        raise Http404(_("没有这条反馈，或者不归您的部门管。"))

    def save(form: AnswerForm) -> str:
        answering.answer(found, text=form.cleaned_data["text"], by=actor)
        messages.success(request, _("已答复。"))
        return reverse("articles.feedback_list")

    page = FormPage(
        _("知识反馈"),
        _("答复"),
        back=reverse("articles.feedback_list"),
        crumbs=_crumbs(),
        template="articles/answer.html",
    )
    facts = {"said": found, "helpful": helpful_word(found.helpful), "may_answer": _may_answer(found, actor)}
    return page.respond(request, AnswerForm, save, **facts)


def _may_answer(found: Feedback, actor: Any) -> bool:
    own = actor.may(queries.WRITE, found.article.department_id, found.article.region_code)
    return bool(own and found.open)


def league(request: HttpRequest) -> HttpResponse:
    """Which office has most to look at again."""
    rows = queries.league(request.actor)  # type: ignore[attr-defined]
    return render(request, "articles/league.html", {"title": _("知识复核榜"), "rows": rows, "crumbs": _crumbs()})


def _crumbs() -> tuple[tuple[Any, str], ...]:
    return ((_("知识库"), reverse("articles.work_articles")),)

"""Articles at work: the office's list, writing with a preview, approving, looking at them again, withdrawing."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.articles import markup, operations, queries
from hexi.blocks.articles.forms import NewForm, ReasonForm, ReviewForm, RevisionForm, WithdrawForm
from hexi.blocks.articles.models import OPEN, Article, Audience, State, Version
from hexi.blocks.articles.pages import day_of, kind_options, kind_word, page_facts
from hexi.blocks.audit.operations import change
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.ui import words
from hexi.ui.pages import DetailPage, FormPage, ListPage, seen_at
from hexi.ui.tables import Column, Empty, Filter, SavedView


def _latest(lookup: str) -> Any:
    return lambda rows, value: rows.filter(**{f"latest__{lookup}": value})


def _find(rows: QuerySet[Article], text: str) -> QuerySet[Article]:
    for word in text.split():
        rows = rows.filter(
            Q(latest__title__icontains=word) | Q(latest__body__icontains=word) | Q(latest__keywords__icontains=word)
            | Q(latest__reply__icontains=word)
        )  # fmt: skip
    return rows


def _offices() -> list[tuple[int, str]]:
    held = Article.objects.values("department_id")
    return [(one.pk, one.title) for one in Department.objects.filter(pk__in=held).order_by("region_code", "key")]


def _logged(request: HttpRequest, count: int) -> None:
    with change(request.actor, "articles.export", count=count):  # type: ignore[attr-defined]
        pass


LIST = ListPage(
    title=gettext_lazy("知识库"),
    columns=(
        Column(
            "title", gettext_lazy("标题"), value="latest.name",
            link=lambda one: reverse("articles.work_article", args=[one.pk]),
        ),
        Column("kind", gettext_lazy("类型"), value=lambda one: kind_word(one.latest.kind)),
        Column("department", gettext_lazy("负责单位"), value="department.title", sort="department__key"),
        Column("audience", gettext_lazy("谁能看"), value=lambda one: one.latest.get_audience_display()),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("review", gettext_lazy("下次复核"), value="review_on", kind="day", sort="review_on"),
        Column("used", gettext_lazy("引用"), value="used", kind="number", sort="used"),
        Column("helpful", gettext_lazy("有帮助"), value="helpful", kind="number", sort="helpful"),
        Column("unhelpful", gettext_lazy("没帮助"), value="unhelpful", kind="number", sort="unhelpful"),
        Column("writer", gettext_lazy("起草人"), value="latest.written_name"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部"), lambda rows: rows.exclude(latest__state=State.DISCARDED)),
        SavedView(
            "waiting", gettext_lazy("待我核准"), lambda rows, request: queries.to_approve(request.actor, rows), True
        ),
        SavedView("overdue", gettext_lazy("该复核了"), queries.overdue),
        SavedView("late", gettext_lazy("逾期未公开"), queries.late_to_publish),
        SavedView("drafts", gettext_lazy("起草中"), lambda rows: rows.filter(latest__state=State.DRAFT)),
        SavedView("off", gettext_lazy("已撤下"), lambda rows: rows.filter(
            current=None, latest__state__in=(State.WITHDRAWN, State.DISCARDED))),
    ),
    filters=(
        Filter("kind", gettext_lazy("类型"), kind_options, _latest("kind")),
        Filter("office", gettext_lazy("负责单位"), _offices, "department"),
        Filter("audience", gettext_lazy("谁能看"), Audience.choices, _latest("audience")),
        Filter("before", gettext_lazy("复核早于"), "date", "review_on__lt"),
    ),
    search=_find,
    on_export=_logged,
    empty=Empty(gettext_lazy("还没有知识。写好并经另一位核准后，公众和接线的人就能查到。"), icon="book"),
    template="articles/work_list.html",
)  # fmt: skip


def work_articles(request: HttpRequest) -> HttpResponseBase:
    """All an official looks after or may read as an official."""
    actor = _actor(request)
    facts = {"may_write": bool(actor.scopes(queries.WRITE)), "to_answer": queries.to_answer(actor).count()}
    return LIST.respond(request, queries.seen_by(actor), **facts)


def waiting(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return queries.waiting(_actor(request))


# --- writing ----------------------------------------------------------------------------------------------------------
def new(request: HttpRequest) -> HttpResponseBase:
    """A new article; the preview shows it as it will be read and saves nothing."""
    actor = _actor(request)

    class Form(NewForm):
        """With the departments one may write for."""

        def __init__(self, *args: Any, **kwargs: Any):
            super().__init__(*args, **kwargs)
            self.fields["department"].queryset = queries.offices(actor)  # type: ignore[attr-defined]

    page = _form_page(_("写一篇知识"), reverse("articles.work_articles"))

    def save(form: Form) -> str | HttpResponse:
        given = dict(form.cleaned_data)
        if "preview" in request.POST:
            return _preview(request, page, form)
        made = operations.write(
            given.pop("department"), region=given.pop("region"), months=given.pop("months") or 0,
            once=given.pop("once"), by=actor, **given,
        )  # fmt: skip
        messages.success(request, _("已保存为草稿，请提交核准。"))
        return reverse("articles.work_article", args=[made.pk])

    first = queries.offices(actor).order_by("region_code", "key").first()
    return page.respond(request, Form, save, {"department": first}, levels=regions.levels)


def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The next version, or the draft one has begun."""
    found, actor = _seen(request, pk), _actor(request)
    back = reverse("articles.work_article", args=[pk])
    page = _form_page(_("修改知识"), back)

    def save(form: RevisionForm) -> str | HttpResponse:
        if "preview" in request.POST:
            return _preview(request, page, form)
        operations.revise(found, by=actor, **form.cleaned_data)
        messages.success(request, _("已保存为草稿，请提交核准。"))
        return back

    last = found.latest
    initial = {name: getattr(last, name) for name in operations.FIELDS}
    if last is not None and last.state not in OPEN:
        initial |= {"why": "", "formed_on": clock.today()}
    return page.respond(request, RevisionForm, save, initial, levels=regions.levels)


def _form_page(title: str, back: str) -> FormPage:
    crumbs = ((_("知识库"), reverse("articles.work_articles")),)
    return FormPage(title, _("保存草稿"), back=back, crumbs=crumbs, template="articles/form.html")


def _preview(request: HttpRequest, page: FormPage, form: Any) -> HttpResponse:
    given = form.cleaned_data
    shown = {"preview": markup.parse(given["body"]), "preview_title": given["title"], "levels": regions.levels}
    facts = {"page": page, "title": page.title, "crumbs": page.crumbs, "form": form}
    return render(request, page.template, {**facts, **shown})


# --- one article ------------------------------------------------------------------------------------------------------
def work_article(request: HttpRequest, pk: int) -> HttpResponse:
    """What it says now or will say, its history, feedback, and what may be done."""
    found, actor = _seen(request, pk), _actor(request)
    works = any(actor.may(verb, found.department_id, found.region_code) for verb in (queries.WRITE, queries.APPROVE))
    history = found.versions.order_by("-number")
    if not works:  # who only reads reads what holds: nobody should answer from a draft
        found.latest, history = found.current, history.exclude(state__in=(*OPEN, State.DISCARDED))
    shown = found.latest or found.current
    if shown is None:
        raise Http404
    shown.article = found
    page = DetailPage(
        shown.name, (), found.tag, crumbs=((_("知识库"), reverse("articles.work_articles")),),
        place="articles.work_article", template="articles/work_article.html",
    )  # fmt: skip
    context = page_facts(shown) | {
        "article": found, "history": history,
        "kept": [row for row in _kept(found) if row[1]],
        "said": queries.feedback(actor).filter(article=found).exclude(text="")[:10],
        "once": str(uuid.uuid4()),
        "current": found.current, **_may(found, actor),
    }  # fmt: skip
    return page.respond(request, found, **context)


def _kept(found: Article) -> tuple[tuple[Any, Any], ...]:
    """What only officials read of it."""
    last = found.latest
    if last is None:
        return ()
    return (
        (_("谁能看"), last.get_audience_display()),
        (_("最晚公开"), words.day(queries.publish_due(last)) if last.public and last.state in OPEN else None),
        (_("下次复核"), words.day(found.review_on) if found.review_on else None),
        (_("复核间隔"), _("%(n)s 个月") % {"n": found.review_months}),
        (_("最近复核"), f"{found.reviewed_by} · {words.moment(found.reviewed_at)}" if found.reviewed_at else None),
        (_("起草"), f"{last.written_name} · {words.moment(last.written_at)}"),
        (_("核准"), f"{last.approved_name} · {words.moment(last.approved_at)}" if last.approved_at else None),
        (_("诉求分类代码"), "、".join(last.subjects.splitlines())),
        (_("别的说法"), "、".join(last.keywords.splitlines())),
        (_("引用"), found.used or None),
        (_("有帮助 / 没帮助"), f"{found.helpful} / {found.unhelpful}" if found.helpful or found.unhelpful else None),
    )


def _may(found: Article, actor: Any) -> dict[str, bool]:
    """Which buttons are shown; the operations decide."""
    where = (found.department_id, found.region_code)
    write, approve = actor.may(queries.WRITE, *where), actor.may(queries.APPROVE, *where)
    last = found.latest
    state = last.state if last else ""
    own = last is not None and last.written_key == actor.key
    begun = state in OPEN
    return {
        "may_edit": write and (not begun or (own and state == State.DRAFT)),
        "may_submit": write and own and state == State.DRAFT,
        "may_approve": approve and not own and state == State.WAITING,
        "may_discard": begun and ((write and own) or approve),
        "may_review": write and found.current_id is not None,
        "may_withdraw": (write or approve) and found.current_id is not None,
    }


ACTS = {
    "submit": (operations.submit, gettext_lazy("已提交，核准人已收到通知。")),
    "approve": (operations.approve, gettext_lazy("已核准并发布。")),
    "discard": (operations.discard, gettext_lazy("已作废。")),
}


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit, approve, discard."""
    found, what = _seen(request, pk), request.POST.get("what", "")
    if what not in ACTS:
        raise Http404(_("没有这种操作。"))
    operation, said = ACTS[what]
    try:
        operation(found, by=_actor(request), **({"seen": seen_at(request)} if what == "approve" else {}))
        messages.success(request, said)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("articles.work_article", args=[pk]))


def give_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return it with what is to change."""
    found, actor = _seen(request, pk), _actor(request)
    back = reverse("articles.work_article", args=[pk])

    def save(form: ReasonForm) -> str:
        operations.give_back(found, reason=form.cleaned_data["reason"], by=actor)
        messages.success(request, _("已退回起草人。"))
        return back

    return FormPage(_("退回修改"), _("退回"), lead=str(found), back=back).respond(request, ReasonForm, save)


def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take it back with a reason."""
    found, actor = _seen(request, pk), _actor(request)
    back = reverse("articles.work_article", args=[pk])

    def save(form: WithdrawForm) -> str:
        operations.withdraw(found, **form.cleaned_data, by=actor)
        messages.success(request, _("已撤下，公众和接线的人不再查到。"))
        return back

    page = FormPage(_("撤下知识"), _("撤下"), lead=str(found), back=back, kind="danger")
    return page.respond(request, WithdrawForm, save)


def review(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Still true until …"""
    found, actor = _seen(request, pk), _actor(request)
    back = reverse("articles.work_article", args=[pk])

    def save(form: ReviewForm) -> str:
        seen = form.cleaned_data["seen"]
        operations.review(found, until=form.cleaned_data["until"], seen=day_of(seen), by=actor)
        messages.success(request, _("已复核。"))
        return back

    usual = operations.after_months(operations.clock.today(), found.review_months)
    page = FormPage(
        _("复核：内容仍然有效"), _("仍然有效"), back=back,
        lead=_("“%(title)s”：核对过依据和办法，没有变化，就写下次复核的日期；有变化，请先修改。") % {"title": found},
    )  # fmt: skip
    return page.respond(request, ReviewForm, save, {"until": usual, "seen": str(found.review_on or "")})


def work_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What it said, for officials: internal and withdrawn versions too."""
    try:
        found = queries.read(pk, _actor(request), number)
    except Version.DoesNotExist:
        raise Http404(_("没有这个版本，或者不归您的部门管。")) from None
    crumbs = (
        (_("知识库"), reverse("articles.work_articles")), (found.name, reverse("articles.work_article", args=[pk])),
    )  # fmt: skip
    page = DetailPage(found.name, (), found.tag, crumbs=crumbs, template="articles/version.html")
    return page.respond(request, found, **page_facts(found))


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


def _seen(request: HttpRequest, pk: int) -> Article:
    try:
        return queries.seen(pk, _actor(request))
    except Article.DoesNotExist:
        raise Http404(_("没有这篇知识，或者不归您的部门管。")) from None

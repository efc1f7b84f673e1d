"""The officials' worklist and its bulk claim; the supervisor's view of what is near or over its limit."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import operations, queries
from hexi.blocks.cases.facts import span
from hexi.blocks.cases.kinds import kinds, task_verbs
from hexi.blocks.cases.models import Case, Item, Task
from hexi.blocks.cases.pages import words
from hexi.blocks.cases.sought import having
from hexi.blocks.cases.states import OPEN, State
from hexi.kernel.actors import Actor, Denied
from hexi.ui.pages import ListPage
from hexi.ui.tables import Action, Column, Empty, Filter, SavedView
from hexi.ui.words import english


def _claim(request: HttpRequest, rows: QuerySet[Task]) -> str:
    done, why = _each(request, rows, operations.claim)
    said = _("已领取 %(n)s 件。") % {"n": done}
    return said + _("%(n)s 件没有领取：%(why)s") % {"n": len(why), "why": _once(why)} if why else said


def _release(request: HttpRequest, rows: QuerySet[Task]) -> str:
    done, why = _each(request, rows, operations.release)
    said = _("已放回 %(n)s 件。") % {"n": done}
    return said + _("%(n)s 件没有放回：%(why)s") % {"n": len(why), "why": _once(why)} if why else said


def _each(request: HttpRequest, rows: QuerySet[Task], do: Callable[..., Any]) -> tuple[int, list[str]]:
    """Do it to each task; how many it was done to, and why not to the others."""
    done, why = 0, []
    for task in rows:
        try:
            do(task, by=request.actor)  # type: ignore[attr-defined]
            done += 1
        except ValidationError as error:
            why += error.messages
        except Denied as error:
            why.append(str(error))
    return done, why


def _once(sentences: list[str]) -> str:
    """The reasons, each once."""
    return "".join(dict.fromkeys(sentences))


def _find_task(rows: QuerySet[Task], text: str) -> QuerySet[Task]:
    # who has an open task is open himself: the database then looks among the few open cases, not among all
    return rows.filter(case__in=Case.objects.open().filter(having(text)))


def _find_case(rows: QuerySet[Case], text: str) -> QuerySet[Case]:
    return rows.filter(having(text))


def _since(rows: QuerySet[Case], day: date) -> QuerySet[Case]:
    return rows.filter(submitted_at__gte=span(day, day)[0])


def _until(rows: QuerySet[Case], day: date) -> QuerySet[Case]:
    return rows.filter(submitted_at__lte=span(day, day)[1])


def _items(request: HttpRequest) -> list[tuple[int, str]]:
    return names(queries.items_of(request.actor))  # type: ignore[attr-defined]


def names(items: QuerySet[Item]) -> list[tuple[int, str]]:
    """Items to choose from, in the language of the page; nothing else of them is read."""
    return list(items.values_list("pk", "title_en" if english() else "title"))


def _kinds() -> list[tuple[str, Any]]:
    return [(one.key, one.title) for one in kinds().values()]


def _logged(request: HttpRequest, count: int) -> None:
    with change(request.actor, "cases.export", count=count):  # type: ignore[attr-defined]
        pass


def _mine(rows: QuerySet[Task], request: HttpRequest) -> QuerySet[Task]:
    return rows.filter(claimed_by=request.actor.account_id)  # type: ignore[attr-defined]


INBOX = ListPage(
    title=gettext_lazy("待办"),
    columns=(
        Column("title", gettext_lazy("事项"), value="case.name", link=words.task_url),
        # in full: this post is to handle them, and the applicant stands at its window
        Column("applicant", gettext_lazy("申请人"), value="case.applicant_name"),
        Column("state", gettext_lazy("环节"), value=words.task_tag, kind="tag"),
        Column(
            "due",
            gettext_lazy("最近期限"),
            kind="tag",
            sort="due",
            value=lambda task: words.due_tag(task.due, uncertain=task.uncertain),
        ),
        Column("claimed", gettext_lazy("经办人"), value=lambda task: task.claimed_by or ""),
        Column("submitted", gettext_lazy("收件"), value="case.submitted_at", kind="moment", sort="case__submitted_at"),
        Column("number", gettext_lazy("编号"), value=lambda task: words.short(task.case.number), kind="code"),
    ),
    filters=(
        Filter("kind", gettext_lazy("哪一类"), _kinds, "case__kind"),
        Filter("item", gettext_lazy("事项"), _items, "case__item", with_request=True),
        Filter("state", gettext_lazy("环节"), [(one.value, one.label) for one in OPEN], "case__state"),
    ),
    views=(
        SavedView("all", gettext_lazy("全部待办")),
        SavedView("mine", gettext_lazy("我领取的"), _mine, with_request=True),
        SavedView("free", gettext_lazy("未领取"), lambda rows: rows.filter(claimed_by=None)),
        SavedView("near", gettext_lazy("临近期限"), queries.near_due),
        SavedView("over", gettext_lazy("已超期"), queries.overdue),
    ),
    search=_find_task,
    bulk=(
        Action("claim", gettext_lazy("领取"), "hand-grab", _claim),
        Action("release", gettext_lazy("放回"), "arrow-back-up", _release),
    ),
    empty=Empty(gettext_lazy("没有待办。新的申请提交后会出现在这里。")),
    on_export=_logged,
    row_panel=True,
)

CASES = ListPage(
    title=gettext_lazy("全部办件"),
    columns=(
        Column("title", gettext_lazy("事项"), value="name", link=lambda one: reverse("cases.case", args=[one.number])),
        Column("applicant_masked", gettext_lazy("申请人")),
        Column("state", gettext_lazy("状态"), value=words.tag, kind="tag"),
        Column(
            "due", gettext_lazy("最近期限"), kind="tag", sort="next_due",
            value=lambda case: (
                ("off", "—") if case.ended_at else words.due_tag(case.next_due, uncertain=case.uncertain)
            ),
        ),
        Column("department", gettext_lazy("部门"), value="department.title"),
        Column("submitted_at", gettext_lazy("收件"), kind="moment", sort="submitted_at"),
        Column("number", gettext_lazy("编号"), value=lambda case: words.short(case.number), kind="code"),
    ),
    filters=(
        Filter("item", gettext_lazy("事项"), _items, "item", with_request=True),
        Filter("state", gettext_lazy("状态"), State.choices, "state"),
        Filter("from", gettext_lazy("收件自"), "date", _since),
        Filter("to", gettext_lazy("收件至"), "date", _until),
    ),
    views=(
        SavedView("open", gettext_lazy("在办"), lambda rows: rows.filter(ended_at=None)),
        SavedView("over", gettext_lazy("已超期"), queries.cases_overdue),
        SavedView("near", gettext_lazy("临近期限"), queries.cases_near_due),
        SavedView("paused", gettext_lazy("计时暂停"), queries.cases_paused),
        SavedView("passed", gettext_lazy("已报送上级"), of=lambda request: _listed(queries.passed_up, request)),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=_find_case,
    empty=Empty(gettext_lazy("没有符合条件的办件。")),
    on_export=_logged,
    row_panel=True,
)  # fmt: skip


def inbox_verbs() -> tuple[str, ...]:
    """Whose inbox there is: whoever sees permits, and whoever has tasks of any kind of case."""
    return ("cases.view", *task_verbs())


def inbox(request: HttpRequest) -> HttpResponseBase:
    """Open tasks the actor's posts may take, soonest due first."""
    tasks = queries.todo(request.actor)  # type: ignore[attr-defined]
    return INBOX.respond(request, queries.with_uncertainty(tasks, case="case", due="due"))


def cases(request: HttpRequest) -> HttpResponseBase:
    """Every case the posts may see, and, in a view of its own, what the office has passed up."""
    return CASES.respond(request, _listed(queries.for_officials, request))


def _listed(find: Callable[[Actor], QuerySet[Case]], request: HttpRequest) -> QuerySet[Case]:
    found = find(request.actor).select_related("department", "item", "applicant")  # type: ignore[attr-defined]
    return queries.with_uncertainty(found)


def waiting(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return int(queries.todo(request.actor).count())  # type: ignore[attr-defined]


def live_waiting(actor: Any, argument: str) -> int:
    """Live fact: the same number."""
    return int(queries.todo(actor).count())

"""How orders are said and shown: one place for all pages of this domain."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.cases.kinds import kind_of
from hexi.blocks.cases.models import Case, events_of
from hexi.blocks.cases.pages import words
from hexi.blocks.documents.models import Document
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import queries
from hexi.domains.livelihood.requests.models import Hotline, Request, Subject
from hexi.domains.livelihood.requests.states import BY_CALLER, State, Type
from hexi.kernel import clock
from hexi.kernel.networks import counted


def tag(request: Request) -> tuple[str, Any]:
    """(state of the tag, word)."""
    return words.tag(request.case)


def due_tag(request: Request) -> tuple[str, str]:
    """The soonest clock as a tag; a dash once it is over."""
    return words.due_tag(request.case.next_due) if request.case.next_due else ("off", "—")


def type_word(request: Request) -> str:
    """咨询, 投诉 …"""
    return str(Type(request.type).label)


def subject_word(code: str, names: dict[str, Subject] | None = None) -> str:
    """A class with those above it: 城乡建设与市政 · 道路和路灯 · 路灯."""
    if names is None:
        return " · ".join(one.name for one in queries.subject_path(code)) if code else _("未分类")
    line, row = [], names.get(code)
    while row is not None:
        line.append(row.name)
        row = names.get(row.parent_code)
    return " · ".join(reversed(line)) or _("未分类")


def subject_names() -> dict[str, Subject]:
    """Every class by code: for a list, one query whatever its length."""
    return {one.code: one for one in Subject.objects.all()}


def place_word(request: Request) -> str:
    """The division, and the address."""
    return " ".join(filter(None, [regions.place(request.place_code), request.address]))


def hotlines(rows: list[Hotline]) -> list[tuple[str, str]]:
    """Hotlines to choose from where somebody works for several: what follows an address, what follows a word."""
    if len(rows) < 2:
        return [("", "")]
    return [(f"?hotline={one.region_code}", _("（%(place)s）") % {"place": _region(one)}) for one in rows]


def of_hotline(title: str, hotline: Hotline | None) -> str:
    """A title with the region it is about."""
    return f"{title} · {_region(hotline)}" if hotline else title


def _region(hotline: Hotline) -> str:
    return regions.name_on(hotline.region_code, clock.today())


def subject_options(level: int = 3) -> list[tuple[str, str]]:
    """Classes to choose from, each under its way down to it."""
    names = {one.code: one for one in queries.subjects()}
    return [(one.code, subject_word(one.code, names)) for one in names.values() if one.level == level]


def timeline(case: Case, *, everything: bool = False, opinions: bool = True) -> list[dict[str, Any]]:
    """What happened, newest first. Everybody but officials reads the office, not the clerk; nobody reads who called."""
    events = [event for event in events_of(case) if everything or event.public]
    names, kind = {case.department.name: case.department.title}, kind_of(case)
    return [
        {
            "title": kind.title_of(event.action),
            "at": event.at,
            "who": event.actor_name if everything else _("诉求人") if event.action in BY_CALLER and not event.office
            else names.get(event.office, event.office),
            "text": event.opinion if opinions else "",
            "state": "done",
            "icon": kind.actions[event.action].icon if event.action in kind.actions else "point",
        }
        for event in sorted(events, key=lambda one: -one.pk)
    ]  # fmt: skip


def next_words(request: Request) -> str:
    """What happens next and by when, in one sentence."""
    case = request.case
    due, state = words.day_of(case.next_due), State(case.state)
    if state == State.NEW:
        return _("热线中心正在派单。最晚 %(due)s 给您第一次回应。") % {"due": due}
    if state == State.HANDLING and request.promised and request.promised >= clock.today():
        told = {"to": request.passed_to or case.department.title, "day": words.words.day(request.promised)}
        return _("%(to)s正在办理，%(day)s前答复结果。") % told
    if state == State.HANDLING:
        return _("%(office)s正在办理。最晚 %(due)s 答复。") % {"office": case.department.title, "due": due}
    if state == State.ANSWERED:
        return _("已经答复。请告诉我们解决了没有、满意不满意。")
    if state == State.MERGED:
        lead = request.lead.case.number if request.lead else ""
        return _("与 %(number)s 是同一件事，正在一并办理，结果会同样告诉您。") % {"number": lead}
    if state == State.REFUSED:
        return _("不属受理范围。请找：%(owner)s") % {"owner": request.next_owner}
    if state == State.WITHDRAWN:
        return _("您已撤回。需要时可以重新提交。")
    return _ended(request)


def _ended(request: Request) -> str:
    if queries.may_reopen(request):
        return _("已经办结。没有解决的，可以在下面提出接着办。")
    return _("已经办结。还有问题的，请重新提交一件，写上这件的编号。")


def pictures(documents: list[Document]) -> list[dict[str, str]]:
    """Pictures for `ui.viewer`."""
    return [
        {"title": _("照片 %(n)s") % {"n": place}, "kind": "image", "url": reverse("documents.preview", args=[one.pk])}
        for place, one in enumerate(documents, 1)
    ]


def network(request: HttpRequest) -> str:
    """The network a request came from, for the limits."""
    return counted(str(request.META.get("REMOTE_ADDR", "")))

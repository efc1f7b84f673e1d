"""The applicant's pages: my cases, one case with the one thing to do now, withdrawal, talk."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.calendars.queries import may_move
from hexi.blocks.cases import fees, letters, operations, procedures, queries, trust
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.pages import moves, papers, promises, words
from hexi.blocks.cases.sought import having
from hexi.blocks.cases.states import AFTER_DECISION, BEFORE_ACCEPTANCE, UNDER_EXAMINATION, State
from hexi.blocks.money.models import Charge
from hexi.blocks.notices import operations as notices
from hexi.blocks.notices import queries as talks
from hexi.blocks.notices.models import Line
from hexi.blocks.parcels.queries import live
from hexi.kernel import clock
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

MINE = ListPage(
    title=gettext_lazy("我的办件"),
    columns=(
        Column("title", gettext_lazy("事项"), value="name", link=words.mine_url),
        Column("state", gettext_lazy("状态"), value=words.tag, kind="tag"),
        Column("applicant_name", gettext_lazy("申请人")),
        Column("department", gettext_lazy("办理机关"), value="department.title"),
        Column("submitted_at", gettext_lazy("提交时间"), kind="day", sort="submitted_at"),
        Column("number", gettext_lazy("编号"), value=lambda case: words.short(case.number), kind="code"),
    ),
    filters=(Filter("state", gettext_lazy("状态"), State.choices, "state"),),
    views=(
        SavedView("open", gettext_lazy("办理中"), lambda rows: rows.filter(ended_at=None)),
        SavedView("ended", gettext_lazy("已结束"), lambda rows: rows.filter(ended_at__isnull=False)),
        SavedView("all", gettext_lazy("全部")),
    ),
    search=lambda rows, text: rows.filter(having(text)),
    empty=Empty(gettext_lazy("还没有办件。找到要办的事，填好就能提交。"), action=gettext_lazy("去办事"), url="/"),
)  # fmt: skip


def my_cases(request: HttpRequest) -> HttpResponseBase:
    """The list of one's own cases."""
    return MINE.respond(request, queries.mine(request.actor))  # type: ignore[attr-defined]


def mine(request: HttpRequest, number: str) -> HttpResponse:
    """What happened, what happens next, who has it, by when; one action if one is needed."""
    return _show(request, _own(request, number))


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take the application back."""
    case = _own(request, number)
    try:
        operations.withdraw(case, reason=request.POST.get("reason", ""), by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        return _show(request, _own(request, number), sentences=error.messages, status=409)
    messages.success(request, _("申请已撤回。您可以随时重新申请。"))
    return HttpResponseRedirect(reverse("cases.mine", args=[number]))


@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """A line to the office."""
    case = _own(request, number)
    try:
        notices.say(
            case, topic=request.POST.get("topic", ""), text=request.POST.get("text", ""), side=Line.Side.CITIZEN,
            by=request.actor,  # type: ignore[attr-defined]
        )  # fmt: skip
    except ValidationError as error:
        return _show(request, case, sentences=error.messages, status=422)
    return HttpResponseRedirect(reverse("cases.mine", args=[number]) + "#talk")


def open_case(request: HttpRequest, number: str) -> HttpResponse:
    """Where search leads: to the applicant's page or the official's."""
    own = queries.mine(request.actor).filter(number=number).first()  # type: ignore[attr-defined]
    return HttpResponseRedirect(words.mine_url(own) if own else reverse("cases.case", args=[number]))


def _own(request: HttpRequest, number: str) -> Case:
    case = queries.own_case(number, request.actor)  # type: ignore[attr-defined]
    if case is None:
        raise Http404(_("没有这件办件，或者它不是您的。"))
    return case


def _show(request: HttpRequest, case: Case, *, sentences: list[str] | None = None, status: int = 200) -> HttpResponse:
    asking = queries.last_letter(case, ("correction", "give_back")) if case.state in _MENDING else None
    points = definition(case.version).points
    owed = fees.unpaid(case)
    facts = {
        "case": case,
        "title": case.name,
        "tag": words.tag(case),
        "next": next_words(case, owed),
        "owed": owed,
        "asking": asking,
        "parcel": live(case) if case.state == State.DELIVERING else None,
        "asked": [(points[key], text) for key, text in asking.facts["points"].items()] if asking else [],
        "clocks": words.clock_rows(case),
        "moves": moves.rows(case),
        "timeline": papers.timeline(case),
        "sections": papers.sections(case),
        "materials": (materials := papers.materials(case)),
        "short": [one.key for one in trust.of_rows(materials)] if case.decided_at is None else [],
        "letters": [(letters.title_of(one), one) for one in case.letters.all() if one.third_party_id is None],
        "talks": talks.talks(case),
        "may_withdraw": case.state in (*BEFORE_ACCEPTANCE, *UNDER_EXAMINATION),
        "sentences": sentences or [],
    }
    return render(request, "cases/my_case.html", facts, status=status)


_MENDING = (State.CORRECTING, State.RETURNED)
_NEXT = {
    State.SUBMITTED: gettext_lazy("窗口正在核对材料。最晚 %(due)s 告知是否受理。"),
    State.RETURNED: gettext_lazy("请更正下面的内容，再次提交。"),
    State.CORRECTING: gettext_lazy("请在 %(due)s 前按告知书一次补齐下面的内容。补齐后必须受理。"),
    State.LOWER: gettext_lazy("下级机关正在初审。最晚 %(due)s 报送上级机关决定。"),
    State.EXAMINING: gettext_lazy("正在审查。最晚 %(due)s 作出决定。"),
    State.JOINT: gettext_lazy("有关部门正在并联审查。最晚 %(due)s 作出决定。"),
    State.REVIEWING: gettext_lazy("正在审核。最晚 %(due)s 作出决定。"),
    State.DECIDING: gettext_lazy("等待负责人决定。最晚 %(due)s 作出决定。"),
    State.CERTIFYING: gettext_lazy("已经准予，正在制作证件。最晚 %(due)s 送达。"),
    State.DELIVERING: gettext_lazy("证件已做好，等待送达。最晚 %(due)s 送到您手里。"),
    State.CLOSED: gettext_lazy("已经办结。"),
    State.NOT_NEEDED: gettext_lazy("这件事不需要许可，理由见文书。"),
    State.REJECTED: gettext_lazy("不予受理，理由和该去的机关见文书。"),
    State.WITHDRAWN: gettext_lazy("申请已撤回，或者依告知视为撤回、放弃，理由见文书。需要时可以重新申请。"),
    State.TERMINATED: gettext_lazy("已终止办理，理由见文书。"),
}
#: what follows a decision that no certificate proves
_ANSWERED = gettext_lazy("已经作出决定。最晚 %(due)s 送到您手里。")


#: the same where the law accepts what nobody answered (行政许可法 art. 32(4))
_DEEMS = gettext_lazy("窗口正在核对材料。最晚 %(due)s 告知是否受理；逾期没有告知，视为受理。")


def next_words(case: Case, owed: Sequence[Charge] = ()) -> str:
    """What happens next and by when, in one sentence."""
    if owed and case.state == State.CERTIFYING:
        return _("已经准予。请缴费，缴清后马上制作证件。")
    special = next((one for one in case.clocks.all() if one.kind == "special" and one.stopped_at is None), None)
    if special is not None and special.due is not None:
        if special.due < clock.now():
            words_ = _("正在进行特别程序，办理期限暂停计算。已过预计时间（原定 %(day)s 前结束），结束后继续办理。")
        else:
            words_ = _("正在进行特别程序，办理期限暂停计算，预计 %(day)s 前结束，结束后继续办理。")
        return words_ % {"day": words.day_of(special.due, special.uncertain)}
    if case.next_due is None and case.ended_at is None and case.state not in _MENDING:
        return _("正在进行特别程序，期限暂停计算。结束后继续办理。")
    if case.state in UNDER_EXAMINATION and (follows := promises.next_words(case)):
        return follows
    if case.state == State.CORRECTING:
        return _to_supplement(case)
    return str(_follows(case)) % {"due": words.next_day(case)}


def _follows(case: Case) -> object:
    rules = definition(case.version)
    if case.state == State.SUBMITTED and rules.deems:
        return _DEEMS
    if case.state in AFTER_DECISION and not rules.certificate:
        return _ANSWERED
    return _NEXT[State(case.state)]


def _to_supplement(case: Case) -> str:
    """What the one correction notice asks, and until when if it names a term."""
    until = procedures.supplement_until(case)
    if until is None:
        return _("请按告知书一次补齐下面的内容。补齐后必须受理。")
    return str(_NEXT[State.CORRECTING]) % {"due": words.day_of(until, may_move(case.region_code, until))}

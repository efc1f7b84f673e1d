"""The petitioner: what a petition is, writing one step by step, and one's own with what is due by when."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from hexi.blocks.cases.pages import words as case_words
from hexi.blocks.cases.pages.papers import card, timeline
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as files
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions import queries, rules
from hexi.domains.livelihood.petitions.models import MOST_REPRESENTATIVES, Petition, Writing
from hexi.domains.livelihood.petitions.operations import intake, petitioning
from hexi.domains.livelihood.petitions.operations.intake import Said
from hexi.domains.livelihood.petitions.pages import words
from hexi.domains.livelihood.petitions.pages.asking import representatives
from hexi.domains.livelihood.petitions.pages.office import TITLES
from hexi.domains.livelihood.petitions.states import State, Type
from hexi.kernel import clock
from hexi.ui.pages import Step, StepsPage

STEPS = StepsPage(
    gettext_lazy("网上信访"),
    (
        Step("what", gettext_lazy("什么事")),
        Step("against", gettext_lazy("涉及哪里和谁")),
        Step("files", gettext_lazy("材料")),
        Step("send", gettext_lazy("核对并提交")),
    ),
)
ORDER = [step.key for step in STEPS.steps]
#: what each screen asks; the screen that sends asks for the rest
ASKS = {
    "what": ("type", "subject", "title", "text", "wish"),
    "against": ("place", "against_name", "representatives", "people"),
}
Given = dict[str, Any]


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """What a petition is, what is none, how long it takes; one's own; a press begins."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = [(one, case_words.tag(one.case), words.next_words(one)) for one in queries.my_petitions(actor)[:20]]
    facts = {
        "title": _("网上信访"), "rows": rows, "signed": getattr(actor, "person_id", None) is not None,
        "account": getattr(actor, "account_id", None),
        "ways": [(str(one.title), str(one.where), one.clause) for one in rules.ways().values()],
        "terms": [(TITLES[one.step], case_words.length(one.limit), f"{one.law}{one.clause}")
                  for one in queries.terms(clock.today()) if not one.region_code],
    }  # fmt: skip
    return render(request, "petitions/home.html", facts)


@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """Begin, or go on with what is not sent yet."""
    writing = intake.begin(request.actor.account, by=request.actor)  # type: ignore[attr-defined]
    return HttpResponseRedirect(_address(writing, "what"))


@never_cache
def step(request: HttpRequest, key: str, step: str) -> HttpResponseBase:
    """One screen."""
    if step not in ORDER:
        raise Http404
    account = getattr(request.actor, "account_id", None)  # type: ignore[attr-defined]
    writing = get_object_or_404(Writing.objects.select_related("sent__case"), key=key, account=account)
    if writing.sent is not None:
        return HttpResponseRedirect(reverse("petitions.mine", args=[writing.sent.case.number]))
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            done = SAVE[step](request, writing)
            if done is not None:
                return done
        except ValidationError as error:
            errors = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return _show(request, writing, step, errors)


def _what(request: HttpRequest, writing: Writing) -> HttpResponse | None:
    return _kept(request, writing, "what", {name: request.POST.get(name, "") for name in ASKS["what"]})


def _against(request: HttpRequest, writing: Writing) -> HttpResponse | None:
    given: Given = {name: request.POST.get(name, "") for name in ("unit", "against_name", "people", "representatives")}
    given["place"] = regions.chosen_code(request.POST.getlist("place"))
    if request.POST.get("_levels"):
        intake.save(writing, given, by=request.actor)  # type: ignore[attr-defined]
        return None
    return _kept(request, writing, "against", given)


def _kept(request: HttpRequest, writing: Writing, step: str, given: Given) -> HttpResponse:
    """Keep the screen, then refuse what is missing on it."""
    intake.save(writing, given, by=request.actor)  # type: ignore[attr-defined]
    faults = intake.checked(_said(request, writing))
    if mine := {name: sentence for name, sentence in faults.items() if name in ASKS[step]}:
        raise ValidationError(mine)
    return HttpResponseRedirect(_address(writing, ORDER[ORDER.index(step) + 1]))


def _files(request: HttpRequest, writing: Writing) -> HttpResponse | None:
    by = request.actor  # type: ignore[attr-defined]
    if gone := request.POST.get("remove"):
        rows = files.of_thing(queries.WRITING, writing.key)
        documents.remove(get_object_or_404(rows, pk=int(gone) if gone.isdecimal() and len(gone) < 10 else 0), by=by)
        return HttpResponseRedirect(_address(writing, "files"))
    for file in request.FILES.getlist("file"):
        intake.attach(writing, file, by=by)
    return HttpResponseRedirect(_address(writing, "files" if request.POST.get("more") else "send"))


def _send(request: HttpRequest, writing: Writing) -> HttpResponse | None:
    actor = request.actor  # type: ignore[attr-defined]
    intake.save(writing, {name: request.POST.get(name, "") for name in ("phone", "address")}, by=actor)
    if writing.sent is not None:  # the other of two presses was faster
        return HttpResponseRedirect(reverse("petitions.mine", args=[writing.sent.case.number]))
    found, _new = intake.receive(
        _said(request, writing), by=actor, submission=writing.key, applicant=actor.account.person, writing=writing
    )
    messages.success(request, _("已登记，编号 %(number)s。") % {"number": found.case.number})
    return HttpResponseRedirect(reverse("petitions.mine", args=[found.case.number]))


SAVE: dict[str, Callable[[HttpRequest, Writing], HttpResponse | None]] = {
    "what": _what, "against": _against, "files": _files, "send": _send,
}  # fmt: skip


def _said(request: HttpRequest, writing: Writing) -> Said:
    """What was written so far; the name is the checked one of the account."""
    given, account = writing.written, request.actor.account  # type: ignore[attr-defined]
    unit, people = str(given.get("unit", "")), str(given.get("people") or "1")
    return Said(
        **{name: given.get(name, "") for name in ASKS["what"]}, place_code=given.get("place", ""),
        name=account.person.name if account.person else "", phone=given.get("phone") or account.phone,
        address=given.get("address", ""), against_name=given.get("against_name", ""),
        against_unit=Department.objects.filter(pk=unit).first() if unit.isdecimal() and len(unit) < 10 else None,
        people=int(people) if people.isdecimal() and len(people) < 6 else 0,
        representatives=representatives(given.get("representatives", "")),
    )  # fmt: skip


def _show(request: HttpRequest, writing: Writing, step: str, errors: dict[str, list[str]]) -> HttpResponse:
    said: Given = {"type": Type.CLAIM, "people": "1", **writing.written}
    account = writing.account
    place = said.get("place") or (account.person.region_code if account.person else "") or regions.region_of(request)
    facts: Given = {
        "writing": writing, "said": said, "errors": errors, "account": account, "most": MOST_REPRESENTATIVES,
        "address": lambda key: _address(writing, key),
    }  # fmt: skip
    if step == "what":
        facts |= {"types": Type.choices, "classes": words.class_options()}
    if step == "against":
        facts |= {"levels": regions.levels(place), "place": place, "children": reverse("regions.children"),
                  "units": _units(place)}  # fmt: skip
    if step in ("files", "send"):
        facts["files"] = [card(one) for one in files.of_thing(queries.WRITING, writing.key)]
    if step == "send":
        full = _said(request, writing)
        facts |= {"full": full, "place_words": regions.place(full.place_code),
                  "type_word": Type(full.type).label if full.type in Type.values else "",
                  "class_word": words.class_word(full.subject)}  # fmt: skip
    return STEPS.render(
        request, step, f"petitions/step_{step}.html", facts, url_of=lambda key: _address(writing, key),
        status=422 if errors else 200,
    )  # fmt: skip


def _units(place: str) -> list[tuple[int, str]]:
    """Units one may complain of: those of the county and of what lies above it."""
    rows = Department.objects.filter(active=True)
    levels = {place[:digits].ljust(12, "0") for digits in (2, 4)}
    near = [one for one in rows if one.region_code.startswith(place[:6]) or one.region_code in levels]
    return [(one.pk, one.title) for one in near]


def _address(writing: Writing, step: str) -> str:
    return reverse("petitions.step", args=[writing.key, step])


# --- one's own --------------------------------------------------------------------------------------------------------
@never_cache
def mine(request: HttpRequest, number: str) -> HttpResponse:
    """One's own petition: what next, by when, opinions and papers, the timeline."""
    return _mine(request, _own(request, number))


@never_cache
@require_POST
def mine_do(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """What the petitioner does with it; what is refused is said on the page, with what was typed."""
    found, data, by = _own(request, number), request.POST, request.actor  # type: ignore[attr-defined]
    level = data.get("level", "")
    does: dict[str, tuple[Callable[[], Any], str]] = {
        "receive": (lambda: petitioning.receive_opinion(found, by=by), _("已签收。")),
        "ask": (lambda: petitioning.ask_review(found, reason=data.get("reason", ""), by=by),
                _("已提出，上一级单位会办理。")),
        "rate": (lambda: petitioning.rate(found, level=int(level) if level in set("12345") else 0,
                                          comment=data.get("comment", ""), by=by), _("谢谢您的评价。")),
        "withdraw": (lambda: petitioning.withdraw(found, by=by, why=data.get("why", "")), _("已撤回。")),
    }  # fmt: skip
    if action not in does:
        raise Http404
    do, done = does[action]
    try:
        do()
    except ValidationError as error:
        return _mine(request, _own(request, number), error.messages, 422)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("petitions.mine", args=[number]))


def _own(request: HttpRequest, number: str) -> Petition:
    try:
        return queries.mine(number, request.actor)  # type: ignore[attr-defined]
    except Petition.DoesNotExist:
        raise Http404(_("没有这件信访事项，或者它不是您的。")) from None


def _mine(request: HttpRequest, found: Petition, sentences: list[str] | None = None, status: int = 200) -> HttpResponse:
    case = found.case
    facts = {
        "petition": found, "case": case, "title": found.content.get("title", _("信访事项")),
        "tag": case_words.tag(case), "next": words.next_words(found), "clocks": case_words.clock_rows(case),
        "timeline": timeline(case), "said": words.said(found), "rounds": words.rounds(found),
        "papers": [card(one) for one in queries.papers(found)],
        "materials": [card(one) for one in queries.materials(found)],
        "may_receive": case.state == State.SERVING, "may_ask": case.state == State.ANSWERED and found.level < 3,
        "may_rate": case.state in (State.ANSWERED, State.CLOSED, State.FINAL) and found.satisfied is None,
        "may_withdraw": case.state in (State.REGISTERED, State.TRANSFERRED, State.HANDLING, State.JOINED),
        "sentences": sentences or [], "typed": request.POST if sentences else {},
    }  # fmt: skip
    return render(request, "petitions/mine.html", facts, status=status)

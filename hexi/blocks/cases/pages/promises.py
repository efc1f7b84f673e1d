"""Promises on the pages: what is signed at the check, and what follows, for the applicant and the window."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.calendars.queries import may_move
from hexi.blocks.cases import intake, operations, queries, waiting
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Deferred
from hexi.blocks.cases.pages import words
from hexi.blocks.cases.signing import Open
from hexi.blocks.documents import kinds
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.forms.models import Draft
from hexi.kernel import clock


def to_sign(request: HttpRequest, draft: Draft) -> list[tuple[Any, Any]]:
    """Rows of the check page: the pledge on offer with the choice, what is missing with the promise to tick."""
    return rows_of(request, intake.left_open(draft))


def rows_of(request: HttpRequest, left: Open, item: str = "", title: object = "") -> list[tuple[Any, Any]]:
    """The same for one of the items of a bundle, under its title."""
    way, box = (f"{name}:{item}" if item else name for name in ("way", "signed_deferral"))
    head, rows = _("%(title)s：%(what)s") if item else "%(what)s", []
    facts = {"left": left, "chosen": request.POST.get(way, "ordinary"), "length": words.length, "way": way, "box": box}
    if left.pledge or left.barred:
        said = head % {"title": title, "what": _("办理方式")}
        rows.append((said, _made(request, "cases/pledge.html", facts)))
    if left.missing:
        facts |= {"text": waiting.promise_text(left.missing), "checked": box in request.POST}
        said = head % {"title": title, "what": _("容缺承诺")}
        rows.append((said, _made(request, "cases/deferral.html", facts)))
    return rows


def _made(request: HttpRequest, template: str, facts: dict[str, Any]) -> Markup:
    return Markup(render_to_string(template, facts, request))  # noqa: S704 - our own templates


def next_words(case: Case) -> str:
    """What the applicant is to do next while something is to follow; "" if nothing is."""
    row = waiting.outstanding(case).first()
    if row is None:
        return ""
    return _("已容缺受理。请在 %(due)s前补齐材料，逾期视为撤回申请。") % {
        "due": words.day_of(row.due, may_move(case.region_code, row.due))
    }


def signed(request: HttpRequest) -> list[str]:
    """What was ticked, and the pledge if that way was chosen; in a bundle with the item behind a colon."""
    ticked = [name.removeprefix("signed_") for name in request.POST if name.startswith("signed_")]
    ways = [name for name in request.POST if name.partition(":")[0] == "way" and request.POST[name] == "pledge"]
    return [*ticked, *(f"pledge{name.removeprefix('way')}" for name in ways)]


def to_follow(request: HttpRequest, case: Case) -> Markup | None:
    """Panel of the applicant's page: what he promised to hand in."""
    return _panel(request, case, reverse("cases.hand_in", args=[case.number]), own=True)


def followed(request: HttpRequest, case: Case) -> Markup | None:
    """Panel of the official's page: the same; the window takes in what comes on paper."""
    return _panel(request, case, reverse("cases.take_in", args=[case.number]), own=False)


def _panel(request: HttpRequest, case: Case, action: str, *, own: bool) -> Markup | None:
    if not has(case, Deferred):
        return None
    rows = list(case.deferred.order_by("due", "pk"))
    national, files, now = definition(case.version).national, papers.by_slot("cases.case", str(case.pk)), clock.now()
    actor = request.actor  # type: ignore[attr-defined]
    may = own or actor.may("documents.add", case.department_id, case.region_code)
    for row in rows:
        row.open = may and row.handed_at is None and row.due is not None and row.due >= now and case.ended_at is None
    facts = {
        "rows": [(row, national.material(row.material), files.get(row.material, ())) for row in rows],
        "action": action, "own": own, "accept": kinds.ACCEPT,
        "due": lambda due: words.due_tag(due, uncertain=may_move(case.region_code, due)),
    }  # fmt: skip
    return _made(request, "cases/hand_in.html", facts)


@require_POST
def hand_in(request: HttpRequest, number: str) -> HttpResponse:
    """The applicant hands in what he promised."""
    case = queries.my_permit(number, request.actor)  # type: ignore[attr-defined]
    if case is None:
        raise Http404
    return _taken(request, case, reverse("cases.mine", args=[number]))


@require_POST
def take_in(request: HttpRequest, number: str) -> HttpResponse:
    """The window takes in what the applicant brings."""
    try:
        case = queries.case_to_act(number, request.actor)  # type: ignore[attr-defined]
    except Case.DoesNotExist:
        raise Http404 from None
    return _taken(request, case, reverse("cases.case", args=[number]))


def _taken(request: HttpRequest, case: Case, back: str) -> HttpResponse:
    """Keep the files, each by itself, then note what is there: cut off in between, the second half is done later."""
    actor = request.actor  # type: ignore[attr-defined]
    try:
        for row in waiting.outstanding(case):
            material = definition(case.version).national.material(row.material)
            for file in request.FILES.getlist(f"file.{row.material}"):
                documents.store(
                    file, name=file.name or "", by=actor, owner=case.applicant, thing=case, slot=row.material,
                    most=material.files, title=material.title.zh, wanted=material.slot().wanted,
                )  # fmt: skip
        operations.hand_in(case, by=actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("材料已补交。"))
    return HttpResponseRedirect(f"{back}#hand-in")

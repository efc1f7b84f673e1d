"""Applying: guide → form → materials → check → submit, on the steps of `forms`; also mending what was asked for."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import again, deadlines, fees, intake, queries
from hexi.blocks.cases.definitions import Definition as Rules
from hexi.blocks.cases.definitions import answers_to, definition
from hexi.blocks.cases.models import Entry, Item
from hexi.blocks.cases.pages import promises, words
from hexi.blocks.cases.parties import scopes
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms import pages as steps
from hexi.blocks.forms.conditions import holds
from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.saying import listed
from hexi.blocks.parcels import addresses
from hexi.blocks.people import queries as people
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.ui.words import money


def begin(request: HttpRequest, item: int) -> HttpResponseBase:
    """Start (or resume) a draft; whoever can act for several chooses first in whose name."""
    found = get_object_or_404(Item.objects.select_related("version"), pk=item, status=Item.Status.PUBLISHED)
    if not definition(found.version).national.offered(clock.today()):  # type: ignore[arg-type]
        raise Http404(_("这个事项已停止办理。"))
    whom = _applicants(request, found)
    chosen = request.POST.get("person") or (str(whom[0].pk) if len(whom) == 1 else "")
    if not whom:
        return render(request, "cases/bind_first.html", {"title": found.name, "item": found}, status=409)
    if chosen not in {str(person.pk) for person in whom}:
        return render(request, "cases/in_whose_name.html", {"title": found.name, "item": found, "whom": whom})
    draft = forms.start(
        intake.ITEM, ref=str(found.pk), digest=found.version.digest, by=request.actor,  # type: ignore
        person_id=int(chosen), region_code=found.region_code, entitled=True,
    )  # fmt: skip
    again.reuse(draft, by=request.actor)  # type: ignore[attr-defined]
    return HttpResponseRedirect(intake.address(draft, draft.step))


@require_POST
def mend(request: HttpRequest, number: str) -> HttpResponse:
    """A draft with the case's own answers, to mend or supplement what the office asked."""
    case = queries.my_permit(number, request.actor)  # type: ignore[attr-defined]
    if case is None:
        raise Http404
    try:
        draft = intake.reopen(case, by=request.actor)  # type: ignore[attr-defined]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(reverse("cases.mine", args=[number]))
    return HttpResponseRedirect(intake.address(draft, draft.step))


@steps.own_draft
def section(request: HttpRequest, draft: Draft, section: str) -> HttpResponseBase:
    """One topic a screen."""
    return steps.form_step(request, draft, section)


@steps.own_draft
def materials(request: HttpRequest, draft: Draft) -> HttpResponseBase:
    """Files, from this computer, from the phone by QR, or from what one has handed in before."""
    return steps.materials_step(request, draft)


@steps.own_draft
def check(request: HttpRequest, draft: Draft) -> HttpResponseBase:
    """Every answer with its edit link, the days by which it will be decided, and the button that sends it."""
    return steps.check_step(
        request,
        draft,
        submit=lambda version: _submit(request, draft, version),
        before_sending=_before(request, draft),
        declaration=_("我填写的内容和提交的材料真实、有效，愿意承担相应的法律责任（行政许可法第三十一条）。"),
    )


def _before(request: HttpRequest, draft: Draft) -> Iterator[tuple[Any, Any]]:
    """What stands above the button, found when the page is shown: whoever sends has read it."""
    yield from promise(request, draft)
    yield from promises.to_sign(request, draft)


def sent(request: HttpRequest, number: str) -> HttpResponse:
    """Confirmation: number, what happens next, by when."""
    case = queries.own_case(number, request.actor)  # type: ignore[attr-defined]
    if case is None:
        raise Http404
    notice = next((one for one in case.clocks.all() if one.kind == "notice"), None)
    facts = {
        "title": _("已提交"), "case": case, "deems": definition(case.version).deems,
        "day": words.day_of(notice.due, notice.uncertain) if notice else "",
    }  # fmt: skip
    return render(request, "cases/sent.html", facts)


def promise(request: HttpRequest, draft: Draft) -> list[tuple[Any, Any]]:
    """What is told before sending: by which days the office must answer and decide, and how the result arrives."""
    version = intake.version_of(draft)
    calendar, rules, now = calendar_for(version.item.region_code), definition(version), clock.now()
    notice = calendar.due(now, rules.notice)
    assert notice.moment is not None  # nothing is paused yet
    from_receipt = rules.national.counts_from == "receipt"
    soonest, latest = (deadlines.decided_by(version, at) for at in (now, now if from_receipt else notice.moment))
    decided = _("今天受理的，最晚 %(soonest)s；最迟不超过 %(latest)s")
    if from_receipt:
        decided = _("最晚 %(latest)s（从收到申请起算）")
    told = _("%(day)s（逾期没有告知，视为受理）") if rules.deems else "%(day)s"
    rows = [
        (_("最晚告知是否受理"), told % {"day": words.day_of(notice.moment)}),
        (_("作出决定"), decided % {"soonest": words.day_of(soonest.moment), "latest": words.day_of(latest.moment)}),
        (_("费用"), _fee(draft, rules)),
    ]
    if notice.uncertain or latest.uncertain:
        rows.append((_("说明"), _("期限跨到放假安排尚未公布的年份，公布后可能变动，届时会通知您。")))
    if draft.definition_kind != intake.MEND:
        facts = {"ways": intake.deliveries(rules), "chosen": request.POST.get("delivery", "")}
        facts["to"] = address_given(request) or intake.address_for(draft)
        rows.append((_("送达方式"), Markup(render_to_string("cases/delivery.html", facts, request))))  # noqa: S704 - ours
    return rows


def _fee(draft: Draft, rules: Rules) -> str:
    """What these answers cost; what has no fixed amount the guide tells."""
    fee = rules.national.fee
    if not fee.charged:
        return _("不收费")
    answers = answers_to(draft.answers, draft.person)
    told = [f"{one.title} {money(one.fen - one.off)}" for one in fees.items_for(fee, answers)]
    if not told or any(one.fen is None and holds(one.when, answers) for one in fee.items):
        told.append(_("其他见办事指南") if told else _("见办事指南"))
    return listed(told)


def _submit(request: HttpRequest, draft: Draft, version: int) -> HttpResponse:
    counter = Entry.objects.filter(draft=draft).exists()
    number = intake.submit(
        draft,
        version=version,
        delivery=request.POST.get("delivery", "online"),
        to=address_given(request),
        channel="window" if counter else channel_of(request),
        signed=promises.signed(request),
        by=request.actor,  # type: ignore[attr-defined]
    )
    return HttpResponseRedirect(reverse("cases.case" if counter else "cases.sent", args=[number]))


def address_given(request: HttpRequest) -> dict[str, str]:
    """What was typed for the courier; nothing if the page did not ask."""
    return {name: request.POST[f"to_{name}"] for name in addresses.FIELDS if f"to_{name}" in request.POST}


def channel_of(request: HttpRequest) -> str:
    """By which of the citizen's ways it came: the portal, or a phone."""
    return "phone" if "Mobile" in request.headers.get("User-Agent", "") else "portal"


def _applicants(request: HttpRequest, item: Item) -> list[Person]:
    """Persons the visitor may apply for, as the item's audience allows."""
    audience = definition(item.version).national.audience  # type: ignore[arg-type]
    actor = request.actor  # type: ignore[attr-defined]
    principals = [one for one, items in scopes(actor).items() if items is None or item.key in items]
    persons = Person.objects.filter(pk__in=(*people.persons_of(actor), *principals), kind__in=audience)
    return list(persons.order_by("kind", "pk"))

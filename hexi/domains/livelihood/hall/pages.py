"""Pages of the hall: items by topic, life event and department; the guide; tiles for the portal's first page."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from markupsafe import Markup

from hexi.blocks.cases import bundled, codes, deadlines, trust
from hexi.blocks.cases import queries as cases
from hexi.blocks.cases.items import handling_code, task_code
from hexi.blocks.cases.pages.words import tag
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.hall import queries
from hexi.domains.livelihood.hall.queries import CORPORATE, PERSON, Offer
from hexi.kernel import clock

#: so many items 跨省通办 on the first page; the rest behind "all"
ACROSS_SHOWN = 6
#: Tabler icons of the life events
EVENT_ICONS = {
    "having_a_child": "baby-carriage",
    "going_to_school": "school",
    "finding_work": "briefcase",
    "starting_a_business": "building-store",
    "running_a_business": "building-factory",
    "changing_a_business": "refresh",
    "opening_a_restaurant": "tools-kitchen-2",
    "marrying": "heart",
    "moving": "home-move",
    "travelling": "plane-departure",
    "farming": "tree",
    "falling_ill": "stethoscope",
    "living_with_disability": "disabled",
    "growing_old": "old",
}


def items(request: HttpRequest) -> HttpResponse:
    """Every item of the region, or those of one topic, life event or department (in the address)."""
    found, heading = _offers(request), _("全部事项")
    side, topic = request.GET.get("side", ""), request.GET.get("topic", "")
    event, office = request.GET.get("event", ""), request.GET.get("department", "")
    if side in queries.TOPICS:
        found = [one for one in found if getattr(one.rules.national.topics, side)]
        heading = _("个人办事") if side == PERSON else _("法人办事")
        if topic in queries.TOPICS[side]:
            found, heading = queries.in_topic(found, side, topic), str(queries.TOPICS[side][topic])
    if event in codes.LIFE_EVENTS:
        found, heading = queries.in_event(found, event), str(codes.LIFE_EVENTS[event])
    if request.GET.get("reach") == "across":
        found, heading = queries.across(found), _("跨省通办")
    if office:
        department = Department.objects.filter(key=office).first()
        found = [one for one in found if one.item.department.key == office]
        heading = department.title if department else heading
    facts = {
        "title": heading,
        "offers": found,
        "bundles": _bundles(request, event) if event else [],
        "topics": [
            (key, words, n, side) for side in (PERSON, CORPORATE) for key, words, n in queries.by_topic(found, side)
        ]
        if not (topic or event or office or "reach" in request.GET)
        else [],
    }
    return render(request, "hall/items.html", facts)


def guide(request: HttpRequest, key: str) -> HttpResponse:
    """Everything somebody needs to decide, prepare and start: generated from the item, nothing typed twice."""
    region = request.GET.get("region", "") or regions.region_of(request)
    site = regions.site_of(request)
    offices = queries.offices(key, region, site) or queries.offices(key, "", site)
    if not offices:
        raise Http404(_("没有这个事项，或者它已停止办理，或者这个网站不办它。"))
    item = next((one for one in offices if one.region_code == region), offices[0])
    offer = Offer(item, queries.definition(item.version))
    return render(request, "hall/guide.html", guide_facts(offer, offices))


def guide_facts(offer: Offer, offices: list[Any]) -> dict[str, Any]:
    """What the guide shows."""
    national, local, item = offer.rules.national, offer.rules.local, offer.item
    task = task_code(item.department.uscc, local.use_level, national.base_code)
    promised = deadlines.decided_by(item.version, clock.now())
    return {
        "title": str(national.title),
        "item": item,
        "n": national,
        "l": local,
        "codes": codes,
        "levels": trust.LEVELS,
        "by_original": {slot.key for slot in national.slots() if slot.by_original},
        "offices": offices,
        "task_code": task,
        "handling_code": handling_code(task, local.handling_number),
        "fee_basis": list(dict.fromkeys(law for one in national.fee.items for law in one.basis)),
        "median": cases.median_days(item),
        "if_accepted_today": promised,
        "open": offer.open_on(clock.today()) and local.is_online,
        "book": f"{reverse('market.book')}?{urlencode({'for': f'item:{national.key}'})}" if local.appointment else "",
    }


def blank(request: HttpRequest, key: str, material: str) -> HttpResponse:
    """A material's blank form or sample, printable: made from the item's own form, or as written in the pack."""
    site = regions.site_of(request)
    offices = queries.offices(key, regions.region_of(request), site) or queries.offices(key, "", site)
    if not offices:
        raise Http404
    rules = queries.definition(offices[0].version)
    found = next((one for one in rules.national.materials if one.key == material), None)
    kind = "sample" if request.GET.get("kind") == "sample" else "blank"
    paper = getattr(found, kind, None)
    if found is None or paper is None:
        raise Http404
    facts = {
        "title": str(found.title),
        "material": found,
        "paper": paper,
        "kind": kind,
        "n": rules.national,
        "key": key,
    }
    return render(request, "hall/paper.html", facts)


def window_panel(request: HttpRequest, ticket: Any) -> Markup | None:
    """Beside a number at a window: the person's open cases as the person sees them, the guide of what was booked."""
    person, matter = ticket.person, ticket.booking.matter if ticket.booking else ""
    kind, _colon, key = matter.partition(":")
    found = queries.open_cases(person.pk, request.actor) if person else []  # type: ignore[attr-defined]
    facts = {
        "known": person is not None,
        "cases": [(one, tag(one)) for one in found],
        "guide": reverse("hall.guide", args=[key]) if kind == "item" and key else "",
        "booking": ticket.booking,
    }
    return Markup(render_to_string("hall/window.html", facts, request))  # noqa: S704 - our own template


def _bundles(request: HttpRequest, event: str) -> list[bundled.Offer]:
    """What can be done at once in a life event; a site of one office or of chosen items shows only those."""
    site = regions.site_of(request)
    if site.department_id or site.item_keys:
        return []
    return [one for one in bundled.offers(regions.region_of(request)) if one.file.life_event == event]


# --- tiles of the portal's first page ---------------------------------------------------------------------------------
def events_tile(request: HttpRequest) -> Markup | None:
    """What have you come for? Life events that have at least one item."""
    events = [
        {"title": str(words), "url": f"/items/?event={key}", "icon": EVENT_ICONS[key], "count": n}
        for key, words, n in queries.by_event(_offers(request))
    ]
    return _tile(request, "events", events=events) if events else None


def topics_tile(request: HttpRequest) -> Markup | None:
    """个人办事 and 法人办事 by topic, with counts."""
    found = _offers(request)
    sides = [
        (
            heading,
            side,
            [{"title": str(words), "url": f"/items/?side={side}&topic={key}", "count": n} for key, words, n in rows],
        )
        for heading, side in ((_("个人办事"), PERSON), (_("法人办事"), CORPORATE))
        if (rows := queries.by_topic(found, side))
    ]
    return _tile(request, "topics", sides=sides) if sides else None


def frequent_tile(request: HttpRequest) -> Markup | None:
    """Items most often applied for, counted."""
    found = queries.frequent(_offers(request))
    return _tile(request, "frequent", offers=found) if found else None


def across_tile(request: HttpRequest) -> Markup | None:
    """跨省通办: what people of other provinces can have done here."""
    found = queries.across(_offers(request))
    rows = [{"title": str(one.title), "url": _guide_of(one)} for one in found[:ACROSS_SHOWN]]
    return _tile(request, "across", rows=rows) if rows else None


def _guide_of(offer: Offer) -> str:
    return f"{reverse('hall.guide', args=[offer.item.key])}?{urlencode({'region': offer.item.region_code})}"


def departments_tile(request: HttpRequest) -> Markup | None:
    """The windows of the departments."""
    rows = [
        {"title": department.title, "url": f"/items/?department={department.key}", "count": n}
        for department, n in queries.by_department(_offers(request))
    ]
    return _tile(request, "departments", rows=rows) if rows else None


def _tile(request: HttpRequest, name: str, **facts: Any) -> Markup:
    return Markup(render_to_string(f"hall/tile_{name}.html", facts, request))  # noqa: S704 - our own template


def _offers(request: HttpRequest) -> list[Offer]:
    """The region's offers, asked once a request."""
    if not hasattr(request, "_hall_offers"):
        request._hall_offers = queries.offers(regions.region_of(request), regions.site_of(request))  # type: ignore[attr-defined]
    return request._hall_offers  # type: ignore[attr-defined]

"""一件事: the guide, applying for all of it at once, how far it is; its place on the pages of the cases it became."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from hexi.blocks.cases import bundle_intake, bundled, queries
from hexi.blocks.cases.beside import has
from hexi.blocks.cases.bundles import Part
from hexi.blocks.cases.models import Bundle, BundlePart, Case, Entry
from hexi.blocks.cases.pages import promises, words
from hexi.blocks.cases.pages.applying import address_given, channel_of
from hexi.blocks.cases.parts import TimeLimit
from hexi.blocks.forms import pages as steps
from hexi.blocks.forms.models import Draft
from hexi.blocks.parcels import pages as parcels
from hexi.blocks.regions import queries as regions
from hexi.ui.doors import has_url
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty

#: how a part's state looks: see `ui.tag`
TAGS = {
    BundlePart.State.WAITING: "wait", BundlePart.State.RUNNING: "doing", BundlePart.State.DONE: "done",
    BundlePart.State.FAILED: "refused", BundlePart.State.DROPPED: "off",
}  # fmt: skip
MINE = ListPage(
    title=gettext_lazy("我的一件事"),
    columns=(
        Column("version", gettext_lazy("一件事"), link=lambda one: reverse("cases.my_bundle", args=[one.number])),
        Column("state", gettext_lazy("进度"), value=lambda one: how_far(one), kind="tag"),
        Column("applicant", gettext_lazy("申请人"), value="applicant.name"),
        Column("submitted_at", gettext_lazy("提交时间"), kind="day", sort="submitted_at"),
        Column("number", gettext_lazy("编号")),
    ),
    export=False,
    empty=Empty(
        gettext_lazy("还没有一起办的事。“一件事”把几个事项合成一张表，一次提交。"),
        action=gettext_lazy("去办事"),
        url="/",
    ),
)  # fmt: skip


def bundle_guide(request: HttpRequest, key: str) -> HttpResponse:
    """All steps, all materials once, and what is saved; nothing typed twice."""
    offer = _offer(request, key)
    whole = offer.whole
    facts = {
        "title": str(offer.file.title),
        "file": offer.file,
        "offer": offer,
        "line": [_step_of(offer, part) for part in offer.file.order],
        "papers": [(one, [offer.items[item].name for item, _key in one.of]) for one in whole.papers],
        "spared": _spared(offer),
        "saved": whole.saved,
        "ways": bundle_intake.deliveries(offer),
        "visits": sum(rules.local.visits for rules in offer.rules.values()),
    }
    return render(request, "cases/bundle_guide.html", facts)


def begin_bundle(request: HttpRequest, key: str) -> HttpResponseBase:
    """Start (or resume) the one draft; whoever can act for several chooses first in whose name."""
    offer = _offer(request, key)
    whom = bundle_intake.applicants(offer, request.actor)  # type: ignore[attr-defined]
    chosen = request.POST.get("person") or (str(whom[0].pk) if len(whom) == 1 else "")
    title = str(offer.file.title)
    if not whom:
        return render(request, "cases/bind_first.html", {"title": title}, status=409)
    if chosen not in {str(person.pk) for person in whom}:
        return render(request, "cases/in_whose_name.html", {"title": title, "whom": whom})
    draft = bundle_intake.start(offer, person_id=int(chosen), by=request.actor)  # type: ignore[attr-defined]
    return HttpResponseRedirect(bundle_intake.page(draft, draft.step))


@steps.own_draft
def bundle_check(request: HttpRequest, draft: Draft) -> HttpResponseBase:
    """Every answer with its edit link, the steps that follow, and the button that sends all of it."""
    return steps.check_step(
        request,
        draft,
        submit=lambda version: _submit(request, draft, version),
        before_sending=_before(request, draft),
        declaration=_("我填写的内容和提交的材料真实、有效，愿意承担相应的法律责任（行政许可法第三十一条）。"),
    )


def my_bundles(request: HttpRequest) -> HttpResponseBase:
    """The list of one's own."""
    return MINE.respond(request, bundled.mine(request.actor))  # type: ignore[attr-defined]


def my_bundle(request: HttpRequest, number: str) -> HttpResponse:
    """A line of steps, each with its case; what comes next; the one hand-over."""
    bundle = bundled.mine(request.actor).filter(number=number).first()  # type: ignore[attr-defined]
    if bundle is None:
        raise Http404(_("没有这件事，或者它不是您的。"))
    facts = {
        "title": str(bundle.version),
        "bundle": bundle,
        "tag": how_far(bundle),
        "rows": _rows(bundle, bundled.mine_cases(request.actor, bundle)),  # type: ignore[attr-defined]
        "parcel": parcels.panel(request, bundle),
    }
    return render(request, "cases/bundle.html", facts)


def of_my_case(request: HttpRequest, case: Case) -> Markup | None:
    """Panel for the applicant: where this case stands in the whole."""
    bundle = bundled.of_case(case) if has(case, BundlePart) else None
    if bundle is None:
        return None
    own = bundled.mine(request.actor).filter(pk=bundle.pk).exists()  # type: ignore[attr-defined]
    url = reverse("cases.my_bundle", args=[bundle.number]) if own else ""
    return _panel(request, bundle, case, _rows(bundle, bundled.mine_cases(request.actor, bundle)), url)  # type: ignore[attr-defined]


def of_case(request: HttpRequest, case: Case) -> Markup | None:
    """Panel for the office: the bundle the case belongs to, with links to those parts the post may see."""
    bundle = bundled.of_case(case) if has(case, BundlePart) else None
    if bundle is None:
        return None
    seen = set(
        queries.for_officials(request.actor).filter(bundle_part__bundle=bundle).values_list("pk", flat=True)  # type: ignore[attr-defined]
    )
    return _panel(request, bundle, case, _rows(bundle, seen, "cases.case"), "")


def how_far(bundle: Bundle) -> tuple[str, str]:
    """State and words of the whole: how many of its parts are done."""
    parts = list(bundle.parts.all())
    done = sum(one.state == BundlePart.State.DONE for one in parts)
    said = _("%(done)s / %(all)s 步办好") % {"done": done, "all": len(parts)}
    if bundle.ended_at is None:
        return "doing", said
    return ("done", _("全部办好")) if done == len(parts) else ("refused", said)


def _rows(bundle: Bundle, seen: set[int], page: str = "cases.mine") -> list[dict[str, Any]]:
    """The parts as a line of steps; linked where the case may be seen."""
    parts = list(bundle.parts.all())
    prefetch_related_objects([one.case for one in parts if one.case], "clocks")
    return [
        {
            "part": one,
            "title": one.version.item.name,
            "office": (one.case.department if one.case else one.version.item.department).title,
            "tag": (TAGS[BundlePart.State(one.state)], one.get_state_display()),
            "case_tag": words.tag(one.case) if one.case and one.state == BundlePart.State.RUNNING else None,
            "due": words.next_day(one.case) if one.case else "",
            "case": one.case,
            "url": reverse(page, args=[one.case.number]) if one.case and one.case.pk in seen else "",
        }
        for one in parts
    ]


def _panel(request: HttpRequest, bundle: Bundle, case: Case, rows: list[dict[str, Any]], url: str) -> Markup:
    place = next(n for n, row in enumerate(rows, 1) if row["case"] is not None and row["case"].pk == case.pk)
    facts = {"bundle": bundle, "rows": rows, "url": url, "place": place, "case": case}
    return Markup(render_to_string("cases/bundle_panel.html", facts, request))  # noqa: S704 - our own template


def _offer(request: HttpRequest, key: str) -> bundled.Offer:
    region = request.GET.get("region", "") or regions.region_of(request)
    offer = bundled.offer(key, region) or bundled.offer(key, "")
    if offer is None:
        raise Http404(_("没有这件事，或者它已停止办理。"))
    return offer


def _step_of(offer: bundled.Offer, part: Part) -> dict[str, Any]:
    """One step of the guide: what, by whom, after what, how long."""
    rules = offer.rules[part.item]
    return {
        "title": str(rules.national.title),
        "sentence": str(rules.national.sentence),
        "office": offer.items[part.item].department.title,
        "after": [offer.items[one].name for one in part.after],
        "limit": _length(part.promised or rules.local.promised_limit),
        "result": str(rules.national.result.name),
        "url": reverse("hall.guide", args=[part.item]) if has_url("hall.items") else "",
    }


def _length(limit: TimeLimit) -> str:
    return words.length(limit.limit) if limit.amount else _("当场办结")


def _spared(offer: bundled.Offer) -> list[tuple[str, str]]:
    """What need not be handed in because an earlier step makes it: (material, step)."""
    found = []
    for part in offer.file.order:
        for key, item in offer.whole.issued_for(part.item).items():
            found.append((str(offer.rules[part.item].national.material(key).title), offer.items[item].name))
    return list(dict.fromkeys(found))


def _before(request: HttpRequest, draft: Draft) -> list[tuple[Any, Any]]:
    """What is told before sending: which steps follow by themselves, how long each takes, how results arrive."""
    version = bundle_intake.version_of(draft.definition_ref, draft.definition_digest)
    if version is None:
        return []
    offer = bundled.offered_at(version.key, version.region_code)
    line = [_step_of(offer, part) for part in offer.file.order] if offer else []
    facts = {"line": line, "ways": bundle_intake.deliveries(version), "chosen": request.POST.get("delivery", "")}
    facts["to"] = address_given(request) or bundle_intake.address_for(draft)
    return [
        *(
            row
            for one in bundle_intake.left_open(draft)
            for row in promises.rows_of(request, one.left, one.part.item, one.title)
        ),
        (_("接下来自动办理"), Markup(render_to_string("cases/bundle_line.html", facts, request))),  # noqa: S704 - ours
        (_("送达方式"), Markup(render_to_string("cases/delivery.html", facts, request))),  # noqa: S704 - ours
    ]


def _submit(request: HttpRequest, draft: Draft, version: int) -> HttpResponse:
    counter = Entry.objects.filter(draft=draft).exists()
    bundle_intake.submit(
        draft, version=version, delivery=request.POST.get("delivery", "online"), to=address_given(request),
        channel="window" if counter else channel_of(request), signed=promises.signed(request),
        by=request.actor,  # type: ignore[attr-defined]
    )  # fmt: skip
    draft.refresh_from_db()
    return HttpResponseRedirect(bundle_intake.became(draft))

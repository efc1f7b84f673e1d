"""Pages for everybody: progress by number and last four signs, and the list of decisions (art. 40)."""

from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.cases import letters, queries
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.facts import span
from hexi.blocks.cases.models import RULES, Case, Item, ItemVersion, Letter
from hexi.blocks.cases.pages import papers, words
from hexi.blocks.cases.results import end_of
from hexi.blocks.cases.states import Outcome, State
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.certificates.models import State as Standing
from hexi.blocks.people.tries import tried
from hexi.blocks.regions import codes
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.kernel.actors import subtree
from hexi.kernel.networks import counted
from hexi.ui.pages import DetailPage, ListPage
from hexi.ui.tables import Column, Empty, Filter
from hexi.ui.words import day, english

#: guesses of the last four signs one address may make in so many seconds: nobody tries them all
GUESSES, WINDOW = 10, 600
#: and one number may bear in a day, from however many addresses
GUESSES_A_DAY, DAY = 50, 24 * 3600


def progress(request: HttpRequest) -> HttpResponse:
    """Where a case stands, for whoever knows its number and the last four signs of phone or identity number."""
    number, last = request.POST.get("number", request.GET.get("number", "")).strip(), request.POST.get("last", "")
    errors, found, status = {}, None, 200
    if request.method == "POST":
        errors = _faults(number, last)
        if not errors and not _may_guess(request, number):
            errors, status = {"last": _("试得太多了。请十分钟后再试，或登录后在“我的办件”查看。")}, 429
        elif not errors:
            found = queries.progress(number, last)
            if found is None:
                errors, status = {"last": _("没有找到。请核对办件编号，以及申请时手机号或证件号的后四位。")}, 404
    facts: dict[str, Any] = {"number": number, "last": last, "errors": errors, "case": found}
    if found:
        facts |= {
            "tag": words.tag(found),
            "timeline": papers.timeline(found, opinions=False),
            "clocks": words.clock_rows(found),
        }
    return render(request, "cases/progress.html", facts, status=status if not found else 200)


#: letters by which a permit is decided, renewal by law too
DECIDING = (*letters.DECIDING, "renewed")
DECISIONS = ListPage(
    title=gettext_lazy("许可决定公开"),
    lead=gettext_lazy("依照行政许可法第四十条公开。姓名只显示姓氏，单位显示全称。"),
    columns=(
        Column(
            "title", gettext_lazy("事项"), value="name", link=lambda one: reverse("cases.decision", args=[one.pk])
        ),
        Column("letter", gettext_lazy("决定书文号"), value="letter_number"),
        Column(
            "applicant", gettext_lazy("申请人"),
            value="applicant_masked",
        ),
        Column(
            "outcome", gettext_lazy("决定"), kind="tag",
            value=words.decided,
        ),
        Column("department", gettext_lazy("决定机关"), value="department.title"),
        Column("decided_at", gettext_lazy("决定日期"), kind="day", sort="decided_at"),
        Column("validity", gettext_lazy("有效期"), value=lambda one: _validity(one)),
    ),
    filters=(
        Filter("outcome", gettext_lazy("决定"), Outcome.choices, "outcome"),
        Filter("item", gettext_lazy("事项"), lambda: _permits(), "item__key"),
        Filter("from", gettext_lazy("自"), "date", lambda rows, day: rows.filter(decided_at__gte=span(day, day)[0])),
        Filter("to", gettext_lazy("至"), "date", lambda rows, day: rows.filter(decided_at__lte=span(day, day)[1])),
    ),
    empty=Empty(gettext_lazy("还没有公开的决定。")),
    export=False,
)  # fmt: skip


def decisions(request: HttpRequest) -> HttpResponseBase:
    """Every decision on a permit of the region, newest first, persons masked."""
    return DECISIONS.respond(request, decided_rows(codes.prefix(regions.region_of(request))))


def _permits() -> list[tuple[str, str]]:
    """Permits in force, by key."""
    rows = Item.objects.filter(status=Item.Status.PUBLISHED, version__national__item_type="01").order_by("title", "pk")
    return list(dict(rows.values_list("key", "title_en" if english() else "title")).items())


def decided_rows(prefix: str) -> QuerySet[Case]:
    """Decided permits (item type 01) of a region subtree."""
    # the versions first: SQLite would otherwise read the whole text of the item once for every case
    permits = ItemVersion.objects.filter(national__item_type="01")
    rows = Case.objects.filter(decided_at__isnull=False, version__in=permits.values("pk"))
    rows = rows.filter(subtree(prefix)).select_related("department", "applicant", "item", "version").defer(*RULES)
    letter = Letter.objects.filter(case=OuterRef("pk"), kind__in=DECIDING, third_party=None).order_by("-pk")
    # what became of it stands at the version that has its number today
    same = {name: OuterRef(name) for name in ("type", "department", "number")}
    latest = Certificate.objects.filter(**same, superseded=False).values("state")[:1]
    issued = Certificate.objects.filter(identifier=OuterRef("certificate_ref")).annotate(now=Subquery(latest))
    return rows.annotate(
        letter_number=Subquery(letter.values("number")[:1]), good_from=Subquery(issued.values("valid_from")[:1]),
        good_to=Subquery(issued.values("valid_to")[:1]), now=Subquery(issued.values("now")[:1]),
    ).order_by("-decided_at")  # fmt: skip


def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """One decision: what was decided on whose application, by which letter, and how long it is good for."""
    case = decided_rows("").filter(pk=pk).first()
    if case is None:
        raise Http404(_("没有公开的这项决定。"))
    facts = (
        (_("申请人"), case.applicant_masked),
        (_("决定书文号"), case.letter_number),
        (_("决定机关"), case.department.title),
        (_("决定日期"), day(case.decided_at)),
        (_("结果"), str(definition(case.version).national.result.name) if case.outcome == Outcome.GRANTED else None),
        (_("有效期"), _validity(case) or None),
    )
    crumbs = ((_("许可决定公开"), reverse("cases.decisions")),)
    return DetailPage(case.name, facts, words.decided(case), crumbs=crumbs).respond(request, case)


def _validity(case: Any) -> str:
    """From when to when what was granted is good, and if it no longer counts, why; empty while nothing was issued."""
    if case.good_from is None:
        return _by_rule(case)
    term = _term(case.good_from, case.good_to)
    if case.now in (None, Standing.VALID, Standing.EXPIRED):
        return term
    return _("%(term)s，%(state)s") % {"term": term, "state": Standing(case.now).label}


def _by_rule(case: Any) -> str:
    """What was granted without an electronic certificate is good from the decision, as long as the item says."""
    if case.outcome != Outcome.GRANTED or case.state != State.CLOSED:
        return ""
    first = clock.local_day(case.decided_at)
    return _term(first, end_of(first, definition(case.version).national.result.validity))


def _term(first: date, last: date | None) -> str:
    return _("%(first)s 至 %(last)s") % {"first": day(first), "last": day(last) if last else _("长期")}


def _faults(number: str, last: str) -> dict[str, str]:
    faults = {}
    if not number:
        faults["number"] = _("请填写办件编号，在受理通知书或短信里。")
    if len(last.strip()) != 4:
        faults["last"] = _("请填写手机号或证件号的后四位。")
    return faults


def _may_guess(request: HttpRequest, number: str) -> bool:
    """Count this guess; False if its address, or all together at this number, have made too many."""
    address = counted(request.META.get("REMOTE_ADDR", ""))
    return (
        tried(f"cases.progress:{address}", WINDOW) <= GUESSES
        and tried(f"cases.progress number:{number}", DAY) <= GUESSES_A_DAY
    )

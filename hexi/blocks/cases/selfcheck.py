"""体检: the eight defects that the State Council's inspection of 2017 found (people.md §6.1), looked for every night.

Pure reading, but for `run`, which keeps what was found. Beside operations.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from hexi.blocks.articles import queries as articles
from hexi.blocks.articles.models import Article
from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import lint, procedures, ratings, watching
from hexi.blocks.cases.definitions import Definition, definition
from hexi.blocks.cases.models import Case, Clock, Item, Rating, SelfCheck, SupervisionOrder
from hexi.blocks.cases.states import State
from hexi.blocks.notices.models import Line
from hexi.blocks.people.actors import Nobody
from hexi.blocks.regions.models import Site
from hexi.blocks.search import queries as search
from hexi.blocks.search.terms import syllables
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.manifest import added
from hexi.ui import doors

#: key → what was found in 2017, and on how many of 201 platforms
DEFECTS: dict[str, tuple[Any, str]] = {
    "entry": (_("没有统一入口、统一登录"), "26%"),
    "empty": (_("栏目空白"), "68%"),
    "answer": (_("咨询、补正、督办逾期没有答复"), "38%"),
    "search": (_("搜索找不到已发布的事项"), "22%"),
    "steps": (_("办理流程只有环节名称"), "25%"),
    "missing": (_("时限、收费、联系方式缺失"), "33%"),
    "vague": (_("材料、条件表述含糊"), "13%"),
    "forms": (_("没有空白表格和样表"), "41%"),
}
#: rules of the lint of items by the defect they look for
RULES = {
    "steps_are_described": "steps",
    "limit_has_basis": "missing",
    "fee_is_complete": "missing",
    "phones_can_be_called": "missing",
    "kind_of_case_fits_the_promise": "missing",
    "phrases_are_clear": "vague",
    "nothing_is_left_to_fill_in": "vague",
    "nothing_is_a_filler": "forms",
}
FORMS = ("示例样表", "空白表格")
#: working days in which a question must be answered (国办函〔2017〕115号)
ANSWER = Limit(5)


@dataclass(frozen=True)
class Finding:
    """One thing to mend: what kind of defect, of what, a sentence in both languages, and where to mend it."""

    defect: str
    of: str
    of_en: str
    zh: str
    en: str
    url: str
    region: str = ""
    department: int | None = None

    @property
    def title(self) -> str:
        """What it is about, in the reader's language."""
        return self.of_en if _english() else self.of

    @property
    def sentence(self) -> str:
        """What is wrong, in the reader's language."""
        return self.en if _english() else self.zh


@dataclass(frozen=True)
class Checks:
    """In a manifest: what else the self-check looks for; `find()` yields what it found."""

    find: Callable[[], Iterable[Finding]]


def _english() -> bool:
    return (translation.get_language() or "").startswith("en")


def find() -> tuple[int, list[Finding]]:
    """Look at everything that is published now: (items looked at, what was found)."""
    items = list(
        Item.objects.filter(status=Item.Status.PUBLISHED).select_related("version", "department").order_by("pk")
    )
    found = [one for item in items for check in OF_ITEM for one in check(item, definition(item.version))]  # type: ignore[arg-type]
    return len(items), [
        *_empty_columns(),
        *found,
        *_overdue_notices(),
        *_overdue_answers(),
        *_overdue_orders(),
        *_overdue_hearings(),
        *_overdue_procedures(),
        *_overdue_ratings(),
        *_overdue_replies(),
        *_overdue_supplements(),
        *_late_publications(),
        *(one for also in added(Checks) for one in also.find()),
    ]


def run(*, by: Actor) -> SelfCheck:
    """Look, and keep what was found as today's check; a second one today takes the place of the first."""
    if not (by.may("cases.supervise") or by.may("items.publish")):
        raise Denied
    with change(by, "cases.self_check") as note:
        items, found = find()
        note.thing, _new = SelfCheck.objects.update_or_create(
            day=clock.today(),
            defaults={"at": clock.now(), "items": items, "findings": [asdict(one) for one in found]},
        )
        note.facts.update(items=items, findings=len(found))
    return note.thing


def seen(check: SelfCheck, actor: Actor) -> list[Finding]:
    """The findings of a check that lie with the offices the actor's posts cover."""
    found = [Finding(**one) for one in check.findings]
    return [
        one
        for one in found
        if any(actor.may(verb, one.department, one.region or None) for verb in ("items.view", "cases.supervise"))
    ]


# --- each item -----------------------------------------
def _of(item: Item, defect: str, zh: str, en: str) -> Finding:
    url = reverse("cases.item", args=[item.pk])
    return Finding(defect, item.title, item.title_en, zh, en, url, item.region_code, item.department_id)


def _one_entry(item: Item, rules: Definition) -> Iterator[Finding]:
    """An online channel elsewhere, or with a sign-in of its own."""
    for channel in (rules.local.online.computer, rules.local.online.mobile):
        if channel is not None and not channel.single_sign_on:
            where = channel.address or "—"
            yield _of(
                item, "entry", f"网上办理要另外登录：{where}", f"applying online takes a sign-in of its own: {where}"
            )


def _found_by_its_names(item: Item, rules: Definition) -> Iterator[Finding]:
    """Name, aliases and pinyin, as a visitor types them."""
    titles = (item.title, *rules.national.aliases, "".join(syllables(item.title)[0]))
    for words in dict.fromkeys(titles):
        results = search.find(words, actor=Nobody(), kind="item", region=item.region_code)  # type: ignore[arg-type]
        if results.near or not results.entries.filter(ref=str(item.pk)).exists():
            yield _of(item, "search", f"搜索「{words}」找不到它", f"searching “{words}” does not find it")


def _lint(item: Item, rules: Definition) -> Iterator[Finding]:
    """What the lint of publication finds today: the rules may be newer than the item."""
    for one in lint.lint(rules.national, rules.local):
        defect = RULES.get(one.rule, "forms" if one.element in FORMS else "")
        if defect:
            yield _of(item, defect, f"{one.element}：{one.sentence.zh}", one.sentence.en)


def _contacts(item: Item, rules: Definition) -> Iterator[Finding]:
    """Where to go, and when."""
    for place in rules.local.places:
        if not (place.address.zh.strip() and place.hours.zh.strip()):
            yield _of(item, "missing", "办理地点没有写地址或时间", "a place to go to has no address or hours")


OF_ITEM: tuple[Callable[[Item, Definition], Iterable[Finding]], ...] = (
    _one_entry, _found_by_its_names, _lint, _contacts,
)  # fmt: skip


# --- the home -----------------------------------------
def _empty_columns() -> Iterator[Finding]:
    """Each site's first page as a visitor sees it: every column has something to open or to ask, and there are some."""
    for site in Site.objects.select_related("department"):
        shown = [str(part) for part in doors.tiles("citizen", _visit(site))]
        at = (site.name, site.name_en)
        url = reverse("cases.items")
        for part in shown:
            if not any(sign in part for sign in ("<a ", "<form ", "figure-number")):
                said = " ".join(strip_tags(part).split())[:40]
                yield Finding(
                    "empty",
                    *at,
                    f"首页栏目没有内容：{said}",
                    f"a column of the home is empty: {said}",
                    url,
                    site.region_code,
                )
        if not any("/items/" in part for part in shown):
            yield Finding("empty", *at, "首页没有可办的事项", "the home offers no item", url, site.region_code)


def _visit(site: Site) -> HttpRequest:
    """A visitor's request at the site's first page."""
    request = HttpRequest()
    request.method, request.path = "GET", "/"
    request.user, request.actor, request.door = AnonymousUser(), Nobody(), "citizen"  # type: ignore[attr-defined]
    request.LANGUAGE_CODE, request._regions_site = translation.get_language(), site  # type: ignore[attr-defined]
    return request


# --- what waits for an answer -----------------------------------------
def _late(case: Case, zh: str, en: str, url: str = "") -> Finding:
    url = url or reverse("cases.case", args=[case.number])
    return Finding("answer", case.title, case.item.title_en, zh, en, url, case.region_code, case.department_id)


def _overdue_notices() -> Iterator[Finding]:
    """Handed in, or handed in again after a correction, and no word in the time for it."""
    lapsed = Clock.objects.filter(kind=Clock.Kind.NOTICE, stopped_at=None, due__lt=clock.now())
    cases = Case.objects.permits().filter(pk__in=lapsed.values("case"), state__in=(State.SUBMITTED, State.RETURNED))
    for case in cases.select_related("item").order_by("pk"):
        yield _late(
            case, f"{case.number} 逾期没有告知是否受理", f"{case.number}: no word in time whether it is accepted"
        )


def _overdue_answers() -> Iterator[Finding]:
    """The applicant spoke last, and more than five working days ago."""
    newest = Line.objects.filter(talk=OuterRef("talk")).order_by("-at", "-pk")
    last = Line.objects.filter(pk=Subquery(newest.values("pk")[:1]), side=Line.Side.CITIZEN)
    last = last.filter(talk__about_kind="cases.case", at__lt=clock.now() - timedelta(ANSWER.amount))
    lines = {int(line.talk.about_ref): line for line in last.select_related("talk").order_by("-at")}
    for case in Case.objects.permits().filter(pk__in=list(lines)).select_related("item").order_by("pk"):
        due = calendar_for(case.region_code).due(lines[case.pk].at, ANSWER).moment
        if due is not None and due < clock.now():
            yield _late(case, f"{case.number} 申请人的留言没有回复", f"{case.number}: the applicant's question waits")


def _overdue_orders() -> Iterator[Finding]:
    late = SupervisionOrder.objects.filter(state=SupervisionOrder.State.ISSUED, due__lt=clock.now())
    for order in late.select_related("case__item").order_by("pk"):
        url = reverse("cases.order", args=[order.pk])
        yield _late(order.case, f"{order.number} 逾期没有答复", f"{order.number} has not been answered in time", url)


def _overdue_hearings() -> Iterator[Finding]:
    """Somebody asked for a hearing and was not heard in the twenty days (行政许可法 art. 47)."""
    for hearing in procedures.late_hearings().select_related("case__item").order_by("case"):
        number = hearing.case.number
        yield _late(hearing.case, f"{number} 逾期没有举行听证", f"{number}: the hearing is overdue")


def _overdue_procedures() -> Iterator[Finding]:
    """A special procedure without a result at the end the applicant was told (art. 45)."""
    for case in watching.procedure_over(Case.objects.permits()).select_related("item").order_by("pk"):
        yield _late(case, f"{case.number} 特别程序已过预计时间", f"{case.number}: the procedure has outlived its plan")


def _overdue_ratings() -> Iterator[Finding]:
    """A bad rating without a call in its day, or without mending in its days."""
    for one in Rating.objects.filter(ratings.late()).select_related("case__item").order_by("pk"):
        url = reverse("cases.rating", args=[one.pk])
        yield _late(one.case, f"{one.number} 差评逾期没有办好", f"{one.number}: the bad rating is overdue", url)


def _overdue_replies() -> Iterator[Finding]:
    """What is owed from the day it was asked for (a request of information) and not answered in its legal time."""
    over = Clock.objects.filter(kind=Clock.Kind.LEGAL, stopped_at=None, due__lt=clock.now())
    cases = Case.objects.permits().filter(pk__in=over.values("case"), version__national__counts_from="receipt")
    for case in cases.select_related("item").order_by("pk"):
        yield _late(case, f"{case.number} 逾期没有答复", f"{case.number} has not been answered in time")


def _overdue_supplements() -> Iterator[Finding]:
    """The time to supplement is over: the window decides what becomes of the case."""
    cases = Case.objects.permits().filter(state=State.CORRECTING).select_related("item", "version")
    for case in cases.order_by("pk"):
        until = procedures.supplement_until(case)
        if until is not None and until < clock.now():
            yield _late(
                case, f"{case.number} 逾期没有补正，待窗口处理", f"{case.number}: nothing was supplemented in time"
            )


def _late_publications() -> Iterator[Finding]:
    """What is to be public and was not made so in twenty working days (政府信息公开条例 art. 26)."""
    for one in articles.late_to_publish(Article.objects.select_related("latest", "department")):
        last = one.latest
        assert last is not None
        yield Finding(
            "answer", last.title, last.title_en or last.title, "形成或者变更二十个工作日，还没有公开",
            "not made public within twenty working days", reverse("articles.work_article", args=[one.pk]),
            one.region_code, one.department_id,
        )  # fmt: skip

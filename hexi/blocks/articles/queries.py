"""Reading articles: the public's, an office's, what answers a question, standard texts, feedback, who is behind."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Min, Q, QuerySet

from hexi.blocks.articles.finding import KIND, VIEW
from hexi.blocks.articles.models import OPEN, Article, Feedback, State, Version, VersionQuerySet
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.people.models import Account, Post, Role
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.blocks.search import queries as search
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within

WRITE, APPROVE = "articles.write", "articles.approve"
#: 政府信息公开条例 art. 26: from the day it was formed or changed
PUBLISH = Limit(20)
#: published: what the counts of a board or league are of
LIVE = Q(current__isnull=False)


# --- what may be read -------------------------------------------------------------------------------------------------
def public(region: str = "") -> VersionQuerySet:
    """What everybody may read today, newest first; of a region what holds there: its own, above it and inside it."""
    shown = Version.objects.shown().select_related("article__department").order_by("-approved_at", "-pk")
    if not region:
        return shown
    here = Q(article__region_code__in=codes.ancestors(region)) | Q(article__region_code=region)
    return shown.filter(here | Q(article__region_code__startswith=codes.prefix(region)))


def seen_by(actor: Actor) -> QuerySet[Article]:
    """The articles an official may read: published ones within his right, and what his office works on."""
    reach = within(actor.scopes(VIEW)) & (LIVE | within(actor.scopes(WRITE)) | within(actor.scopes(APPROVE)))
    found = Article.objects.filter(reach | (LIVE & _from_above(actor, "region_code")))
    return found.select_related("department", "latest", "current").order_by("-latest_id")


def seen(pk: int, actor: Actor) -> Article:
    """One of them. Raises `DoesNotExist`."""
    return seen_by(actor).get(pk=pk)


def readable(actor: Actor) -> Q:
    """Which published versions somebody may read: public ones, internal ones of offices he may see or is below."""
    inside = within(actor.scopes(VIEW), "article__department_id", "article__region_code")
    return Q(audience="public") | inside | _from_above(actor)


def _from_above(actor: Actor, region: str = "article__region_code") -> Q:
    """What offices of the regions above an official lay down: a county answers by what its city and province say."""
    above = {code for scope in actor.scopes(VIEW) for code in codes.above(scope.region)}
    return Q(**{f"{region}__in": above}) if above else Q(pk__in=())


def read(pk: int, actor: Actor, number: int | None = None) -> Version:
    """The version of an article somebody may read: the present one, or one that was public once.

    What was taken back is read by its office alone; what it said before stays, unless that was taken back as well: an
    answer given from it leads there. Raises `DoesNotExist`.
    """
    rows = _readable_versions(pk, actor)
    return rows.published().get() if number is None else rows.get(number=number)


def said_on(pk: int, day: date, actor: Actor) -> Version:
    """What an article said at the end of a day. Raises `DoesNotExist`."""
    rows = _readable_versions(pk, actor).filter(approved_at__date__lte=day)
    return rows.filter(Q(ended_at=None) | Q(ended_at__date__gt=day)).exclude(approved_at=None).get()


def _readable_versions(pk: int, actor: Actor) -> VersionQuerySet:
    """The public's: what is or was published and has begun to hold; for those who see the office's internal ones too.

    What is not published yet, or never was, only who writes or approves there reads.
    """
    said = Q(state__in=(State.PUBLISHED, State.REPLACED))
    once = Q(audience="public", valid_from__lte=clock.today()) & said
    ends = "article__department_id", "article__region_code"
    works = within(actor.scopes(WRITE), *ends) | within(actor.scopes(APPROVE), *ends)
    inside = within(actor.scopes(VIEW), *ends) & (~Q(state__in=(*OPEN, State.DISCARDED)) | works)
    inside |= said & _from_above(actor)
    return Version.objects.filter(once | inside, article=pk).select_related("article__department")


# --- what answers a question ------------------------------------------------------------------------------------------
def find(question: str, *, actor: Actor, region: str = "", most: int = 6) -> list[Version]:
    """Articles that have every word of what is asked; if none has, those that share its rarer words. Best first."""
    results = search.find(question, actor=actor, kind=KIND, region=region)
    exact = [] if results.near else list(results.entries[:most])
    entries = exact or search.like(question, actor=actor, kind=KIND, region=region, most=most)
    return _versions([int(entry.ref) for entry in entries], actor)


def like(text: str, *, actor: Actor, region: str = "", most: int = 5) -> list[Version]:
    """Articles whose names share most with a whole sentence: what somebody writes or says. Best first."""
    entries = search.like(text, actor=actor, kind=KIND, region=region, most=most)
    return _versions([int(entry.ref) for entry in entries], actor)


def _versions(articles: list[int], actor: Actor) -> list[Version]:
    """The published versions of these articles in this order; the rights are asked again of the rows themselves."""
    rows = Version.objects.published().holding().filter(readable(actor), article__in=articles)
    kept = {one.article_id: one for one in rows.select_related("article__department")}
    return [kept[pk] for pk in articles if pk in kept]


def citable(pk: int, actor: Actor) -> Version | None:
    """A version one may answer from today: published, in force, and readable for who answers."""
    rows = Version.objects.published().holding().filter(readable(actor), pk=pk)
    return rows.select_related("article__department").first()


def standard_texts(text: str, *, subject: str, actor: Actor, region: str = "", most: int = 5) -> list[Version]:
    """Articles with a standard text for an answer: of the order's class first, then those like its words."""
    rows = Version.objects.published().holding().exclude(reply="").filter(readable(actor))
    if region:
        above = Q(article__region_code__in=(region, *codes.ancestors(region)))
        rows = rows.filter(above | Q(article__region_code__startswith=codes.prefix(region)))
    found = []
    if subject:
        of_class = rows.filter(Q(subjects__startswith=subject) | Q(subjects__contains=f"\n{subject}"))
        found = list(of_class.select_related("article__department").order_by("-article__used", "-pk")[:most])
    known = {one.pk for one in found}
    alike = [one for one in like(text, actor=actor, region=region, most=most) if one.reply and one.pk not in known]
    return (found + alike)[:most]


# --- an office's work -------------------------------------------------------------------------------------------------
def offices(actor: Actor, verb: str = WRITE) -> QuerySet[Department]:
    """The departments in whose name an official may write."""
    return Department.objects.filter(within(actor.scopes(verb), "pk", "region_code"), active=True)


def to_approve(actor: Actor, rows: QuerySet[Article] | None = None) -> QuerySet[Article]:
    """Those (of some) that wait for this official: submitted, within his right, not written by himself."""
    found = Article.objects.all() if rows is None else rows
    waiting = found.filter(within(actor.scopes(APPROVE)), latest__state=State.WAITING)
    return waiting.exclude(latest__written_key=actor.key)


def overdue(rows: QuerySet[Article]) -> QuerySet[Article]:
    """Published, and the day of review is over; the oldest first."""
    return rows.filter(LIVE, review_on__lt=clock.today()).order_by("review_on", "pk")


def publish_due(version: Version) -> datetime:
    """The last moment to make it public, if it is for everybody: twenty working days from the day it was formed."""
    formed = datetime.combine(version.formed_on, time(), clock.CHINA)
    due = calendar_for(version.article.region_code).due(formed, PUBLISH).moment
    assert due is not None
    return due


def late_to_publish(rows: QuerySet[Article]) -> QuerySet[Article]:
    """Meant for everybody, written or changed here, and not public in its twenty working days; the oldest first."""
    open_ones = Q(latest__state__in=OPEN, latest__audience="public")
    long_ago = Q(latest__formed_on__lt=clock.today() - timedelta(PUBLISH.amount))
    waits = rows.filter(open_ones & long_ago).select_related("latest__article")
    late = [one.pk for one in waits if one.latest and publish_due(one.latest) < clock.now()]
    return rows.filter(pk__in=late).order_by("latest__formed_on", "pk")


def waiting(actor: Actor) -> int:
    """What an official has to do here: approve, look again, answer. The number beside the menu word."""
    mine = Article.objects.filter(within(actor.scopes(WRITE)))
    return to_approve(actor).count() + overdue(mine).count() + to_answer(actor).count()


def feedback(actor: Actor) -> QuerySet[Feedback]:
    """What readers said of the articles an official may see, newest first."""
    found = Feedback.objects.filter(within(actor.scopes(VIEW), "article__department_id", "article__region_code"))
    return found.select_related("article__department", "version").order_by("-open", "-pk")


def to_answer(actor: Actor) -> QuerySet[Feedback]:
    """Feedback that waits for an answer of an office one writes for."""
    reach = within(actor.scopes(WRITE), "article__department_id", "article__region_code")
    return Feedback.objects.filter(reach, open=True)


@dataclass(frozen=True)
class Behind:
    """How one office keeps its articles."""

    department: Department
    published: int
    overdue: int
    oldest: date | None
    unanswered: int
    helpful: int
    unhelpful: int


def league(actor: Actor) -> list[Behind]:
    """Each office one may see, who has most overdue first. Three queries, however many offices."""
    late = LIVE & Q(review_on__lt=clock.today())
    rows = list(
        Article.objects.filter(within(actor.scopes(VIEW)), LIVE)
        .values("department")
        .order_by()
        .annotate(published=Count("pk"), late=Count("pk", filter=late), oldest=Min("review_on", filter=late))
    )
    open_ = feedback(actor).filter(open=True).order_by().values("article__department").annotate(n=Count("pk"))
    judged = feedback(actor).order_by().values("article__department")
    judged = judged.annotate(good=Count("pk", filter=Q(helpful=True)), bad=Count("pk", filter=Q(helpful=False)))
    unanswered = {row["article__department"]: row["n"] for row in open_}
    verdicts = {row["article__department"]: (row["good"], row["bad"]) for row in judged}
    names = Department.objects.in_bulk([row["department"] for row in rows])
    found = [
        Behind(
            names[row["department"]], row["published"], row["late"], row["oldest"],
            unanswered.get(row["department"], 0), *verdicts.get(row["department"], (0, 0)),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.overdue, -one.unanswered, one.department.key))


def holders(department: Department, verb: str) -> list[Account]:
    """Who holds a right for a department today: those whose posts are of it; if there are none, whoever reaches it."""
    roles = [one.pk for one in Role.objects.all() if verb in one.verbs]
    posts = Post.objects.held_on(clock.today()).filter(roles__in=roles, account__is_active=True)
    own = Account.objects.filter(pk__in=posts.filter(department=department).values("account_id"))
    near = Account.objects.filter(pk__in=posts.values("account_id"))
    for accounts in (own, near):
        may = [one for one in accounts if actor_for(one).may(verb, department.pk, department.region_code)]
        if may:
            return may
    return []

"""Who follows a report or a division: links that stop it signed out, what is told at each step. Beside telling."""

from datetime import date, datetime, time, timedelta

from django.core import signing
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import translation

from hexi.blocks.notices.operations import SITE_URL, tell
from hexi.blocks.people.models import Account
from hexi.domains.livelihood.requests import options, queries
from hexi.domains.livelihood.requests.models import Digest, Follow, Request
from hexi.domains.livelihood.requests.states import State
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words
from hexi.ui.words import day as day_words

_SIGN = signing.Signer(salt="requests.stop")
#: the letter goes out on Monday from this hour on
HOUR = time(9)
WEEK = timedelta(days=7)
REPORT, DIVISION, MAIL = "report", "division", "mail"


# --- links that stop it -----------------------------------------------------------------------------------------------
def token(account: int, kind: str, of: str) -> str:
    """What stands in the link by which somebody stops following a report (its number) or a division (its code)."""
    return _SIGN.sign(f"{account}~{kind}~{of}").replace(":", "~")


def read_token(text: str) -> tuple[int, str, str]:
    """Account, kind, number or code. Raises `signing.BadSignature`."""
    account, kind, of = _SIGN.unsign(":".join(text.rsplit("~", 1))).split("~")
    return int(account), kind, of


def mail_token(key: str, purpose: str) -> str:
    """What stands in the links of letters to a mailbox: to confirm ("yes") or to stop (`MAIL`)."""
    return token(0, purpose, key)


def stop_link(account: int, kind: str, of: str) -> str:
    """The whole address, for letters."""
    return SITE_URL.value.rstrip("/") + reverse("requests.stop_following", args=[token(account, kind, of)])


# --- reading ----------------------------------------------------------------------------------------------------------
def follows(actor: Actor) -> QuerySet[Follow]:
    """What somebody follows, newest first."""
    found = Follow.objects.filter(account_id=getattr(actor, "account_id", None) or 0)
    return found.select_related("request__case__department").order_by("-at")


def digests(actor: Actor) -> QuerySet[Digest]:
    """Divisions whose letter somebody gets."""
    return Digest.objects.filter(account_id=getattr(actor, "account_id", None) or 0).order_by("region_code")


def last_due(now: datetime) -> date:
    """The Monday whose letter was due last: each is due on Monday at nine."""
    local = now.astimezone(clock.CHINA)
    monday = local.date() - timedelta(days=local.weekday())
    return monday if local.date() > monday or local.time() >= HOUR else monday - WEEK


def due_at(monday: date) -> datetime:
    """When the letter of a Monday is due."""
    return datetime.combine(monday, HOUR, clock.CHINA)


def waiting(now: datetime, most: int = 500) -> list[Digest]:
    """Subscriptions made before the last letter was due that have not had it."""
    monday = last_due(now)
    found = Digest.objects.filter(Q(week=None) | Q(week__lt=monday), at__lt=due_at(monday), account__is_active=True)
    return list(found.select_related("account").order_by("pk")[:most])


class Week:
    """The seven days before a Monday in a division: public reports that were new, answered, closed."""

    def __init__(self, region: str, monday: date):
        self.region, self.monday = region, monday
        self.first, self.last = monday - WEEK, monday - timedelta(days=1)
        begin, end = (datetime.combine(day, time(), clock.CHINA) for day in (self.first, monday))
        rows = queries.open_to_all(region)
        self.new = rows.filter(case__submitted_at__gte=begin, case__submitted_at__lt=end)
        answered = queries.answered_between(begin, end)
        self.answered = rows.filter(pk__in=answered)
        self.closed = rows.filter(case__state=State.CLOSED, case__ended_at__gte=begin, case__ended_at__lt=end)

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {"new": self.new.count(), "answered": self.answered.count(), "closed": self.closed.count()}

    def address(self) -> str:
        """Its page."""
        return reverse("requests.week", args=[self.region, self.monday.isoformat()])


# --- what is told, in the transaction of the step ---------------------------------------------------------------------
STEPS = {
    "dispatched": Words(zh="已派给{office}办理。", en="It went to {office}."),
    "noted": Words(zh="{office}正在办，{until}前答复结果。", en="{office} is at it; the result comes by {until}."),
    "extended": Words(zh="{office}要延期答复，原因见办理过程。", en="{office} needs more time; its course says why."),
    "redone": Words(zh="没有解决，{office}接着办。", en="It is not solved; {office} goes on with it."),
    "merged": Words(
        zh="与 {lead} 是同一件事，一并办理，结果同样告诉您。",
        en="It is the same matter as {lead} and is handled with it; you will hear the result as well.",
    ),
    "closed": Words(
        zh="已办结。您那里没有解决的，{days} 天内可以提出接着办。",
        en="It is closed. If it is not solved where you are, ask within {days} days for it to be taken up again.",
    ),
    "published": Words(zh="问答已公开。", en="Question and answer can be read by everybody."),
}


def dispatched(request: Request, by: Actor) -> None:
    """It went to an office."""
    _tell("dispatched", request, by)


def noted(request: Request, by: Actor) -> None:
    """Somebody works on it."""
    _tell("noted", request, by)


def extended(request: Request, by: Actor) -> None:
    """It takes longer."""
    _tell("extended", request, by)


def redone(request: Request, by: Actor) -> None:
    """It goes on."""
    _tell("redone", request, by)


def merged(request: Request, by: Actor) -> None:
    """It goes along with another report."""
    _tell("merged", request, by)


def closed(request: Request, by: Actor) -> None:
    """Over."""
    _tell("closed", request, by)


def published(request: Request, by: Actor) -> None:
    """Its words can be read; nothing is told when they are taken down."""
    if request.public:
        _tell("published", request, by)


def answered(request: Request, by: Actor) -> None:
    """The result."""
    for account in _readers(request):
        stop = stop_link(account.pk, REPORT, request.case.number)
        tell(
            account, "requests.followed", about=request.case, facts={"number": request.case.number, "stop": stop}, by=by
        )


def refused(request: Request, by: Actor) -> None:
    """It belongs elsewhere, and where."""
    facts = {"number": request.case.number, "owner": request.next_owner}
    readers = _readers(request)
    if readers:
        tell(readers, "requests.followed_refused", about=request.case, facts=facts, by=by)


def _tell(step: str, request: Request, by: Actor) -> None:
    words = STEPS[step]
    for account in _readers(request):
        stop = stop_link(account.pk, REPORT, request.case.number)
        facts = {"number": request.case.number, "stop": stop, "step": _filled(words, request)}
        tell(account, "requests.followed_step", about=request.case, facts=facts, by=by)


def _filled(words: Words, request: Request) -> Words:
    office = request.case.department
    made = {}
    for language, text, name in (("zh-hans", words.zh, office.name), ("en", words.en, office.name_en or office.name)):
        with translation.override(language):
            until = day_words(request.promised) if request.promised else ""
        lead = request.lead.case.number if request.lead else ""
        made[language] = text.format(office=name, until=until, lead=lead, days=options.REOPEN_DAYS.value)
    return Words(zh=made["zh-hans"], en=made["en"])


def _readers(request: Request) -> list[Account]:
    """Who follows it; nobody follows what a secret caller said."""
    return [] if request.secret else queries.followers(request)

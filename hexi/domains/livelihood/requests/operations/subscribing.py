"""The letter of each Monday about a division, and links by which somebody stops following without signing in."""

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.notices.operations import SITE_URL, tell
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Division
from hexi.domains.livelihood.requests import callers, followers, queries
from hexi.domains.livelihood.requests.models import Digest, Follow, Request
from hexi.domains.livelihood.requests.operations.mailing import stop_mail
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.packs import Words

#: divisions one may get letters of
MOST = 20
#: reports a letter names one by one; the page behind its link names all
NAMED = 5


def subscribe(region: str, *, by: Actor) -> Digest:
    """Get the letter of a division a hotline serves, each Monday. Twice is once."""
    account = _account(by)
    if regions.find(region) is None or queries.hotline_for(region) is None:
        raise ValidationError({"place": _("请选择一个县、乡镇、街道或村（社区）。")})
    with change(by, "requests.subscribe", region=region) as note:
        # the account's row: two at once cannot pass the limit together
        Account.objects.select_for_update().get(pk=account)
        mine = Digest.objects.filter(account_id=account)
        if mine.exclude(region_code=region).count() >= MOST:
            raise ValidationError({"place": _("最多订阅 %(n)s 个地方。请先取消不看的。") % {"n": MOST}})
        row, _new = mine.get_or_create(region_code=region, defaults={"account_id": account, "at": clock.now()})
        note.thing = row
    return row


def unsubscribe(region: str, *, by: Actor) -> None:
    """No more letters of it."""
    with change(by, "requests.unsubscribe", region=region):
        Digest.objects.filter(account_id=_account(by), region_code=region).delete()


def stop_by_link(token: str, *, again: bool = False) -> tuple[str, str]:
    """Stop what a letter's link names, or (`again`) take that back; what it was. Raises `signing.BadSignature`.

    The link stands for the account it was sent to: it does this and nothing else.
    """
    account, kind, of = followers.read_token(token)
    if kind == followers.MAIL:
        return followers.REPORT, stop_mail(of, again=again, by=callers.unknown(f"mail:{of}"))
    by = actor_for(Account.objects.select_related("person").get(pk=account))
    if kind == followers.DIVISION:
        (subscribe if again else unsubscribe)(of, by=by)
        return kind, of
    request = Request.objects.select_related("case").get(case__number=of)
    with change(by, "requests.follow" if again else "requests.unfollow", request, link=True):
        mine = Follow.objects.filter(request=request, account_id=account)
        if not again:
            mine.delete()
        elif queries.open_to_all("").filter(pk=request.pk).exists():
            mine.get_or_create(defaults={"request": request, "account_id": account, "at": clock.now()})
    return kind, of


def send_digest(digest: Digest, *, by: Actor) -> bool:
    """Send one subscriber the letter of the last Monday, once; an empty week sends none. False if it was sent."""
    monday = followers.last_due(clock.now())
    with change(by, "requests.send_digest", digest, week=monday.isoformat()) as note:
        due = Digest.objects.filter(Q(week=None) | Q(week__lt=monday), pk=digest.pk, at__lt=followers.due_at(monday))
        if not due.update(week=monday):
            return False
        week = followers.Week(digest.region_code, monday)
        counts = week.counts()
        note.facts |= counts
        if any(counts.values()):
            stop = followers.stop_link(digest.account_id, followers.DIVISION, digest.region_code)
            facts = {"first": week.first, "last": week.last, "links": _links(week), "stop": stop,
                     "place": _place(digest.region_code), "region": digest.region_code,
                     "monday": monday.isoformat()}  # fmt: skip
            tell(digest.account, "requests.week", facts={**counts, **facts}, by=by)
    return True


def _links(week: followers.Week) -> str:
    """The newest of the week, each with its address; the letter's own link leads to all."""
    rows = list(week.new[:NAMED]) or list(week.answered[:NAMED]) or list(week.closed[:NAMED])
    site = SITE_URL.value.rstrip("/")
    return "".join(f"{one.case.number} {site}/requests/{one.case.number}/ \n" for one in rows)


def _place(code: str) -> Words:
    row = Division.objects.current().filter(code=code).first()
    return Words(zh=row.name, en=row.name_en or row.name) if row else Words(zh=code, en=code)


def _account(by: Actor) -> int:
    account: int | None = getattr(by, "account_id", None)
    if account is None:
        raise Denied(_("请先登录，再订阅。"))
    return account

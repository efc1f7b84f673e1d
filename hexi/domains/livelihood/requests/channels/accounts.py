"""The account matrix: posts to the government's accounts become orders, answers go back, one text goes to many.

The platforms are behind an adapter that speaks docs/accounts.md; both directions are signed.
"""

import hashlib
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests import callers, operations, options
from hexi.domains.livelihood.requests.models import Mention, Outgoing, Request, SocialAccount
from hexi.domains.livelihood.requests.operations import Said
from hexi.domains.livelihood.requests.operations.publishing import surely_caller
from hexi.domains.livelihood.requests.states import PLAN, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System, require, within
from hexi.wire import webhooks_http as wire

CHANNEL = "social"
BY = System("accounts")
MENTION, REACH = "accounts.mention", "accounts.reach"
PATIENCE, TRIES, LONGEST_BODY = 15, 8, 200_000


class BadEvent(ValueError):
    """A push that is not taken; the text says why. `forged`: signature or time are wrong."""

    def __init__(self, words: str, *, forged: bool = False):
        super().__init__(words)
        self.forged = forged


# --- in ---------------------------------------------------------------------------------------------------------------
def hear(body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """A signed push of the adapter: a mention, or how many read. Raises `BadEvent`, `ValidationError`."""
    secret = options.ACCOUNTS_SECRET.value
    if not secret or not wire.genuine(headers, body, secret, int(time.time())):
        raise BadEvent("the signature or the time is wrong", forged=True)
    try:
        event = json.loads(body)
        kind, data = event["type"], event["data"]
        account = SocialAccount.objects.filter(key=str(data["account"])[:60], active=True).first()
        if account is None:
            raise BadEvent("data.account is not in the register")
        if kind == MENTION:
            order = mentioned(account, data)
            return {"number": order.case.number}
        if kind == REACH:
            reached(account, data)
            return {}
    except (KeyError, TypeError, AttributeError, UnicodeError, json.JSONDecodeError) as error:
        raise BadEvent(f"the event is not as docs/accounts.md says: {type(error).__name__} {error}") from error
    raise BadEvent(f"type must be {MENTION} or {REACH}")


def mentioned(account: SocialAccount, data: dict[str, Any]) -> Request:
    """A post becomes an order at the hotline of the account's region; told again, it is the same order."""
    key = str(data["id"])[:120]
    if not key:
        raise BadEvent("data.id is empty")
    text = str(data["text"]).replace("\0", "")
    url = str(data.get("url") or "")[:300]
    said = Said(
        text=text, place_code=account.region_code, name=str(data.get("author") or "").replace("\0", "")[:60],
        source_ref=f"{account.key}:{key}",
    )  # fmt: skip
    mark = hashlib.sha256(f"{account.key}:{key}".encode()).hexdigest()[:48]
    with transaction.atomic():
        order, _new = operations.receive(said, by=BY, submission=mark, channel=CHANNEL)
        safe = url if url.startswith(("https://", "http://")) else ""
        Mention.objects.get_or_create(account=account, key=key, defaults={"request": order, "url": safe})
    return order


def reached(account: SocialAccount, data: dict[str, Any]) -> None:
    """How many follow the account, and how many read what it wrote."""
    if (followers := data.get("followers")) is not None:
        SocialAccount.objects.filter(pk=account.pk).update(followers=_number(followers))
    for key, reads in dict(data.get("reads") or {}).items():
        Outgoing.objects.filter(account=account, key=str(key)[:80]).update(reads=_number(reads))


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise BadEvent("a count must be a whole number from 0")
    return value


# --- out --------------------------------------------------------------------------------------------------------------
def answer(request: Request) -> Outgoing | None:
    """Write the last answer, without names, or who is in charge under the post the order came from. Once.

    None if it came otherwise, or nothing was answered.
    """
    mention = Mention.objects.select_related("account").filter(request=request).first()
    last = request.replies.filter(final=True).order_by("-pk").first()
    if mention is None:
        return None
    if request.case.state == State.REFUSED:
        # how to reach who is in charge is what it is for: an office's own phone stays
        owner = callers.without_caller(request.next_owner, surely_caller(request), f"{request.text} {request.address}")
        owner = callers.without_names(owner, office=True)
        key, text = f"refused:{request.pk}", _("不属受理范围。请找：%(owner)s") % {"owner": owner}
    elif last is not None:
        key, text = f"answer:{last.pk}", callers.without_names(last.text)
    else:
        return None
    row, _new = Outgoing.objects.get_or_create(
        key=key, defaults={"account": mention.account, "mention": mention, "text": text}
    )
    return row


def publish(text: str, accounts: Iterable[SocialAccount], *, once: str, by: Actor) -> int:
    """One text to many accounts; sent twice (`once` the same) it goes out once. How many accounts it goes to."""
    chosen = list(accounts)
    text = text.strip()
    if not text or not chosen:
        raise ValidationError({"text": _("请写内容，并至少选一个账号。")})
    for one in chosen:
        require(by, PLAN, one.department_id, one.region_code)
    with change(by, "requests.publish_text", accounts=[one.key for one in chosen]):
        for one in chosen:
            mark = hashlib.sha256(f"{by.key} {once} {one.key}".encode()).hexdigest()[:40]
            Outgoing.objects.get_or_create(key=f"post:{mark}", defaults={"account": one, "text": text})
    return len(chosen)


def send_waiting(most: int = 50) -> int:
    """Send what waits; how much went out. Nothing is locked while the adapter answers; the key makes it stand once."""
    if not options.ACCOUNTS_URL.value:
        return 0
    waiting = Outgoing.objects.filter(sent_at=None, failed="", tries__lt=TRIES, account__active=True)
    return sum(
        _send(one) for one in list(waiting.select_related("account", "mention__request__case").order_by("pk")[:most])
    )


def _send(one: Outgoing) -> bool:
    data = {"account": one.account.key, "text": one.text, "under": one.mention.key if one.mention else ""}
    kind = "accounts.answer" if one.mention else "accounts.post"
    at = int(time.time())
    body = wire.Event(one.key, "hexi", kind, one.account.key, datetime.fromtimestamp(at, UTC), data).body()
    Outgoing.objects.filter(pk=one.pk).update(tries=F("tries") + 1)
    try:
        status, said = wire.post(
            options.ACCOUNTS_URL.value, body, wire.headers(one.key, body, options.ACCOUNTS_SECRET.value, at),
            private=options.ACCOUNTS_PRIVATE.value, patience=PATIENCE,
        )  # fmt: skip
    except wire.Refused as error:
        status, said = 400, str(error)
    except OSError as error:
        status, said = 503, str(error)
    if 200 <= status < 300:
        Outgoing.objects.filter(pk=one.pk, sent_at=None).update(sent_at=clock.now())
        if one.mention:
            Mention.objects.filter(pk=one.mention_id, answered_at=None).update(answered_at=clock.now())
        return True
    if (status not in (408, 425, 429) and status < 500) or one.tries + 1 >= TRIES:
        Outgoing.objects.filter(pk=one.pk).update(failed=f"{status} {said}"[:200])
    return False


# --- the register -----------------------------------------------------------------------------------------------------
def register(key: str, name: str, platform: str, department: Department, *, by: Actor) -> SocialAccount:
    """Put an account into the register. Needs the right to plan for its department."""
    require(by, PLAN, department.pk, department.region_code)
    one = SocialAccount(
        key=key.strip(), name=name.strip(), platform=platform, department=department, region_code=department.region_code
    )
    one.full_clean()
    with change(by, "requests.register_account") as note:
        one.save()
        note.thing, note.facts["key"] = one, one.key
    return one


def change_account(
    account: SocialAccount, *, name: str, platform: str, department: Department, active: bool, by: Actor
) -> SocialAccount:
    """Another name, platform or office; out of use nothing comes in and nothing goes out. Needs both offices' right."""
    for office, region in ((account.department_id, account.region_code), (department.pk, department.region_code)):
        require(by, PLAN, office, region)
    with change(by, "requests.change_account", account, key=account.key, active=active):
        row = SocialAccount.objects.select_for_update().get(pk=account.pk)
        row.name, row.platform, row.active = name.strip(), platform, active
        row.department, row.region_code = department, department.region_code
        row.full_clean()
        row.save()
    return row


def send_again(row: Outgoing, *, by: Actor) -> bool:
    """Try once more what was given up; False if it was not. Needs the right to plan for the account's office."""
    require(by, PLAN, row.account.department_id, row.account.region_code)
    with change(by, "requests.send_again", row, account=row.account.key):
        given_up = Outgoing.objects.filter(pk=row.pk, sent_at=None).exclude(failed="")
        return bool(given_up.update(failed="", tries=0))


def outgoing(actor: Actor) -> QuerySet[Outgoing]:
    """What goes out by the accounts an official plans for, newest first."""
    found = Outgoing.objects.filter(within(actor.scopes(PLAN), "account__department", "account__region_code"))
    return found.select_related("account", "mention__request__case").order_by("-pk")


def league(actor: Actor) -> QuerySet[SocialAccount]:
    """The accounts an official plans for, with what was said, answered and read: in use and best answered first."""
    found = SocialAccount.objects.filter(within(actor.scopes(PLAN))).select_related("department")
    reads = Outgoing.objects.filter(account=OuterRef("pk")).values("account").annotate(n=Sum("reads")).values("n")
    return found.annotate(
        asked=Count("mentions", distinct=True),
        answered=Count("mentions", filter=Q(mentions__answered_at__isnull=False), distinct=True),
        reads=Coalesce(Subquery(reads), 0),
    ).order_by("-active", "-answered", "-followers", "key")

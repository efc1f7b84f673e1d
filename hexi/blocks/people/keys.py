"""API keys of other systems: made, shown once, withdrawn; who speaks by one; what was asked before. As `operations`."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.people.actors import Outside
from hexi.blocks.people.models import ApiCall, ApiKey
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, within
from hexi.kernel.fixed import Fixed, Given, insert, update
from hexi.kernel.manifest import added

#: the right to give keys and to withdraw them
VERB = "people.keys"
PREFIX = "hexi"
#: how long an Idempotency-Key is remembered
REMEMBERED = timedelta(days=30)
LONGEST_ONCE = 100


@dataclass(frozen=True)
class Grantable:
    """A right that a key may be given; `needs` are rights the operations behind it ask for besides."""

    verb: str
    title: Any
    needs: tuple[str, ...] = ()


class OtherRequest(Exception):
    """An Idempotency-Key came again with another request."""


def grantable() -> dict[str, Grantable]:
    """Every right that a key may be given."""
    return {one.verb: one for one in added(Grantable)}


def make(
    name: str, *, department: Department, verbs: Iterable[str], by: Actor, region_code: str = "",
    everywhere: bool = False, expires: date | None = None,
) -> tuple[ApiKey, str]:  # fmt: skip
    """A new key and its text, which is shown now and never again. Needs `people.keys` for all the key will reach."""
    region_code = region_code or department.region_code
    require_reach(by, ApiKey(department=department, region_code=region_code, everywhere=everywhere))
    chosen = sorted(set(verbs))
    if not chosen or set(chosen) - set(grantable()):
        raise ValidationError({"verbs": _("请至少选择一项权限，且都在列表里。")})
    if expires is not None and expires < clock.today():
        raise ValidationError({"expires": _("有效期不能早于今天。")})
    public, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    text = f"{PREFIX}_{public}_{secret}"
    key = ApiKey(
        name=name.strip(), department=department, region_code=region_code, everywhere=everywhere, verbs=chosen,
        public=public, digest=_digest(text), made_by=by.name, expires=expires,
    )  # fmt: skip
    key.full_clean()
    with change(by, "people.make_key") as entry:
        key.save()
        entry.thing = key
        entry.facts |= {"name": key.name, "verbs": chosen, "region": region_code, "everywhere": everywhere}
        entry.facts |= {"department": department.pk, "expires": expires.isoformat() if expires else ""}
    return key, text


def withdraw(key: ApiKey, *, by: Actor) -> None:
    """End a key at once. Twice is once."""
    require_reach(by, key)
    with change(by, "people.withdraw_key", key):
        ApiKey.objects.filter(pk=key.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
    key.refresh_from_db()


def require_reach(by: Actor, key: ApiKey) -> None:
    """Raise `Denied` unless one of the actor's own scopes covers all that the key reaches.

    For whoever makes a key, ends it, or has its events sent somewhere: else a narrow right would become a wide one.
    """
    reach = None if key.everywhere else key.department_id
    held = [scope for scope in by.scopes(VERB) if scope.department in (None, reach)]
    places = (key.region_code, key.department.region_code)
    if not any(all(scope.covers(reach, place) for place in places) for scope in held):
        raise Denied(_("这把密钥的范围超出您的权限。请缩小部门或区划，或联系上级管理员。"))


def covered(actor: Actor, key: str = "") -> Q:
    """What `require_reach` lets through, as a filter; `key` leads to the key ("webhook__api_key__")."""
    found = Q(pk__in=())
    for scope in actor.scopes(VERB):
        rows = within([scope], f"{key}department_id", f"{key}region_code")
        rows &= within([scope], f"{key}department_id", f"{key}department__region_code")
        found |= rows if scope.department is None else rows & Q(**{f"{key}everywhere": False})
    return found


def within_reach(actor: Actor) -> QuerySet[ApiKey]:
    """The keys an official may look after, newest first."""
    return ApiKey.objects.filter(covered(actor)).select_related("department").order_by("-pk")


# --- speaking by a key ----------------------------------------------------------------------------------------------


def acting(key: ApiKey) -> Outside:
    """The key as an actor."""
    known = grantable()
    verbs = {verb for name in key.verbs if name in known for verb in (name, *known[name].needs)}
    return Outside(key, frozenset(verbs))


def spoken_by(text: str) -> Outside | None:
    """Who speaks by this text; None for a wrong, withdrawn or expired key, or one of a closed department."""
    public = text.split("_")[1] if text.startswith(f"{PREFIX}_") and text.count("_") >= 2 else ""
    if not public.isascii() or "\0" in public:
        return None
    key = _SPOKEN.first(public=public, day=clock.today()) if public else None
    if key is None or not hmac.compare_digest(key.digest, _digest(text)):
        return None
    return acting(key)


_SPOKEN = Fixed(
    lambda: (
        ApiKey.objects.in_force(Given("day"))
        .select_related("department")
        .filter(public=Given("public"), department__active=True)
    )
)


def count(key: ApiKey) -> int:
    """One more request in this minute; how many there were before it."""
    now = clock.now()
    minute = int(now.timestamp()) // 60
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_apikey SET asked = CASE WHEN minute = %s THEN asked + 1 ELSE 1 END, minute = %s, "
            "used_at = %s WHERE id = %s",
            [minute, minute, connection.ops.adapt_datetimefield_value(now), key.pk],
        )
    return key.asked if key.minute == minute else 0


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# --- the same again -------------------------------------------------------------------------------------------------


_ANSWERED = Fixed(lambda: ApiCall.objects.filter(key_id=Given("key"), once=Given("once")))


def answered(key: ApiKey, once: str, digest: str) -> tuple[int, Any] | None:
    """What was answered to this very request before; `OtherRequest` if its Idempotency-Key named another one."""
    found = _ANSWERED.first(key=key.pk, once=once)
    if found is None:
        return None
    if found.digest != digest:
        raise OtherRequest
    return found.status, found.answer


def answer_once(key: ApiKey, once: str, digest: str, do: Callable[[], tuple[int, Any]]) -> tuple[int, Any]:
    """Do it and keep the answer, in one transaction; whoever comes second gets the first one's answer."""
    try:
        with transaction.atomic():
            # the row first: the second of two at once waits here, and finds the answer when it may go on
            call = ApiCall(key=key, once=once, digest=digest, status=0, answer=None)
            insert(call)
            call.status, call.answer = do()
            update(call, "status", "answer")
            return call.status, call.answer
    except IntegrityError:
        before = answered(key, once, digest)
        if before is None:
            raise
        return before


def forget_calls() -> int:
    """Forget the answers given more than thirty days ago; returns how many."""
    return ApiCall.objects.filter(at__lt=clock.now() - REMEMBERED).delete()[0]

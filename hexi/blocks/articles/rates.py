"""How often somebody may give feedback in an hour: an account or an address. Above models, beside operations."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext_lazy

from hexi.blocks.articles import options
from hexi.blocks.articles.models import Allowance, hour_of
from hexi.blocks.people.vault import ring
from hexi.kernel import clock
from hexi.kernel.actors import Actor

_OF_PERSON = gettext_lazy("您一小时内已反馈 %(n)s 条。请过一会儿再写，急事请拨打 12345。")
_OF_ADDRESS = gettext_lazy("这个网络一小时内不登录的反馈已有 %(n)s 条。登录后可以马上反馈，也可以拨打 12345。")


def spend(*, by: Actor, address: str) -> None:
    """Count one in the caller's transaction; `ValidationError` with the remedy if it is one too many."""
    if getattr(by, "account_id", None) is not None:
        _one(f"account:{by.key}", options.PER_PERSON.value, _OF_PERSON)
    elif address:
        _one(f"address:{address}", options.PER_ADDRESS.value, _OF_ADDRESS)


def _one(mark: str, most: int, sentence: Any) -> None:
    row, _new = Allowance.objects.get_or_create(key=ring().lookup(mark, "articles.rate"), hour=hour_of(clock.now()))
    # counted only while there is some left: what was refused costs nothing
    if not Allowance.objects.filter(pk=row.pk, used__lt=most).update(used=F("used") + 1):
        raise ValidationError(str(sentence) % {"n": most}, code="rate")


def forget(before_hours: int = 2) -> int:
    """Delete what is past: nothing is kept of who sent when."""
    gone = Allowance.objects.filter(hour__lt=hour_of(clock.now()) - timedelta(hours=before_hours))
    return int(gone.delete()[0])

"""How often somebody may report in an hour: an account, a phone, an address. Above models, beside operations."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy

from hexi.blocks.people.vault import ring
from hexi.domains.livelihood.requests import callers, options
from hexi.domains.livelihood.requests.models import Allowance, hour_of
from hexi.kernel import clock
from hexi.kernel.actors import Actor

_OF_PERSON = gettext_lazy(
    "您一小时内已提交 %(n)s 件。请过一会儿再交；同一件事可以在原诉求里补充或催办，急事请拨打 12345。"
)
_OF_ADDRESS = gettext_lazy("这个网络一小时内不登录提交的诉求已有 %(n)s 件。登录后可以马上提交，也可以拨打 12345。")
_OF_PHONE = gettext_lazy("这个电话号码一小时内不登录提交的诉求已有 %(n)s 件。登录后可以马上提交，也可以拨打 12345。")

_OF_MAIL = gettext_lazy("这个邮箱一小时内已提交 %(n)s 件。请过一会儿再发。")
_OF_REOPEN = gettext_lazy("您一小时内已提出 %(n)s 次接着办。请过一会儿再提，或拨打 12345。")


_OF_FOLLOW = gettext_lazy("一小时内要求的确认邮件太多（最多 %(n)s 封）。请过一会儿再试，或登录后关注。")
#: letters that ask for a confirmation, to one mailbox in an hour
LETTERS = 3
_GUESSED = gettext_lazy("您一小时内查错 %(n)s 次，%(until)s 以后可以再查，也可以拨打 12345 查询。")
_GUESSED_HERE = gettext_lazy(
    "这个网络一小时内查错 %(n)s 次，%(until)s 以后可以再查。登录后可以马上查，也可以拨打 12345。"
)
_GUESSED_NUMBER = gettext_lazy(
    "这个编号一小时内查错 %(n)s 次，%(until)s 以后可以再查。"
    "提交后给您的链接、登录后的“我的办件”随时可看，也可以拨打 12345。"
)
#: letters refused with an answer in an hour, whoever sent them
FAULTS = 60
_BEGUN = gettext_lazy(
    "一小时内开始写的诉求太多（最多 %(n)s 件），%(until)s 以后可以再写。"
    "没有登录的，登录后可以马上写；急事请拨打 12345。"
)
_PHOTOS = gettext_lazy(
    "一小时内上传的照片太多（最多 %(n)s 张），%(until)s 以后可以再传；也可以不带照片先提交。"
    "没有登录的，登录后可以马上传。"
)
#: wrong answers about a phone in an hour: from one account or network, and about one number whoever asks
GUESSES, GUESSES_OF_NUMBER = 60, 10


def spend(*, by: Actor, phone: str, address: str) -> None:
    """Count one report in the caller's transaction; `ValidationError` with the remedy if it is one too many.

    Who has signed in is counted by himself alone: a village behind one address is never shut out, nor is a phone that
    somebody else keeps writing down, for whoever is held up there signs in, or rings.
    """
    if _signed(by):
        _one(f"account:{by.key}", options.PER_PERSON.value, _OF_PERSON)
        return
    if address:
        _one(f"address:{address}", options.PER_ADDRESS.value, _OF_ADDRESS)
    if phone:
        _one(f"phone:{callers.plain_phone(phone)}", options.PER_PHONE.value, _OF_PHONE)


def spend_begun(*, by: Actor, network: str) -> None:
    """Count one report that somebody begins: each lies here until it is sent or a week is over."""
    _one(f"begun:{_who(by, network)}", options.BEGUN.value, _BEGUN)


def spend_photo(*, by: Actor, network: str) -> None:
    """Count one photo handed in with a report, whatever becomes of it: what is taken out still fills the disk."""
    _one(f"photo:{_who(by, network)}", options.PHOTOS.value, _PHOTOS)


def spend_mail(address: str) -> list[int]:
    """Count one letter of this address."""
    return [_one(f"mail:{address.lower()}", options.PER_PHONE.value, _OF_MAIL)]


def spend_fault() -> list[int]:
    """Count one letter that tells somebody why his was not taken: a sender is easily forged."""
    return [_one("mail faults", FAULTS, _OF_MAIL)]


def spend_reopen(by: Actor) -> None:
    """Count one asking for a report to be taken up again, in the caller's transaction."""
    _one(f"reopen:{by.key}", options.REOPENS_PER_PERSON.value, _OF_REOPEN)


def spend_mail_follow(mail: str, network: str) -> None:
    """Count one asking to follow by e-mail: few letters go to one mailbox, whoever asks for them."""
    _one(f"follow:{network}", options.PER_ADDRESS.value, _OF_FOLLOW)
    _one(f"follow mail:{mail.lower()}", LETTERS, _OF_FOLLOW)


def spend_guess(*, by: Actor, number: str, network: str) -> list[int]:
    """Count one guess at the phone behind a number before it is looked at, so that many at once are not more than
    many one after the other. Who was right gives it back (`give_back`)."""
    who, sentence = f"guess:{_who(by, network)}", _GUESSED if _signed(by) else _GUESSED_HERE
    with transaction.atomic():
        return [_one(who, GUESSES, sentence), _one(f"guess of:{number}", GUESSES_OF_NUMBER, _GUESSED_NUMBER)]


def give_back(spent: list[int]) -> None:
    """What was counted shall cost nothing."""
    Allowance.objects.filter(pk__in=spent, used__gt=0).update(used=F("used") - 1)


@contextmanager
def unless_broken(spent: list[int]) -> Iterator[None]:
    """What is tried again because it broke off costs nothing."""
    try:
        yield
    except Exception:
        give_back(spent)
        raise


def spend_weixin(openid: str) -> None:
    """Count one message of somebody at WeChat in the caller's transaction."""
    _one(f"weixin:{openid}", options.PER_PERSON.value, _OF_PERSON)


def keys_are_looked_at(address: str) -> bool:
    """False while this address has sent too many wrong keys in this minute."""
    return not Allowance.objects.filter(used__gte=options.WRONG_KEYS.value, **_minute(address)).exists()


def spend_wrong_key(address: str) -> None:
    """Count one wrong key of this address."""
    row, _new = Allowance.objects.get_or_create(**_minute(address))
    Allowance.objects.filter(pk=row.pk).update(used=F("used") + 1)


def _minute(address: str) -> dict[str, Any]:
    moment = clock.now().replace(second=0, microsecond=0)
    return {"key": ring().lookup(f"wrong key:{address}", "requests.rate"), "hour": moment}


def _signed(by: Actor) -> bool:
    return getattr(by, "account_id", None) is not None


def _who(by: Actor, network: str) -> str:
    """Who is counted: the account of who has signed in, else the network he comes from."""
    return by.key if _signed(by) else network


def _one(mark: str, most: int, sentence: Any) -> int:
    """One more under this mark. The row's lock lets two at once be counted one after the other."""
    hour = hour_of(clock.now())
    row, _new = Allowance.objects.get_or_create(key=ring().lookup(mark, "requests.rate"), hour=hour)
    # counted only while there is some left: what was refused costs nothing
    if not Allowance.objects.filter(pk=row.pk, used__lt=most).update(used=F("used") + 1):
        until = (hour + timedelta(hours=1)).astimezone(clock.CHINA)
        raise ValidationError(str(sentence) % {"n": most, "until": f"{until:%H:%M}"}, code="rate")
    return int(row.pk)


def forget(before_hours: int = 2) -> int:
    """Delete what is past: nothing is kept of who sent when."""
    gone = Allowance.objects.filter(hour__lt=hour_of(clock.now()) - timedelta(hours=before_hours))
    return int(gone.delete()[0])

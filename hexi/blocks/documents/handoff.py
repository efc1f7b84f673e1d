"""Handing a form's upload over to a phone: a signed, short-lived address that can only add to one slot.

Stands on `queries`, below `pages`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.documents import queries
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.reading import Wanted
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Scoped

LASTS = timedelta(minutes=15)
_SIGNER = signing.Signer(salt="documents.handoff")


@dataclass(frozen=True)
class Phone(Scoped):
    """The phone acts for who showed the code: same key, no rights, and only for the one person of the code."""

    key: str
    person_id: int | None

    @property
    def name(self) -> str:
        """What the log prints."""
        return _("手机扫码上传")


@dataclass(frozen=True)
class Handoff:
    """What a code allows: adding files to one slot of one thing for one owner, until a moment."""

    by: str
    owner_id: int | None
    kind: str
    ref: str
    slot: str
    title: str
    accept: tuple[str, ...]
    most: int
    until: datetime
    wanted: Wanted
    token: str = ""

    @property
    def phone(self) -> Phone:
        """The actor a holder of the code is."""
        return Phone(self.by, self.owner_id)

    @property
    def owner(self) -> Person | None:
        """Whose documents they will be."""
        return Person.objects.get(pk=self.owner_id) if self.owner_id else None

    @property
    def over(self) -> bool:
        """True once the time is up."""
        return clock.now() >= self.until

    @property
    def files(self) -> list[Document]:
        """What is in the slot now."""
        return list(queries.of_thing(self.kind, self.ref, self.slot))


def handoff_token(
    by: Actor, *, owner: Person | None, kind: str, ref: str, slot: str, title: str,
    accept: tuple[str, ...] = (), most: int = 10, wanted: Wanted | None = None,
) -> str:  # fmt: skip
    """A signed text, good for 15 minutes, with which a phone may add files to this slot without signing in.

    `wanted` is what the slot asks for, so that the phone is told of a wrong paper as the computer is.
    """
    until = int((clock.now() + LASTS).timestamp())
    paper = [list(wanted.words), list(wanted.types)] if wanted else [[], []]
    facts = [by.key, owner.pk if owner else None, kind, str(ref), slot, title, list(accept), most, until, paper]
    return _SIGNER.sign_object(facts, compress=True)


def open_handoff(token: str, *, late: bool = False) -> Handoff:
    """What a token allows. Raises `ValidationError` if it was changed, or (unless `late`) has expired."""
    try:
        by, owner, kind, ref, slot, title, accept, most, until, (words, types) = _SIGNER.unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise ValidationError(_("二维码无效。请回到电脑上的页面，重新扫码。"), code="invalid") from error
    moment = datetime.fromtimestamp(until, UTC)
    wanted = Wanted(tuple(words), tuple(types))
    found = Handoff(by, owner, kind, ref, slot, title, tuple(accept), most, moment, wanted, token)
    if found.over and not late:
        raise ValidationError(_("二维码已过期（15 分钟内有效）。请回到电脑上的页面，刷新后重新扫码。"), code="expired")
    return found


def address(request: HttpRequest, token: str) -> str:
    """The whole address that the QR code holds."""
    return request.build_absolute_uri(reverse("documents.handoff", args=[token]))

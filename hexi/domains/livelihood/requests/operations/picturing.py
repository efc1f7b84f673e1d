"""Photos everybody may see: taken by the office, covered by the detectors, looked at and let go by an official."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import Note, change
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import shelf
from hexi.blocks.documents.kinds import JPEG, PNG, WEBP
from hexi.blocks.documents.models import Document
from hexi.domains.livelihood.requests import blurring, callers, hooks, options, photos
from hexi.domains.livelihood.requests.blurring import Box
from hexi.domains.livelihood.requests.models import PublicPhoto, Request
from hexi.domains.livelihood.requests.operations.parts import require_text
from hexi.domains.livelihood.requests.states import HANDLE, PUBLISH
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require

State, Side = PublicPhoto.State, PublicPhoto.Side
SLOT, COPY = "after", "copy"


def take_after(request: Request, file: BinaryIO, *, by: Actor) -> Document:
    """A photo of what the office did, taken with its answer (`requests.handle` there). Kept for who sees the order."""
    case = request.case
    require(by, HANDLE, case.department_id, case.region_code)
    require_stranger(by, case)
    if not photos.may_add_after(by, str(request.pk)):
        raise Denied(_("这件诉求不在您单位办理，不能添加照片。"))
    document = documents.store(
        file, name=_("处理后") + ".jpg", by=by, thing=(photos.AFTER, str(request.pk)), slot=SLOT,
        level=Document.Level.D, accept=(JPEG, PNG, WEBP), most=options.MOST_PHOTOS.value,
    )  # fmt: skip
    hooks.request_pictured.ring(request=request, by=by)
    return document


def propose(request: Request, document: Document, *, by: Actor) -> PublicPhoto:
    """Look for faces and plates and make the copy an official will look at; once for each photo, run twice or at once.

    Raises `ValidationError` without the detectors: deny first. Nothing is public by this.
    """
    require(by, PUBLISH, request.hotline_id, request.hotline_region)
    if not blurring.ready():
        raise ValidationError(photos.missing())
    known = PublicPhoto.objects.filter(request=request, source=document).first()
    if known is not None:
        return known
    content = shelf.path(document.blob_id).read_bytes()
    boxes = blurring.found(content)  # the long part, outside the transaction
    try:
        with change(by, "requests.propose_photo", request, number=request.case.number, boxes=len(boxes)):
            copy = _copy(request, document, content, boxes, by)
            kept = [one.kept() for one in boxes]
            return PublicPhoto.objects.create(
                request=request, source=document, copy=copy, side=photos.side_of(document), boxes=kept, found=kept,
                detector=blurring.maker(), made_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:  # another process made it this moment
        return PublicPhoto.objects.get(request=request, source=document)


def cover(photo: PublicPhoto, boxes: Iterable[Box], *, revision: int, by: Actor) -> PublicPhoto:
    """Other boxes: the copy is made anew, and what was let go is taken back until it is looked at again."""
    boxes = list(boxes)
    _sane(boxes)
    with _locked(photo, "requests.cover_photo", revision, by) as (row, note):
        dropped = [one for one in row.boxes if Box(**one) not in boxes]
        note.facts |= {"boxes": len(boxes), "dropped": len(dropped)}
        old, content = row.copy, shelf.path(row.source.blob_id).read_bytes()
        row.copy = _copy(row.request, row.source, content, boxes, by)
        if row.copy != old:
            documents.remove(old, by=System("requests"))
        row.boxes = [one.kept() for one in boxes]
        row.state, row.key = State.PROPOSED, None
    return row


def release(photo: PublicPhoto, *, alt: str, revision: int, by: Actor) -> PublicPhoto:
    """The second look: an official has seen this very copy and lets everybody see it (`requests.publish`). Logged."""
    alt = require_text(alt, "alt", _("请写一句照片上是什么，看不见的人靠它。"), 200)
    if callers.without_names(alt) != alt:
        raise ValidationError({"alt": _("说明里还有电话、证件号、车牌、门牌或姓名，请改写。")})
    if not blurring.ready():
        raise ValidationError(photos.missing())
    with _locked(photo, "requests.release_photo", revision, by) as (row, note):
        if not row.request.public or row.request.secret:
            raise ValidationError(_("先公开这件诉求的问答，再放行照片。"))
        note.facts |= {"boxes": len(row.boxes), "found": len(row.found), "copy": row.copy.blob_id}
        row.alt, row.state, row.key = alt, State.RELEASED, secrets.token_hex(16)
        row.released_at, row.released_by = clock.now(), by.name
    return row


def withhold(photo: PublicPhoto, *, why: str, revision: int, by: Actor) -> PublicPhoto:
    """Not for everybody, or no longer: with the reason, in the log."""
    why = require_text(why, "why", _("请写明为什么不公开，会记入日志。"), 500)
    with _locked(photo, "requests.withhold_photo", revision, by) as (row, note):
        note.facts["why"] = why
        row.state, row.key = State.WITHHELD, None
    return row


@contextmanager
def _locked(photo: PublicPhoto, verb: str, revision: int, by: Actor) -> Iterator[tuple[PublicPhoto, Note]]:
    """A change to one photo as it was seen; its row locked, saved at the end. Raises `Denied`, `ValidationError`."""
    order = photo.request
    require(by, PUBLISH, order.hotline_id, order.hotline_region)
    require_stranger(by, order.case)
    with change(by, verb, order, number=order.case.number, photo=photo.pk) as note:
        found = PublicPhoto.objects.select_for_update(of=("self",)).select_related("request__case", "source", "copy")
        row = found.get(pk=photo.pk)
        if row.revision != revision:
            raise ValidationError(_("别人刚改过这张照片。下面是最新的，请再看一遍。"), code="stale")
        yield row, note
        row.revision += 1
        row.save()


def _copy(request: Request, source: Document, content: bytes, boxes: list[Box], by: Actor) -> Document:
    """The covered copy, kept by its content; only the pages of photos show it."""
    return documents.keep(
        blurring.covered(content, boxes), name=_("公开照片") + ".jpg", by=by, media_type=JPEG,
        thing=(photos.COPIES, str(request.pk)), slot=f"{COPY}{source.pk}", level=Document.Level.D,
    )  # fmt: skip


def _sane(boxes: list[Box]) -> None:
    if len(boxes) > blurring.MOST:
        raise ValidationError(_("一张照片最多遮 %(n)s 处。要遮的更多，就不要公开这张。") % {"n": blurring.MOST})
    if any(min(one.w, one.h) < blurring.LEAST or min(one.x, one.y) < 0 for one in boxes):
        raise ValidationError(_("遮挡框的宽和高至少 %(n)s 像素，位置从 0 起。") % {"n": blurring.LEAST})


def make_copies(request: Request) -> int:
    """A proposed copy of every photo of a published order; how many there are. May run again."""
    if not request.public or request.secret or not blurring.ready():
        return 0
    by = System("requests")
    return len([propose(request, one, by=by) for one in photos.sources(request)])

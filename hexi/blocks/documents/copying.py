"""Annotated copies: made by the holder for one purpose, withdrawn, and looked at by who scans them. As operations."""

import re
import secrets
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.audit import queries as log
from hexi.blocks.documents import annotated, operations, queries, readers, shelf
from hexi.blocks.documents.kinds import Refused
from hexi.blocks.documents.models import COPY, Blob, Copy, Document
from hexi.blocks.documents.pdf import whole
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.options import Option

LONGEST = Option(
    "documents.copy_days", int, 366,
    "标注用途的复制件最长有效几天。 / Days for which an annotated copy may count at most.",
)  # fmt: skip
#: without signs that are mistaken for each other; 31 to the 12th power codes
SIGNS, LENGTH = "23456789ABCDEFGHJKMNPQRSTUVWXYZ", 12
#: a number long enough to be somebody's: the public page shows the purpose to whoever scans the copy
_NUMBER = re.compile(r"\d{7}")


def make(document: Document, *, purpose: str, recipient: str, expires: date, token: str, by: Actor) -> Copy:
    """Make a copy of one's own document; with the same form's `token` the one made before. The original is untouched.

    Raises `Denied` for another's document and `ValidationError` by field.
    """
    if document.owner is None or not (queries.is_own(by, document) and queries.may_read(by, document)):
        raise Denied(_("只有持有人本人（实名认证后）能制作复制件。"))
    made = Copy.objects.filter(made_by=by.key, token=token).first()
    if made is not None:
        return made
    purpose, recipient = purpose.strip(), recipient.strip()
    _allowed(document, purpose, recipient, expires)
    code = "".join(secrets.choice(SIGNS) for _n in range(LENGTH))
    url = whole(reverse("documents.copy_check", args=[code]))
    note = annotated.Note(
        str(document), purpose, recipient, clock.today(), expires, code, url, f"原件：{document.get_level_display()}。"
    )
    try:
        content, pages = annotated.make(shelf.path(document.blob_id), document.blob.media_type, note)
    except Refused as error:
        raise ValidationError(error.sentence, code=error.code) from error
    try:
        with audit.change(by, "documents.copy", document, code=code, until=expires) as entry:
            file = operations.keep(
                content, name=f"{document} {code}.pdf", by=by, pages=pages, owner=document.owner, thing=(COPY, code),
                level=document.level, title=str(document), purpose=purpose, expires=expires,
            )  # fmt: skip
            made = Copy.objects.create(
                code=code, token=token, source=document, file=file, owner=document.owner, title=str(document),
                purpose=purpose, recipient=recipient, expires=expires, made_by=by.key,
            )  # fmt: skip
            entry.about_person = document.owner_id
            entry.facts["purpose"] = f"制作复制件：{document}，供{recipient}用于{purpose}"
            return made
    except IntegrityError:
        made = Copy.objects.filter(made_by=by.key, token=token).first()  # the same form, sent twice at once
        if made is None:
            raise
        return made


def withdraw(copy: Copy, *, by: Actor) -> None:
    """Let a copy count no longer: whoever scans it from now on is told. Twice is once."""
    if not queries.copies(by).filter(pk=copy.pk).exists():
        raise Denied(_("只有持有人本人能收回复制件。"))
    with audit.change(by, "documents.withdraw_copy", copy) as entry:
        if Copy.objects.filter(pk=copy.pk, withdrawn_at=None).update(withdrawn_at=clock.now()):
            entry.about_person = copy.owner_id
            entry.facts["purpose"] = f"收回复制件：{copy}"
    copy.refresh_from_db()


def look(copy: Copy, *, by: Actor) -> None:
    """Log that somebody checked a copy; the holder's own look is none. Strangers count as one within ten minutes."""
    if queries.copies(by).filter(pk=copy.pk).exists():
        return
    lately = log.of(copy).filter(verb="look", actor_key=by.key, at__gte=clock.now() - operations.LOOK)
    if not lately.exists():
        audit.look(by, copy, purpose=f"查验复制件：{copy}", person_id=copy.owner_id)


def _allowed(document: Document, purpose: str, recipient: str, expires: date) -> None:
    faults, last = {}, _last_day(document)
    for name, text in (("purpose", purpose), ("recipient", recipient)):
        if not text or len(text) > 60:
            faults[name] = _("请写明，不超过 60 字。")
        elif _NUMBER.search(text):
            faults[name] = _("请不要写号码：这里的文字印在复制件上，用途还会给扫码的人看。")
    if not clock.today() <= expires <= last:
        faults["expires"] = _("请选今天到 %(last)s 之间的一天。") % {"last": last}
    if faults:
        raise ValidationError(faults)
    if said := _against(document):
        raise ValidationError(said)


def _last_day(document: Document) -> date:
    """The latest day a copy may count to: not beyond the original's own."""
    last = clock.today() + timedelta(days=LONGEST.value)
    return min(last, document.expires) if document.expires else last


def _against(document: Document) -> str:
    if document.of_kind == COPY:
        return _("复制件不能再复制。请用原来的文件制作。")
    if document.expires and document.expires < clock.today():
        return _("这份文件已过有效期（%(day)s），不能制作复制件。") % {"day": document.expires}
    if document.blob.scan == Blob.Scan.WAITING:
        return _("这份文件还在等待病毒扫描。请过几分钟再制作。")
    return readers.fault(document)

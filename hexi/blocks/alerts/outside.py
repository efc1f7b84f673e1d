"""Alerts of others: sources kept, documents fetched or uploaded, validated, and kept with all that is wrong with them.

As `operations`. What the network or a file brings is never trusted: addresses inside private networks are refused (as
for webhooks), documents are bounded, and nothing is shown to the public whose signature is not that of its source.
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from cryptography import x509
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from hexi.blocks.alerts import hooks, queries
from hexi.blocks.alerts.models import Received, Source
from hexi.blocks.audit import operations as audit
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require
from hexi.kernel.options import Option
from hexi.wire import webhooks_http
from hexi.wire.cap import checks, feeds, reading
from hexi.wire.cap.faults import Fault

log = logging.getLogger(__name__)
PRIVATE = Option(
    "alerts.fetch_private",
    bool,
    False,
    "也从内网地址取外来预警。 / Fetch alerts from addresses inside private networks as well.",
)
MINUTES = Option(
    "alerts.fetch_minutes",
    int,
    10,
    "隔多少分钟再取一次外来预警。 / Minutes after which a source of alerts is asked again.",
)
#: seconds to wait for an answer, documents one asking takes on, bytes of a feed
PATIENCE, MOST, LONGEST = 10, 50, 5_000_000
#: what takes the place of another message
REPLACING = ("Update", "Cancel")
#: of what cannot be read: bytes kept of each, and how many a source
KEPT, MOST_UNREADABLE = 100_000, 200
#: what is written as earlier or later counts as this
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
ACCEPT = "application/cap+xml, application/atom+xml, application/rss+xml, application/xml, text/xml"


@dataclass(frozen=True)
class Taken:
    """What one asking or upload came to."""

    new: int = 0
    good: int = 0
    known: int = 0


def add_source(department: Department, *, name: str, url: str, certificate: str, by: Actor) -> Source:
    """Keep a source; its certificate (PEM) is what its messages must be signed with to count as proven."""
    require(by, queries.BRING, department.pk, department.region_code)
    source = Source(
        name=name.strip(), url=url.strip(), certificate=certificate.strip(), department=department,
        region_code=department.region_code,
    )  # fmt: skip
    if not source.name:
        raise ValidationError({"name": _("请填写来源的名称，公众会看到。")})
    if source.url and not source.url.startswith(("https://", "http://")):
        raise ValidationError({"url": _("地址应以 https:// 开头（测试可用 http://）。")})
    if source.certificate:
        _certificates(source.certificate)
    with audit.change(by, "alerts.add_source") as note:
        source.full_clean(exclude=["department", "asked_at"])
        source.save()
        note.thing, note.facts = source, {"name": source.name, "url": source.url}
    return source


def end_source(source: Source, *, by: Actor) -> None:
    """Ask it no more and show nothing of it; what came stays. Twice is once."""
    require(by, queries.BRING, source.department_id, source.region_code)
    with audit.change(by, "alerts.end_source", source):
        Source.objects.filter(pk=source.pk).update(active=False)


def want_fetch(source: Source, *, by: Actor) -> None:
    """Ask it soon, by a job."""
    require(by, queries.BRING, source.department_id, source.region_code)
    if not source.url:
        raise ValidationError(_("这个来源没有地址，只能上传文件。"))
    with audit.change(by, "alerts.want_fetch", source):
        hooks.fetch_wanted.ring(source=source)


def _certificates(pem: str) -> list[x509.Certificate]:
    """Raises `ValidationError` for what is no certificate."""
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise ValidationError({"certificate": _("不是 PEM 证书，应以 -----BEGIN CERTIFICATE----- 开头。")}) from None


def take_in(source: Source, content: bytes, *, url: str = "", by: Actor) -> Taken:
    """Every message of a document: a CAP message, or a feed that carries some. A document known already is not new.

    What cannot be read at all is kept as one broken message. Needs `alerts.bring`.
    """
    require(by, queries.BRING, source.department_id, source.region_code)
    if len(content) > LONGEST:
        raise ValidationError({"file": _("文件超过 %(n)s 字节。") % {"n": LONGEST}})
    return _sum(_take_one(source, one, url, by) for one in _documents(content)[:MOST])


def _documents(content: bytes) -> list[bytes]:
    """The messages in it; an empty feed has none. A message alone keeps its very bytes, which its signature covers."""
    try:
        tree = reading.root(content)
        alone = not feeds.is_feed(tree) and (tree.tag.endswith("}alert") or not reading.embedded(content))
        return [content] if alone else reading.embedded(content)
    except reading.Unreadable:
        return [content]


def _take_one(source: Source, document: bytes, url: str, by: Actor) -> Taken:
    digest = hashlib.sha256(document).hexdigest()
    if Received.objects.filter(source=source, digest=digest).exists():
        return Taken(known=1)
    trusted = _certificates(source.certificate) if source.certificate else []
    checked = checks.check(document, trusted)
    row = Received(
        source=source, url=url[:500], digest=digest, at=clock.now(), by_name=by.name[:200],
        document=document if checked.alert else document[:KEPT],
        good=checked.good, faults=[_fault(one) for one in checked.faults], signature=checked.signature.value,
        signer=_stored(checked.signer, 300), **_facts(checked),
    )  # fmt: skip
    try:
        with audit.change(by, "alerts.take_in") as note:
            Source.objects.select_for_update().get(pk=source.pk)  # an alert and its cancellation wait for each other
            row.save()
            note.thing, note.facts = row, {"source": source.pk, "identifier": row.identifier, "good": row.good}
            _replace(row, checked)
            if checked.alert is None:
                _forget(source)
    except IntegrityError:
        return Taken(known=1)  # somebody else brought it this very moment
    return Taken(new=1, good=int(row.good))


def _forget(source: Source) -> None:
    """A source that answers with another page of errors each time fills no disk."""
    unreadable = Received.objects.filter(source=source, version="").order_by("-pk")
    Received.objects.filter(pk__in=list(unreadable.values_list("pk", flat=True)[MOST_UNREADABLE:])).delete()


def _facts(checked: checks.Checked) -> dict[str, Any]:
    alert = checked.alert
    if alert is None:
        return {}
    info = alert.info("zh")
    headline = (info.headline or info.event) if info else ""
    return {
        "version": alert.version, "identifier": _stored(alert.identifier, 300), "sender": _stored(alert.sender, 300),
        "sent": _held(alert.sent_at), "kind": _stored(alert.kind, 20), "status": _stored(alert.status, 20),
        "scope": _stored(alert.scope, 20), "headline": _stored(headline, 300),
        "severity": _stored(info.severity if info else "", 20), "expires": _held(alert.expires_at),
    }  # fmt: skip


def _held(at: datetime | None) -> datetime | None:
    """A moment that databases and pages of every zone can hold: one of the year 1 or 9999 is moved to the nearest."""
    return at and min(max(at, EARLIEST), LATEST)


def _stored(text: str, most: int) -> str:
    return " ".join(text.replace("\0", "").split())[:most]


def _fault(one: Fault) -> dict[str, Any]:
    return {
        "key": one.key,
        "element": one.element,
        "clause": one.rule.clause,
        "must": one.must,
        "zh": one.zh,
        "en": one.en,
    }


def _replace(row: Received, checked: checks.Checked) -> None:
    """A proven update or cancellation takes the place of what it names, if the same signer sent that.

    In whatever order they come: a feed lists the newest first.
    """
    if not row.good or row.signature != "good" or checked.alert is None:
        return
    proven = Received.objects.filter(source=row.source, signer=row.signer, good=True, signature="good")
    if row.kind in REPLACING:
        for named in checked.alert.refers_to:
            earlier = proven.filter(sender=named.sender, identifier=named.identifier, replaced_by=None)
            earlier.exclude(pk=row.pk).update(replaced_by=row)
    if row.expires is None or row.expires <= clock.now():
        return  # shown to nobody, so there is nothing to take the place of
    for later in proven.filter(kind__in=REPLACING, sent__gte=row.sent).exclude(pk=row.pk).order_by("pk").iterator():
        named = {(one.sender, one.identifier) for one in reading.parse(bytes(later.document)).refers_to}
        if (row.sender, row.identifier) in named:
            Received.objects.filter(pk=row.pk).update(replaced_by=later)
            return


# --- the network ------------------------------------------------------------------------------------------------------
def fetch(source: Source, *, by: Actor) -> Taken:
    """Ask a source: its document, or the documents its feed lists. What fails is noted at the source, not raised.

    No transaction is open while a server answers.
    """
    require(by, queries.BRING, source.department_id, source.region_code)
    try:
        content = _get(source.url)
        taken = _take_all(source, content, by)
        answer = _("新 %(new)s 条，其中采用 %(good)s 条") % {"new": taken.new, "good": taken.good}
    except Exception as error:  # whatever one source brings, those behind it in the line are asked
        log.exception("alerts of source %s cannot be taken in", source.pk)
        taken, answer = Taken(), f"{type(error).__name__}: {error}"
    Source.objects.filter(pk=source.pk).update(asked_at=clock.now(), answer=answer.replace("\0", "")[:300])
    return taken


def _take_all(source: Source, content: bytes, by: Actor) -> Taken:
    listed = [] if _holds_messages(content) else _listed(content)
    if not listed:
        return take_in(source, content, url=source.url, by=by)
    outcomes = []
    for address in listed[:MOST]:
        try:
            full = urljoin(source.url, address)
            outcomes.append(take_in(source, _get(full), url=full, by=by))
        except (ValueError, OSError):
            continue  # no address, or one that is refused or does not answer: asked for again next time
    return _sum(outcomes)


def _holds_messages(content: bytes) -> bool:
    try:
        return bool(reading.embedded(content))
    except reading.Unreadable:
        return False


def _listed(content: bytes) -> list[str]:
    try:
        return feeds.documents(content)
    except reading.Unreadable:
        return []


def _get(url: str) -> bytes:
    status, body = webhooks_http.get(url, private=PRIVATE.value, patience=PATIENCE, most=LONGEST, accept=ACCEPT)
    if status != 200:
        raise OSError(f"{url}: HTTP {status}")
    return body


def _sum(outcomes: Iterable[Taken]) -> Taken:
    found = list(outcomes)
    return Taken(sum(one.new for one in found), sum(one.good for one in found), sum(one.known for one in found))

"""Taking in what other catalogues list (CKAN, DCAT): gathered page by page, taken in one by one, each its own step.

Every step is kept before the next begins, so that a run that was killed goes on where it stood, and two processes at
one run do each thing once. What the network brings is never trusted: no private address, no endless list.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog import coding, hooks, taking
from hexi.blocks.catalog.models import (
    Entry,
    HarvestJob,
    HarvestKind,
    HarvestObject,
    HarvestSource,
    JobState,
    ObjectState,
    State,
)
from hexi.blocks.catalog.operations import entries
from hexi.blocks.catalog.queries.entries import KEEP
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System, require
from hexi.kernel.options import Option
from hexi.wire import webhooks_http
from hexi.wire.ckan import reading as ckan
from hexi.wire.dcat import reading as dcat
from hexi.wire.dcat import writing
from hexi.wire.dcat.model import Dataset

PRIVATE = Option(
    "catalog.harvest_private", bool, False,
    "也从内网地址采集目录。 / Harvest catalogues at addresses inside private networks as well.",
)  # fmt: skip
#: seconds for one answer, bytes of one, pages of one run; days after which all is asked again
PATIENCE, LONGEST, MOST_PAGES, WHOLE_DAYS = 60, 20_000_000, 2_000, 7
ACCEPT = "text/turtle, application/rdf+xml, application/ld+json, application/json"
RUNNING = (JobState.GATHER, JobState.IMPORT)


@dataclass(frozen=True)
class Met:
    """A data set as it was met: its name over there, its document and its files, or why there is none."""

    guid: str
    title: str = ""
    document: str = ""
    fault: str = ""
    ways: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Listed:
    """One page of a catalogue: what was met, and where the next one is ("": nowhere)."""

    met: tuple[Met, ...]
    next: str


def add_source(
    provider: Department, *, name: str, url: str, kind: str, classification: str, hours: int = 24, by: Actor
) -> HarvestSource:  # fmt: skip
    """Ask another catalogue from now on. Needs `catalog.keep` over the provider's region."""
    require(by, KEEP, None, provider.region_code)
    source = HarvestSource(
        provider=provider, region_code=provider.region_code, name=name.strip(), url=url.strip(), kind=kind,
        classification=classification.strip(), hours=hours,
    )  # fmt: skip
    wrong = {}
    if not source.name:
        wrong["name"] = _("请填写。")
    if kind not in HarvestKind.values:
        wrong["kind"] = _("请从列表里选择。")
    if not 1 <= hours <= 24 * 31:
        wrong["hours"] = _("请填写 1 到 %(n)s 小时。") % {"n": 24 * 31}
    wrong |= _wrong_code(source.classification) | _wrong_url(source.url)
    if wrong:
        raise ValidationError(wrong)
    try:
        with audit.change(by, "catalog.add_harvest_source") as note:
            source.save()
            note.thing, note.facts = source, {"name": source.name, "url": source.url}
    except IntegrityError:
        raise ValidationError({"url": _("这个地址已经登记过。")}) from None
    return source


def _wrong_code(text: str) -> dict[str, str]:
    try:
        coding.read_classification(text)
    except coding.WrongCode as wrong:
        return {"classification": str(wrong)}
    return {}


def _wrong_url(url: str) -> dict[str, str]:
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        return {"url": _("请填写以 http:// 或 https:// 开头的网址。")}
    return {} if len(url) <= 500 else {"url": _("最多 %(n)s 字，请缩短。") % {"n": 500}}


def end_source(source: HarvestSource, *, by: Actor) -> None:
    """Ask it no more; what was taken in stays. Twice is once."""
    require(by, KEEP, None, source.region_code)
    with audit.change(by, "catalog.end_harvest_source", source):
        HarvestSource.objects.filter(pk=source.pk).update(active=False)
        HarvestJob.objects.filter(source=source, state__in=RUNNING).update(
            state=JobState.FAILED, ended=clock.now(), fault=_("来源已停用。")
        )


def want(source: HarvestSource, *, by: Actor) -> None:
    """Ask it soon, by a job."""
    require(by, KEEP, None, source.region_code)
    with audit.change(by, "catalog.want_harvest", source):
        HarvestSource.objects.filter(pk=source.pk).update(next_at=clock.now())
        hooks.harvest_wanted.ring(source=source)


def begin(source: HarvestSource, *, by: Actor) -> HarvestJob | None:
    """The run of a source that is under way, or a new one; None for a source that is not asked any more.

    A CKAN is asked for what changed since the last run that went through; once in WHOLE_DAYS, and a DCAT always, for
    everything.
    """
    require(by, KEEP, None, source.region_code)
    running = HarvestJob.objects.filter(source=source, state__in=RUNNING).first()
    if running is not None or not HarvestSource.objects.filter(pk=source.pk, active=True).exists():
        return running
    try:
        with audit.change(by, "catalog.begin_harvest", source):
            source = HarvestSource.objects.select_for_update().get(pk=source.pk)
            made = HarvestJob.objects.create(source=source, since=_since(source))
            HarvestSource.objects.filter(pk=source.pk).update(next_at=clock.now() + timedelta(hours=source.hours))
    except IntegrityError:  # somebody else began one this very moment
        return HarvestJob.objects.filter(source=source, state__in=RUNNING).first()
    return made


def _since(source: HarvestSource) -> Any:
    if source.kind != HarvestKind.CKAN or source.clean_from is None:
        return None
    lately = clock.now() - timedelta(days=WHOLE_DAYS)
    whole = source.jobs.filter(since=None, state=JobState.DONE, started__gte=lately)
    # an hour earlier, as CKAN's own harvester asks: clocks differ
    return source.clean_from - timedelta(hours=1) if whole.exists() else None


# --- gather -----------------------------------------------------------------------------------------------------------
def gather(job: HarvestJob, *, by: Actor) -> HarvestJob:
    """Ask for the next page and keep what it lists. What fails is noted at the run, not raised.

    No transaction is open while the other side answers.
    """
    require(by, KEEP, None, job.source.region_code)
    if job.state != JobState.GATHER:
        return job
    try:
        page = _page(job)
        if page.next and (page.next == job.place or job.pages + 1 >= MOST_PAGES):
            raise OSError(_("目录没有尽头，已读 %(n)s 页。") % {"n": job.pages + 1})
        if len(page.next) > 1000:
            raise OSError(_("下一页的地址太长。"))
    except Exception as error:  # whatever another catalogue answers, its run ends with a reason and the others go on
        return _failed(job, error)
    return _kept(job, page)


def _page(job: HarvestJob) -> Listed:
    source = job.source
    if source.kind == HarvestKind.CKAN:
        start = int(job.place or 0)
        status, body = _get(ckan.search_url(source.url, start=start, since=job.since))
        found = ckan.page(status, body)
        met = tuple(_of_package(one, source.url) for one in found.packages)
        # an empty page in the middle is no end: all behind it would be withdrawn
        if not found.listed and start < found.count:
            raise OSError(_("对方说有 %(n)s 个数据集，只列出 %(m)s 个。") % {"n": found.count, "m": start})
        return Listed(met, str(start + found.listed) if found.listed else "")
    status, body = _get(job.place or source.url)
    if status != 200:
        raise dcat.Unreadable(f"HTTP {status}", f"HTTP {status}")
    catalogue = dcat.read(body, base=job.place or source.url)
    return Listed(tuple(map(_of_dataset, catalogue.datasets)), catalogue.paged.next if catalogue.paged else "")


def _get(url: str) -> tuple[int, bytes]:
    return webhooks_http.get(url, private=PRIVATE.value, patience=PATIENCE, most=LONGEST, accept=ACCEPT)


def _of_package(package: dict[str, Any], base: str) -> Met:
    try:
        return _of_dataset(ckan.dataset(package, base), ckan.identity(package))
    except Exception as error:  # a title that is no text, a list where a word should be
        name = str(package.get("id") or package.get("name") or "").strip()
        return Met(_stored(name, 500) or f"?{_digest(str(package))[:32]}", fault=str(error))


def _of_dataset(one: Dataset, guid: str = "") -> Met:
    document = writing.write(one, "ttl").decode()
    guid = guid or one.iri or one.identifier or f"?{_digest(document)[:32]}"
    title = next(iter(one.title.values()), "")
    fault = "" if title else _("没有标题。")
    return Met(_stored(guid, 500), _stored(title, 200), document, fault, tuple(map(taking.kept, one.distributions)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _stored(text: str, most: int) -> str:
    """One line a database keeps: no NUL, no half of a pair of signs."""
    return " ".join(text.replace("\0", "").encode(errors="ignore").decode().split())[:most]


def _kept(job: HarvestJob, page: Listed) -> HarvestJob:
    """Keep a page, if the run still stands where it was asked from: of two at once one does it."""
    with transaction.atomic():
        now = HarvestJob.objects.select_for_update().select_related("source").get(pk=job.pk)
        if now.state != JobState.GATHER or now.place != job.place:
            return now
        for one in page.met:
            _keep(now, one)
        now.place, now.pages = page.next, now.pages + 1
        if not page.next:
            now.state = JobState.IMPORT
            _again(now)
            if now.since is None:
                _gone(now)
        now.save()
    return now


def _keep(job: HarvestJob, one: Met) -> None:
    state = ObjectState.BAD if one.fault else ObjectState.WAITING
    given = {
        "job": job, "state": state, "title": one.title,
        "content": {"ttl": one.document.replace("\0", ""), "ways": list(one.ways)},
        "fault": one.fault[:500], "at": clock.now(),
    }  # fmt: skip
    HarvestObject.objects.update_or_create(source=job.source, guid=one.guid, defaults=given)


def _again(job: HarvestJob) -> None:
    """What did not fit before is tried once more as it was told then: unchanged over there, it is not listed again."""
    bad = HarvestObject.objects.filter(source=job.source, state=ObjectState.BAD, job__lt=job.pk)
    bad.exclude(content__ttl="").update(state=ObjectState.WAITING)


def _gone(job: HarvestJob) -> None:
    """What two runs through everything, one after the other, did not meet is not there any more.

    Its entries are withdrawn when taken in. One run is not enough: a catalogue that is being rebuilt lists nothing for
    an hour, and an entry that was withdrawn comes back under another code.
    """
    whole = HarvestJob.objects.filter(source=job.source, since=None, state=JobState.DONE, pk__lt=job.pk)
    before = whole.order_by("-pk").first()
    if before is None:
        return
    missing = HarvestObject.objects.filter(source=job.source, job__lt=before).exclude(state=ObjectState.GONE)
    missing.update(job=job, state=ObjectState.WAITING, content={}, at=clock.now())


def _failed(job: HarvestJob, error: Exception) -> HarvestJob:
    with transaction.atomic():
        now = HarvestJob.objects.select_for_update().select_related("source").get(pk=job.pk)
        if now.state == JobState.GATHER and now.place == job.place:
            now.state, now.ended, now.fault = JobState.FAILED, clock.now(), _stored(f"{error}", 500)
            now.save()
    return now


# --- take in ----------------------------------------------------------------------------------------------------------
def take_in(row: HarvestObject, *, by: Actor) -> HarvestObject:
    """Make or change the entry of one data set that waits. What does not fit is kept with its reason, not raised."""
    require(by, KEEP, None, row.source.region_code)
    try:
        with transaction.atomic():
            now = _waiting(row)
            return now if now.state != ObjectState.WAITING else _taken(now, by)
    except ValidationError as error:
        fault = "; ".join(error.messages)
    except Exception as error:  # such as an official's own draft on the entry: this one waits, the others go on
        fault = str(error)
    return _bad(row, fault)


def _waiting(row: HarvestObject) -> HarvestObject:
    HarvestObject.objects.select_for_update().get(pk=row.pk)
    return HarvestObject.objects.select_related("source__provider", "entry").get(pk=row.pk)


def _bad(row: HarvestObject, fault: str) -> HarvestObject:
    """Kept with its reason; tried no more in this run."""
    HarvestObject.objects.filter(pk=row.pk, state=ObjectState.WAITING).update(
        state=ObjectState.BAD, fault=_stored(fault, 500), at=clock.now()
    )
    return HarvestObject.objects.get(pk=row.pk)


def _taken(row: HarvestObject, by: Actor) -> HarvestObject:
    document = row.content.get("ttl", "")
    if not document:
        return _ended(row, by)
    digest = _digest(document)
    if row.digest == digest and row.entry is not None and row.entry.state == State.PUBLISHED:
        row.state = ObjectState.SAME
    else:
        (one,) = dcat.read(document.encode(), "text/turtle").datasets
        said = taking.said_of(one, row.source)
        row.entry = _entry(row, said, by)
        row.state, row.digest = ObjectState.TAKEN, digest
    row.fault, row.at = "", clock.now()
    row.save()
    return row


def _entry(row: HarvestObject, said: dict[str, Any], by: Actor) -> Entry:
    """The entry of a data set: made once, whatever dies in between, because its form number follows from its name."""
    source, entry = row.source, row.entry
    if entry is None or entry.state == State.WITHDRAWN:
        # one that was withdrawn and is back again is a new one: the old code is not given out again
        once = uuid.uuid5(uuid.NAMESPACE_URL, f"{source.url} {row.guid} {entry.pk if entry else ''}")
        entry = entries.write(source.provider, classification=source.classification, once=once, by=by, **said)
    else:
        entries.revise(entry, why=_("采集更新"), by=by, **said)
    entries.submit(entry, by=by)
    entries.publish(entry, by=by)
    return Entry.objects.get(pk=entry.pk)


def _ended(row: HarvestObject, by: Actor) -> HarvestObject:
    if row.entry is not None:
        entries.withdraw(row.entry, reason=_("来源已删除"), by=by)
    row.state, row.at = ObjectState.GONE, clock.now()
    row.save()
    return row


def finish(job: HarvestJob) -> HarvestJob:
    """End a run whose data sets are all dealt with. Twice is once."""
    with transaction.atomic():
        now = HarvestJob.objects.select_for_update().get(pk=job.pk)
        waiting = HarvestObject.objects.filter(source=now.source_id, state=ObjectState.WAITING).exists()
        if now.state != JobState.IMPORT or waiting:
            return now
        now.state, now.ended = JobState.DONE, clock.now()
        now.save()
        HarvestSource.objects.filter(pk=now.source_id).update(clean_from=now.started)
    return now


def run(job: HarvestJob, *, by: Actor | None = None) -> HarvestJob:
    """All that is left of a run, step by step."""
    actor = by or System("harvest")
    job = HarvestJob.objects.select_related("source").get(pk=job.pk)
    while job.state == JobState.GATHER:
        job = gather(job, by=actor)
    if job.state == JobState.IMPORT:
        for row in _left(job):
            take_in(row, by=actor)
        job = finish(job)
    return job


def _left(job: HarvestJob) -> Iterable[HarvestObject]:
    waiting = HarvestObject.objects.filter(source=job.source, state=ObjectState.WAITING)
    while rows := list(waiting.select_related("source").order_by("pk")[:100]):
        yield from rows

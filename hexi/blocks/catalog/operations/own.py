"""Own registers are catalogued: entries made or brought up to date from `datasets/*.yaml`, at every setup."""

from dataclasses import dataclass

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog import content, finding, hooks, own
from hexi.blocks.catalog.models import Entry, RevisionState, State
from hexi.blocks.catalog.operations import entries
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("packs")


@dataclass
class Published:
    """What one run did; `kept`: entries an official has worked on since, left as they are."""

    made: int = 0
    changed: int = 0
    kept: int = 0
    gone: int = 0
    without_provider: int = 0


def publish_own() -> Published:
    """Make each own data set an entry of its provider, or its entry say what the pack says now. Twice is once.

    An entry that an official has changed or withdrawn is left alone; one whose data set is no more is withdrawn. A
    data set nobody provides here (no region pack says who) is left out.
    """
    done = Published()
    keys = {origin: own.provider_key(one) for origin, one in own.datasets().items()}
    offices = {one.key: one for one in Department.objects.filter(key__in=set(keys.values()), active=True)}
    for origin, one in own.datasets().items():
        provider = offices.get(keys[origin])
        if provider is None:
            done.without_provider += 1
        else:
            what = _publish(one, provider)
            if what:
                setattr(done, what, getattr(done, what) + 1)
    done.gone = _withdraw_gone()
    return done


def prepare() -> None:
    """For setup: says what was done, if anything was."""
    done = publish_own()
    if done.made or done.changed or done.gone:
        print(f"    +{done.made} ~{done.changed} -{done.gone}", flush=True)


def _publish(one: own.Own, provider: Department) -> str:
    """What became of one: "made", "changed", "kept", or nothing."""
    said = own.said_of(one)
    entry = Entry.objects.filter(origin=one.origin).select_related("current", "latest", "provider").first()
    if entry is None:
        return _make(one, provider, said)
    current = entry.current
    if current is not None and content.tidied(current.content) == said and entry.provider_id == provider.pk:
        return ""  # tidied: what older revisions did not know is as good as empty
    if entry.state != State.PUBLISHED or current.published_key != BY.key or entry.latest_id != entry.current_id:
        return "kept"
    with audit.change(BY, "catalog.publish_own", entry) as note:
        entry = entries.locked(entry)
        if (
            content.tidied(entry.current.content) == said and entry.provider_id == provider.pk
        ):  # somebody was here at the same time
            return ""
        entry.provider, entry.region_code = provider, provider.region_code
        revision = entries.add(entry, said, BY, why="数据包更新")
        entries.put_in_force(entry, revision, BY)
        note.facts = {"origin": one.origin, "number": revision.number}
    return "changed"


def _make(one: own.Own, provider: Department, said: dict) -> str:
    with audit.change(BY, "catalog.publish_own", "catalog.entry", origin=one.origin) as note:
        code = entries.code_for(one.said.classification, "")  # its counter's lock is what a second run waits for
        if Entry.objects.filter(origin=one.origin).exists():
            return ""
        slug = one.origin.replace(".", "-")
        entry = entries.new(provider, code, said, slug=slug, origin=one.origin, created=clock.now())
        revision = entries.add(entry, said, BY)
        entries.put_in_force(entry, revision, BY)
        note.thing = entry
    return "made"


def _withdraw_gone() -> int:
    """Entries of data sets that no part of the house declares any more: switched off, or taken out of its pack."""
    rows = Entry.objects.filter(state=State.PUBLISHED).exclude(origin="").exclude(origin__in=list(own.datasets()))
    gone = list(rows)
    for entry in gone:
        with audit.change(BY, "catalog.publish_own", entry, gone=entry.origin):
            entry = entries.locked(entry)
            if entry.state != State.PUBLISHED:
                continue
            entries.end(entry, RevisionState.WITHDRAWN, clock.now(), why="本平台不再有这个数据集")
            entry.state, entry.due_on = State.WITHDRAWN, None
            entry.origin = ""  # should it come back it is an entry anew: what is withdrawn stays so
            entry.save()
            finding.put(entry)
            hooks.entry_withdrawn.ring(entry=entry, by=BY)
    return len(gone)

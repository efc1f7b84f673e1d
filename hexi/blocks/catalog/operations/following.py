"""Rows brought up to date, who is told of it, and whose rows are late: subscriptions and alarms."""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog import cycles, hooks, options, own
from hexi.blocks.catalog.models import Entry, Load, LoadState, State, Subscription, Way
from hexi.blocks.catalog.operations import entries
from hexi.blocks.catalog.queries import entries as queries
from hexi.blocks.notices import operations as notices
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words

#: a load that brought nothing
FAILED = (LoadState.FAILED, LoadState.REFUSED)


def subscribe(entry: Entry, *, by: Actor) -> Subscription:
    """Follow a data set the actor may see: told of new rows (once a day), changes and withdrawal. Twice is once."""
    account = _account(by)
    if not queries.may_see(entry, by):
        raise Denied(_("没有这个数据集，或者不归您看。"))
    with audit.change(by, "catalog.subscribe", entry):
        entry = entries.locked(entry)
        if entry.state != State.PUBLISHED:
            raise ValidationError(_("没有发布的数据集不能订阅。"))
        return Subscription.objects.get_or_create(entry=entry, account_id=account)[0]


def unsubscribe(entry: Entry, *, by: Actor) -> None:
    """Follow it no more; nothing happens to who did not."""
    account = _account(by)
    with audit.change(by, "catalog.unsubscribe", entry):
        Subscription.objects.filter(entry=entry, account_id=account).delete()


def refreshed(entry: Entry, *, at: datetime | None = None, by: Actor) -> Entry:
    """The rows were brought up to date at a moment (default: now): the alarm is set anew, followers are told.

    Called by every load, and by the provider for a data set whose rows are not kept here. Needs `catalog.write`.
    A moment before the last one changes nothing: a load that is told late does not make newer rows old.
    """
    at = at or clock.now()
    require(by, queries.WRITE, entry.provider_id, entry.region_code)
    if at > clock.now():
        raise ValidationError({"at": _("更新时间不能晚于现在。")})
    with audit.change(by, "catalog.refreshed", entry, at=at) as note:
        entry = entries.locked(entry)
        if entry.refreshed is not None and entry.refreshed >= at:
            return entry
        entry.refreshed, entry.told_on = at, None
        entry.due_on = cycles.due(entry) if entry.state == State.PUBLISHED else None
        entry.save()
        if entry.state == State.PUBLISHED:
            note.facts["told"] = _tell_of_rows(entry, by)
            hooks.rows_refreshed.ring(entry=entry, at=at)
    return entry


def look_at_own(entry: Entry, *, by: Actor) -> bool:
    """Bring the moment of an own register up to that of its newest row; True if it was later than the one known.

    Whoever follows the register is told as of any other. Run twice at once the second changes nothing.
    """
    register = own.of(entry)
    last = register.changed(clock.now()) if register else None
    if last is None or (entry.refreshed is not None and entry.refreshed >= last):
        return False
    refreshed(entry, at=last, by=by)
    return True


def tell_overdue(department: Department, *, by: Actor) -> int:
    """Tell a provider which of its data sets are overdue, once in some days; how many it was told of.

    Of two runs at once each data set is told of by one.
    """
    today = clock.today()
    again = today - timedelta(days=options.AGAIN_DAYS.value)
    with audit.change(by, "catalog.tell_overdue", department) as note:
        late = queries.overdue(Entry.objects.filter(provider=department))
        rows = list(late.filter(Q(told_on=None) | Q(told_on__lte=again)).select_for_update())
        note.facts = {"count": len(rows)}
        if not rows:
            return 0
        Entry.objects.filter(pk__in=[one.pk for one in rows]).update(told_on=today)
        oldest = late[0]
        facts = {
            "n": late.count(), "office": Words(zh=department.name, en=department.name_en or department.name),
            "title": Words(zh=oldest.title, en=oldest.title_en or oldest.title), "since": oldest.due_on,
        }  # fmt: skip
        notices.tell(queries.holders(department, queries.WRITE), "catalog.overdue", facts=facts, by=by)  # type: ignore[arg-type]
    return len(rows)


def tell_failing(load: Load, *, by: Actor) -> bool:
    """Tell the provider when a database or service could not be taken from as often as `options.FAILURES` in a row.

    Once: the next failures of the same series are silent, and stand on the page of the data set. Who brings a file
    sees himself what is wrong with it. `load` has just ended, inside the caller's change.
    """
    source, most = load.source, options.FAILURES.value
    if source.way == Way.FILE or load.state not in FAILED:
        return False
    last = list(
        source.loads.exclude(state=LoadState.DROPPED).order_by("-pk").values_list("state", flat=True)[: most + 1]
    )
    if len(last) < most or any(state not in FAILED for state in last[:most]) or set(last[most:]) & {*FAILED}:
        return False
    entry = source.entry
    whom = queries.holders(entry.provider, queries.WRITE)
    title = Words(zh=entry.title, en=entry.title_en or entry.title)
    facts = {"title": title, "entry": entry.pk, "n": most, "told": load.told[:300]}
    notices.tell(whom, "catalog.failing", about=entry, facts=facts, by=by)  # type: ignore[arg-type]
    return True


def _tell_of_rows(entry: Entry, by: Actor) -> int:
    """Who follows it and was not told today; a data set that is loaded every minute is told of once a day."""
    now = clock.now()
    fresh = entry.subscriptions.filter(Q(told_at=None) | Q(told_at__lt=now - timedelta(days=1)))
    whom = queries.followers(entry, fresh)
    if not whom:
        return 0
    Subscription.objects.filter(entry=entry, account__in=whom).update(told_at=now)
    title = Words(zh=entry.title, en=entry.title_en or entry.title)
    facts = {"title": title, "entry": entry.pk, "at": entry.refreshed}
    notices.tell(whom, "catalog.refreshed", about=entry, facts=facts, by=by)  # type: ignore[arg-type]
    return len(whom)


def _account(by: Actor) -> int:
    """The account the actor signs in with. Raises `Denied` for who has none."""
    account = queries.account_of(by)
    if account is None:
        raise Denied(_("请先登录再订阅。"))
    return account

"""The uses of a data set that the catalogue itself knows of: who follows it, what is linked to it, the open portal."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.catalog import finding
from hexi.blocks.catalog.models import Entry, State
from hexi.blocks.catalog.queries.entries import seen_by, works_on
from hexi.blocks.catalog.uses import Use
from hexi.blocks.people.models import Post
from hexi.kernel import clock
from hexi.kernel.actors import Actor

#: followers named, of all that are counted
NAMED = 20


def followers(entry: Entry, by: Actor) -> Iterable[Use]:
    """With office and name for those who work on the entry; the first that followed it."""
    if not works_on(entry, by):
        return
    rows = list(entry.subscriptions.select_related("account").order_by("pk")[:NAMED])
    posts = Post.objects.held_on(clock.today()).filter(account__in=[one.account_id for one in rows])
    offices = {one.account_id: one.department.title for one in posts.select_related("department").order_by("-pk")}
    for one in rows:
        yield Use(" ".join(filter(None, (offices.get(one.account_id), one.account.name or one.account.username))))


def count_followers(entry: Entry) -> int:
    """How many follow it."""
    return entry.subscriptions.count()


def linked(entry: Entry, by: Actor) -> Iterable[Use]:
    """Entries that name this one as related."""
    for one in seen_by(by).filter(pk__in=entry.related.values("pk")).exclude(state=State.WITHDRAWN)[:100]:
        yield Use(f"{one.code} {one.name}", url=reverse("catalog.entry", args=[one.pk]))


def count_linked(entry: Entry) -> int:
    """How many are linked to it."""
    return entry.related.exclude(state=State.WITHDRAWN).count()


def portal(entry: Entry, by: Actor) -> Iterable[Use]:
    """What everybody may download."""
    if entry.open and entry.state == State.PUBLISHED:
        columns = tuple(item.name for item in entry.items.all() if item.open)
        yield Use(_("向社会开放，任何人可下载"), columns, finding.address(entry))


def count_portal(entry: Entry) -> int:
    """One if it is open."""
    return int(entry.open and entry.state == State.PUBLISHED)

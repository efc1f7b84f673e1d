"""Who may know of a petition, who may read it, and from whom it is kept: asked by every list, page, file and operation.

Above models, below operations and queries. A petition is kept from whom it complains of and from everybody of that unit
(信访工作条例 arts 28, 30); its petitioner, if he is an official, reads it on his own page alone.
"""

from datetime import datetime

from django.db.models import Q, QuerySet

from hexi.blocks.cases.models import Case
from hexi.blocks.people.models import Post
from hexi.blocks.people.queries import persons_of
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions.models import Handler, Petition, Recusal
from hexi.domains.livelihood.petitions.states import ASSIGN, HANDLE, PETITIONERS, VIEW
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within


def units_of(account: int) -> QuerySet[Post]:
    """Departments of an account's posts of today, for use inside another query."""
    return Post.objects.held_on(clock.today()).filter(account=account).values("department")


def barred(account: int) -> QuerySet[Recusal]:
    """What keeps an account out: he is named himself, or a unit he has a post in, or one it is an office of."""
    mine = units_of(account)
    above = Department.objects.filter(pk__in=mine, parent__isnull=False).values("parent")
    return Recusal.objects.filter(Q(account=account) | Q(unit__in=mine) | Q(unit__in=above))


def _kept(actor: Actor) -> Q:
    """Petitions an actor must not know of as an official; jobs of the house know all."""
    account = getattr(actor, "account_id", None)
    if account is None:
        return Q(pk__in=())
    kept = Q(pk__in=barred(account).values("petition"))
    if mine := persons_of(actor):
        kept |= Q(case__applicant__in=mine)
    return kept


def kept(actor: Actor) -> QuerySet[Case]:
    """The cases of those petitions (`CaseKind.kept`)."""
    return Case.objects.filter(pk__in=Petition.objects.filter(_kept(actor)).values("case"))


def known(actor: Actor) -> QuerySet[Petition]:
    """Petitions an official knows of: number, state and clocks. Their content is `readable` or not."""
    reach = within(actor.scopes(VIEW), "office_id", "office_region")
    for verb in (HANDLE, ASSIGN):
        reach |= within(actor.scopes(verb), "case__department_id", "case__region_code")
    return _rows(actor, reach | _named(actor))


def readable(actor: Actor) -> QuerySet[Petition]:
    """Petitions whose content an official may read: the petition office's, and those he is named for."""
    return _rows(actor, within(actor.scopes(VIEW), "office_id", "office_region") | _named(actor))


def may_read(petition: Petition, actor: Actor) -> bool:
    """True if the content is for this official."""
    return readable(actor).filter(pk=petition.pk).exists()


def closed_since(petition: Petition, actor: Actor) -> datetime | None:
    """From when on a handler of an earlier level reads nothing, for the review is not decided; None if he reads all.

    Who reviews (arts 35, 36) judges the work of who handled before: that one must not follow how. The petition office
    and whoever is named for the review read on.
    """
    now = petition.rounds.filter(level=petition.level).first()
    if petition.level == 1 or now is None or now.answered_at is not None:
        return None
    if actor.may(VIEW, petition.office_id, petition.office_region):
        return None
    account = getattr(actor, "account_id", None)
    mine = Handler.objects.filter(petition=petition, account=account, level=petition.level, ended_at=None)
    return None if mine.exists() else now.opened_at


def by_petitioners() -> Q:
    """The entries of the log that petitioners left: who petitions is not for everybody who reads it (`audit.Veil`)."""
    return Q(verb__in=PETITIONERS) | Q(verb="documents.hand_over", kind__startswith="petitions.")


def _named(actor: Actor) -> Q:
    """Named for it, or for the petition it was joined to."""
    account = getattr(actor, "account_id", None)
    if account is None:
        return Q(pk__in=())
    named = Handler.objects.filter(account=account, ended_at=None).values("petition")
    return Q(pk__in=named) | Q(lead__in=named)


def _rows(actor: Actor, reach: Q) -> QuerySet[Petition]:
    """Without duplicates whatever the joins, and without what is kept from him."""
    return Petition.objects.filter(reach).exclude(_kept(actor)).select_related("case__department", "office", "unit")

"""Whose matter a case is: who acts for its applicant, and who must keep out of it. Beside models."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.cases.models import Case
from hexi.blocks.people.models import Person
from hexi.kernel.actors import Actor, Denied


def represents(by: Actor, person: Person) -> bool:
    """True if the actor is this person, or the legal representative of this body."""
    own = getattr(by, "person_id", None)
    return own is not None and own in (person.pk, person.representative_id)


def persons(by: Actor) -> QuerySet[Person]:
    """The actor's own person and the bodies he represents, for use inside another query; nobody for a stranger."""
    own = getattr(by, "person_id", None)
    return Person.objects.filter(Q(pk=own) | Q(representative=own)) if own else Person.objects.none()


def require_stranger(by: Actor, case: Case) -> None:
    """Nobody handles his own matter, or that of a body he represents (公务员法 art. 76: 回避). Raises `Denied`."""
    if represents(by, case.applicant):
        raise Denied(_("这是您自己（或您代表的单位）的申请，应当回避，由其他人员办理。进展请在“我的办件”查看。"))

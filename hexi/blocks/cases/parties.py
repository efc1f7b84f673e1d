"""Whose matter a case is: who acts for its applicant, and who must keep out of it. Beside models."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.cases.models import Case
from hexi.blocks.people.mandates import held, mandate_for
from hexi.blocks.people.models import Person
from hexi.kernel.actors import Actor, Denied


def represents(by: Actor, person: Person) -> bool:
    """True if the actor is this person, or the legal representative of this body."""
    own = getattr(by, "person_id", None)
    return own is not None and own in (person.pk, person.representative_id)


def acts(by: Actor, case: Case) -> bool:
    """True if the matter is the actor's own, his body's, or one a mandate in force lets him see to."""
    return represents(by, case.applicant) or mandate_for(by, case.applicant_id, case.item.key) is not None


def by_mandate(by: Actor) -> Q:
    """Cases the actor sees to by the mandates he holds. One query."""
    found = Q(pk__in=())
    for one in held(by):
        covered = Q(applicant=one.principal_id)
        found |= covered & Q(item__key__in=one.items) if one.items else covered
    return found


def own(by: Actor) -> Q:
    """Cases of the actor himself, of the bodies he represents and of whom he acts for; none for a stranger."""
    if getattr(by, "person_id", None) is None:
        return Q(pk__in=())
    # a list of persons and no join: a million cases are then not read through for the few of one's own
    return Q(applicant__in=persons(by)) | by_mandate(by)


def strange(by: Actor, case: str = "pk") -> Q:
    """Rows whose case `require_stranger` lets the actor handle: lists, counts and exports agree with operations.

    `case` names the case from the row. One query for the mandates he holds.
    """
    # one's own cases are few and found by index: the rows themselves are never joined with a million cases for them
    return ~Q(**{f"{case}__in": Case.objects.filter(own(by)).values("pk")})


def entered(by: Actor, case: Case) -> bool:
    """True if the actor is the outside system that handed the case in, and still may."""
    own = case.submission.startswith(f"{by.key}:")
    return own and by.may("cases.submit", case.department_id, case.region_code)


def persons(by: Actor) -> QuerySet[Person]:
    """The actor's own person and the bodies he represents, for use inside another query; nobody for a stranger."""
    own = getattr(by, "person_id", None)
    return Person.objects.filter(Q(pk=own) | Q(representative=own)) if own else Person.objects.none()


def require_stranger(by: Actor, case: Case) -> None:
    """Nobody handles his own matter, his body's, or one he acts in as agent (公务员法 art. 76: 回避). Or `Denied`."""
    if acts(by, case):
        raise Denied(_("这是您自己（或您代表的单位）的申请，应当回避，由其他人员办理。进展请在“我的办件”查看。"))

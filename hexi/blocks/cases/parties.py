"""Whose matter a case is: who acts for whom, and who must keep out of it. Beside models.

One rule, `acts_as`, says who acts for a person; `acts`, `own` and `by_mandate` are the same rule for cases.
"""

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import first_office
from hexi.blocks.cases.models import Agency, Case, Entry
from hexi.blocks.people.mandates import held
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.kernel.actors import Actor, Denied

#: taken in for somebody who stood at the window
AT_COUNTER = (Entry.How.WINDOW, Entry.How.OPERATOR)


def represents(by: Actor, person: Person | None) -> bool:
    """True if the actor is this person, or the legal representative of this body: he needs no mandate."""
    own = getattr(by, "person_id", None)
    return own is not None and person is not None and own in (person.pk, person.representative_id)


def acts_as(by: Actor, person: Person, *items: str) -> bool:
    """Who acts for whom: the person himself, who represents the body, or by mandates in force that cover all `items`.

    Without a matter named a mandate lets nobody act: mandates are given for matters.
    """
    if represents(by, person):
        return True
    scope = scopes(by).get(person.pk, set()) if items else set()
    return scope is None or (bool(scope) and scope >= set(items))


def acts(by: Actor, case: Case) -> bool:
    """True if the matter is the actor's own, his body's, or one a mandate in force lets him see to."""
    if case.applicant is None:
        return False
    # a mandate names service items: it covers no case of another kind
    return acts_as(by, case.applicant, *([case.item.key] if case.item else []))


def scopes(by: Actor) -> dict[int, set[str] | None]:
    """In which matters he acts for whom by mandates in force: person to keys of items, None for all. One query."""
    found: dict[int, set[str] | None] = {}
    for one in held(by):
        known = found.get(one.principal_id, set())
        found[one.principal_id] = None if known is None or not one.items else known | set(one.items)
    return found


def by_mandate(by: Actor) -> Q:
    """Cases the actor sees to by the mandates he holds. One query."""
    found = Q(pk__in=())
    for person, items in scopes(by).items():
        covered = Q(applicant=person, item__isnull=False)
        found |= covered if items is None else covered & Q(item__key__in=sorted(items))
    return found


def own(by: Actor) -> Q:
    """Cases of the actor himself, of the bodies he represents and of whom he acts for; none for a stranger."""
    if not (mine := persons_of(by)):
        return Q(pk__in=())
    # the ids themselves, neither a join nor a subquery: only so does the database know that they have few cases
    return Q(applicant__in=mine) | by_mandate(by)


def strange(by: Actor, case: str = "pk") -> Q:
    """Rows whose case `require_stranger` lets the actor handle: lists, counts and exports agree with operations.

    `case` names the case from the row ("pk": the rows are cases). Two queries: the bodies he represents, his mandates.
    """
    if case == "pk":
        return ~own(by)
    # one's own cases are few and found by index: the rows themselves are never joined with a million cases for them
    return ~Q(**{f"{case}__in": Case.objects.filter(own(by)).values("pk")})


def entered(by: Actor, case: Case) -> bool:
    """True if the actor is the outside system that handed the case in, and still may."""
    own = case.submission.startswith(f"{by.key}:")
    return own and by.may("cases.submit", case.department_id, case.region_code)


def stands_in(by: Actor, case: Case) -> bool:
    """True if the actor is of the window that took the case in for somebody who came in person, and no party to it.

    Of two levels the lower one took it in, and its window stays his when the case has gone up.
    """
    taken_in = by.scopes("cases.accept") and Agency.objects.filter(case=case, how__in=AT_COUNTER).exists()
    if not taken_in or acts(by, case):
        return False
    office, region = first_office(case.version)
    return by.may("cases.accept", office.pk, region)


def require_own(by: Actor, case: Case, *, seen: bool) -> bool:
    """Raise `Denied` unless it is the actor's matter, or he is of its window and has seen who stands there.

    True if the window does it for him: whoever writes the step down puts that on record.
    """
    if acts(by, case) or entered(by, case):
        return False
    if not stands_in(by, case):
        raise Denied(_("这不是您的办件。"))
    if not seen:
        raise ValidationError({"seen": _("请先核对身份证件（或营业执照）原件，再录入。")})
    return True


def persons(by: Actor) -> QuerySet[Person]:
    """The actor's own person and the bodies he represents, for use inside another query; nobody for a stranger."""
    own = getattr(by, "person_id", None)
    return Person.objects.filter(Q(pk=own) | Q(representative=own)) if own else Person.objects.none()


def require_stranger(by: Actor, case: Case) -> None:
    """Nobody handles his own matter, his body's, or one he acts in as agent (公务员法 art. 76: 回避). Or `Denied`."""
    if acts(by, case):
        raise Denied(_("这是您自己（或您代表的单位）的申请，应当回避，由其他人员办理。进展请在“我的办件”查看。"))

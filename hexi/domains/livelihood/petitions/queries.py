"""Reading petitions: one of them for who may, the petitioner's own, whom to name, what may be the same, figures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q, QuerySet

from hexi.blocks.audit.operations import look
from hexi.blocks.cases.facts import span
from hexi.blocks.cases.models import Case
from hexi.blocks.documents import queries as files
from hexi.blocks.documents.models import Document
from hexi.blocks.people import vault
from hexi.blocks.people.models import Account, Person, Post
from hexi.blocks.people.queries import persons_of
from hexi.blocks.regions import codes
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions.access import barred, kept, known, may_read, readable
from hexi.domains.livelihood.petitions.models import Office, Petition, Round, Term, Writing
from hexi.domains.livelihood.petitions.states import HANDLE, INTAKE, VIEW, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within

#: documents belong to it: a petition, or one being written
KIND, WRITING = "petitions.petition", "petitions.writing"
PURPOSE = "办理信访事项"


def petition_for(number: str, actor: Actor) -> tuple[Petition, bool]:
    """One petition an official knows of, and whether its content is for him; that look is logged.

    Raises `DoesNotExist` for one that is not there and for one that is kept from him alike.
    """
    found = known(actor).get(case__number=number)
    if not may_read(found, actor):
        return found, False
    look(actor, found, purpose=PURPOSE, person_id=found.case.applicant_id)
    return found, True


def to_act(number: str, actor: Actor) -> Petition:
    """The same for an action, which leaves an entry of its own."""
    return known(actor).get(case__number=number)


def mine(number: str, actor: Actor) -> Petition:
    """The petitioner's own. Raises `DoesNotExist`."""
    rows = Petition.objects.select_related("case__department", "case__applicant", "office", "unit", "lead__case")
    return rows.get(case__number=number, case__applicant__in=persons_of(actor))


def is_petitioner(actor: Actor, petition: Petition) -> bool:
    """True for who petitioned, and who represents the body that did."""
    return petition.case.applicant_id is not None and petition.case.applicant_id in persons_of(actor)


def my_petitions(actor: Actor) -> QuerySet[Petition]:
    """All of one's own, newest first."""
    rows = Petition.objects.filter(case__applicant__in=persons_of(actor))
    return rows.select_related("case__department").order_by("-pk")


def lists(actor: Actor) -> QuerySet[Petition]:
    """What the workbench lists, soonest due first."""
    return known(actor).order_by(F("case__next_due").asc(nulls_last=True), "pk")


def lookup(person: Person | None, phone: str) -> str:
    """What other petitions of the same petitioner are found by: the person, else the phone; "" for neither."""
    mark = mark_of(person, phone)
    return vault.ring().lookup(mark, KIND) if mark else ""


def mark_of(person: Person | None, phone: str) -> str:
    """What is hashed for that."""
    return f"person:{person.pk}" if person else "".join(sign for sign in phone if sign.isdecimal())


def alike(petition: Petition, actor: Actor) -> QuerySet[Petition]:
    """Petitions that may be about the same matter: of the same petitioner, or of the same class and village."""
    same = Q(case__subject=petition.case.subject, place_code=petition.place_code)
    if petition.lookup:
        same |= Q(lookup=petition.lookup)
    rows = readable(actor).filter(same, case__ended_at=None, lead=None, office=petition.office_id)
    return rows.exclude(pk=petition.pk).order_by("-pk")


def handlers_for(petition: Petition, unit: Department) -> list[Account]:
    """Officials of a unit who may be named: with the right to handle, not kept out, and not of an earlier level."""
    posts = Post.objects.held_on(clock.today()).filter(department=unit, account__is_active=True)
    found = {
        post.account_id: post.account
        for post in posts.select_related("account").prefetch_related("roles").order_by("account__name", "pk")
        if any(HANDLE in role.verbs for role in post.roles.all())
    }
    return [one for one in found.values() if not barrier(petition, one)]


def barrier(petition: Petition, account: Account) -> str:
    """Why an account cannot be named: "kept" out, or "before": had it on an earlier level; "" if it can."""
    family = [petition.pk, *petition.followers.values_list("pk", flat=True)]
    own = Q(case__applicant=account.person_id) if account.person_id else Q(pk__in=())
    if barred(account.pk).filter(petition__in=family).exists():
        return "kept"
    if Petition.objects.filter(own, pk__in=family).exists():
        return "kept"
    return "before" if petition.handlers.filter(account=account, level__lt=petition.level).exists() else ""


def units_to(petition: Petition) -> QuerySet[Department]:
    """Units a petition may go to: none that is complained of, nor an office of one."""
    against = petition.recusals.filter(unit__isnull=False).values("unit")
    return Department.objects.filter(active=True).exclude(pk__in=against).exclude(parent__in=against)


def officials_named(text: str, region: str) -> list[Account]:
    """Officials whose full name stands in a text: of a county, of all inside a region that is larger, and above it.

    One query and a look at each name.
    """
    posts = Post.objects.held_on(clock.today()).filter(account__is_active=True)
    inside = Q(department__region_code__startswith=codes.prefix(region)[:6])
    near = inside | Q(department__region_code__in=codes.ancestors(region))
    accounts = Account.objects.filter(pk__in=posts.filter(near).values("account")).exclude(name="")
    return [one for one in accounts if names(one, text)]


def names(account: Account, text: str) -> bool:
    """True if the full name of an account stands in a text."""
    return len(account.name) > 1 and account.name in text


def told(petition: Petition) -> str:
    """Everything a petitioner wrote in which a name may stand: the petition itself and why reviews are asked for."""
    said = [petition.against.get("name", ""), *(petition.content.get(name, "") for name in ("title", "text", "wish"))]
    return " ".join([*said, *petition.rounds.values_list("reason", flat=True)])


def is_official(account: Account) -> bool:
    """True for somebody with a post today or later."""
    return account.is_active and account.posts.filter(Q(valid_to=None) | Q(valid_to__gt=clock.today())).exists()


def near(account: Account) -> Iterator[Petition]:
    """The petitions of the places an official has posts in, above and below them: by his departments' regions."""
    regions = set(account.posts.values_list("department__region_code", flat=True))
    reach = Q(pk__in=())
    for code in regions:
        reach |= Q(office_region__in=codes.ancestors(code)) | Q(office_region__startswith=codes.prefix(code)[:6])
    return Petition.objects.filter(reach).prefetch_related("rounds").iterator(chunk_size=500)


def offices_of(actor: Actor, verb: str) -> list[Office]:
    """Petition offices an official works for."""
    rows = Office.objects.filter(within(actor.scopes(verb))).select_related("department")
    return list(rows.order_by("region_code"))


def terms(day: date) -> QuerySet[Term]:
    """Terms in force on a day."""
    rows = Term.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)
    return rows.order_by("region_code", "pk")


def silent() -> QuerySet[Petition]:
    """Petitions whose days for asking a review are over and nobody asked."""
    lapsed = Q(case__clocks__kind__in=("ask", "ask_re"), case__clocks__stopped_at=None)
    rows = Petition.objects.filter(lapsed, case__clocks__due__lt=clock.now(), case__state=State.ANSWERED)
    return rows.select_related("case").distinct().order_by("pk")


def current(petition: Petition) -> Round | None:
    """The round it is in."""
    return petition.rounds.filter(level=petition.level).first()


# --- documents --------------------------------------------------------------------------------------------------------
def may_read_file(actor: Actor, document: Document) -> bool:
    """Files of a petition: who may read it. Its petitioner reads them as their owner."""
    found = Petition.objects.filter(pk=document.of_ref).select_related("case").first()
    return found is not None and (may_read(found, actor) or is_petitioner(actor, found))


def files_open(ref: str, slot: str) -> bool:
    """Materials may be added until it is concluded; letters never change."""
    states = (State.REGISTERED, State.TRANSFERRED, State.HANDLING)
    return slot == "material" and Petition.objects.filter(pk=ref, case__state__in=states).exists()


def may_add_file(actor: Actor, ref: str) -> bool:
    """The window adds what was handed in there; never somebody the petition is kept from."""
    found = Petition.objects.filter(pk=ref).first()
    if found is None or kept(actor).filter(pk=found.case_id).exists():
        return False
    return actor.may(INTAKE, found.office_id, found.office_region)


def writes(actor: Actor, ref: str) -> bool:
    """Only the writer adds to what is being written."""
    account = getattr(actor, "account_id", None)
    return account is not None and Writing.objects.filter(key=ref, account=account, sent=None).exists()


def writing_open(ref: str, slot: str) -> bool:
    """Until it is sent."""
    return Writing.objects.filter(key=ref, sent=None).exists()


def reads_writing(actor: Actor, document: Document) -> bool:
    """The writer alone."""
    return writes(actor, document.of_ref)


def purpose(document: Document) -> str:
    """What the petitioner reads under "who looked at my data"."""
    return PURPOSE


def papers(petition: Petition) -> list[Document]:
    """Numbered letters, oldest first."""
    return [one for slot, rows in files.by_slot(KIND, str(petition.pk)).items() if slot.startswith("letter:")
            for one in rows]  # fmt: skip


def materials(petition: Petition) -> list[Document]:
    """What was handed in."""
    return files.in_slot(KIND, str(petition.pk), "material")


# --- figures ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Figures:
    """Counts of the petitions an official reads, registered in a span of days."""

    received: int
    people: int
    accepted: int
    refused: int
    joined: int
    concluded: int
    reviewed: int
    rereviewed: int
    changed: int
    rated: int
    satisfied: int
    #: key of a clock → (kept, settled)
    kept: dict[str, tuple[int, int]]

    @property
    def satisfied_rate(self) -> float | None:
        """In percent of those rated."""
        return 100 * self.satisfied / self.rated if self.rated else None


def counted(actor: Actor, first: date, last: date) -> QuerySet[Petition]:
    """The petitions figures count: read by the petition office, without those kept from who asks."""
    reach = within(actor.scopes(VIEW), "office_id", "office_region")
    return readable(actor).filter(reach, case__submitted_at__range=span(first, last))


def figures(actor: Actor, first: date, last: date) -> Figures:
    """Counted from the rows themselves: petitions are thousands a year, not millions."""
    rows = counted(actor, first, last)
    counts = rows.aggregate(
        received=Count("pk", distinct=True), refused=Count("pk", Q(case__state=State.REFUSED), distinct=True),
        joined=Count("pk", Q(lead__isnull=False), distinct=True), rated=Count("pk", Q(satisfied__gt=0), distinct=True),
        satisfied=Count("pk", Q(satisfied__gte=3), distinct=True),
        accepted=Count("pk", Q(case__accepted_at__isnull=False), distinct=True),
    )  # fmt: skip
    done = Round.objects.filter(petition__in=rows.values("pk"), answered_at__isnull=False)
    levels = dict(done.order_by().values_list("level").annotate(Count("pk")))
    asked = dict(
        Round.objects.filter(petition__in=rows.values("pk")).order_by().values_list("level").annotate(Count("pk"))
    )
    changed = done.filter(result__in=("changed", "revoked")).count()
    return Figures(
        **counts, people=sum(rows.values_list("people", flat=True)), concluded=levels.get(1, 0),
        reviewed=asked.get(2, 0), rereviewed=asked.get(3, 0), changed=changed, kept=_kept(rows),
    )  # fmt: skip


def _kept(rows: QuerySet[Petition]) -> dict[str, tuple[int, int]]:
    """Of each clock that was stopped: how many were kept."""
    found = Case.objects.filter(pk__in=rows.values("case"), clocks__met__isnull=False).order_by()
    counts = found.values_list("clocks__kind").annotate(Count("pk"), kept=Count("pk", Q(clocks__met=True)))
    return {kind: (kept, n) for kind, n, kept in counts}


def by_class(actor: Actor, first: date, last: date) -> list[tuple[str, int]]:
    """How many of each class, most first."""
    rows = counted(actor, first, last).order_by().values_list("case__subject").annotate(n=Count("pk", distinct=True))
    return sorted(rows, key=lambda one: (-one[1], one[0]))


def by_unit(actor: Actor, first: date, last: date) -> list[tuple[Department, int, int]]:
    """(unit, opinions, in time) of the first level, most first."""
    rows = Round.objects.filter(petition__in=counted(actor, first, last).values("pk"), level=1)
    found = (
        rows.filter(answered_at__isnull=False)
        .order_by()
        .values_list("unit")
        .annotate(n=Count("pk"), kept=Count("pk", Q(in_time=True)))
    )
    units = Department.objects.in_bulk([one[0] for one in found])
    return sorted(((units[pk], n, kept) for pk, n, kept in found), key=lambda one: (-one[1], one[0].key))

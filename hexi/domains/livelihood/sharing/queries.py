"""Reading applications: who may see which, what waits, what a grant was used for, who may be asked."""

from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from hexi.blocks.cases.models import Case, Item
from hexi.blocks.catalog.models import GrantState, Kind, MessageLog, Service, Side, Subsystem
from hexi.blocks.catalog.queries import exchange
from hexi.blocks.people.models import Person
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.sharing.models import Application, Use
from hexi.domains.livelihood.sharing.states import APPLY, DECIDE, OPEN, TERMS, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, within


def seen_by(actor: Actor) -> QuerySet[Application]:
    """Applications of the offices an official asks for, those on data he decides on, and all of a keeper's region."""
    reach = within(actor.scopes(APPLY), "office_id", "office_region")
    reach |= within(actor.scopes(DECIDE), "entry__provider_id", "entry__region_code")
    reach |= within(actor.scopes(TERMS), "entry__provider_id", "entry__region_code")
    rows = Application.objects.filter(reach)
    return rows.select_related("case__department", "entry__provider", "office", "item", "grant", "subsystem__member")


def lists(actor: Actor) -> QuerySet[Application]:
    """The same, soonest due first, then the newest."""
    return seen_by(actor).order_by(F("case__next_due").asc(nulls_last=True), "-pk")


def seen(number: str, actor: Actor) -> Application:
    """One of them. Raises `DoesNotExist`, for one that is not there and one he may not see alike."""
    return seen_by(actor).get(case__number=number)


def asks(application: Application, actor: Actor) -> bool:
    """True for who asks for the office that applied."""
    return actor.may(APPLY, application.office_id, application.office_region)


def decides(application: Application, actor: Actor) -> bool:
    """True for who decides on the data."""
    return actor.may(DECIDE, application.entry.provider_id, application.entry.region_code)


def to_do(actor: Actor) -> QuerySet[Application]:
    """What waits for this official: to be decided, or to be corrected."""
    decide = within(actor.scopes(DECIDE), "entry__provider_id", "entry__region_code") & Q(case__state=State.ASKED)
    correct = within(actor.scopes(APPLY), "office_id", "office_region") & Q(case__state=State.RETURNED)
    return seen_by(actor).filter(decide | correct)


def idle(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Those whose grant is in force and has been flagged because nobody uses it."""
    return rows.filter(grant__state=GrantState.ACTIVE, grant__unused_told__isnull=False)


def open_ones(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Not decided yet."""
    return rows.filter(case__state__in=OPEN)


def offices(actor: Actor) -> QuerySet[Department]:
    """The offices an official asks for."""
    return Department.objects.filter(within(actor.scopes(APPLY), "pk", "region_code"), active=True).order_by("key")


def items_of(office: Department) -> QuerySet[Item]:
    """The service items of an office that data may serve."""
    rows = Item.objects.filter(department=office, status=Item.Status.PUBLISHED)
    return rows.select_related("version__item__department").order_by("title", "pk")


def systems_of(office: Department) -> QuerySet[Subsystem]:
    """The systems of an office that may call through the gateways."""
    return exchange.callers().filter(member__department=office, member__gateway__own=True)


def addresses(application: Application) -> list[str]:
    """Where its system calls for the data: each service in use over them; none while the provider has none."""
    if application.subsystem_id is None:
        return []
    found = Service.objects.filter(entry=application.entry_id, active=True, subsystem__active=True)
    return [f"/r1/{exchange.full_name(one)}/rows" for one in found.select_related("subsystem__member").order_by("pk")]


def calls(application: Application) -> QuerySet[MessageLog]:
    """The signed calls through its grant, newest first; each call once (the answers stand beside).

    `became`: of one made for a draft the number of the case that it became, None or "" if there is none.
    """
    rows = MessageLog.objects.filter(grant=application.grant_id, kind=Kind.REQUEST)
    became = Use.objects.filter(grant=OuterRef("grant"), reference=OuterRef("issue")).values("draft__submitted_ref")
    rows = rows.annotate(became=Subquery(became[:1]))
    return (rows if application.grant_id else rows.none()).order_by("-at", "-pk")


def called(application: Application) -> int:
    """Calls through the gateway that its figure knows of, also of those whose messages stand in archives alone."""
    return application.called.aggregate(n=Sum("calls"))["n"] or 0


def through_gateway(stream: str, after: int, until: int) -> QuerySet[MessageLog, tuple[int, datetime]]:
    """Of a part of a chain, the calls through the provider's gateway under applications' grants: whose, and when."""
    rows = MessageLog.objects.filter(stream=stream, seq__gt=after, seq__lte=until, side=Side.PROVIDER)
    rows = rows.filter(kind=Kind.REQUEST, grant__application__isnull=False)
    return rows.order_by("seq").values_list("grant__application", "at")


def cases_of(application: Application) -> QuerySet[Use]:
    """What it was used for, newest first."""
    return application.uses.select_related("case", "grant").order_by("-at", "-pk")


def uses_in(case: Case) -> QuerySet[Use]:
    """What was fetched for a case, also while its applicant was still writing."""
    mine = Q(case=case) | Q(draft__submitted_ref=case.number)
    found = Use.objects.filter(mine).select_related("application__case", "application__entry__provider", "grant")
    return found.order_by("at", "pk")


def uses_of_drafts() -> QuerySet[Use]:
    """What was fetched while an applicant still wrote, newest first; the message log knows it by the draft's number."""
    return Use.objects.filter(draft__isnull=False).select_related("draft").order_by("-at", "-pk")


def sees_grant(application: Application, actor: Actor) -> bool:
    """True for who gives or uses its grant."""
    return application.grant_id is not None and exchange.grants(actor).filter(pk=application.grant_id).exists()


def usable(item: int, office: int) -> QuerySet[Application]:
    """Applications whose grant serves this service item of this office today."""
    rows = Application.objects.filter(
        item=item, office=office, grant__state=GrantState.ACTIVE, grant__expires__gte=clock.today()
    )
    return rows.select_related("entry__provider", "grant", "item", "case", "office").order_by("pk")


def usable_for_item(item: int) -> QuerySet[Application]:
    """The same for whatever office the item is of today."""
    office = Item.objects.filter(pk=item).values_list("department", flat=True).first()
    return usable(item, office) if office else Application.objects.none()


def own_number(person: Person) -> bool:
    """True for a human being: rows of bodies are not fetched by person."""
    return bool(person.natural)

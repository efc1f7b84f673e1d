"""Who sees which order, and what belongs to it."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from hexi.blocks.audit.operations import look
from hexi.blocks.cases.models import JOINT, Case, Task
from hexi.blocks.cases.parties import acts, own, require_stranger, strange
from hexi.blocks.documents.models import Document
from hexi.blocks.people.models import Account, Post
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.requests import callers, options
from hexi.domains.livelihood.requests.models import (
    Answer,
    Follow,
    Hotline,
    Report,
    Request,
)
from hexi.domains.livelihood.requests.states import CALLER, HANDLE, VIEW, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, within
from hexi.kernel.fixed import COUNT, Fixed, Given

_REPLIES = Fixed(
    lambda: Answer.objects.filter(request_id=Given("request")).select_related("office", "article").order_by("pk")
)
_FOLLOWERS = Fixed(lambda: Request.objects.filter(lead_id=Given("request")).values_list(COUNT, flat=True))
_FOLLOWS = Fixed(lambda: Follow.objects.filter(request_id=Given("request")).order_by().values_list(COUNT, flat=True))
_FOLLOWED = Fixed(lambda: Follow.objects.filter(request_id=Given("request"), account_id=Given("account")))
_ACCOUNTS = Fixed(
    lambda: Account.objects.filter(pk__in=Follow.objects.filter(request_id=Given("request")).values("account"))
)
_HELPS = Fixed(
    lambda: Task.objects.filter(case_id=Given("case"), stage=JOINT, done_at=None)
    .select_related("department").order_by("pk")
)  # fmt: skip
KIND = "request"
#: kinds of the things that pictures belong to
ORDER, REPORT = "requests.request", "requests.report"
#: orders to help with that are named one by one; more are asked for together
MOST_HELPED = 500
_CASES_OF = Fixed(lambda: Request.objects.filter(case_id=Given("case")).select_related("case__department"))
_ORDER = Fixed(
    lambda: Request.objects.filter(case__number=Given("number")).select_related(
        "case__department", "case__applicant", "hotline", "lead__case", "call"
    )
)


def reach(actor: Actor) -> Q:
    """Orders of one's offices, of one's hotline, and those one's office helps with; not one's own.

    Asked in the fewest words: no index serves an "or" over orders and cases, so what cannot be is not asked for. Two
    queries of small tables: the hotlines, and the orders one's offices were asked to help with.
    """
    scopes = actor.scopes(VIEW)
    hotlines = Hotline.objects.values_list("department_id", "region_code")
    mine = [office for office, region in hotlines if actor.may(VIEW, office, region)]
    if scopes and mine and len(mine) == len(hotlines):
        return strange(actor, "case")  # every order is of one of one's hotlines
    seen = within(scopes, "case__department_id", "case__region_code")
    if mine:
        seen |= within(scopes, "hotline_id", "hotline_region")
    asked = Task.objects.filter(within(scopes), stage=JOINT).values("case") if scopes else Task.objects.none()
    helped = list(asked.values_list("case", flat=True)[: MOST_HELPED + 1])
    if helped:
        seen |= Q(case__in=asked if len(helped) > MOST_HELPED else helped)
    return seen & strange(actor, "case")


def for_officials(actor: Actor) -> QuerySet[Request]:
    """Every order the posts may see, soonest due first."""
    found = Request.objects.filter(reach(actor)).select_related("case__department")
    return found.order_by("case__next_due", "case_id")


def at_desk(actor: Actor) -> QuerySet[Request]:
    """What waits to be dispatched, what is urgent first, then soonest due."""
    return for_officials(actor).filter(case__state=State.NEW).order_by("-urgent", "case__next_due", "case_id")


def order_for(number: str, actor: Actor) -> Request:
    """One order in full for a post that may see it. Who called is logged as looked at unless that stays hidden.

    Raises `DoesNotExist`, and `Denied`: also for the official who called himself.
    """
    request = order_to_act(number, actor)
    if request.case.applicant_id and not request.secret:
        look(actor, request.case, purpose=f"办理诉求 {number}", person_id=request.case.applicant_id)
    return request


def order_to_act(number: str, actor: Actor) -> Request:
    """The same for an action, which leaves an entry of its own."""
    request = _ORDER.get(number=number)
    require_stranger(actor, request.case)
    if not reaches(actor, request):
        raise Denied
    return request


def reaches(actor: Actor, request: Request) -> bool:
    """What `reach` says, for one order at hand: its office and its hotline need no query."""
    case = request.case
    if actor.may(VIEW, case.department_id, case.region_code):
        return True
    if actor.may(VIEW, request.hotline_id, request.hotline_region):
        return True
    return Request.objects.filter(reach(actor), pk=request.pk).exists()


def may_know_caller(actor: Actor, request: Request) -> bool:
    """True if the actor may read who called: of a secret caller only the hotline, of others whoever has the order."""
    if request.secret:
        return actor.may(CALLER, request.hotline_id, request.hotline_region)
    return actor.may(VIEW, request.case.department_id, request.case.region_code) or actor.may(
        CALLER, request.hotline_id, request.hotline_region
    )


def is_caller(actor: Actor, request: Request) -> bool:
    """True if the actor called, for himself or a body he represents."""
    return acts(actor, request.case) if request.case.applicant_id else False


def mine(number: str, actor: Actor) -> Request:
    """One's own order. Raises `DoesNotExist`."""
    found = Request.objects.filter(case__in=Case.objects.filter(own(actor)))
    return found.select_related("case__department", "lead__case").get(case__number=number)


def of_case(case: Case) -> Request:
    """The order of a case, with its office."""
    return _CASES_OF.get(case=case.pk)


def may_reopen(request: Request) -> bool:
    """True while an order that is over may be taken up again."""
    ended = request.case.ended_at
    lately = ended is not None and clock.now() <= ended + timedelta(days=options.REOPEN_DAYS.value)
    return request.case.state == State.CLOSED and lately


def by_link(token: str) -> Request:
    """The order a signed link leads to. Raises `DoesNotExist`, `BadSignature`."""
    found = Request.objects.select_related("case__department", "lead__case")
    return found.get(case__number=callers.unsign(token))


def progress(number: str, last_four: str) -> Request | None:
    """Anybody who knows the number and the last four digits of the phone it was reported by.

    Never a secret one: who suspects somebody would learn here whether it was he. Its caller has his link or account.
    """
    found = Request.objects.select_related("case__department").filter(secret=False)
    request = found.filter(case__number=number.strip()).first()
    if request is None or len(last_four.strip()) != 4:
        return None
    phone = callers.plain_phone(request.contact.get("phone", ""))
    return request if len(phone) >= 7 and phone.endswith(last_four.strip()) else None


def may_read_picture(actor: Actor, document: Document) -> bool:
    """Reader: whoever sees the order, and who reported it; while it is written only its writer."""
    if document.of_kind == REPORT:
        return _writes(actor, document.of_ref).exists()
    request = Request.objects.select_related("case").filter(pk=document.of_ref).first()
    if request is None:
        return False
    return is_caller(actor, request) or Request.objects.filter(reach(actor), pk=request.pk).exists()


def may_add_picture(actor: Actor, ref: str) -> bool:
    """Reader: the writer of a report adds to it."""
    return _writes(actor, ref).filter(sent=None).exists()


def _writes(actor: Actor, ref: str) -> QuerySet[Report]:
    """The report, if it is the actor's, or he is what the log knows its writer as."""
    found = Report.objects.filter(key=ref)
    return found if actor.key == callers.of_report(ref).key else found.filter(owner_key=actor.key)


def pictures(kind: str, ref: object) -> QuerySet[Document]:
    """Pictures of an order or report, in order."""
    return Document.objects.present().of(kind, str(ref)).select_related("blob")


def by_phone(phone: str, actor: Actor) -> QuerySet[Request]:
    """Earlier orders of a phone at one's hotlines, newest first: for the operator who picks up. Needs that right."""
    sign = callers.lookup(phone)
    if not sign or not actor.scopes(CALLER):
        return Request.objects.none()
    found = Request.objects.filter(within(actor.scopes(CALLER), "hotline_id", "hotline_region"), strange(actor, "case"))
    return found.filter(caller_lookup=sign).select_related("case__department").order_by("-pk")


def handlers(office: Department) -> list[Account]:
    """Who handles orders in an office today."""
    posts = Post.objects.held_on(clock.today()).filter(department=office).select_related("account")
    found = [post for post in posts.prefetch_related("roles") if any(HANDLE in role.verbs for role in post.roles.all())]
    return list(dict.fromkeys(post.account for post in found if post.account.is_active))


def followers(request: Request) -> list[Account]:
    """Who follows the order."""
    return _ACCOUNTS.all(request=request.pk)


def follows(request: Request) -> int:
    """How many people follow it."""
    return int(_FOLLOWS.get(request=request.pk))


def is_followed(request: Request, account: int) -> bool:
    """True if this account follows it."""
    return _FOLLOWED.any(request=request.pk, account=account)


def replies(request: Request) -> list[Answer]:
    """What was answered so far, oldest first, with the offices."""
    return _REPLIES.all(request=request.pk)


def following(request: Request) -> int:
    """How many orders follow this one."""
    return int(_FOLLOWERS.get(request=request.pk))


def helps(request: Request, actor: Actor) -> list[Task]:
    """What the actor's offices were asked to help with and have not answered."""
    rows = _HELPS.all(case=request.case_id)
    return [one for one in rows if actor.may(HANDLE, one.department_id, one.region_code)]

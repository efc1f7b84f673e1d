"""What search finds of this domain: orders for their callers and offices, published answers for everybody."""

from collections.abc import Iterator

from django.urls import reverse

from hexi.blocks.search import operations as search
from hexi.blocks.search.found import Found
from hexi.domains.livelihood.requests.models import Request
from hexi.domains.livelihood.requests.states import VIEW
from hexi.kernel.actors import Actor

ORDER, ANSWER = "request", "request_answer"


def order_found(request: Request) -> Found:
    """An order: for who called, and for the posts of the office that has it. No name, no phone."""
    case = request.case
    return Found(
        kind=ORDER, ref=str(request.pk), title=case.title, aliases=(case.number,), body=request.text,
        url=reverse("requests.open_order", args=[case.number]), region_code=case.region_code,
        department_id=case.department_id, person_id=case.applicant_id, verb=VIEW,
    )  # fmt: skip


def answer_found(request: Request) -> Found:
    """A published question with its answer."""
    return Found(
        kind=ANSWER, ref=str(request.pk), title=request.public_text[:60],
        body=f"{request.public_text} {request.public_answer}",
        url=reverse("requests.public", args=[request.case.number]), region_code=request.place_code, weight=-5,
    )  # fmt: skip


def all_orders() -> Iterator[Found]:
    """For `hexi search rebuild`."""
    for request in Request.objects.select_related("case").iterator(chunk_size=1000):
        yield order_found(request)


def all_answers() -> Iterator[Found]:
    """For `hexi search rebuild`."""
    for request in Request.objects.filter(public=True).select_related("case").iterator(chunk_size=1000):
        yield answer_found(request)


def put_order(request: Request, by: Actor) -> None:
    """Listener: it came, or went to another office."""
    search.put(order_found(request))


def put_answer(request: Request, by: Actor) -> None:
    """Listener: published, or taken back."""
    if request.public:
        search.put(answer_found(request))
    else:
        search.remove(ANSWER, str(request.pk))

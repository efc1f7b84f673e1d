"""The hall's JSON endpoints: the catalogue, one call to apply, status, supplements, decision, certificate, search."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Form, Header, Query, Router
from pydantic import ValidationError as Unfit

from hexi.blocks.audit.operations import look
from hexi.blocks.cases import columns, entry, outside, queries
from hexi.blocks.cases.definitions import code_of, definition
from hexi.blocks.cases.intake import deliveries
from hexi.blocks.cases.letters import DECIDING
from hexi.blocks.cases.models import Case, Item, clocks_of, events_of
from hexi.blocks.cases.parties import acts, entered
from hexi.blocks.cases.shapes import (
    Application,
    CaseFull,
    Cases,
    Certified,
    Decision,
    FileIn,
    ItemFull,
    Items,
    Materials,
    Received,
    Strict,
    Supplement,
    Who,
)
from hexi.blocks.cases.states import State, moved_because, outcome_said
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.certificates.queries import of_case
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents import shelf
from hexi.blocks.documents.models import Document
from hexi.blocks.people import keys
from hexi.blocks.people import operations as people
from hexi.blocks.people.models import Identifier, Person
from hexi.blocks.regions.codes import prefix
from hexi.blocks.search import queries as search
from hexi.kernel.actors import Actor, Denied, Scope, require, within
from hexi.ui.api import MOST, USUAL, Api, file, not_found, page_of, wrong
from hexi.ui.words import mask_name

router = Router()
M = TypeVar("M", bound=Strict)
Cursor = Annotated[str, Query("", max_length=60, pattern=r"^[A-Za-z0-9_\-]*$")]
Words = Annotated[str, Query("", max_length=100)]
Limit = Annotated[int, Query(USUAL, ge=1, le=MOST)]
READ, SUBMIT, ITEMS, CERTIFICATES = "cases.view", "cases.submit", "items.view", "certificates.view"


# --- the catalogue --------------------------------------------------------------------------------------------------
@router.get("/items", response=Items, summary="事项目录 / the catalogue")
def items(
    request: HttpRequest, q: Words, region: Annotated[str, Query("", max_length=12)], cursor: Cursor, limit: Limit,
    count: bool = False,
) -> Any:  # fmt: skip
    """Items on offer within the key's scope, newest first; `q` looks in the titles, `region` keeps a division's."""
    rows = _items(request.actor).filter(region_code__startswith=prefix(region))  # type: ignore[attr-defined]
    if q:
        rows = rows.filter(Q(title__contains=q) | Q(title_en__icontains=q))
    return page_of(rows, cursor, limit, item_line, count=count)


@router.get("/items/{int:id}", response=ItemFull, summary="一个事项的全部要素和表单 / one item with every element")
def item(request: HttpRequest, id: int) -> Any:
    """Every element by its national column name, the form, the places for files."""
    return item_full(_item(request.actor, id))  # type: ignore[attr-defined]


def _items(actor: Actor) -> QuerySet[Item]:
    """What the key may see and apply for."""
    need(actor, ITEMS)
    found = Item.objects.filter(within(actor.scopes(ITEMS)), status=Item.Status.PUBLISHED)
    return found.select_related("version", "department")


def _item(actor: Actor, pk: int) -> Item:
    found = _items(actor).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise not_found(_("没有这个事项。"))
    return found


def need(actor: Actor, verb: str) -> tuple[Scope, ...]:
    """Where the key holds a right; `Denied` if nowhere."""
    if not actor.scopes(verb):
        require(actor, verb)
    return actor.scopes(verb)


def item_line(one: Item) -> dict[str, Any]:
    """An item in a list."""
    rules, office = definition(one.version), one.department  # type: ignore[arg-type]
    one.version.item = one  # type: ignore[union-attr]
    return {
        "id": one.pk, "key": one.key, "region": one.region_code, "title": {"zh": one.title, "en": one.title_en},
        "sentence": rules.national.sentence.model_dump(), "task_code": code_of(one.version),  # type: ignore[arg-type]
        "department": {"key": office.key, "uscc": office.uscc, "name": {"zh": office.name, "en": office.name_en}},
        "version": one.version.digest, "online": rules.local.is_online,  # type: ignore[union-attr]
    }  # fmt: skip


def item_full(one: Item) -> dict[str, Any]:
    """An item with everything."""
    rules = definition(one.version)  # type: ignore[arg-type]
    slots = [{**slot.model_dump(mode="json"), "title": slot.title.model_dump()} for slot in rules.national.slots()]
    return item_line(one) | {
        "elements": columns.elements(rules, one), "form": rules.national.form.model_dump(mode="json"),
        "slots": slots, "deliveries": list(deliveries(rules)),
    }  # fmt: skip


# --- applying -------------------------------------------------------------------------------------------------------
Once = Annotated[str, Header(..., alias="Idempotency-Key", min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]
MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["application"],
                    "properties": {"application": {"type": "string", "description": "the JSON of POST /cases"}},
                    "additionalProperties": {"type": "string", "format": "binary", "description": "one file a slot"},
                }
            }
        },
    }
}


@router.post("/cases", response={201: Received}, summary="提交申请 / apply")
def apply(request: HttpRequest, once: Once, application: Application) -> Any:
    """One call: applicant, answers, files. The same Idempotency-Key with the same body gives the first answer again."""
    return _apply(request, once, application, decoded(application.files))


@router.post(
    "/cases/form",
    response={201: Received},
    summary="提交申请（大文件）/ apply with large files",
    openapi_extra=MULTIPART,
)
def apply_form(request: HttpRequest, once: Once, application: Annotated[str, Form(..., max_length=1_000_000)]) -> Any:
    """As multipart/form-data: `application` is the JSON, each file stands under the key of its slot."""
    return _apply(request, once, parsed(Application, application), uploaded(request))


@router.post("/cases/{number}/supplements", response={201: Received}, summary="补正 / hand in what was asked")
def supplement(request: HttpRequest, number: str, once: Once, supplement: Supplement) -> Any:
    """Answers given replace those of the case, files those in their place; what is not named stays."""
    actor, files = request.actor, decoded(supplement.files)  # type: ignore[attr-defined]

    def do(answer: Callable[[Callable[[], Case]], Any], mark: str) -> Any:
        found = _case(actor, number)
        if not entered(actor, found):
            raise Denied(_("只有提交这件申请的系统可以补正。"))
        return entry.supplement(found, raw=supplement.answers, files=files, by=actor, answer=answer)

    return do_once(request, once, [number, supplement.model_dump(mode="json"), digests(files)], do)


@router.post("/cases/{number}/materials", response={201: Received}, summary="容缺补交 / hand in what was promised")
def materials(request: HttpRequest, number: str, once: Once, materials: Materials) -> Any:
    """The papers the applicant promised to hand in after acceptance (容缺受理), while their term runs."""
    actor, files = request.actor, decoded(materials.files)  # type: ignore[attr-defined]

    def do(answer: Callable[[Callable[[], Case]], Any], mark: str) -> Any:
        found = _case(actor, number)
        if not entered(actor, found):
            raise Denied(_("只有提交这件申请的系统可以补交材料。"))
        return entry.follow(found, files=files, by=actor, answer=answer)

    return do_once(request, once, [number, digests(files)], do)


def _apply(request: HttpRequest, once: str, asked: Application, files: list[entry.Given]) -> Any:
    actor = request.actor  # type: ignore[attr-defined]
    need(actor, SUBMIT)

    def do(answer: Callable[[Callable[[], Case]], Any], mark: str) -> Any:
        offered = Item.objects.filter(within(actor.scopes(SUBMIT)), pk=asked.item, status=Item.Status.PUBLISHED)
        found = offered.select_related("version__item__department").first()
        if found is None or found.version is None:
            raise wrong("item", _("没有这个事项，或这把密钥不能申请它。请从目录里选。"))
        person = person_of(asked.applicant, found.region_code, actor)
        return entry.apply(
            found.version, applicant=person, raw=asked.answers, files=files, once=mark, by=actor, answer=answer,
            delivery=asked.delivery, to=asked.delivery_to, signed=asked.signed,
        )  # fmt: skip

    return do_once(request, once, [asked.model_dump(mode="json"), digests(files)], do)


def do_once(
    request: HttpRequest, once: str, asked: Any, do: Callable[..., Any], say: Callable[[Any], Any] | None = None
) -> Any:
    """Do it, or give the answer given before to this very request."""
    actor = request.actor  # type: ignore[attr-defined]
    digest = hashlib.sha256(json.dumps([request.path, asked], sort_keys=True).encode()).hexdigest()
    # the content counts too: when the answer is forgotten, the same key with another application is another application
    mark = f"{actor.key}:{hashlib.sha256(f'{once} {digest}'.encode()).hexdigest()[:40]}"
    before = keys.answered(actor.api_key, once, digest)
    if before is None:

        def answer(make: Callable[[], Case]) -> Any:
            return keys.answer_once(actor.api_key, once, digest, lambda: (201, (say or received)(make())))

        before = do(answer, mark)
    return before


def received(one: Case) -> dict[str, Any]:
    """What is answered, as it is kept."""
    notice = next((clock for clock in clocks_of(one) if clock.kind == "notice"), None)
    due = notice.due.isoformat() if notice and notice.due else None
    return {
        "number": one.number, "state": str(one.state), "notice_due": due, "hints": hints_of("cases.case", one.pk),
        "notice_due_uncertain": notice is not None and notice.uncertain,
    }  # fmt: skip


def hints_of(kind: str, pk: int) -> list[dict[str, str]]:
    """What speaks against the files of a thing, as the upload pages show it."""
    found = papers.by_slot(kind, str(pk)).values()
    return [{"slot": one.slot, "name": one.name, "hint": hint} for held in found for one in held for hint in one.hints]


def person_of(who: Who, region: str, actor: Actor) -> Person:
    """The applicant, found by number or written down as declared by the asking system."""
    try:
        return people.register_person(
            who.name, number=who.number, type=who.type, kind=who.kind, by=actor, region_code=region, phone=who.phone,
            level=Identifier.Level.DECLARED,
        )  # fmt: skip
    except ValidationError as error:
        raise ValidationError({f"applicant.{name}": said for name, said in error.message_dict.items()}) from None


def decoded(files: list[FileIn]) -> list[entry.Given]:
    """The files of a JSON body. Raises the problem of the one that is no Base64."""
    found = []
    for place, one in enumerate(files):
        try:
            found.append(entry.Given(one.slot, one.name, base64.b64decode(one.content, validate=True)))
        except ValueError:  # not of its alphabet, not of its length
            raise wrong(f"files.{place}.content", _("不是 Base64。请用标准 Base64 编码文件内容。")) from None
    return found


def uploaded(request: HttpRequest) -> list[entry.Given]:
    """The files of a form, under their slots."""
    return [
        entry.Given(slot, one.name or slot, one.read()) for slot in request.FILES for one in request.FILES.getlist(slot)
    ]


def digests(files: list[entry.Given]) -> list[list[str]]:
    """What makes the files of one request those of another, or not."""
    return [[one.slot, one.name, hashlib.sha256(one.content).hexdigest()] for one in files]


def parsed(model: type[M], text: str) -> M:
    """The JSON of a multipart field. Raises the problem of its first fault."""
    try:
        return model.model_validate_json(text)
    except Unfit as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(["application", *map(str, first["loc"])])
        raise wrong(
            name, _("「%(name)s」写法不对（%(said)s）。请改正。") % {"name": name, "said": first["msg"]}
        ) from None


# --- cases ----------------------------------------------------------------------------------------------------------
def visible(actor: Actor) -> QuerySet[Case]:
    """What `cases.view` of the key covers, and what this very system handed in."""
    if not actor.scopes(READ):
        need(actor, SUBMIT)
    own = within(actor.scopes(SUBMIT)) & Q(submission__startswith=f"{actor.key}:")
    return Case.objects.permits().filter(queries.official(actor) | own).select_related("department", "applicant")


def _case(actor: Actor, number: str) -> Case:
    """One case, and the look at it on record."""
    if not actor.scopes(READ):
        need(actor, SUBMIT)
    found = queries.permit(number)
    if found is None or not _sees(actor, found):
        raise not_found(_("没有这件办件。"))
    look(actor, found, purpose=_("接口查询办件 %(title)s") % {"title": found.title}, person_id=found.applicant_id)
    return found


def _sees(actor: Actor, case: Case) -> bool:
    """What `visible` says, for one case at hand."""
    return entered(actor, case) or (queries.handles(actor, case) and not acts(actor, case))


@router.get("/cases", response=Cases, summary="查找办件 / search cases")
def cases(
    request: HttpRequest, q: Words, cursor: Cursor, limit: Limit,
    state: State | None = None, item: Annotated[int | None, Query(None, ge=1, le=2**31)] = None, count: bool = False,
) -> Any:  # fmt: skip
    """Cases within the key's scope, newest first. `q` finds by number, applicant or title, as the search page does."""
    actor = request.actor  # type: ignore[attr-defined]
    rows = visible(actor)
    if q:
        found = search.matches(q, actor=actor).filter(kind="case")
        refs = found.order_by().annotate(case=Cast("ref", BigIntegerField())).values("case")
        rows = rows.filter(Q(pk__in=refs) | Q(number=q))
    rows = rows.filter(**{name: value for name, value in {"state": state, "item": item}.items() if value})
    rows = queries.with_uncertainty(rows)
    return page_of(rows, cursor, limit, lambda one: case_line(one, uncertain=one.uncertain), count=count)


@router.get("/cases/{number}", response=CaseFull, summary="办件状态 / status of a case")
def case(request: HttpRequest, number: str, expand: Annotated[str, Query("", max_length=60)]) -> Any:
    """Where a case stands. `expand`: any of events, item, certificate, separated by commas."""
    actor = request.actor  # type: ignore[attr-defined]
    wanted = {word for word in expand.split(",") if word}
    if strange := wanted - {"events", "item", "certificate"}:
        raise wrong("expand", _("expand 只能是 events、item、certificate，不能是“%(name)s”。") % {"name": min(strange)})
    found = _case(actor, number)
    more: dict[str, Any] = {}
    if "events" in wanted:
        more["events"] = [
            {name: getattr(one, name) for name in ("at", "action", "office", "opinion")}
            for one in sorted(events_of(found), key=lambda event: event.pk)
            if one.public
        ]
    if "item" in wanted and actor.may(ITEMS, found.item.department_id, found.item.region_code):
        shown = Item.objects.select_related("department", "version").get(pk=found.item_id)
        more["item_full"] = item_full(shown) if shown.status == Item.Status.PUBLISHED else None
    if "certificate" in wanted and (issued := _certificate(actor, found)):
        more["certificate"] = certified(issued)
    return case_full(found) | more


def case_line(one: Case, *, uncertain: bool) -> dict[str, Any]:
    """A case in a list; `uncertain`: its next due moment may still move."""
    name = mask_name(one.applicant_name) if one.applicant.natural else one.applicant_name
    return {
        "number": one.number, "title": one.title, "item": one.item_id, "applicant": name, "state": one.state,
        "state_name": one.get_state_display(), "outcome": one.outcome,
        "outcome_name": outcome_said(one.state, one.outcome), "submitted_at": one.submitted_at,
        "next_due": one.next_due, "next_due_uncertain": uncertain,
    }  # fmt: skip


def case_full(one: Case) -> dict[str, Any]:
    """A case with its clocks, letters, and what is asked of the applicant now."""
    asking = queries.last_letter(one, ("correction", "give_back"))
    points = asking.facts["points"] if asking and one.state in (State.CORRECTING, State.RETURNED) else {}
    dates = ("revision", "received_at", "accepted_at", "deemed", "decided_at", "ended_at", "delivery")
    clocks = [
        {
            "kind": clock.kind,
            "due": clock.due,
            "stopped_at": clock.stopped_at,
            "light": str(clock.light().value),
            "uncertain": clock.uncertain and clock.stopped_at is None,
        }
        for clock in sorted(clocks_of(one), key=lambda clock: clock.pk)
    ]
    return {
        **case_line(one, uncertain=_may_move(one)), **{name: getattr(one, name) for name in dates},
        "applicant": one.applicant_name,
        "clocks": clocks,
        "due_changes": [
            {
                "kind": move.clock.kind, "why": moved_because(move.why),
                **{name: getattr(move, name) for name in ("at", "old", "new")},
            }
            for move in queries.due_changes(one)
        ],
        "letters": [letter_line(letter) for letter in queries.letters_of(one) if letter.third_party_id is None],
        "asked": [{"point": key, "sentence": sentence} for key, sentence in points.items()],
    }  # fmt: skip


def _may_move(one: Case) -> bool:
    """Whether its soonest clock reaches into a year whose holidays are not announced."""
    return any(clock.uncertain for clock in clocks_of(one) if clock.stopped_at is None and clock.due == one.next_due)


def letter_line(letter: Any) -> dict[str, Any]:
    """A letter in a list."""
    return {"kind": letter.kind, "number": letter.number, "issued_at": letter.issued_at}


@router.get("/cases/{number}/decision", response=Decision, summary="审批决定 / the decision")
def decision(request: HttpRequest, number: str) -> Any:
    """What was decided; 404 before."""
    found = _decided(request, number)
    letter = queries.last_letter(found, DECIDING)
    said = letter.facts if letter else {}
    return {
        "outcome": found.outcome, "decided_at": found.decided_at, "letter": letter_line(letter) if letter else None,
        "reason": str(said.get("reason", "")), "remedy": str(said.get("remedy", "")),
        "parts": str(said.get("parts", "")),
    }  # fmt: skip


@router.get("/cases/{number}/decision.pdf", summary="决定书 / the decision as PDF", response={200: bytes})
def decision_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The letter with its seal."""
    letter = queries.last_letter(_decided(request, number), DECIDING)
    if letter is None or letter.document is None:
        raise not_found(_("这件办件没有决定书。"))
    return _pdf(request, letter.document)


def _decided(request: HttpRequest, number: str) -> Case:
    found = _case(request.actor, number)  # type: ignore[attr-defined]
    if found.decided_at is None:
        raise not_found(_("这件办件还没有作出决定。"))
    return found


@router.get("/cases/{number}/certificate", response=Certified, summary="证照信息 / the certificate's record")
def certificate(request: HttpRequest, number: str) -> Any:
    """The directory record as it was signed, and the state now."""
    return certified(_issued(request, number))


@router.get("/cases/{number}/certificate.pdf", summary="证照文件 / the certificate as PDF", response={200: bytes})
def certificate_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The file the holder has, signature and all."""
    return _pdf(request, _issued(request, number).document)


def _issued(request: HttpRequest, number: str) -> Certificate:
    actor = request.actor  # type: ignore[attr-defined]
    need(actor, CERTIFICATES)
    found = _certificate(actor, _case(actor, number))
    if found is None:
        raise not_found(_("这件办件没有证照，或还没有制证。"))
    return found


def _certificate(actor: Actor, found: Case) -> Certificate | None:
    """The certificate of a case, if the key may see it."""
    issued = of_case("cases.case", str(found.pk))
    return next((one for one in issued if actor.may(CERTIFICATES, one.department_id, one.region_code)), None)


def certified(one: Certificate) -> dict[str, Any]:
    """A certificate's record."""
    return {
        "identifier": one.identifier, "number": one.number, "type": one.type.key, "state": one.state_now.value,
        "state_name": str(one.state_now.label), "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to.isoformat() if one.valid_to else None, "sha256": one.sha256, "record": one.metadata,
    }  # fmt: skip


def _pdf(request: HttpRequest, document: Document) -> HttpResponse:
    return file(request, shelf.path(document.blob_id).read_bytes(), "application/pdf", f"{document.blob_id[:16]}.pdf")


ADDS = (
    Api(router, gettext_lazy("政务服务")),
    entry.READER,
    keys.Grantable(ITEMS, gettext_lazy("查看事项目录")),
    keys.Grantable(SUBMIT, gettext_lazy("代申请人提交申请和补正"), ("people.register", "documents.add")),
    keys.Grantable(READ, gettext_lazy("查看办件的状态和决定")),
    keys.Grantable(CERTIFICATES, gettext_lazy("取得办件的证照")),
    *outside.ADDS,
)

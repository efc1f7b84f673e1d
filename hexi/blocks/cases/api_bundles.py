"""The JSON endpoints of bundles (一件事): what is offered, applying for all of it in one call, how far it is."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Form, Query, Router

from hexi.blocks.audit.operations import look
from hexi.blocks.cases import api, bundle_entry, bundle_intake, bundled, entry
from hexi.blocks.cases.models import Bundle
from hexi.blocks.cases.shapes import BundleApplication, BundleFull, BundleReceived, Bundles
from hexi.blocks.regions.codes import prefix
from hexi.kernel.actors import Actor
from hexi.ui.api import not_found, wrong

router = Router()
Place = Annotated[str, Query(..., pattern=r"^[0-9]{12}$")]
Region = Annotated[str, Query("", max_length=12, pattern=r"^[0-9]*$")]


@router.get("/bundles", response=Bundles, summary="一件事目录 / bundles on offer")
def bundles(request: HttpRequest, region: Region) -> Any:
    """Bundles all of whose items lie within the key's scope; `region` keeps those of a division."""
    found = _offers(request.actor, api.ITEMS)  # type: ignore[attr-defined]
    return {"items": [bundle_line(one) for one in found if one.region_code.startswith(prefix(region))]}


@router.get("/bundles/{key}", response=BundleFull, summary="一件事的表单和材料 / the one form of a bundle")
def bundle(request: HttpRequest, key: str, region: Place) -> Any:
    """One form and the places for files, each asked once for all the items."""
    offer = _offer(request.actor, api.ITEMS, key, region)  # type: ignore[attr-defined]
    if offer is None:
        raise not_found(_("没有这件事。"))
    return bundle_full(offer)


@router.post("/bundles/{key}/applications", response={201: BundleReceived}, summary="一次申请 / apply for a bundle")
def apply_bundle(request: HttpRequest, key: str, once: api.Once, application: BundleApplication) -> Any:
    """One call for all its items. The same Idempotency-Key with the same body gives the first answer again."""
    return _apply(request, key, once, application, api.decoded(application.files))


@router.post(
    "/bundles/{key}/applications/form",
    response={201: BundleReceived},
    summary="一次申请（大文件）/ apply for a bundle with large files",
    openapi_extra=api.MULTIPART,
)
def apply_bundle_form(
    request: HttpRequest, key: str, once: api.Once, application: Annotated[str, Form(..., max_length=1_000_000)]
) -> Any:
    """As multipart/form-data: `application` is the JSON, each file stands under the key of its slot."""
    return _apply(request, key, once, api.parsed(BundleApplication, application), api.uploaded(request))


@router.get("/bundle-applications/{number}", response=BundleReceived, summary="一件事进度 / how far a bundle is")
def bundle_application(request: HttpRequest, number: str) -> Any:
    """Which parts have begun, under which case numbers, and how each stands. For the system that applied."""
    actor = request.actor  # type: ignore[attr-defined]
    api.need(actor, api.SUBMIT)
    found = bundled.with_parts(Bundle.objects.filter(number=number, submission__startswith=f"{actor.key}:")).first()
    if found is None or not _covers(actor, api.SUBMIT, [one.version.item for one in found.parts.all()]):
        raise not_found(_("没有这件申请。"))
    look(actor, found, purpose=_("接口查询办件 %(title)s") % {"title": found}, person_id=found.applicant_id)
    return bundle_received(found)


def _apply(request: HttpRequest, key: str, once: str, asked: BundleApplication, files: list[entry.Given]) -> Any:
    actor = request.actor  # type: ignore[attr-defined]
    api.need(actor, api.SUBMIT)

    def do(answer: Callable[[Callable[[], Bundle]], Any], mark: str) -> Any:
        offer = _offer(actor, api.SUBMIT, key, asked.region)
        if offer is None:
            raise wrong("region", _("这里没有这件事，或这把密钥不能申请其中的每个事项。请从目录里选。"))
        person = api.person_of(asked.applicant, offer.region_code, actor)
        return bundle_entry.apply(
            offer, applicant=person, raw=asked.answers, files=files, once=mark, by=actor, answer=answer,
            delivery=asked.delivery, to=asked.delivery_to, signed=asked.signed,
        )  # fmt: skip

    asks = [key, asked.model_dump(mode="json"), api.digests(files)]
    return api.do_once(request, once, asks, do, _kept)


def _kept(made: Bundle) -> dict[str, Any]:
    """What is answered, as it is kept."""
    hints = api.hints_of("cases.bundle", made.pk)
    hints += [hint for part in made.parts.all() if part.case for hint in api.hints_of("cases.case", part.case.pk)]
    return BundleReceived(**bundle_received(made), hints=hints).model_dump(mode="json")


def _offers(actor: Actor, verb: str) -> list[bundled.Offer]:
    """Bundles the key reaches with all their items."""
    api.need(actor, verb)
    return [one for one in bundled.everywhere() if _covers(actor, verb, list(one.items.values()))]


def _offer(actor: Actor, verb: str, key: str, region: str) -> bundled.Offer | None:
    return next((one for one in _offers(actor, verb) if (one.file.key, one.region_code) == (key, region)), None)


def _covers(actor: Actor, verb: str, items: list[Any]) -> bool:
    return all(actor.may(verb, one.department_id, one.region_code) for one in items)


def bundle_line(offer: bundled.Offer) -> dict[str, Any]:
    """A bundle in a list."""
    return {
        "key": offer.file.key, "region": offer.region_code, "title": offer.file.title.model_dump(),
        "sentence": offer.file.sentence.model_dump(), "version": offer.digest,
        "items": [_part(offer, one.item, list(one.after)) for one in offer.file.order],
    }  # fmt: skip


def _part(offer: bundled.Offer, key: str, after: list[str]) -> dict[str, Any]:
    item, national = offer.items[key], offer.whole.items[key]
    office = item.department
    may = [f"pledge:{key}"] if national.pledge else []
    may += [f"deferral:{key}"] if any(one.deferrable for one in offer.whole.wanted(key)) else []
    return {
        "item": key, "title": national.title.model_dump(), "after": after, "may_sign": may,
        "department": {"key": office.key, "uscc": office.uscc, "name": {"zh": office.name, "en": office.name_en}},
    }  # fmt: skip


def bundle_full(offer: bundled.Offer) -> dict[str, Any]:
    """A bundle with what is asked."""
    slots = [{**one.model_dump(mode="json"), "title": one.title.model_dump()} for one in offer.whole.slots]
    return bundle_line(offer) | {
        "form": offer.whole.form.model_dump(mode="json"), "slots": slots,
        "deliveries": list(bundle_intake.deliveries(offer)),
    }  # fmt: skip


def bundle_received(one: Bundle) -> dict[str, Any]:
    """An application and its parts."""
    parts = [
        {
            "item": part.item, "title": part.version.item.name, "state": part.state, "why": part.reason,
            "case": part.case.number if part.case else None,
        }
        for part in one.parts.all()
    ]  # fmt: skip
    return {"number": one.number, "submitted_at": one.submitted_at, "ended_at": one.ended_at, "parts": parts}

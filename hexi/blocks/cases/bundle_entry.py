"""Bundles (一件事) that another system hands in for an identified person, as `entry` does one item. Beside it."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import bundle_intake, bundled
from hexi.blocks.cases.entry import CHANNEL, Filing, Given, done, judge, require_signed
from hexi.blocks.cases.models import Bundle, Promise
from hexi.blocks.cases.operations import bundling
from hexi.blocks.parcels import addresses
from hexi.blocks.people.models import Person
from hexi.kernel.actors import Actor


def apply(
    offer: bundled.Offer, *, applicant: Person, raw: Mapping[str, Any], files: list[Given], once: str, by: Actor,
    answer: Callable[[Callable[[], Bundle]], Any], delivery: str = "online", to: Mapping[str, str] | None = None,
    signed: Collection[str] = (),
) -> Any:  # fmt: skip
    """Hand in an application for all items of a bundle. `answer(make)` as in `entry.apply`.

    Raises `ValidationError` by field, and "file.<slot>" for materials.
    """
    if delivery not in bundle_intake.deliveries(offer):
        raise ValidationError({"delivery": _("请选择一种送达方式。")})
    whole = offer.whole
    judged = judge(whole.form, whole.slots, applicant, raw, files)
    _require_known(whole.items, signed)
    named: dict[str, list[str]] = {}
    for one in files:
        named.setdefault(one.slot, []).append(one.name)
    for share in bundling.shares(whole, applicant, judged.values, named):
        own = {kind for kind in Promise.Kind.values if f"{kind}:{share.part.item}" in signed}
        require_signed(share.left, own)
    where = addresses.checked(to or addresses.of_person(applicant)) if delivery == "courier" else {}
    version, filing = bundling.keep_version(offer), Filing(by)
    filing.store(files, applicant, judged.rooms)

    def make() -> Bundle:
        made, _new = bundling.submit_bundle(
            version, applicant=applicant, answers=judged.values, submission=once, by=by, source=filing.source,
            phone=applicant.phone, delivery=delivery, delivery_to=where, channel=CHANNEL, signed=signed,
        )  # fmt: skip
        return bundled.with_parts(Bundle.objects.filter(pk=made.pk)).get()

    return done(filing, answer, make)


def _require_known(items: Collection[str], signed: Collection[str]) -> None:
    good = {f"{kind}:{item}" for kind in Promise.Kind.values for item in items}
    if strange := sorted(set(signed) - good):
        words = _("没有“%(name)s”这种承诺。写法是 deferral:<事项> 或 pledge:<事项>。")
        raise ValidationError({"signed": words % {"name": strange[0]}})

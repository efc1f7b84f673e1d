"""At the counter, for whoever stands there: renewing or changing his certificate, several items at once. Beside intake.

A first application of one item is `operations.enter`; all three begin the drafts that the portal begins.
"""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change, look
from hexi.blocks.cases import again, bundle_intake, bundled, renewals
from hexi.blocks.cases.models import Item
from hexi.blocks.cases.operations import bundling, entering
from hexi.blocks.certificates.queries import find
from hexi.blocks.forms.models import Draft
from hexi.kernel.actors import Actor, Denied, require


def begin_again(
    certificate: str, what: str, *, name: str, number: str, kind: str, how: str, seen: bool, by: Actor,
    phone: str = "", note: str = "",
) -> Draft:  # fmt: skip
    """Begin the renewal or change (`Concern.Kind`) of a certificate for its holder, who stands at the counter.

    `certificate` is its identifier or printed number. Needs `cases.accept` at the office of its item, and
    `people.register`; who shows what is as for `operations.enter`.
    """
    entering.require_shown(how, seen, note)
    if not by.scopes("cases.accept"):
        raise Denied
    held = find(certificate)
    item = renewals.item_of(held) if held else None
    if held is None or item is None:
        raise ValidationError({"certificate": _("没有这张证照，或者它不是在这里办的。请核对证照上的编号。")})
    require(by, "cases.accept", item.department_id, item.region_code)
    with change(by, "cases.enter", item, how=how, certificate=held.identifier, what=what) as entry:
        person = entering.who_stands_there(
            name, number=number, kind=kind, phone=phone, region_code=item.region_code, items=(item.key,), by=by
        )
        if person.pk != held.holder_id:
            raise ValidationError({"number": _("这张证照不是这个人（单位）的。请核对证件。")})
        draft = again.begin(held, what, by=by, entitled=True)
        # the window reads what he answered last time
        look(by, held, purpose=f"窗口代办 {item.title}", person_id=person.pk)
        entering.put_on_record(draft, how, note, by=by)
        entry.facts["person"] = person.pk
    return draft


def begin_bundle(
    offer: bundled.Offer, *, name: str, number: str, kind: str, how: str, seen: bool, by: Actor, phone: str = "",
    note: str = "",
) -> Draft:  # fmt: skip
    """Begin a bundle (一件事) for whoever stands at the counter: one window takes in for every office (art. 26).

    Needs `cases.accept` at the office of an item it begins with, and `people.register`.
    """
    entering.require_shown(how, seen, note)
    if not bundling.taken_in_by(by, first_items(offer)):
        raise Denied(_("这件事的第一步不在您的窗口办理。"))
    with change(by, "cases.enter", bundle_intake.BUNDLE, how=how, bundle=offer.file.key) as entry:
        person = entering.who_stands_there(
            name, number=number, kind=kind, phone=phone, region_code=offer.region_code, items=tuple(offer.items), by=by
        )
        if person.kind not in offer.whole.audience:
            words = _("%(name)s不是这个事项的服务对象，不能申请。请换一个申请人。")
            raise ValidationError({"kind": words % {"name": person.name}})
        draft = bundle_intake.start(offer, person_id=person.pk, by=by, entitled=True)
        entering.put_on_record(draft, how, note, by=by)
        entering.fill_number(draft, offer.whole.form, number, by=by)
        entry.facts["person"] = person.pk
    return draft


def offered(by: Actor) -> Iterator[bundled.Offer]:
    """The bundles the actor's window may take in."""
    return (one for one in bundled.everywhere() if bundling.taken_in_by(by, first_items(one)))


def first_items(offer: bundled.Offer) -> list[Item]:
    """The items a bundle begins with."""
    return [offer.items[one.item] for one in offer.file.items if not one.after]

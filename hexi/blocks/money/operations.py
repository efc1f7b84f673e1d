"""What is owed is raised or cancelled; money is taken, told of, given back. Each fen is booked as it happens."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.money import channels, hooks, ledger, numbers, receipts, telling
from hexi.blocks.money.channels import Channel, Declined, Unreachable
from hexi.blocks.money.ledger import HELD, INCOME, OWED, Line
from hexi.blocks.money.models import Charge, ChargeItem, Payment, Refund
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.packs import Words
from hexi.wire import pay_http
from hexi.wire.pay_http import Told

#: an order the gateway does not know so long after it was begun was never opened there
FORGOTTEN = timedelta(hours=1)
#: the longest time between two questions to a channel
SLOWEST = 6 * 60


@dataclass(frozen=True)
class Item:
    """One thing charged for: fen, what is taken off, and for whom or why."""

    title: Words
    fen: int
    off: int = 0
    why: Words | None = None


# --- what is owed ---------------------------------------------------------------------------------------------------
def charge(
    payer: Person, *, department: Department, thing: models.Model | tuple[str, str], reason: str, title: Words,
    items: Sequence[Item], due: date | None = None, by: Actor,
) -> Charge:  # fmt: skip
    """Raise what a person owes an office for a thing; one charge a thing and reason, however often asked.

    With nothing left after the reductions it is paid at once. For operations that have checked the right themselves.
    """
    kind, ref = (thing._meta.label_lower, str(thing.pk)) if isinstance(thing, models.Model) else thing
    found = Charge.objects.filter(kind=kind, ref=ref, reason=reason)
    if made := found.first():
        return made
    _sound(items)
    try:
        with audit.change(by, "money.charge") as note:
            fen = sum(item.fen - item.off for item in items)
            made = Charge.objects.create(
                number=numbers.charge_number(), payer=payer, payer_name=payer.name, department=department,
                region_code=department.region_code, kind=kind, ref=ref, reason=reason, title_zh=title.zh,
                title_en=title.en, fen=fen, due=due,
            )  # fmt: skip
            ChargeItem.objects.bulk_create(_row(made, item) for item in items)
            note.thing, note.facts = made, {"number": made.number, "fen": fen, "for": f"{kind}:{ref}"}
            if fen:
                telling.charged(made, by=by)
            else:
                _paid(made, by)
            ledger.post(f"charge:{made.pk}", "charge", department.pk, [Line(OWED, INCOME, fen)], by=by)
    except IntegrityError:
        made = found.first()  # somebody else raised it this very moment
        if made is None:
            raise
    return made


def cancel(charge: Charge, *, reason: str, by: Actor) -> Charge:
    """What is still owed is owed no more; cancelled twice is cancelled once. What is paid has to be given back instead.

    For operations that have checked the right themselves.
    """
    with audit.change(by, "money.cancel", charge, reason=reason):
        charge = _locked(charge)
        if charge.state == Charge.State.CANCELLED:
            return charge
        if charge.state != Charge.State.OPEN:
            raise ValidationError(_("这笔费用已经缴了，不能取消。要退还的，请办理退款。"))
        _to(charge, Charge.State.CANCELLED)
        ledger.post(f"cancel:{charge.pk}", "cancel", charge.department_id, [Line(INCOME, OWED, charge.fen)], by=by)
    return charge


# --- money that comes -----------------------------------------------------------------------------------------------
def take(charge: Charge, *, channel: str, key: str, reference: str = "", fen: int | None = None, by: Actor) -> Payment:
    """Take the whole sum at the counter, against a numbered receipt. `key` names the form sent: twice is once.

    Cash for what is no longer owed is refused, because it can be handed back over the counter; a bank's slip is
    proof of money that lies with the office already, so it is held to be given back, and so is one over another sum
    (`fen`) than is owed. Needs `money.take`.
    """
    of = channels.channel(channel)
    _require(by, "money.take", charge)
    reference = reference.strip()
    if not of.counter:
        raise ValidationError({"channel": _("请选择现金或银行缴款回单。")})
    if of.reference and not reference:
        raise ValidationError({"reference": _("请填写银行缴款回单上的回单号。")})
    order = f"{charge.pk}:{key}"
    with audit.change(by, "money.take") as note:
        charge = _locked(charge)
        if made := Payment.objects.filter(order=order).first():
            return made
        if charge.state != Charge.State.OPEN and not (of.keeps and charge.fen):
            raise ValidationError(
                _("这笔费用现在是“%(state)s”，不用再缴。请把现金退还缴款人。") % {"state": charge.get_state_display()}
            )
        _once(charge, channel, reference)
        payment = Payment.objects.create(
            charge=charge, department=charge.department, region_code=charge.region_code, channel=channel, order=order,
            fen=charge.fen, by_key=by.key, by_name=by.name,
        )  # fmt: skip
        note.thing, note.facts = payment, {"charge": charge.number, "channel": channel, "fen": charge.fen}
        came = fen if fen and of.keeps else charge.fen
        return _received(charge, payment, came, reference, clock.now(), by)


def begin(charge: Charge, *, channel: str, by: Actor) -> Payment:
    """The payer wants to pay elsewhere: an order is opened there, one at a time. Its `link` leads to where he pays.

    Without an answer the payment waits with no link: it may be begun again, which is the same order. Raises
    `ValidationError` if the channel will not. Not inside a transaction: the channel is asked between two of them.
    """
    of = channels.channel(channel)
    if charge.payer_id not in persons_of(by):
        raise Denied(_("这不是您的缴费单。"))
    if of.open is None or not of.ready():
        raise ValidationError(_("网上支付没有开通。请到窗口缴费。"))
    with audit.change(by, "money.begin", charge) as note:
        charge = _locked(charge)
        if charge.state != Charge.State.OPEN:
            raise ValidationError(_("这笔费用现在是“%(state)s”，不用再缴。") % {"state": charge.get_state_display()})
        payment = charge.payments.filter(channel=channel, state=Payment.State.WAITING).first()
        if payment is None:
            payment = Payment.objects.create(
                charge=charge, department=charge.department, region_code=charge.region_code, channel=channel,
                order=f"{charge.number}-{secrets.token_hex(6)}", fen=charge.fen, by_key=by.key, by_name=by.name,
                ask_after=clock.now() + timedelta(minutes=1),
            )  # fmt: skip
        note.facts["order"] = payment.order
    return payment if payment.link else _opened(payment, of, by)


def _opened(payment: Payment, of: Channel, by: Actor) -> Payment:
    assert of.open is not None
    try:
        said = of.open(payment)
    except Unreachable as error:
        return _note(payment, str(error), by)
    except Declined as error:
        close(payment, note=str(error), by=by)
        raise ValidationError(
            _("支付平台没有接受这笔支付：%(words)s。请稍后再试，或者到窗口缴费。") % {"words": error}
        ) from error
    if said.state == pay_http.PAID:
        return settle(payment, said, by=by)
    with audit.change(by, "money.opened", payment):
        Payment.objects.filter(pk=payment.pk, state=Payment.State.WAITING).update(link=said.link, note="")
    payment.refresh_from_db()
    return payment


def notified(said: Told, *, by: Actor) -> Payment | None:
    """A channel told of an order by itself: money is taken as told if it is the sum asked for; else it is asked.

    None if the order is not ours. Told twice counts once.
    """
    payment = Payment.objects.select_related("charge").filter(order=said.order).first()
    if payment is None or channels.channel(payment.channel).ask is None:
        return None
    if said.state == pay_http.PAID and said.fen == payment.fen:
        return settle(payment, said, by=by)
    with audit.change(by, "money.doubted", payment, state=said.state, fen=said.fen):
        Payment.objects.filter(pk=payment.pk).exclude(state=Payment.State.RECEIVED).update(
            ask_after=clock.now(), note=_("通知的金额或状态与订单不符，正在向支付平台核实。")
        )
    payment.refresh_from_db()
    return payment


def ask(payment: Payment, *, by: Actor) -> Payment:
    """Ask the channel what became of a payment whose money has not come. Not inside a transaction."""
    if payment.charge.payer_id not in persons_of(by):
        require(by, "money.see", payment.department_id, payment.region_code)
    of = channels.channel(payment.channel)
    if of.ask is None or payment.state == Payment.State.RECEIVED:
        return payment
    try:
        said = of.ask(payment)
    except (Unreachable, Declined) as error:
        return _note(payment, str(error), by)
    if said.state == pay_http.PAID:
        return settle(payment, said, by=by)
    forgotten = said.state == pay_http.UNKNOWN and payment.begun_at < clock.now() - FORGOTTEN
    if said.state == pay_http.CLOSED or forgotten:
        return close(payment, note="", by=by)
    return _note(payment, "", by)


def settle(payment: Payment, said: Told, *, by: Actor) -> Payment:
    """Money came: it pays the charge if it is the sum asked for and still owed; else it is held to be given back.

    The same money told of again changes nothing. For what a channel has said, signed.
    """
    with audit.change(by, "money.settle", payment, fen=said.fen, reference=said.reference):
        charge = _locked(payment.charge)
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        if payment.state == Payment.State.RECEIVED:
            return payment
        payment.charge = charge
        _once(charge, payment.channel, said.reference)
        return _received(charge, payment, said.fen, said.reference, said.at or clock.now(), by)


def close(payment: Payment, *, note: str, by: Actor) -> Payment:
    """The channel says that nobody paid: the charge may be paid anew. Money that comes later is still taken."""
    with audit.change(by, "money.close", payment, note=note):
        _locked(payment.charge)
        Payment.objects.filter(pk=payment.pk).exclude(state=Payment.State.RECEIVED).update(
            state=Payment.State.CLOSED, note=note[:300], ask_after=None
        )
    payment.refresh_from_db()
    return payment


def _received(charge: Charge, payment: Payment, fen: int, reference: str, at: datetime, by: Actor) -> Payment:
    """The money is here: receipt, charge, books, in the caller's transaction, which holds the charge's row."""
    pays = charge.state == Charge.State.OPEN and fen == charge.fen
    payment.state, payment.received, payment.applied = Payment.State.RECEIVED, fen, fen if pays else 0
    payment.reference, payment.received_at, payment.ask_after, payment.note = reference, at, None, ""
    payment.receipt = numbers.receipt_number(payment.department_id, payment.department.name)
    payment.document = receipts.keep(payment, payment.receipt, by=by)
    payment.save()
    if pays:
        _paid(charge, by)
    telling.received(payment, by=by)
    into = ledger.money(payment.channel)
    lines = [Line(into, OWED, payment.applied), Line(into, HELD, payment.held)]
    ledger.post(f"payment:{payment.pk}", "payment", payment.department_id, lines, by=by)
    return payment


def _paid(charge: Charge, by: Actor) -> None:
    _to(charge, Charge.State.PAID)
    hooks.paid.ring(charge=charge, by=by)


# --- money that goes back -------------------------------------------------------------------------------------------
def refund(payment: Payment, *, fen: int, reason: str, key: str, reference: str = "", by: Actor) -> Refund:
    """Give money back, whole or in part, through the channel it came by; what is held goes first.

    At the counter it is done with this; a channel is told soon (`send_refund`). `key` names the form sent: twice is
    once. Needs `money.refund`.
    """
    _require(by, "money.refund", payment.charge)
    if not reason.strip():
        raise ValidationError({"reason": _("请写明退款的理由，缴款人会看到。")})
    of = channels.channel(payment.channel)
    name = f"R{payment.pk}-{key}"
    with audit.change(by, "money.refund") as note:
        charge = _locked(payment.charge)
        if made := Refund.objects.filter(key=name).first():
            return made
        payment = Payment.objects.select_for_update().get(pk=payment.pk)
        payment.charge = charge
        if not 1 <= fen <= payment.room:
            words = _("最多能退 %(most)s 元。请改小退款金额。") % {"most": f"{payment.room / 100:.2f}"}
            raise ValidationError({"fen": words if payment.room else _("这笔钱已经全部退还，或者正在退。")})
        of_held = min(fen, payment.held)
        Payment.objects.filter(pk=payment.pk).update(
            held_back=payment.held_back + of_held, back=payment.back + fen - of_held
        )
        made = Refund.objects.create(
            payment=payment, key=name, fen=fen, of_held=of_held, reason=reason.strip(), by_key=by.key, by_name=by.name,
            ask_after=clock.now(),
        )  # fmt: skip
        note.thing, note.facts = made, {"payment": payment.receipt, "fen": fen}
        if of.counter:
            return _given_back(made, reference.strip(), by)
    return made


def send_refund(refund: Refund, *, by: Actor) -> Refund:
    """Tell the channel to give money back; what it answers decides. Not inside a transaction; as often as needed."""
    of = channels.channel(refund.payment.channel)
    if of.give_back is None or refund.state != Refund.State.WAITING:
        return refund
    try:
        said = of.give_back(refund)
    except Unreachable as error:
        return _note(refund, str(error), by)
    except Declined as error:
        return refused(refund, words=str(error), by=by)
    if said.state == pay_http.WAITING:
        return _note(refund, "", by)
    if said.state == pay_http.REFUSED:
        return refused(refund, words=said.words, by=by)
    with audit.change(by, "money.refund_done", refund):
        _locked(refund.payment.charge)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        return _given_back(refund, said.reference, by) if refund.state == Refund.State.WAITING else refund


def refused(refund: Refund, *, words: str, by: Actor) -> Refund:
    """The channel will not give it back: the money is still here, and may be given back otherwise."""
    with audit.change(by, "money.refund_refused", refund, words=words):
        _locked(refund.payment.charge)
        refund = Refund.objects.select_for_update().get(pk=refund.pk)
        if refund.state == Refund.State.WAITING:
            refund.state, refund.note, refund.ask_after = Refund.State.REFUSED, words[:300], None
            refund.save(update_fields=["state", "note", "ask_after"])
            Payment.objects.filter(pk=refund.payment_id).update(
                held_back=models.F("held_back") - refund.of_held, back=models.F("back") - (refund.fen - refund.of_held)
            )
    return refund


def _given_back(refund: Refund, reference: str, by: Actor) -> Refund:
    refund.state, refund.done_at, refund.ask_after = Refund.State.DONE, clock.now(), None
    refund.reference, refund.note = reference[:80], ""
    refund.save()
    payment = Payment.objects.select_related("charge").get(pk=refund.payment_id)
    open_ones = payment.refunds.filter(state=Refund.State.WAITING).exists()
    if payment.applied and payment.back == payment.applied and not open_ones:
        _to(payment.charge, Charge.State.REFUNDED)
    refund.payment = payment
    telling.given_back(refund, by=by)
    hooks.refunded.ring(refund=refund, by=by)
    out = ledger.money(payment.channel)
    lines = [Line(HELD, out, refund.of_held), Line(INCOME, out, refund.fen - refund.of_held)]
    ledger.post(f"refund:{refund.pk}", "refund", payment.department_id, lines, by=by)
    return refund


def note_export(by: Actor, what: str, count: int) -> None:
    """Log that somebody saved a list of who paid what."""
    with audit.change(by, "money.export", what, count=count):
        pass


# --- inside ---------------------------------------------------------------------------------------------------------
def _sound(items: Sequence[Item]) -> None:
    if not items:
        raise ValidationError({"items": _("请写明收费项目。")})
    for item in items:
        if not 0 <= item.off <= item.fen or (item.off and item.why is None):
            raise ValidationError({"items": _("减免不能超过收费金额，并且要写明理由。")})


def _row(charge: Charge, item: Item) -> ChargeItem:
    why = item.why or Words(zh="", en="")
    return ChargeItem(
        charge=charge, title_zh=item.title.zh, title_en=item.title.en, fen=item.fen, off=item.off, why_zh=why.zh,
        why_en=why.en,
    )  # fmt: skip


def _locked(charge: Charge) -> Charge:
    """The charge as it stands now. Its row is the first that everything here locks: who has it goes first."""
    return Charge.objects.select_for_update(of=("self",)).select_related("department", "payer").get(pk=charge.pk)


def _to(charge: Charge, state: Charge.State) -> None:
    charge.state = state
    columns = ["state"]
    if state in (Charge.State.PAID, Charge.State.CANCELLED):
        charge.settled_at = clock.now()
        columns.append("settled_at")
    charge.save(update_fields=columns)


def _require(by: Actor, verb: str, charge: Charge) -> None:
    require(by, verb, charge.department_id, charge.region_code)
    if charge.payer_id in persons_of(by):
        raise Denied(_("这是您自己（或您代表的单位）的缴费单，应当回避，由其他人员办理。"))


def _once(charge: Charge, channel: str, reference: str) -> None:
    """The same money, by the channel's own number, is not entered for another charge as well."""
    if not reference:
        return
    there = Payment.objects.filter(department_id=charge.department_id, channel=channel, reference=reference).first()
    if there is not None:
        facts = {"reference": reference, "number": there.charge.number}
        raise ValidationError({"reference": _("回单号 %(reference)s 已经登记在缴费单 %(number)s 上。请核对。") % facts})


def _note(thing: Payment | Refund, words: str, by: Actor) -> "Payment | Refund":
    """Nothing is known yet: ask again later, less and less often; a payer who asks out of turn puts nothing off."""
    with audit.change(by, "money.asked", thing, words=words):
        now, rows = clock.now(), type(thing).objects.filter(pk=thing.pk, ask_after__isnull=False)
        rows.update(note=words[:300])
        wait = timedelta(minutes=min(2**thing.tries, SLOWEST))
        rows.filter(ask_after__lte=now).update(tries=models.F("tries") + 1, ask_after=now + wait)
    thing.refresh_from_db()
    return thing

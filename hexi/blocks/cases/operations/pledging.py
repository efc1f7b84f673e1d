"""告知承诺: decided on the spot by the applicant's pledge, checked afterwards, put right or revoked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from hexi.blocks.audit.operations import change
from hexi.blocks.calendars.clocks import Limit
from hexi.blocks.calendars.queries import calendar_for
from hexi.blocks.cases import letters, quotas, renewals, results
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Breach, Case, Promise, Verification
from hexi.blocks.cases.operations.accepting import accept
from hexi.blocks.cases.operations.applying import acts_for
from hexi.blocks.cases.operations.deciding import grant
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.states import State
from hexi.blocks.cases.steps import Step, finish, locked
from hexi.blocks.certificates import operations as certificates
from hexi.blocks.certificates.models import State as Standing
from hexi.blocks.people.models import Person
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require
from hexi.kernel.fixed import Fixed, Given
from hexi.ui.words import day, on_paper

#: who decides on the spot: no clerk weighs anything, the pledge stands for the proof
ON_THE_SPOT = System("pledge")


def offered(person: Person) -> bool:
    """True unless the person has broken a pledge before and it was not repaired."""
    return _BREACH.first(person=person.pk) is None


_BREACH = Fixed(lambda: Breach.objects.filter(person_id=Given("person"), repaired_at=None).values_list("pk"))


def repairable_from(breach: Breach) -> datetime | None:
    """From when a broken pledge may be repaired (信用修复), by the item's term as it is now; None: never."""
    item = breach.case.item
    given = definition(item.version or breach.case.version).national.pledge
    if given is None or given.repair is None:
        return None
    return calendar_for(breach.case.region_code).due(breach.at, given.repair.limit).moment


def repair(verification: Verification, *, reason: str, by: Actor) -> Breach:
    """信用修复: after the item's term, what was granted being revoked, a broken pledge bars its signer no longer.

    By who may revoke, with the reason; logged, on the case's timeline. A second one is told that it is done.
    """
    if not reason.strip():
        raise ValidationError({"finding": _("请写明核查情况和理由，当事人会看到。")})
    with change(by, "cases.repair", verification, reason=reason.strip()) as note:
        case = locked(verification.case)
        require(by, "certificates.revoke", case.department_id, case.region_code)
        require_stranger(by, case)
        breach = Breach.objects.select_for_update().filter(case=case, repaired_at=None).first()
        if breach is None or not Verification.objects.filter(case=case, state=Verification.State.REVOKED).exists():
            raise ValidationError(_("没有可以修复的记录：还没有撤销，或者已经修复。请刷新后再看。"))
        start = repairable_from(breach)
        if start is None:
            raise ValidationError(_("这个事项没有规定信用修复，不能修复。"))
        if clock.now() <= start:
            raise ValidationError(_("%(day)s之后才能修复。") % {"day": day(start)})
        breach.repaired_at, breach.repaired_reason, breach.repaired_name = clock.now(), reason.strip(), by.name
        breach.save()
        finish(Step(case, by, "repair", note, opinion=reason.strip()))
    return breach


def pledge(case: Case, *, by: Actor, signed: Mapping[str, Any] | None = None) -> Case:
    """Keep the applicant's pledge, accept and grant at once, and put the check on the list of the office.

    For the intake, in the transaction of the submission. `signed`: it was signed before, with a bundle. Raises
    `ValidationError` if the item or the applicant's earlier pledges do not allow it.
    """
    if not acts_for(by, case) and not by.may("cases.accept", case.department_id, case.region_code):
        raise Denied(_("告知承诺由申请人本人（或其代理人）签署。"))
    given = definition(case.version).national.pledge
    if given is None:
        raise ValidationError(_("这个事项不能用告知承诺的方式办理。"))
    with change(by, "cases.pledge", case) as note:
        Person.objects.select_for_update().get(pk=case.applicant_id)  # a breach noted this moment counts
        if not offered(case.applicant):
            raise ValidationError(_("申请人有不履行承诺的记录，不能再用告知承诺的方式办理，请按一般程序申请。"))
        now = {"text": str(given), "signed_key": by.key, "signed_name": by.name, "at": clock.now()}
        Promise.objects.create(case=case, kind=Promise.Kind.PLEDGE, **(signed or now))
        due = calendar_for(case.region_code).due(clock.now(), given.verify.limit).moment
        with override("zh-hans"), on_paper():
            reason = f"依您签署的告知承诺当场作出决定，本机关将在{day(due)}前核查。"
        accept(case, by=ON_THE_SPOT)
        Case.objects.filter(pk=case.pk).update(state=State.DECIDING)
        grant(case, by=ON_THE_SPOT, opinion=reason)
        note.facts["verify"] = due
        Verification.objects.create(
            case=case, department_id=case.department_id, region_code=case.region_code, opened_at=clock.now(), due=due
        )
    case.refresh_from_db()
    return case


def keep(verification: Verification, *, finding: str, by: Actor) -> Verification:
    """Checked: what was pledged is so."""
    with _checking(verification, "verified", finding, by, Verification.OPEN) as found:
        found.state, found.ended_at = Verification.State.KEPT, clock.now()
    return found


def order_to_rectify(verification: Verification, *, finding: str, by: Actor) -> Verification:
    """Checked: not so; the holder is told in a letter to put it right within the item's term. Once."""
    with _checking(verification, "rectify", finding, by, (Verification.State.WAITING,), letter="rectify") as found:
        given = definition(found.case.version).national.pledge
        limit = given.rectify.limit if given else Limit(10)
        found.state = Verification.State.RECTIFYING
        found.rectify_due = calendar_for(found.region_code).due(clock.now(), limit).moment
    return found


def find_broken(verification: Verification, *, finding: str, by: Actor) -> Verification:
    """Checked: not so, and if a term to put it right was given, that is over. Recorded against the holder.

    The office may give a term first (`order_to_rectify`) or go straight on to revoking: 责令限期整改、撤销行政决定
    (国办发〔2020〕42号) are a choice.
    """
    with _checking(verification, "broken", finding, by, Verification.OPEN) as found:
        if found.rectify_due is not None and found.rectify_due >= clock.now():
            raise ValidationError(_("整改期限到%(day)s，期满后再核查。") % {"day": day(found.rectify_due)})
        found.state = Verification.State.BROKEN
        case = found.case
        Person.objects.select_for_update().get(pk=case.applicant_id)
        Breach.objects.create(
            person=case.applicant,
            case=case,
            reason=finding.strip(),
            at=clock.now(),
            noted_key=by.key,
            noted_name=by.name,
        )
    return found


def revoke_pledged(verification: Verification, *, reason: str, by: Actor) -> Verification:
    """撤销: what was granted on a broken pledge is taken back, with reason and remedies; by who may revoke.

    With it falls the certificate, whichever version of it counts by now; one that replaced another item's certificate
    says again what that one said (收回换发的执照). Where none was issued, or it is struck off or
    over already, the decision alone is revoked: no change or cancellation asked for first gets it out of reach.
    """
    with _checking(
        verification,
        "revoke",
        reason,
        by,
        (Verification.State.BROKEN,),
        verb="certificates.revoke",
    ) as found:
        case = found.case
        if case.state in (State.CERTIFYING, State.DELIVERING):
            raise ValidationError(_("证件还没有制好、送达，请先办完这一步，再撤销。"))
        found.state, found.ended_at = Verification.State.REVOKED, clock.now()
        certificate = renewals.newest(case.certificate_ref)
        in_force = certificate is not None and certificate.state in certificates.IN_FORCE
        restored = results.before(case)
        if certificate is not None and in_force and restored is not None:
            certificates.reissue(certificate, facts=restored, reason=reason, by=by, held=True)
        elif certificate is not None and in_force:
            certificates.revoke(certificate, reason=reason, by=by)
        elif certificate is None or certificate.state != Standing.REVOKED:
            quotas.give_back(case)
        if (
            not in_force or restored is not None or renewals.origin(certificate) != case
        ):  # no letter of this case goes with the certificate
            letters.write(case, "revocation", by=by, reason=reason.strip(), remedy=definition(case.version).remedy)
    return found


@contextmanager
def _checking(
    verification: Verification, action: str, finding: str, by: Actor, states: tuple[str, ...], *,
    verb: str = "cases.examine", letter: str = "",
) -> Iterator[Verification]:  # fmt: skip
    """One step on a verification: right, state, then its line on the case's timeline, with a letter if one is due."""
    if not finding.strip():
        raise ValidationError({"finding": _("请写明核查情况和理由，当事人会看到。")})
    with change(by, f"cases.{action}", verification) as note:
        case = locked(verification.case)
        require(by, verb, case.department_id, case.region_code)
        require_stranger(by, case)
        found = Verification.objects.select_for_update().get(pk=verification.pk)
        found.case = case
        if found.state not in states:
            raise ValidationError(_("这项核查已经是“%(state)s”，请刷新后再看。") % {"state": found.get_state_display()})
        yield found
        found.finding, found.checked_name, found.checked_at = finding.strip(), by.name, clock.now()
        found.save()
        one = Step(case, by, action, note, opinion=finding.strip())
        if letter:
            with override("zh-hans"), on_paper():
                term = day(found.rectify_due)
            facts = {"reason": finding.strip(), "day_of": term, "remedy": definition(case.version).remedy}
            one.letter = letters.write(case, letter, by=by, **facts)
        finish(one)

"""A running renewal or change (延续, 变更) whose certificate is taken away, held or replaced meanwhile.

Taken away (撤销 art. 69, 注销 art. 70, 吊销): there is nothing left to renew, the case ends, even if it was granted and
waits to be made (art. 70 (4)). Held (暂扣): it waits until the certificate counts again, and until then its last day is
not noted (`renewals.continues`). Replaced: it goes on with the new version. The holder and the office are told each
time.
"""

from django.utils.translation import gettext as _
from django.utils.translation import override

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import letters, watching
from hexi.blocks.cases.models import Case, Concern
from hexi.blocks.cases.states import ENDED, State
from hexi.blocks.cases.steps import Step, finish, locked
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.certificates.models import State as Standing
from hexi.blocks.notices.operations import tell
from hexi.kernel.actors import Actor
from hexi.kernel.packs import Words

TAKEN = (Standing.REVOKED, Standing.CANCELLED, Standing.FORFEITED)


def settle(certificate: Certificate, before: str, by: Actor) -> None:
    """Listener: the certificate's state changed; in its transaction, once for each case that concerns it."""
    state = Standing(certificate.state)
    resumed = (before, state) == (Standing.SUSPENDED, Standing.VALID)
    if resumed or state == Standing.SUSPENDED or state in TAKEN:
        for case in _running(certificate):
            _settle(case, certificate, state, by)


def follow(certificate: Certificate, reason: str, by: Actor) -> None:
    """Listener: `certificate` replaced an older version; what else runs for that one goes on with this one."""
    for case in _running(certificate.replaces):
        if str(case.pk) != certificate.case_ref:
            with change(by, "cases.follow", case, certificate=certificate.identifier):
                Concern.objects.filter(case=case).update(certificate=certificate)


def _running(certificate: Certificate | None) -> list[Case]:
    found = Case.objects.filter(concern__certificate=certificate).exclude(state__in=ENDED)
    return list(found.order_by("pk"))


def _settle(case: Case, certificate: Certificate, state: Standing, by: Actor) -> None:
    action = "overtaken" if state in TAKEN else "held" if state == Standing.SUSPENDED else "resumed"
    with change(by, f"cases.{action}", case, certificate=certificate.identifier) as note:
        case = locked(case)
        if case.state in ENDED:
            return
        with override("zh-hans"):
            said = _sentence(certificate, state)
        one = Step(case, by, action, note, opinion=said)
        if state in TAKEN:
            case.state = State.TERMINATED
            one.letter = letters.write(case, "terminated", by=by, reason=said)
        task = case.open_task()
        finish(one)
        _tell(case, task.claimed_by if task else None, said, by, holder=state not in TAKEN)


def _sentence(certificate: Certificate, state: Standing) -> str:
    facts = {"title": str(certificate), "state": state.label}
    if state in TAKEN:
        return _("所涉证照（%(title)s）%(state)s，没有可以延续或变更的许可，依照行政许可法第七十条，本件终止。") % facts
    if state == Standing.SUSPENDED:
        return _("所涉证照（%(title)s）暂扣，恢复之前不能换发；恢复后接着办理。") % facts
    return _("所涉证照（%(title)s）已恢复，接着办理。") % facts


def _tell(case: Case, claimed: object, said: str, by: Actor, *, holder: bool) -> None:
    """The officer who has it, else who answers for the office; the holder unless a letter tells him."""
    title = Words(zh=case.title, en=case.item.title_en)
    facts = {"title": title, "number": case.number, "reason": said}
    officers = [claimed] if claimed else watching.answering(case.department_id, case.region_code)
    tell(officers, "cases.overtaken", about=case, facts=facts, by=by)
    if holder:
        whom = case.applicant
        told = whom if whom.natural or whom.representative is None else whom.representative
        tell([told], "cases.overtaken_mine", about=case, facts=facts, by=by)

"""How a case is decided where the item knows several ways: wholly, in part, with files. Above definitions."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.parts import Decision, Reason
from hexi.blocks.cases.states import UNDER_EXAMINATION, Outcome
from hexi.blocks.documents import queries as documents
from hexi.blocks.documents.models import Document
from hexi.kernel import clock
from hexi.kernel.actors import Actor

KIND = "cases.case"
#: slot of the files that an office hands over with its decision
RESULTS = "results"
#: the rights that put them together
PUTTING = ("cases.examine", "cases.decide")
#: a part that is left out for a reason of its own, written with it
OTHER = "other"


@dataclass(frozen=True)
class Ruling:
    """What was decided: the item's decision, what of it is left out and why, what is handed over, as letters say it."""

    decision: Decision
    parts: str
    files: str
    where: str


def ruling(case: Case, key: str, parts: Mapping[str, str], where: str) -> Ruling:
    """The decision of this key, the item's first that grants if none is named. Raises `ValidationError` by field.

    `parts`: what is left out, by the key of its ready reason (OTHER: with its reason). `where`: the way to get it.
    """
    granting = definition(case.version).granting
    found = next((one for one in granting if one.key == key), None) if key else granting[0]
    if found is None:
        raise ValidationError({"decision": _("请选择一种决定。")})
    handed, where = files(case), where.strip()
    if definition(case.version).national.result.files and not handed and not where:
        raise ValidationError({"where": _("请上传要提供的文件，或者写明获取的方式、途径和时间。")})
    titles = "\n".join(f"{n}．{one.name}" for n, one in enumerate(handed, 1))
    return Ruling(found, _parts(found, parts), titles, where)


def files(case: Case) -> list[Document]:
    """The files handed over with the decision: those that were there when it was made; none with a refusal."""
    if case.decided_at and case.outcome != Outcome.GRANTED:
        return []
    until = case.decided_at or clock.now()
    return [one for one in documents.in_slot(KIND, str(case.pk), RESULTS) if one.made_at <= until]


def may_put(by: Actor, case: Case) -> bool:
    """True while the case is examined, for who examines or decides it at the office that has it."""
    offered = definition(case.version).national.result.files and case.state in UNDER_EXAMINATION
    return offered and any(by.may(verb, case.department_id, case.region_code) for verb in PUTTING)


def decision_of(case: Case) -> Decision | None:
    """The item's own decision that was made; None before it, and where the item knows only one."""
    made = [one for one in definition(case.version).granting if one.key == case.decision]
    return made[0] if made else None


def _parts(decision: Decision, parts: Mapping[str, str]) -> str:
    """What is left out, part by part with its reason and law; in Chinese, for the letter. Nothing of a whole grant."""
    reasons = {one.key: one for one in decision.reasons}
    given = {key: text.strip() for key, text in parts.items() if text.strip()}
    if not decision.partial:
        if given:
            raise ValidationError({"decision": _("写明了不在内的部分：请选择部分给予的决定，或者清空这些部分。")})
        return ""
    if not given or set(given) - {*reasons, OTHER}:
        raise ValidationError({"parts": _("请逐项写明哪些部分不在内，并对应理由。")})
    lines = [_part(text, reasons.get(key)) for key, text in given.items()]
    return "\n".join(f"{n}．{line}" for n, line in enumerate(lines, 1))


def _part(text: str, reason: Reason | None) -> str:
    if reason is None:
        return text
    laws = "、".join(f"《{one.law.zh}》{one.article.zh}" for one in reason.basis)
    return f"{text.rstrip('。')}。理由：{reason.text.zh.rstrip('。')}" + (f"（{laws}）。" if laws else "。")

"""The life of a case as one table (services.md §2.13): which action leads from where to where, by which right."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    """Where a case stands; the value is stored, the label is the legal name."""

    SUBMITTED = "submitted", _("已收件")
    RETURNED = "returned", _("预审退回")
    CORRECTING = "correcting", _("待补正")
    LOWER = "lower", _("下级初审中")
    EXAMINING = "examining", _("审查中")
    JOINT = "joint", _("并联审查中")
    REVIEWING = "reviewing", _("审核中")
    DECIDING = "deciding", _("待决定")
    CERTIFYING = "certifying", _("制证中")
    DELIVERING = "delivering", _("待送达")
    CLOSED = "closed", _("办结")
    NOT_NEEDED = "not_needed", _("不受理")
    REJECTED = "rejected", _("不予受理")
    WITHDRAWN = "withdrawn", _("已撤回")
    TERMINATED = "terminated", _("已终止")


class Outcome(TextChoices):
    """What was decided."""

    GRANTED = "granted", _("准予")
    REFUSED = "refused", _("不予许可")


#: the applicant may still add or mend, the office has not accepted
BEFORE_ACCEPTANCE = (State.SUBMITTED, State.RETURNED, State.CORRECTING)
#: accepted, not yet decided
UNDER_EXAMINATION = (State.LOWER, State.EXAMINING, State.JOINT, State.REVIEWING, State.DECIDING)
AFTER_DECISION = (State.CERTIFYING, State.DELIVERING)
ENDED = (State.CLOSED, State.NOT_NEEDED, State.REJECTED, State.WITHDRAWN, State.TERMINATED)
OPEN = (*BEFORE_ACCEPTANCE, *UNDER_EXAMINATION, *AFTER_DECISION)


@dataclass(frozen=True)
class Action:
    """One step an official takes: from which states, by which right, and what the button says.

    Without a `verb` it takes the right of the step the case stands at.
    """

    key: str
    title: object
    states: tuple[State, ...]
    verb: str
    icon: str
    reason: bool = False

    def right(self, state: State) -> str:
        """The right it takes in this state."""
        return self.verb or STAGES[state][1]


ACTIONS = {
    action.key: action
    for action in (
        Action("accept", pgettext_lazy("do", "受理"), (State.SUBMITTED,), "cases.accept", "checkbox"),
        Action(
            "give_back",
            pgettext_lazy("do", "预审退回"),
            (State.SUBMITTED,),
            "cases.preview",
            "arrow-back-up",
            reason=True,
        ),
        Action("ask_correction", _("一次性补正告知"), (State.SUBMITTED,), "cases.accept", "file-alert"),
        Action(
            "not_needed", pgettext_lazy("do", "不受理"), (State.SUBMITTED,), "cases.accept", "info-circle", reason=True
        ),
        Action("reject", pgettext_lazy("do", "不予受理"), (State.SUBMITTED,), "cases.accept", "ban", reason=True),
        Action("pass_up", _("提交初审意见并报送上级"), (State.LOWER,), "cases.examine", "arrow-up-circle", reason=True),
        Action("examine", _("提交审查意见"), (State.EXAMINING,), "cases.examine", "clipboard-check", reason=True),
        Action("review", _("提交审核意见"), (State.REVIEWING,), "cases.review", "checks", reason=True),
        Action("send_back", _("退回重审"), (State.REVIEWING, State.DECIDING), "", "arrow-back", reason=True),
        Action("grant", pgettext_lazy("do", "准予"), (State.DECIDING,), "cases.decide", "rosette-discount-check"),
        Action("refuse", pgettext_lazy("do", "不予许可"), (State.DECIDING,), "cases.decide", "circle-x", reason=True),
        Action("extend", _("延长期限"), UNDER_EXAMINATION, "cases.extend", "calendar-plus", reason=True),
        Action(
            "extend_joint",
            _("批准延长并联办理期限"),
            UNDER_EXAMINATION,
            "cases.extend_joint",
            "calendar-plus",
            reason=True,
        ),
        Action("pause", _("启动特别程序"), UNDER_EXAMINATION, "cases.examine", "player-pause", reason=True),
        Action("resume", _("结束特别程序"), UNDER_EXAMINATION, "cases.examine", "player-play", reason=True),
        Action("terminate", _("终止办理"), UNDER_EXAMINATION, "cases.decide", "square-x", reason=True),
        Action("certify", pgettext_lazy("do", "制证"), (State.CERTIFYING,), "cases.certify", "certificate"),
        Action("deliver", pgettext_lazy("do", "送达"), (State.DELIVERING,), "cases.deliver", "truck-delivery"),
    )
}

#: which open task belongs to a state: (stage key, right that may claim it)
STAGES = {
    State.SUBMITTED: ("accept", "cases.accept"),
    State.LOWER: ("lower", "cases.examine"),
    State.EXAMINING: ("examine", "cases.examine"),
    State.REVIEWING: ("review", "cases.review"),
    State.DECIDING: ("decide", "cases.decide"),
    State.CERTIFYING: ("certify", "cases.certify"),
    State.DELIVERING: ("deliver", "cases.deliver"),
}
#: every right a task may take; those of a joint review are examined as well
TASK_VERBS = tuple(dict.fromkeys(verb for _stage, verb in STAGES.values()))

#: special procedures whose time does not count (行政许可法 art. 45)
PROCEDURES = {
    "hearing": _("听证"),
    "tender": _("招标"),
    "auction": _("拍卖"),
    "inspection": _("检验"),
    "testing": _("检测"),
    "quarantine": _("检疫"),
    "appraisal": _("鉴定"),
    "expert_review": _("专家评审"),
}

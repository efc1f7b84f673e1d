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


def outcome_said(state: str, outcome: str) -> str:
    """What became of the decision, in words: what was granted and then ended by law is not simply granted."""
    if outcome == Outcome.GRANTED and state == State.TERMINATED:
        return str(_("准予后终止（行政许可法第七十条）"))
    return str(Outcome(outcome).label) if outcome else ""


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
    states: tuple[str, ...]
    verb: str
    icon: str
    reason: bool = False


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
        Action(
            "lapse_correction",
            _("逾期没有补正，视为放弃申请"),
            (State.CORRECTING,),
            "cases.accept",
            "clock-x",
            reason=True,
        ),
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
        Action("prolong", _("延长特别程序"), UNDER_EXAMINATION, "cases.examine", "calendar-plus", reason=True),
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

#: state of a case → state of the tag that shows it
TAGS = {
    State.SUBMITTED: "wait",
    State.RETURNED: "near",
    State.CORRECTING: "near",
    State.LOWER: "doing",
    State.EXAMINING: "doing",
    State.JOINT: "doing",
    State.REVIEWING: "doing",
    State.DECIDING: "doing",
    State.CERTIFYING: "doing",
    State.DELIVERING: "doing",
    State.CLOSED: "done",
    State.NOT_NEEDED: "info",
    State.REJECTED: "refused",
    State.WITHDRAWN: "off",
    State.TERMINATED: "off",
}

#: titles of the clocks (`Clock.Kind`), in the order they are shown
CLOCKS = {
    "notice": _("告知是否受理"),
    "lower": _("下级机关初审"),
    "legal": _("法定期限"),
    "promised": _("承诺期限"),
    "special": _("特别程序预计用时"),
    "delivery": _("送达期限"),
}

#: why a due date moved, by how the reason begins in the log; what follows a colon there is in the timeline
MOVED_BECAUSE = {
    "calendar changed": _("工作日历有调整"),
    "daily check": _("工作日历有调整"),
    "pause ended": _("特别程序结束，恢复计算"),
    "pause": _("特别程序期间不计算"),
    "extended": _("批准延长期限"),
    "prolonged": _("特别程序延长"),
    "hearing late": _("听证期限已满，恢复计算"),
    "hearing ended": _("听证结束，恢复计算"),
    "renewed by law": _("依法视为准予延续"),
    "third parties heard": _("第三方意见期限已满或者意见已收到，恢复计算"),
}

#: what the timeline calls steps that are no official's action
STEPS = {
    "submit": _("提交申请"),
    "mend": _("更正后再次提交"),
    "supplement": _("提交补正材料"),
    "withdraw": _("撤回申请"),
    "accept_deemed": _("依法视为受理"),
    "joint_report": _("部门并联审查意见"),
    "name_party": _("告知利害关系人"),
    "party_served": _("告知书已送达"),
    "party_view": _("利害关系人陈述意见"),
    "views_over": _("征求意见期限已满，办理期限恢复计算"),
    "hearing_told": _("告知听证权利"),
    "hearing_asked": _("要求听证"),
    "hearing_called": _("通知听证"),
    "hearing_held": _("举行听证"),
    "hearing_late": _("听证期限已满，办理期限恢复计算"),
    "visit_assigned": _("指派现场核查人员"),
    "visit_found": _("填写现场核查情况"),
    "visit_confirmed": _("确认现场核查情况"),
    "hand_in": _("补交容缺材料"),
    "rated_here": _("窗口录入评价"),
    "lapse": _("逾期没有补齐，视为撤回"),
    "overtaken": _("证照已不存在，终止办理"),
    "held": _("证照暂扣，等待恢复"),
    "resumed": _("证照恢复，接着办理"),
    "renew_deemed": _("依法视为准予延续"),
    "verified": _("核查：已履行承诺"),
    "rectify": _("核查：责令限期整改"),
    "broken": _("核查：未履行承诺"),
    "revoke": _("撤销决定"),
    "repair": _("信用修复"),
    "waive_fee": _("免收费用"),
}


def moved_because(why: str) -> str:
    """Why a due date moved, in plain words; a reason without words as it stands in the log."""
    return next((str(said) for begins, said in MOVED_BECAUSE.items() if why.startswith(begins)), why)

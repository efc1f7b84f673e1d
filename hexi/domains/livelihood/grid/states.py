"""The seven steps of an incident: states, actions and their rights (services.md §2.12; 监管分离). Pure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hexi.blocks.cases.kinds import CaseKind
from hexi.blocks.cases.states import Action


class State(TextChoices):
    """Where an incident stands."""

    REPORTED = "reported", _("待立案")
    FILED = "filed", _("待派遣")
    HANDLING = "handling", _("处置中")
    HANDLED = "handled", _("待反馈")
    VERIFYING = "verifying", _("待核查")
    CLOSED = "closed", _("已结案")
    CANCELLED = "cancelled", _("不予立案")
    VOID = "void", _("已作废")


ENDED = (State.CLOSED, State.CANCELLED, State.VOID)
OPEN = (State.REPORTED, State.FILED, State.HANDLING, State.HANDLED, State.VERIFYING)
#: the pause of a case whose unit was granted that its clock stands still
HOLD = "hold"
#: the seven steps as a line: word, and the state in which it is the one to be done
STEPS = (
    (_("采集"), ""), (_("立案"), State.REPORTED), (_("派遣"), State.FILED), (_("处置"), State.HANDLING),
    (_("反馈"), State.HANDLED), (_("核查结案"), State.VERIFYING), (_("评价"), State.CLOSED),
)  # fmt: skip

ACTIONS = {
    action.key: action
    for action in (
        Action("file", _("立案"), (State.REPORTED,), "grid.file", "folder-plus"),
        Action("cancel", _("不予立案"), (State.REPORTED,), "grid.file", "ban", reason=True),
        Action("dispatch", _("派遣"), (State.FILED,), "grid.dispatch", "send"),
        Action("handle", _("处置完成"), (State.HANDLING,), "grid.handle", "tool", reason=True),
        Action("give_back", _("退回（不属本单位）"), (State.HANDLING,), "grid.handle", "arrow-back-up", reason=True),
        Action("ask_delay", _("申请延期"), (State.HANDLING,), "grid.handle", "calendar-plus", reason=True),
        Action("ask_hold", _("申请挂账"), (State.HANDLING,), "grid.handle", "player-pause", reason=True),
        Action("ask_longer", _("申请延长挂账"), (State.HANDLING,), "grid.handle", "calendar-plus", reason=True),
        Action("grant", _("同意申请"), (State.HANDLING,), "grid.approve", "check"),
        Action("refuse", _("不同意申请"), (State.HANDLING,), "grid.approve", "x", reason=True),
        Action("resume", _("结束挂账"), (State.HANDLING,), "grid.approve", "player-play", reason=True),
        Action("feedback", _("反馈，请核查"), (State.HANDLED,), "grid.dispatch", "message-forward"),
        Action("send_back", _("退回重办"), (State.HANDLED,), "grid.dispatch", "arrow-back", reason=True),
        Action("close", _("核查通过，结案"), (State.VERIFYING,), "grid.verify", "checks"),
        Action("rework", _("核查不通过，返工"), (State.VERIFYING,), "grid.verify", "arrow-back", reason=True),
        Action("void", _("作废"), OPEN, "grid.void", "trash", reason=True),
        Action("evaluate", _("评价"), (State.CLOSED,), "grid.rate", "star"),
    )
}

KIND = CaseKind(
    key="grid",
    title=_("网格事件"),
    states=State,
    ended=ENDED,
    stages={
        State.REPORTED: ("file", "grid.file"),
        State.FILED: ("dispatch", "grid.dispatch"),
        State.HANDLING: ("handle", "grid.handle"),
        State.HANDLED: ("feedback", "grid.dispatch"),
        State.VERIFYING: ("verify", "grid.verify"),
    },
    actions=ACTIONS,
    view=("grid.view",),
    work="grid.incident",
    mine="grid.incident",
    tags={
        State.REPORTED: "wait", State.FILED: "wait", State.HANDLING: "doing", State.HANDLED: "doing",
        State.VERIFYING: "doing", State.CLOSED: "done", State.CANCELLED: "off", State.VOID: "off",
    },
    counted="grid",
    steps={"submit": _("采集上报"), "hold_over": _("挂账到期，继续计时")},
    clocks={"file": _("立案时限"), "dispatch": _("派遣时限"), "handle": _("处置时限"), "special": _("挂账"),
            "verify": _("核查时限")},
)  # fmt: skip

"""The life of an emergency event: states, actions and their rights; sources. Beside models."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.cases.states import Action

VIEW, DUTY, COMMAND, RESPOND, CLOSE, ROSTER = (
    "emergency.view", "emergency.duty", "emergency.command", "emergency.respond", "emergency.close", "emergency.roster",
)  # fmt: skip


class State(TextChoices):
    """Where an event stands."""

    OPEN = "open", pgettext_lazy("event", "处置中")
    REPORTED = "reported", _("结案报告待审")
    CLOSED = "closed", pgettext_lazy("event", "已结案")
    VOID = "void", _("误报，已撤销")


class Source(TextChoices):
    """How the desk learned of it."""

    CALL = "call", _("来电")
    ORDER = "order", _("上级指令")
    ALERT = "alert", _("预警")
    OTHER = "other", _("其他来源")


ENDED = (State.CLOSED, State.VOID)
#: the desk's own clock: the soonest task that is not done
CLOCK = "task"

ACTIONS = {
    action.key: action
    for action in (
        Action("report", _("续报"), (State.OPEN,), DUTY, "file-text"),
        Action("set_level", _("调整级别"), (State.OPEN,), COMMAND, "stairs", reason=True),
        Action("add_task", _("增加任务"), (State.OPEN,), DUTY, "plus"),
        Action("hand_in", _("提交结案报告"), (State.OPEN,), DUTY, "file-certificate"),
        Action("give_back", _("退回修改"), (State.REPORTED,), CLOSE, "arrow-back-up", reason=True),
        Action("approve", _("批准结案"), (State.REPORTED,), CLOSE, "checks"),
        Action("void", _("误报，撤销"), (State.OPEN,), COMMAND, "trash", reason=True),
    )
}

STAGES = {State.OPEN: ("handle", DUTY), State.REPORTED: ("approve", CLOSE)}
TAGS = {State.OPEN: "doing", State.REPORTED: "wait", State.CLOSED: "done", State.VOID: "off"}
STEPS = {
    "submit": _("启动"), "write": _("值班记录"), "finish_task": _("任务完成"), "call": _("电话联系"),
    "beside": _("单位任务全部完成"),
}  # fmt: skip

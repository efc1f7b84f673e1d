"""The life of an order as one table: states, what officials do, which task a state asks of whom. Beside models."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.cases.states import Action


class State(TextChoices):
    """Where an order stands."""

    NEW = "new", _("待派单")
    HANDLING = "handling", pgettext_lazy("order", "办理中")
    ANSWERED = "answered", _("已答复，待评价")
    MERGED = "merged", _("已并入同一件事")
    CLOSED = "closed", _("办结")
    REFUSED = "refused", _("不属受理范围")
    WITHDRAWN = "withdrawn", _("已撤回")


class Type(TextChoices):
    """What somebody wants (GB/T 33358; a word for each)."""

    ASK = "ask", _("咨询")
    HELP = "help", _("求助")
    COMPLAIN = "complain", _("投诉")
    REPORT = "report", _("举报")
    SUGGEST = "suggest", _("建议")
    PRAISE = "praise", _("表扬")
    URGE = "urge", _("催办")


ENDED = (State.CLOSED, State.REFUSED, State.WITHDRAWN)
#: the office or the hotline still owes something
OPEN = (State.NEW, State.HANDLING, State.ANSWERED, State.MERGED)

#: rights
INTAKE, DISPATCH, HANDLE, EXTEND, CALLBACK, VIEW, CALLER, PUBLISH, PLAN = (
    "requests.intake", "requests.dispatch", "requests.handle", "requests.extend", "requests.callback", "requests.view",
    "requests.caller", "requests.publish", "requests.plan",
)  # fmt: skip

ACTIONS = {
    action.key: action
    for action in (
        Action("dispatch", _("派单"), (State.NEW,), DISPATCH, "send"),
        Action("reply_now", _("当场答复"), (State.NEW,), INTAKE, "message-check", reason=True),
        Action("merge", _("并入同一件事"), (State.NEW, State.HANDLING), DISPATCH, "arrows-join"),
        Action("refuse", pgettext_lazy("order", "不予受理"), (State.NEW,), DISPATCH, "ban", reason=True),
        Action("note", _("先告知进展"), (State.HANDLING,), HANDLE, "message-dots", reason=True),
        Action("reply", _("答复"), (State.HANDLING,), HANDLE, "message-check", reason=True),
        Action("give_back", _("退单"), (State.HANDLING,), HANDLE, "arrow-back-up", reason=True),
        Action("ask_help", _("请别的单位协办"), (State.HANDLING,), HANDLE, "users-plus", reason=True),
        Action("extend", _("批准延期"), (State.HANDLING,), EXTEND, "calendar-plus", reason=True),
        Action("call", _("回访"), (State.ANSWERED,), CALLBACK, "phone-call"),
        Action("redo", _("退回重办"), (State.ANSWERED,), CALLBACK, "rotate", reason=True),
        Action("close", _("办结归档"), (State.ANSWERED,), CALLBACK, "archive", reason=True),
    )
}

#: which open task belongs to a state: (stage, right that may claim it)
STAGES = {
    State.NEW: ("dispatch", DISPATCH),
    State.HANDLING: ("handle", HANDLE),
    State.ANSWERED: ("callback", CALLBACK),
}

TAGS = {
    State.NEW: "wait",
    State.HANDLING: "doing",
    State.ANSWERED: "near",
    State.MERGED: "doing",
    State.CLOSED: "done",
    State.REFUSED: "info",
    State.WITHDRAWN: "off",
}

#: what the timeline calls steps that are no official's action
STEPS = {
    "submit": _("收到诉求"),
    "urge": _("催办"),
    "rate": _("评价"),
    "unhappy": _("不满意，退回重办"),
    "reopen": _("再次提出，继续办理"),
    "withdraw": _("撤回诉求"),
    "beside": _("协办单位反馈"),
    "led": _("同一件事已有答复"),
    "led_noted": _("同一件事有进展"),
    "led_extended": _("同一件事延期"),
    "led_again": _("同一件事接着办"),
    "apart": _("单独办理"),
    "sent_on": _("转给别的 Open311 服务器"),
    "heard_of": _("转出的诉求有进展"),
    "silent": _("没有评价，自动办结"),
    "closed_led": _("同一件事已办结"),
}

#: steps of the person, not of an office
BY_CALLER = ("submit", "urge", "rate", "unhappy", "reopen", "withdraw")

CLOCKS = {"first": _("首次回应"), "handle": _("办结答复")}


class Refusal(TextChoices):
    """Why an order is not accepted; each belongs somewhere else, which is told."""

    COURT = "court", _("依法应通过诉讼、仲裁、纪检监察、行政复议解决")
    DISCLOSURE = "disclosure", _("政府信息公开申请")
    PETITION = "petition", _("已进入信访渠道")
    SECRET = "secret", _("涉及国家秘密、商业秘密、个人隐私")
    DONE = "done", _("已依法办理并有结论，没有新的事实")
    ELSEWHERE = "elsewhere", _("不属于本地区政府职责")
    EMERGENCY = "emergency", _("紧急情况，应拨打紧急电话")
    CONDUCT = "conduct", _("恶意骚扰、违背公序良俗")

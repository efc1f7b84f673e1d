"""The life of a petition as one table: states, what officials do, which task a state asks of whom. Beside models."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.cases.states import Action


class State(TextChoices):
    """Where a petition stands."""

    REGISTERED = "registered", _("已登记，待甄别")
    TRANSFERRED = "transferred", _("已转送，待受理")
    HANDLING = "handling", pgettext_lazy("petition", "办理中")
    SERVING = "serving", _("已出具意见，待送达")
    ANSWERED = "answered", _("已送达，可请求复查复核")
    REVIEWING = "reviewing", _("复查中")
    REREVIEW = "rereview", _("复核中")
    JOINED = "joined", _("已并案")
    CLOSED = "closed", pgettext_lazy("petition", "已办结")
    FINAL = "final", _("复核终结")
    REFUSED = "refused", pgettext_lazy("petition", "不予受理")
    WITHDRAWN = "withdrawn", pgettext_lazy("petition", "已撤回")


class Type(TextChoices):
    """What a petition is (信访工作条例 arts 29–31)."""

    SUGGEST = "suggest", _("建议意见")
    ACCUSE = "accuse", _("检举控告")
    CLAIM = "claim", _("申诉求决")


class Result(TextChoices):
    """What an opinion says (art. 32); of a review what it does with the opinion before."""

    SUPPORT = "support", _("予以支持")
    EXPLAIN = "explain", _("作出解释说明")
    REJECT = "reject", _("不予支持")
    UPHELD = "upheld", _("维持原意见")
    CHANGED = "changed", _("变更原意见")
    REVOKED = "revoked", _("撤销原意见，责令重新处理")


#: what the first opinion may say, and what a review may
FIRST_RESULTS = (Result.SUPPORT, Result.EXPLAIN, Result.REJECT)
REVIEW_RESULTS = (Result.UPHELD, Result.CHANGED, Result.REVOKED)
ENDED = (State.CLOSED, State.FINAL, State.REFUSED, State.WITHDRAWN)
#: the state of each level while it is worked on, its clock, and the letter that ends it
LEVELS = {1: State.HANDLING, 2: State.REVIEWING, 3: State.REREVIEW}
CLOCK_OF = {1: "handle", 2: "review", 3: "rereview"}
LETTER_OF = {1: "pet_opinion", 2: "pet_review", 3: "pet_rereview"}
LAST = 3
WORKED_ON = tuple(LEVELS.values())

#: rights: enter at a window; read as the petition office; sort and pass on; handle (named); name handlers
INTAKE, VIEW, DECIDE, HANDLE, ASSIGN, TERMS = (
    "petitions.intake", "petitions.view", "petitions.decide", "petitions.handle", "petitions.assign", "petitions.terms",
)  # fmt: skip
UNDER = (State.TRANSFERRED, *WORKED_ON)

ACTIONS = {
    action.key: action
    for action in (
        Action("transfer", pgettext_lazy("petition", "转送"), (State.REGISTERED,), DECIDE, "send"),
        Action("accept", pgettext_lazy("petition", "受理"), (State.REGISTERED, State.TRANSFERRED), HANDLE, "checkbox"),
        Action("refuse", pgettext_lazy("petition", "不予受理"), (State.REGISTERED,), DECIDE, "ban", reason=True),
        Action("join", pgettext_lazy("petition", "并案"), (State.REGISTERED,), DECIDE, "arrows-join"),
        Action("object", _("提出异议，交还"), (State.TRANSFERRED,), HANDLE, "arrow-back-up", reason=True),
        Action("conclude", _("出具意见书"), WORKED_ON, HANDLE, "file-certificate"),
        Action("extend", _("批准延长办理期限"), (State.HANDLING,), ASSIGN, "calendar-plus", reason=True),
        Action("name_handler", _("指定承办人"), UNDER, ASSIGN, "user-plus"),
        Action("drop_handler", _("更换（撤下）承办人"), UNDER, ASSIGN, "user-minus", reason=True),
        Action("route", _("交给复查复核单位"), (State.REVIEWING, State.REREVIEW), DECIDE, "route"),
        Action("hear", _("启动听证（不计入期限）"), (State.REREVIEW,), HANDLE, "player-pause", reason=True),
        Action("heard", _("听证结束，继续计时"), (State.REREVIEW,), HANDLE, "player-play", reason=True),
        Action("serve", pgettext_lazy("petition", "登记送达"), (State.SERVING,), HANDLE, "mail-check"),
        Action("ask", _("代为登记复查复核请求"), (State.ANSWERED,), DECIDE, "file-plus"),
    )
}
#: who reads the petition may do these; the others are done by who only knows its number
BLIND = ("extend", "name_handler", "drop_handler")

#: which open task belongs to a state: (stage, right that may claim it)
STAGES = {
    State.REGISTERED: ("register", DECIDE),
    State.TRANSFERRED: ("accept", HANDLE),
    State.HANDLING: ("handle", HANDLE),
    State.REVIEWING: ("review", HANDLE),
    State.REREVIEW: ("rereview", HANDLE),
    State.SERVING: ("serve", HANDLE),
}

TAGS = {
    State.REGISTERED: "wait", State.TRANSFERRED: "wait", State.HANDLING: "doing", State.SERVING: "near",
    State.ANSWERED: "info", State.REVIEWING: "doing", State.REREVIEW: "doing", State.JOINED: "doing",
    State.CLOSED: "done", State.FINAL: "done", State.REFUSED: "refused", State.WITHDRAWN: "off",
}  # fmt: skip

#: what the timeline calls what is no official's action
STEPS = {
    "submit": _("登记"),
    "receive": _("签收意见书"),
    "ask_review": _("请求复查"),
    "ask_rereview": _("请求复核"),
    "rate": pgettext_lazy("petition", "满意度评价"),
    "withdraw": _("撤回信访事项"),
    "led": _("并案的事项已出具意见"),
    "lapse": _("期限内没有请求复查复核，办结"),
    "recuse": _("登记回避"),
    "clear": _("解除回避"),
}

#: what petitioners do, as the log calls it: who did it is not for everybody who reads the log
PETITIONERS = (
    "petitions.begin", "petitions.save", "petition.open",
    *(f"petition.{step}" for step in ("receive", "ask_review", "ask_rereview", "rate", "withdraw")),
)  # fmt: skip

CLOCKS = {
    "register": _("登记后告知"),
    "tell": _("收到转送后告知"),
    "object": _("提出异议"),
    "handle": pgettext_lazy("petition", "办结"),
    "serve": _("送达意见书"),
    "ask": _("请求复查"),
    "review": _("复查"),
    "ask_re": _("请求复核"),
    "rereview": _("复核"),
}

"""The life of an application for data as one table: states, what officials do, whose task it is. Beside models."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.cases.states import Action


class State(TextChoices):
    """Where an application stands."""

    ASKED = "asked", _("待提供方决定")
    RETURNED = "returned", _("退回补正")
    GRANTED = "granted", pgettext_lazy("sharing", "已授权")
    REFUSED = "refused", pgettext_lazy("sharing", "不同意共享")
    WITHDRAWN = "withdrawn", pgettext_lazy("sharing", "已撤回")


ENDED = (State.GRANTED, State.REFUSED, State.WITHDRAWN)
OPEN = (State.ASKED, State.RETURNED)

#: rights: ask for data in an office's name; decide on its data; set terms
APPLY, DECIDE, TERMS = "sharing.apply", "sharing.decide", "sharing.terms"

ACTIONS = {
    action.key: action
    for action in (
        Action("grant", pgettext_lazy("sharing", "同意共享"), (State.ASKED,), DECIDE, "key"),
        Action("give_back", pgettext_lazy("sharing", "退回补正"), (State.ASKED,), DECIDE, "arrow-back-up", reason=True),
        Action("refuse", pgettext_lazy("sharing", "不同意共享"), (State.ASKED,), DECIDE, "ban", reason=True),
    )
}

#: which open task belongs to a state: (stage, right that may claim it)
STAGES = {State.ASKED: ("decide", DECIDE), State.RETURNED: ("correct", APPLY)}

TAGS = {
    State.ASKED: "wait", State.RETURNED: "near", State.GRANTED: "done", State.REFUSED: "refused",
    State.WITHDRAWN: "off",
}  # fmt: skip

#: what the timeline calls what is no action of the provider
STEPS = {
    "submit": pgettext_lazy("sharing", "提出共享申请"),
    "correct": pgettext_lazy("sharing", "补正后再次提交"),
    "withdraw": pgettext_lazy("sharing", "撤回共享申请"),
}
CLOCKS = {"decide": _("提供方决定")}

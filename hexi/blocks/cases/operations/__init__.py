"""Everything that changes a case or an item, by the part of its life."""

from hexi.blocks.cases.operations.accepting import (
    accept,
    accept_deemed,
    ask_correction,
    give_back,
    lapse_correction,
    not_needed,
    reject,
)
from hexi.blocks.cases.operations.applying import mend, submit, supplement, withdraw
from hexi.blocks.cases.operations.deciding import (
    examine,
    extend,
    grant,
    pause,
    refuse,
    resume,
    review,
    send_back,
    terminate,
)
from hexi.blocks.cases.operations.entering import enter, may_apply, note_agency
from hexi.blocks.cases.operations.handing import certify, deliver
from hexi.blocks.cases.operations.joining import extend_joint, report
from hexi.blocks.cases.operations.levels import pass_up
from hexi.blocks.cases.operations.pledging import find_broken, keep, order_to_rectify, pledge, repair, revoke_pledged
from hexi.blocks.cases.operations.prolonging import prolong
from hexi.blocks.cases.operations.promising import hand_in, lapse, sign_deferral
from hexi.blocks.cases.operations.publishing import publish, take_in, withdraw_item
from hexi.blocks.cases.operations.renewing import concern, renew_deemed
from hexi.blocks.cases.operations.waiving import waive_fee
from hexi.blocks.cases.operations.working import claim, recount_open, release, tick

__all__ = [
    "accept", "accept_deemed", "ask_correction", "certify", "claim", "concern", "deliver", "enter", "examine",
    "extend", "extend_joint", "find_broken", "give_back", "grant", "hand_in", "keep", "lapse",
    "lapse_correction", "may_apply",
    "mend", "not_needed", "note_agency", "order_to_rectify", "pass_up", "pause", "pledge", "prolong", "publish",
    "recount_open", "refuse", "reject", "release", "renew_deemed", "repair", "report", "resume", "review",
    "revoke_pledged", "send_back", "sign_deferral", "submit", "supplement", "take_in", "terminate",
    "tick", "waive_fee", "withdraw", "withdraw_item",
]  # fmt: skip

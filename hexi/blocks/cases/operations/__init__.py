"""Everything that changes a case or an item, by the part of its life."""

from hexi.blocks.cases.operations.accepting import (
    accept,
    accept_deemed,
    ask_correction,
    give_back,
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
from hexi.blocks.cases.operations.handing import certify, deliver
from hexi.blocks.cases.operations.publishing import publish, take_in, withdraw_item
from hexi.blocks.cases.operations.working import claim, recount_open, release

__all__ = [
    "accept", "accept_deemed", "ask_correction", "certify", "claim", "deliver", "examine", "extend",
    "give_back", "grant", "mend", "not_needed", "pause", "publish", "recount_open", "refuse", "reject",
    "release", "resume", "review", "send_back", "submit", "supplement", "take_in", "terminate", "withdraw",
    "withdraw_item",
]  # fmt: skip

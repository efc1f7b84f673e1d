"""What can be done with orders, one verb a function; each step leaves a line in the timeline and the log."""

from hexi.domains.livelihood.requests.operations.asking import call, close, close_silent, rate, redo
from hexi.domains.livelihood.requests.operations.calling import (
    clear_calls,
    give_up,
    hear,
    not_dialled,
    ring_back,
    ring_lost,
    sit,
)
from hexi.domains.livelihood.requests.operations.dispatching import dispatch, dispatch_alone, give_back, merge, refuse
from hexi.domains.livelihood.requests.operations.finding_topics import find_topics
from hexi.domains.livelihood.requests.operations.following import follow, reopen, unfollow, urge, withdraw
from hexi.domains.livelihood.requests.operations.handling import ask_help, extend, help_given, note, reply, reply_now
from hexi.domains.livelihood.requests.operations.intake import (
    Said,
    begin,
    drop_picture,
    receive,
    reveal,
    take_picture,
    write,
)
from hexi.domains.livelihood.requests.operations.knowing import answer_from
from hexi.domains.livelihood.requests.operations.leading import again, carry, pass_extension, pass_on
from hexi.domains.livelihood.requests.operations.merging import ask_merge, merge_chosen
from hexi.domains.livelihood.requests.operations.picturing import cover, propose, release, take_after, withhold
from hexi.domains.livelihood.requests.operations.planning import change_limit, end_limit, set_limit
from hexi.domains.livelihood.requests.operations.publishing import publish, unpublish
from hexi.domains.livelihood.requests.operations.ruling import add_rule, end_rule
from hexi.domains.livelihood.requests.operations.sending_on import begin_sending, note_heard, note_sent
from hexi.domains.livelihood.requests.operations.subscribing import send_digest, stop_by_link, subscribe, unsubscribe
from hexi.domains.livelihood.requests.operations.training import train

__all__ = [
    "Said",
    "add_rule",
    "again",
    "answer_from",
    "ask_help",
    "ask_merge",
    "begin",
    "begin_sending",
    "call",
    "carry",
    "change_limit",
    "clear_calls",
    "close",
    "close_silent",
    "cover",
    "dispatch",
    "dispatch_alone",
    "drop_picture",
    "end_limit",
    "end_rule",
    "extend",
    "find_topics",
    "follow",
    "give_back",
    "give_up",
    "hear",
    "help_given",
    "merge",
    "merge_chosen",
    "not_dialled",
    "note",
    "note_heard",
    "note_sent",
    "pass_extension",
    "pass_on",
    "propose",
    "publish",
    "rate",
    "receive",
    "redo",
    "refuse",
    "release",
    "reopen",
    "reply",
    "reply_now",
    "reveal",
    "ring_back",
    "ring_lost",
    "send_digest",
    "set_limit",
    "sit",
    "stop_by_link",
    "subscribe",
    "take_after",
    "take_picture",
    "train",
    "unfollow",
    "unpublish",
    "unsubscribe",
    "urge",
    "withdraw",
    "withhold",
    "write",
]  # fmt: skip

"""Answers about what hardly ever changes (divisions, sites), remembered by the process for a few seconds.

What another process has changed is seen `SECONDS` later at the latest, what this process changed at once (`forget`).
Inside a transaction nothing is remembered and nothing remembered is given: an operation decides by what is so.
"""

from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from django.db import connection

P = ParamSpec("P")
Answer = TypeVar("Answer")
SECONDS = 5.0
#: answers to one question; when more have been asked for, all are forgotten
MOST = 4096
_all: list[dict[Hashable, tuple[float, Any]]] = []
_lock = Lock()
#: how often all was forgotten: an answer asked for before that is not kept after it
_times = 0


def remembered(ask: Callable[P, Answer]) -> Callable[P, Answer]:
    """Remember what `ask` answers to the same arguments. Whoever gets an answer leaves it as it is: others share it."""
    answers: dict[Hashable, tuple[float, Any]] = {}
    _all.append(answers)

    @wraps(ask)
    def answer(*args: P.args, **given: P.kwargs) -> Answer:
        if connection.in_atomic_block:
            return ask(*args, **given)
        key, now = (args, tuple(sorted(given.items()))), monotonic()
        held = answers.get(key)
        if held is None or held[0] < now:
            times, held = _times, (now + SECONDS, ask(*args, **given))
            with _lock:
                if len(answers) >= MOST:
                    answers.clear()
                # what is not there yet may be there in a moment
                if times == _times and held[1] is not None:
                    answers[key] = held
        return held[1]

    return answer


def forget() -> None:
    """Forget everything: call it after the commit of a change to what is remembered."""
    global _times
    with _lock:
        _times += 1
        for answers in _all:
            answers.clear()

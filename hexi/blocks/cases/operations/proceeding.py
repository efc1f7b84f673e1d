"""One step of a special procedure by the office that has the case: lock, right, state, then the timeline."""

from collections.abc import Iterator
from contextlib import contextmanager

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import joint
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.parties import require_stranger
from hexi.blocks.cases.states import UNDER_EXAMINATION
from hexi.blocks.cases.steps import Stale, Step, finish, locked
from hexi.kernel.actors import Actor, require


@contextmanager
def at_work(case: Case, action: str, *, by: Actor, opinion: str = "", right: bool = True) -> Iterator[Step]:
    """While the case is under examination. With `right=False` the operation checks itself who may."""
    with change(by, f"cases.{action}", case) as note:
        case = locked(case)
        if right:
            require(by, joint.VERB, case.department_id, case.region_code)
            require_stranger(by, case)
        if case.state not in UNDER_EXAMINATION:
            raise Stale(case)
        one = Step(case, by, action, note, opinion=opinion.strip())
        yield one
        finish(one)

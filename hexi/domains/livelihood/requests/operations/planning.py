"""Limits of a hotline's region, as rows with a day from which they hold."""

from typing import Any

from hexi.blocks.audit.operations import change
from hexi.domains.livelihood.requests.models import Hotline, TimeLimit
from hexi.domains.livelihood.requests.states import PLAN
from hexi.kernel.actors import Actor, require


def set_limit(hotline: Hotline, *, by: Actor, **facts: Any) -> TimeLimit:
    """Another limit from a day on (`requests.plan`). A second of the same scope and day is a `ValidationError`."""
    require(by, PLAN, hotline.department_id, hotline.region_code)
    with change(by, "requests.set_limit") as note:
        row = TimeLimit(region_code=hotline.region_code, **facts)
        row.full_clean()
        row.save()
        note.thing = row
    return row

"""Two levels (行政许可法 arts 35, 43): the lower office examines first, passes all up; nothing is asked again."""

from hexi.blocks.cases import counts, deadlines, facts
from hexi.blocks.cases.definitions import answers_of, definition
from hexi.blocks.cases.hooks import case_passed_up
from hexi.blocks.cases.models import Case, Clock, FirstLevel
from hexi.blocks.cases.steps import step
from hexi.kernel import clock
from hexi.kernel.actors import Actor


def pass_up(case: Case, *, by: Actor, opinion: str, revision: int | None = None) -> Case:
    """Send the first opinion and all materials to the office that decides; its own clocks start now."""
    with step(case, "pass_up", by=by, revision=revision, opinion=opinion) as one:
        moved, rules = one.case, definition(one.case.version)
        FirstLevel.objects.create(
            case=moved, department=moved.department, region_code=moved.region_code, passed_at=one.at,
            passed_name=by.name, opinion=one.opinion,
        )  # fmt: skip
        deadlines.stop(moved, Clock.Kind.LOWER, at=one.at)
        one.office, one.public = moved.department.name, False
        _take_figures(moved, -1)
        moved.department, moved.region_code = moved.item.department, moved.item.region_code
        _take_figures(moved, 1)
        moved.state = rules.next_state(None, answers_of(moved))
        deadlines.start(moved, Clock.Kind.LEGAL, at=one.at, limit=rules.legal)
        deadlines.start(moved, Clock.Kind.PROMISED, at=one.at, limit=rules.promised)
        one.rings(case_passed_up)
    return one.case


def _take_figures(case: Case, sign: int) -> None:
    """What the case has counted so far goes to the office that decides, so that the roll-up stays what cases say."""
    for name, fact in facts.FACTS.items():
        if fact.listed:
            found = facts.cases().filter(fact.which, pk=case.pk, **{f"{fact.at}__isnull": False})
            for at in found.values_list(fact.at, flat=True).distinct():
                counts.add(case, clock.local_day(at), {name: sign})

"""The decisions of synthetic cases: numbered as real ones are, with an opinion, without the sealed page. Bulk rows.

The page is what costs: a demo of 17,276 cases would seal for minutes what nobody opens. Beside `synthetic`.
"""

import random
from collections import Counter as Count

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.letters import wordings
from hexi.blocks.cases.models import Case, Counter, Letter
from hexi.blocks.cases.numbers import letter_key, letter_text
from hexi.blocks.cases.states import Outcome
from hexi.kernel import clock

GRANTED = "申请材料齐全，符合法定条件，准予。（演示数据）"


def write(cases: list[Case], chance: random.Random) -> dict[int, Letter]:
    """The letter of each decided case by the case's key: its number raised from the counter real letters take."""
    decided = sorted((case for case in cases if case.decided_at), key=lambda one: one.decided_at)  # type: ignore[arg-type,return-value]
    places = [_place(case) for case in decided]
    wanted = Count(letter_key(*place) for place in places)
    rows = Counter.objects.select_for_update().filter(pk__in=wanted).values_list("pk", "value")
    given = dict.fromkeys(wanted, 0) | dict(rows)
    letters = []
    for case, place in zip(decided, places, strict=True):
        key = letter_key(*place)
        given[key] += 1
        letters.append(_letter(case, letter_text(case.department.name, *place[1:], given[key]), chance))
    Counter.objects.bulk_create(
        [Counter(key=key, value=value) for key, value in given.items()],
        update_conflicts=True, unique_fields=["key"], update_fields=["value"],
    )  # fmt: skip
    return {one.case_id: one for one in Letter.objects.bulk_create(letters)}


def _place(case: Case) -> tuple[int, str, int]:
    """Department, word and year: what a letter is numbered within."""
    assert case.decided_at is not None
    return case.department_id, wordings()[_kind(case)].word, clock.local_day(case.decided_at).year


def _kind(case: Case) -> str:
    return "refused" if case.outcome == Outcome.REFUSED else "granted"


def _letter(case: Case, number: str, chance: random.Random) -> Letter:
    """A refusal names a condition of the item and the ways to appeal (art. 38(2))."""
    rules, facts = definition(case.version), {"points": {}, "reason": GRANTED}
    if case.outcome == Outcome.REFUSED:
        condition = chance.choice(rules.national.conditions)
        facts |= {"reason": f"不符合条件：{condition.text.zh}（演示数据）", "remedy": rules.remedy}
    return Letter(case=case, kind=_kind(case), number=number, issued_at=case.decided_at, facts=facts)

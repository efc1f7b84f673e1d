"""Milliseconds to find the repeated and hot topics of a hotline's orders: read, compared, written down.

`make bench B=hot_topics`; SIZE=full for the issue's 100,000 orders. The orders are made up: a share of them tell one of
some hundred matters in words of their own, the others what nobody else tells. The reference is the naive comparison,
every order with every other, over the same orders in the same run; at the full size it is run for the first hundred
orders against all and multiplied, since the whole would take hours.
Errors are matters of which no topic holds half the orders.
"""

import json
import sys
import time
from typing import Any

from benchmarks import report
from benchmarks.installation import Installation, databases

ORDERS = 100_000 if report.FULL else 3_000
#: matters told by many, the share of orders that tell one, how many orders the naive way begins with at the full size
MATTERS, SHARE, BEGIN = (500, 0.2, 100) if report.FULL else (20, 0.2, 0)
DAYS = 80


def measure() -> report.Result:
    """Both databases; beside the last the naive comparison."""
    rows: list[list[Any]] = []
    for database in databases():
        with Installation("topics", database) as house:
            house.run("setup", "--no-assets")
            found = house.ask("benchmarks.hot_topics", str(ORDERS))
        rows.append([database, *found.values()])
    report.table(
        ("", "orders", "topics", "ms", "of it comparing ms", "naive ms", "matters told", "found", "missed"), rows
    )
    last = rows[-1]
    name = "every order with every other" + (f" (first {BEGIN} × all, multiplied)" if BEGIN else "")
    return report.Result("hot_topics", last[3], "ms", last[5], name, last[8])


# --- inside the installation ------------------------------------------------------------------------------------------
PEOPLE = ("老人", "孩子", "住户", "商户", "学生", "司机", "邻居", "工友")
THINGS = (
    "路灯不亮", "暖气不热", "自来水发黄", "垃圾没人收", "井盖丢失", "夜里施工", "油烟呛人", "公交不停", "工资拖欠",
    "电梯停用", "污水外溢", "占道停车", "树枝挡路", "网吧吵闹", "燃气涨价", "校车超载",
)  # fmt: skip
WISHES = ("请派人来看", "希望尽快处理", "打过几次电话没有结果", "影响正常生活", "不知道该找谁", "请给个说法")


def texts(many: int) -> list[tuple[str, int]]:
    """What each order says, and the number of its matter, -1 if nobody else tells it. The same every time."""
    import random

    chance = random.Random(12345)
    names = ["".join(chance.sample(NAMES, 3)) for _ in range(MATTERS)]
    matters = [(names[n], chance.choice(THINGS)) for n in range(MATTERS)]
    found = []
    for _number in range(many):
        told = chance.random() < SHARE
        which = chance.randrange(MATTERS) if told else -1
        name, thing = matters[which] if told else ("", "")
        filler = "".join(chance.choice(SIGNS) for _ in range(18))
        body = f"{name}小区{thing}" if told else f"{filler[:6]}{chance.choice(THINGS)}{filler[6:]}"
        tail = f"，{filler[0]}{chance.choice(PEOPLE)}{chance.choice(WISHES)}"
        found.append((body + tail if chance.random() < 0.5 else f"{chance.choice(WISHES)}，{body}{tail}", which))
    return found


#: characters of what nobody else tells, and of the names of places
SIGNS = [chr(0x4E00 + 37 * number) for number in range(400)]
NAMES = [chr(0x4E00 + 37 * number + 11) for number in range(300)]


def run(many: int) -> dict[str, Any]:
    """Orders by the thousand, the search, the naive way, and whether each matter was found whole."""
    from datetime import timedelta

    from hexi.domains.livelihood.requests import operations, topics
    from hexi.domains.livelihood.requests.models import Hotline, Topic, TopicOrder
    from hexi.domains.livelihood.requests.operations import finding_topics
    from hexi.kernel.actors import System

    hotline = Hotline.objects.order_by("pk").first()
    assert hotline is not None
    told = texts(many)
    _fill(hotline, [text for text, _which in told])
    began = time.perf_counter()
    found = operations.find_topics(hotline, by=System("bench"))
    whole = (time.perf_counter() - began) * 1000
    said = [one for one, _caller in finding_topics._orders(hotline).values()]
    gap = timedelta(days=DAYS)
    began = time.perf_counter()
    topics.find(said, gap=gap)
    comparing = (time.perf_counter() - began) * 1000
    began = time.perf_counter()
    topics.naive(said, gap=gap, first=BEGIN or None)
    naive = (time.perf_counter() - began) * 1000 * (many / 2 / BEGIN if BEGIN else 1)
    of_order = dict(TopicOrder.objects.values_list("request__case__title", "topic_id"))
    missed = _missed(told, of_order)
    matters = len({which for _text, which in told if which >= 0})
    assert found == Topic.objects.count()
    return {"orders": many, "topics": found, "ms": whole, "comparing": comparing, "naive": naive, "matters": matters,
            "whole": matters - missed, "missed": missed}  # fmt: skip


def _missed(told: list[tuple[str, int]], of_order: dict[str, int]) -> int:
    """Matters of which less than half of the orders stand in one topic."""
    from collections import Counter, defaultdict

    groups: dict[int, list[int]] = defaultdict(list)
    for number, (_text, which) in enumerate(told):
        if which >= 0:
            groups[which].append(of_order.get(f"bench {number}", -number - 1))
    return sum(Counter(topics).most_common(1)[0][1] < 0.5 * len(topics) for topics in groups.values())


def _fill(hotline: Any, said: list[str]) -> None:
    """The rows themselves, evenly over the days: the search reads nothing else."""
    from datetime import timedelta

    from hexi.blocks.cases.models import Case
    from hexi.domains.livelihood.requests.models import Request
    from hexi.kernel import clock

    now, step = clock.now(), timedelta(days=DAYS) / len(said)
    cases = [
        Case(
            number=f"HB{number:010d}", kind="request", title=f"bench {number}", state="handling", subject="010203",
            department=hotline.department, region_code=hotline.region_code,
            submitted_at=now - step * (len(said) - number), submission=f"bench:{number}",
            received_at=now, applicant_name="bench",
        )
        for number in range(len(said))
    ]  # fmt: skip
    made = Case.objects.bulk_create(cases, batch_size=1000)
    Request.objects.bulk_create(
        [
            Request(case=case, text=text, hotline=hotline.department, hotline_region=hotline.region_code,
                    place_code="620981106203")
            for case, text in zip(made, said, strict=True)
        ], batch_size=1000,
    )  # fmt: skip


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(run(int(sys.argv[1]))))

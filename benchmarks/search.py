"""Search in 100,000 entries: two characters, pinyin, initials, a long word, nothing found; with counts and ranking."""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from benchmarks import report
from benchmarks.installation import Installation, databases

ENTRIES, TIMES = (100_000, 20) if report.FULL else (5_000, 10)
#: what is asked, and why
ASKED = {
    "two characters": "采伐",
    "one of every 400": "驾驶",
    "pinyin": "caifa",
    "initials": "lmcfxk",
    "a long word": "林木采伐许可变更办理指南",
    "two words": "玉门 残疾人",
    "nothing found": "量子纠缠态",
}
#: names are made of these: a thing, what is done with it, the kind of page
THINGS = (
    "林木采伐许可", "残疾人证", "居住证", "食品经营许可", "老年人优待", "社会保障卡", "户口迁移", "企业设立登记",
    "经营范围变更", "增值税发票", "往来港澳签注", "生育登记", "不动产登记", "公积金提取", "医保报销", "农机补贴",
    "危房改造", "低保申请", "就业困难认定", "取水许可",
)  # fmt: skip
ACTS = ("申请", "变更", "延续", "补领", "注销", "查询", "证明", "复核")
PAGES = ("办理指南", "政策解读", "常见问题", "通知公告", "材料清单")
PLACES = (
    "玉门市", "敦煌市", "瓜州县", "肃北县", "阿克塞县", "金塔县", "肃州区", "下西号镇", "赤金镇", "花海镇", "老君庙镇",
    "昌马镇", "柳河镇", "黄闸湾镇",
)  # fmt: skip
RARE = "机动车驾驶证"


def measure() -> report.Result:
    """Each question on both databases; beside them a plain LIKE over the titles."""
    columns: list[list[Any]] = []
    for database in databases():
        with Installation("search", database) as house:
            house.run("setup", "--no-assets")
            found = house.ask("benchmarks.search", str(ENTRIES), str(TIMES))
        print(f"{database}: {found['entries']:,} entries written in {found['seconds']:.0f} s", flush=True)
        columns += [[one[key] for one in found["asked"].values()] for key in ("found", "median", "p95")]
        names, value, like = list(found["asked"]), found["asked"]["two characters"]["median"], found["asked"]["LIKE"]
    head = [f"{database} {word}" for database in databases() for word in ("found", "median ms", "p95 ms")]
    report.table(("question", "", *head), zip(names, [*ASKED.values(), "%采伐%"], *columns, strict=True))
    return report.Result("search", value, "ms for two characters", like["median"], "LIKE '%采伐%' over the titles")


def ask(entries: int, times: int) -> dict[str, Any]:
    """Runs inside the installation: fill the index, then ask each question so many times."""
    from hexi.blocks.cases.synthetic import analyse
    from hexi.blocks.people.actors import Citizen
    from hexi.blocks.people.tests import make as people
    from hexi.blocks.search import operations, queries
    from hexi.blocks.search.models import Entry

    account = people.make_citizen("asker")
    actor = Citizen(account)
    strangers = [people.make_person().pk for _ in range(20)]
    began = time.monotonic()
    operations.put_all(things(entries, account.person_id, strangers))
    analyse()
    seconds = time.monotonic() - began

    def first_page(question: str) -> int:
        results = queries.find(question, actor=actor)
        queries.hits(question, results.entries[:20])
        return results.total

    def like() -> int:
        rows = Entry.objects.filter(title__contains="采伐")
        list(rows.defer("names", "terms").order_by("-weight", "-updated", "pk")[:20])
        return rows.count()

    asked = {name: timed(lambda text=text: first_page(text), times) for name, text in ASKED.items()}
    asked["LIKE"] = timed(like, times)
    return {"entries": Entry.objects.count(), "seconds": seconds, "asked": asked}


def timed(work: Callable[[], int], times: int) -> dict[str, float]:
    """What it found, and milliseconds a call."""
    found, took = work(), []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return {"found": found, "median": median(took), "p95": report.p95(took)}


def things(entries: int, own: int, strangers: list[int]) -> Iterator[Any]:
    """Three of five are public pages; the others are cases, one of a hundred one's own."""
    from hexi.blocks.search.found import Found

    chance = random.Random(2026)
    for n in range(entries):
        thing = RARE if n % 400 == 0 else chance.choice(THINGS)
        place, act, page = chance.choice(PLACES), chance.choice(ACTS), chance.choice(PAGES)
        facts = {"ref": f"bench{n}", "url": f"/bench/{n}/", "body": f"{place}办理{thing}，先看条件，再准备材料。" * 3}
        if n % 5 < 3:
            yield Found(kind="item", title=f"{place}{thing}{act}{page}", region_code="620981000000", **facts)
        else:
            owner = own if n % 100 == 3 else chance.choice(strangers)
            yield Found(kind="case", title=f"{thing}{act}", person_id=owner, **facts)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(ask(*map(int, sys.argv[1:]))))

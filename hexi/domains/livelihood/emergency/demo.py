"""The demo's duty desk: an open event, a closed one, the roster; told through the operations. Made up."""

from datetime import datetime, time, timedelta
from typing import Any

from hexi.blocks.audit.operations import change
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.emergency import plans, queries
from hexi.domains.livelihood.emergency.models import Event
from hexi.domains.livelihood.emergency.operations import duty, events, log
from hexi.domains.livelihood.emergency.operations.events import Known
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("demo")
NAMES = ("duty", "duty2", "duty-head", "duty-deputy", "fire", "police", "water")
SHIHEZI, XIAXIHAO = "620981106203", "620981106000"


def tell() -> int:
    """Tell it once; how many events were told."""
    accounts = {one.username: one for one in Account.objects.filter(username__in=NAMES)}
    desk = Department.objects.filter(key="yumen-emergency").first()
    if Event.objects.exists() or len(accounts) < len(NAMES) or desk is None:
        return 0
    actors = {name: actor_for(one) for name, one in accounts.items()}
    with change(BY, "emergency.demo"):
        _roster(desk, accounts)
        _closed(actors)
        _open(actors)
    return Event.objects.count()


def _roster(desk: Department, accounts: dict[str, Account]) -> None:
    monday = clock.today() - timedelta(days=clock.today().weekday())
    for n in range(-1, 14):  # Sunday's shift lasts until Monday 08:30
        start = datetime.combine(monday + timedelta(days=n), time(8, 30), clock.CHINA)
        who = accounts["duty" if n % 2 else "duty2"]
        duty.put_shift(
            desk, start=start, end=start + timedelta(hours=24), account=who, leader=accounts["duty-head"], by=BY
        )


def _finish(event: Event, by: Any, *, unit: str = "", note: str = "已完成。") -> None:
    rows = event.tasks.filter(done_at=None).select_related("unit")
    for task in rows.filter(unit__key=unit) if unit else rows:
        task.event = event
        events.finish_task(task, note=note, by=by)


def _closed(actors: dict[str, Any]) -> None:
    """A fire, put out a week ago, with its report."""
    begin = clock.now() - timedelta(days=7, hours=2)

    def at(minutes: int) -> Any:
        return clock.told_at(begin + timedelta(minutes=minutes))

    with at(0):
        event, _new = events.open_event(
            Known(kind="fire", level=4, place_code=SHIHEZI, address="石河子村二组草料堆场（演示）",
                  text="村民来电，草料堆起火，火势向东，没有人员被困。"),
            by=actors["duty"], submission="demo-fire", plan=plans.plan("yumen-fire"),
        )  # fmt: skip
    with at(3):
        contact = event.contacts.first()
        assert contact is not None
        log.call(contact, answered=True, text="要求随时报告。", by=actors["duty"], once="demo-1")
    with at(12):
        _finish(event, actors["fire"], unit="yumen-fire", note="两辆消防车到场，开始灭火。")
    with at(15):
        _finish(event, actors["police"], unit="yumen-police", note="疏散周边 6 户 19 人。")
    with at(40):
        log.write(event, text="明火扑灭，清理残火。", by=actors["duty"], once="demo-2")
    with at(41):
        events.report(
            event, text="过火面积约 200 平方米，没有人员伤亡。", numbers={"moved": 19}, by=actors["duty"], once="demo"
        )
    with at(60):
        _finish(event, actors["duty"], note="无伤员，不需要；情况已报告市政府。")
    with at(120):
        events.hand_in(event, text=queries.composed(event), by=actors["duty"])
    with at(150):
        events.approve(event, by=actors["duty-head"])


def _open(actors: dict[str, Any]) -> None:
    """A flood, two hours old."""
    begin = clock.now() - timedelta(minutes=48)

    def at(minutes: int) -> Any:
        return clock.told_at(begin + timedelta(minutes=minutes))

    with at(0):
        event, _new = events.open_event(
            Known(kind="flood", level=3, place_code=XIAXIHAO, address="下西号镇沙沟（演示）",
                  text="上游降雨，沙沟水位半小时上涨 40 厘米，沟口有 3 户。"),
            by=actors["duty"], submission="demo-flood", plan=plans.plan("yumen-flood"),
        )  # fmt: skip
    with at(6):
        for n, contact in enumerate(event.contacts.all()):
            log.call(contact, answered=n != 1, text="", by=actors["duty"], once=f"demo-f{n}")
    with at(14):
        _finish(event, actors["duty"], unit="yumen-emergency", note="已核实，已报告市政府总值班室。")
    with at(22):
        _finish(event, actors["fire"], unit="yumen-fire", note="一个编队到场待命。")
    with at(30):
        log.write(event, text="沟口 3 户 11 人开始转移。", by=actors["duty"], once="demo-f8")
    with at(33):
        wrong = event.entries.get(once="demo-f8")
        log.write(event, text="沟口应为 4 户 13 人。", by=actors["duty"], once="demo-f9", corrects=wrong)
    with at(35):
        events.report(
            event, text="4 户 13 人正在转移，水位继续上涨。", numbers={"moved": 13}, by=actors["duty"], once="demo"
        )
    with at(38):
        events.set_level(event, level=2, by=actors["duty-head"], opinion="水位超过警戒线。")

"""The demo's open data portal: wishes, an application and ratings, told through the operations. All made up."""

from hexi.blocks.catalog.models import Product, Rating, Wish
from hexi.blocks.catalog.operations import portal as operations
from hexi.blocks.catalog.queries import portal
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.kernel.actors import Actor, System

BY, YUMEN = System("demo"), "620981000000"
#: who asks, for what, what for; answered how
WISHES = (
    ("wang", "公交实时到站", "想做一个给老人用的到站提醒。需要线路、站点和车辆位置，每分钟一次。", "planned",
     "公交公司正在整理线路和站点，车辆位置要先去掉司机信息。预计下季度开放。"),
    ("li", "每个小区的水费缴纳情况", "想比较各小区。", "refused",
     "涉及住户个人信息，不能开放到小区。可以用按乡镇汇总的用水量。"),
    ("shi", "机井分布", "想知道村里有哪些机井，多深。", "", ""),
)  # fmt: skip
#: who, what, its address; shown or not yet
PRODUCTS = (
    ("wang", "我家在哪个区划（演示）", "输入地名，查它属于哪个县、哪个乡镇。", "https://example.org/divisions", True),
    ("li", "假期提醒（演示）", "把调休和放假写进日历。", "https://example.org/holidays", False),
)  # fmt: skip
RATINGS = (("wang", 5, ""), ("li", 4, "希望加上经纬度。"), ("shi", 4, ""))
USED = "regions.divisions"


def tell() -> int:
    """Once, where the demo's people and the register of divisions are there."""
    entry = portal.open_entries().filter(origin=USED).first()
    if entry is None or Wish.objects.exists():
        return 0
    people = {one.username: actor_for(one) for one in Account.objects.select_related("person")}
    for who, stars, remark in RATINGS:
        if who in people:
            operations.rate(entry, stars=stars, remark=remark, by=people[who])
    for who, title, text, url, good in PRODUCTS:
        if who in people:
            given = {
                "title": title,
                "text": text,
                "url": url,
                "author": f"{people[who].name}（演示）",
                "entries": [entry],
            }
            made = operations.show(region=YUMEN, by=people[who], **given)
            if good:
                operations.review(made, good=True, by=BY)
    return _wishes(people) + Product.objects.count() + Rating.objects.count()


def _wishes(people: dict[str, Actor]) -> int:
    for who, title, text, state, said in WISHES:
        if who in people:
            made = operations.wish(title=title, text=text, region=YUMEN, by=people[who])
            if state:
                operations.answer(made, state=state, answer=said, by=BY)
    return Wish.objects.count()

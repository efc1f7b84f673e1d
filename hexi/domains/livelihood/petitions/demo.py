"""The demo's petitions, told through the very operations a person's clicks call. Everything is made up. Beside jobs."""

from datetime import datetime, time, timedelta
from typing import Any

from hexi.blocks.audit.operations import change
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions.models import Petition
from hexi.domains.livelihood.petitions.operations import handling, intake, parts, petitioning
from hexi.domains.livelihood.petitions.operations.intake import Said
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("demo")
SHIHEZI = "620981106203"
NAMES = ("petition", "petition-head", "housing", "housing-head", "water", "shi", "wang", "li", "mayor")
OPINION = {
    "facts": "经查，来信所说的路段确实没有排水沟，雨后积水约 20 厘米。",
    "words": "列入今年第四季度村道整修，11 月底前完成。",
    "basis": "《村庄和集镇规划建设管理条例》（演示用语）。",
}


def tell() -> int:
    """Tell them once; how many were told."""
    accounts = {one.username: one for one in Account.objects.filter(username__in=NAMES).select_related("person")}
    if Petition.objects.exists() or len(accounts) < len(NAMES):
        return 0
    story = _Story({name: actor_for(one) for name, one in accounts.items()}, accounts)
    with change(BY, "petitions.demo"):
        story.waiting()
        story.refused()
        story.handling()
        story.reviewed()
        story.joint()
    return Petition.objects.count()


class _Story:
    """Who does what, each on his day."""

    def __init__(self, actors: dict[str, Any], accounts: dict[str, Account]):
        self.actors, self.accounts = actors, accounts
        self.housing = Department.objects.get(key="yumen-housing")
        self.water = Department.objects.get(key="yumen-water")
        self.count = 0

    def said(self, who: str, **facts: Any) -> Said:
        """What is the same in all."""
        person = self.accounts[who].person
        given = {
            "type": "claim", "subject": "housing", "place_code": SHIHEZI, "name": person.name if person else "",
            "phone": self.accounts[who].phone, "address": person.address if person else "",
        }  # fmt: skip
        return Said(**(given | facts))

    def send(self, ago: int, who: str, **facts: Any) -> Petition:
        """One arrives, so many days ago."""
        self.count += 1
        with self.at(ago):
            found, _new = intake.receive(
                self.said(who, **facts), by=self.actors[who], submission=f"demo-{self.count}",
                applicant=self.accounts[who].person,
            )  # fmt: skip
        return found

    def at(self, ago: int, hour: int = 10) -> Any:
        """A moment so many days ago."""
        moment = datetime.combine(clock.today() - timedelta(days=ago), time(hour), clock.CHINA)
        return clock.told_at(min(moment, clock.now()))

    def waiting(self) -> None:
        """Came yesterday; complains of the water office, which never sees it."""
        self.send(
            1, "shi", type="claim", subject="farm", title="机井水费收取标准",
            text="二组机井今年水费比去年高了一倍，没有张贴过收费依据，问过几次都没有答复。",
            wish="公开收费依据，多收的退还。",
            against_unit=self.water,
        )  # fmt: skip

    def refused(self) -> None:
        """Belongs to arbitration."""
        found = self.send(
            20, "li", subject="labour", title="解除劳动合同的补偿",
            text="与原单位解除劳动合同时没有支付经济补偿，双方协商没有结果。", wish="支付经济补偿。",
        )  # fmt: skip
        with self.at(14):
            handling.refuse(
                found, way="arbitration", where="玉门市劳动人事争议仲裁委员会（演示）", by=self.actors["petition"],
                opinion="劳动争议应当先申请仲裁，时效为一年。",
            )  # fmt: skip

    def to_housing(self, ago: int, who: str, **facts: Any) -> Petition:
        """Sent on to the housing office and accepted there."""
        found = self.send(ago, who, **facts)
        with self.at(ago - 3):
            handling.transfer(found, unit=self.housing, by=self.actors["petition"])
            # posts of the demo begin today: who may be named is asked of the account itself
            parts.name(found, self.accounts["housing"], by=self.actors["petition"], at=clock.now())
        with self.at(ago - 5):
            handling.accept(found, by=self.actors["housing"])
        return found

    def handling(self) -> None:
        """Under way, with more time."""
        found = self.to_housing(
            40, "wang", title="老旧小区屋顶漏水", text="住的楼屋顶防水层老化，去年以来三次漏水，物业说没有维修资金。",
            wish="尽快维修屋顶。",
        )  # fmt: skip
        with self.at(6):
            handling.extend(found, days=15, by=self.actors["housing-head"], opinion="需要请第三方检测屋面结构。")

    def reviewed(self) -> None:
        """Answered; the petitioner asked the government for a review."""
        found = self.to_housing(
            75,
            "shi",
            title="村道排水沟",
            text="一组村道没有排水沟，一下雨路面积水，孩子上学要绕路。",
            wish="修建排水沟。",
        )
        with self.at(35):
            handling.conclude(found, result="support", by=self.actors["housing"], **OPINION)
        with self.at(34):
            petitioning.receive_opinion(found, by=self.actors["shi"])
        with self.at(12):
            petitioning.ask_review(found, reason="答复的完成时间太晚，冬天上冻后不能施工。", by=self.actors["shi"])

    def joint(self) -> None:
        """Several households together, by two representatives; entered at the window."""
        with self.at(2, 15):
            intake.receive(
                Said(
                    type="suggest", subject="traffic", title="增开镇区班车", place_code=SHIHEZI, people=12,
                    text="三个村民小组到镇上没有班车，老人看病买药不方便，希望逢集增开一班。",
                    wish="逢集日增开一班班车。",
                    name="赵代表（演示）", phone="10000000081",
                    representatives=({"name": "赵代表（演示）", "phone": "10000000081"},
                                     {"name": "孙代表（演示）", "phone": "10000000082"}),
                ),
                by=self.actors["petition"], submission="demo-window", channel="window",
            )  # fmt: skip

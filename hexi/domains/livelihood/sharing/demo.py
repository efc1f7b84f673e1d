"""The demo's applications for data, told through the very operations an official's clicks call. All made up."""

from datetime import datetime, time, timedelta
from typing import Any

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.intake import ITEM
from hexi.blocks.cases.models import Item
from hexi.blocks.catalog.models import Entry
from hexi.blocks.forms import operations as forms
from hexi.blocks.people.models import Account
from hexi.blocks.people.queries import actor_for
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.sharing import queries
from hexi.domains.livelihood.sharing.models import Application
from hexi.domains.livelihood.sharing.operations import applying, deciding
from hexi.domains.livelihood.sharing.operations.applying import Asked
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("demo")
NAMES = ("civil", "police", "hrss", "tax", "wang")
RELIEF, DISCHARGE = "最低生活保障对象（演示）", "排污许可企业名录（演示）"


def tell() -> int:
    """Tell them once, where their people and data sets are; how many were told."""
    accounts = {one.username: one for one in Account.objects.filter(username__in=NAMES).select_related("person")}
    entries = {one.title: one for one in Entry.objects.filter(title__in=(RELIEF, DISCHARGE), state="published")}
    persons = Entry.objects.filter(origin="people.persons", provider__key="yumen-police").first()
    if Application.objects.exists() or len(accounts) < len(NAMES) or len(entries) < 2 or persons is None:
        return 0
    story = _Story({name: actor_for(one) for name, one in accounts.items()})
    with change(BY, "sharing.demo"):
        story.used(persons)
        story.at_once(entries[DISCHARGE])
        story.refused(entries[RELIEF])
        story.waiting(entries[RELIEF])
    return Application.objects.count()


class _Story:
    """Who does what, each on his day."""

    def __init__(self, actors: dict[str, Any]):
        self.actors = actors

    def at(self, ago: int, hour: int = 10) -> Any:
        """A moment so many days ago."""
        moment = datetime.combine(clock.today() - timedelta(days=ago), time(hour), clock.CHINA)
        return clock.told_at(min(moment, clock.now()))

    def ask(self, ago: int, who: str, entry: Entry, office: str, **said: Any) -> Application:
        """An office asks, so many days ago."""
        fields = {one.name: one.mask for one in entry.items.all() if one.mask != "hidden"}
        with self.at(ago):
            asked = Asked(**({"fields": fields, "expires": clock.today() + timedelta(days=400)} | said))
            department = Department.objects.get(key=office)
            submission = f"demo-{who}-{entry.pk}"
            return applying.apply(entry, department, asked, by=self.actors[who], submission=submission)[0]

    def used(self, persons: Entry) -> None:
        """The register of persons spares the proof of residence of the senior card; an applicant begins."""
        item = Item.objects.filter(key="senior-card", department__key="yumen-civil-affairs").first()
        found = self.ask(
            40, "civil", persons, "yumen-civil-affairs", item=item, purpose="办理老年人优待证，免交居住地证明",
            law="《中华人民共和国老年人权益保障法》第五十三条",
            fields={"name": "none", "born": "year", "region_code": "none"},
            spares="residence" if item else "", quota=500,
        )  # fmt: skip
        with self.at(34):
            deciding.grant(found, by=self.actors["police"], opinion="依法履职需要，同意。")
        if item is not None:
            with self.at(3):
                forms.start(ITEM, ref=str(item.pk), digest=item.version.digest, by=self.actors["wang"])

    def at_once(self, entry: Entry) -> None:
        """Shared without condition, to be fetched by the tax hall's system through the gateway."""
        system = queries.systems_of(Department.objects.get(key="yumen-tax")).first()  # the demo's exchange has one
        self.ask(
            12, "tax", entry, "yumen-tax", purpose="核对环境保护税纳税人",
            law="《中华人民共和国环境保护税法》第十五条", subsystem=system,
        )  # fmt: skip

    def refused(self, entry: Entry) -> None:
        """Not enough to go by."""
        found = self.ask(30, "tax", entry, "yumen-tax", purpose="了解困难家庭情况", law="工作需要（演示用语）")
        with self.at(25):
            deciding.refuse(
                found, by=self.actors["civil"], opinion="没有写明依据的法律条款，用途不具体。",
                needed="写明依据的条款、服务的事项，只申请办理所必需的信息项。",
            )  # fmt: skip

    def waiting(self, entry: Entry) -> None:
        """Waits for the civil affairs office."""
        self.ask(6, "hrss", entry, "yumen-hrss", purpose="为低保对象代缴城乡居民养老保险费",
                 law="《国务院关于建立统一的城乡居民基本养老保险制度的意见》（演示用语）")  # fmt: skip

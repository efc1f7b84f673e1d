"""Made-up rows for the gallery; no tables."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.kernel.clock import now, today
from hexi.ui.rows import Rows

KINDS = (("poplar", gettext_lazy("杨树")), ("pine", gettext_lazy("松树")), ("fruit", gettext_lazy("果树")))


@dataclass(frozen=True)
class Order:
    """One made-up case."""

    pk: int
    number: str
    title: str
    person: str
    kind: str
    state: tuple[str, str]
    due: date
    fee: int

    @property
    def late(self) -> bool:
        """True if its day has passed."""
        return self.state[0] == "overdue"


def shelf() -> Any:
    """Seventy cases: enough for four pages, every state among them."""
    states = (
        ("doing", _("办理中")), ("near", _("临近到期")), ("done", _("已办结")), ("overdue", _("已超期")),
        ("paused", _("补正中")), ("wait", _("待受理")), ("refused", _("不予许可")),
    )  # fmt: skip
    titles = (_("林木采伐许可"), _("食品经营许可"), _("居住证申领"), _("企业设立登记"))
    return Rows(
        [
            Order(
                pk=number,
                number=f"620981-20261124-{number:04}",
                title=titles[number % len(titles)],
                person=("张*", "王**", "李*", "马**")[number % 4],
                kind=KINDS[number % 3][0],
                state=states[number % len(states)],
                due=today() + timedelta(days=number % 9 - 2),
                fee=number % 5 * 1250,
            )
            for number in range(1, 71)
        ]
    )


def events() -> list[dict[str, Any]]:
    """A case on its way."""
    return [
        {"title": _("预计办结"), "at": today() + timedelta(days=1), "state": "wait"},
        {"title": _("审查中"), "at": now(), "who": _("玉门市林业和草原局"), "state": "doing"},
        {"title": _("补正材料"), "at": now() - timedelta(days=1), "text": _("请补一张伐区全景照片。"), "state": "near"},
        {"title": _("已受理"), "at": now() - timedelta(days=2), "who": _("下西号镇便民服务中心"), "state": "done"},
    ]


def checks() -> list[dict[str, Any]]:
    """Materials in each state."""
    return [
        {"title": _("身份证"), "state": "done", "word": _("已有，免交"), "note": _("取自电子证照库")},
        {
            "title": _("采伐申请表"),
            "state": "near",
            "word": _("待补正"),
            "note": _("签名处不清楚"),
            "url": "#checklist",
        },
        {"title": _("林权证明"), "state": "refused", "word": _("不符")},
        {"title": _("现场照片"), "state": "wait", "word": _("未提交")},
    ]


def levels() -> list[dict[str, Any]]:
    """A region chosen down to the county."""
    return [
        {
            "title": _("市州"),
            "options": [("620900000000", "酒泉市"), ("620700000000", "张掖市")],
            "value": "620900000000",
        },
        {
            "title": _("县区"),
            "options": [("620981000000", "玉门市"), ("620982000000", "敦煌市")],
            "value": "620981000000",
        },
        {"title": _("乡镇"), "options": [("620981106000", "下西号镇")], "value": ""},
    ]


def life_events() -> list[dict[str, Any]]:
    """What one may have come for."""
    words = (
        (_("开办企业"), "building-store"),
        (_("采伐林木"), "tree"),
        (_("办居住证"), "home"),
        (_("换社保卡"), "id"),
        (_("去港澳"), "plane-departure"),
        (_("开餐馆"), "tools-kitchen-2"),
    )
    return [{"title": word, "icon": icon, "url": "#tiles", "sentence": _("一次办好")} for word, icon in words]

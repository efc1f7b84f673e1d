"""采集: somebody reports what was seen; it becomes one case with its cell, photos and clock, once for each sending."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.operations.opening import open_case
from hexi.blocks.cases.steps import Step
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as files
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid import figures, places, rules
from hexi.domains.livelihood.grid.models import Cell, Component, Incident, Rule
from hexi.domains.livelihood.grid.states import KIND, State
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied

#: begins the number of a case
LETTER = "W"
#: documents of a report on its way, and of the incident it becomes
DRAFT, KEPT = "grid.draft", "grid.incident"
BEFORE, AFTER = "before", "after"
IMAGES = ("image/jpeg", "image/png", "image/webp")
MOST_PHOTOS = 6
LONGEST = 2000
#: a report without a line may be so old; a phone's clock may be so far ahead
OLDEST, AHEAD = timedelta(days=14), timedelta(minutes=10)


@dataclass(frozen=True)
class Report:
    """What is sent: the class, words, and either a place or a cell. `seen_at`: when it was seen, if it waited."""

    subject: str
    text: str
    longitude: float | None = None
    latitude: float | None = None
    cell: Cell | None = None
    place: str = ""
    component: str = ""
    urgent: bool = False
    seen_at: datetime | None = None
    photos: Iterable[tuple[BinaryIO, str]] = field(default_factory=tuple)


def report(sent: Report, *, submission: str, by: Actor, channel: str = "worker") -> tuple[Incident, bool]:
    """Take in a report; the same `submission` of the same person is one case, and False comes back with it.

    Raises `Denied`, or `ValidationError` by field.
    """
    key = _key(submission, by)
    if earlier := Incident.objects.filter(case__submission=key).select_related("case").first():
        return earlier, False
    photos = few(sent.photos)
    rule, cell, component = _checked(sent)
    centre = cell.department if cell else _own_office(by)
    if not by.may("grid.report", centre.pk, cell.region_code if cell else centre.region_code):
        raise Denied(_elsewhere(cell, centre))
    _take_photos(photos, key, by)
    made: list[Incident] = []

    def then(one: Step) -> None:
        made.append(
            Incident.objects.create(
                case=one.case, subject=rule.key, rule=rule, cell=cell, component=component, centre=centre,
                reporter_id=getattr(by, "account_id", None), text=sent.text.strip(), place=sent.place.strip(),
                longitude=sent.longitude, latitude=sent.latitude, seen_at=_seen(sent, one.at), urgent=sent.urgent,
            )
        )  # fmt: skip
        documents.hand_over((DRAFT, key), (KEPT, str(made[0].pk)), by=by)
        figures.count_cell(cell, one.at, received=1)

    limit = rules.step_limit("file", clock.today())
    case, new = open_case(
        KIND, letter=LETTER, title=rule.title, subject=rule.key, office=centre, state=State.REPORTED, submission=key,
        by=by, then=then, applicant_name=_("网格上报"), channel=channel, clocks={"file": limit} if limit else {},
    )  # fmt: skip
    if not new:
        _drop_photos(key, by)
        return Incident.objects.select_related("case").get(case=case), False
    return made[0], True


def _key(submission: str, by: Actor) -> str:
    if not submission.strip() or len(submission) > 40:
        raise ValidationError({"submission": _("这份上报没有编号，不能判断是不是重复。请刷新页面重新填写。")})
    return f"grid:{by.key}:{submission.strip()}"[:80]


def _checked(sent: Report) -> tuple[Rule, Cell | None, Component | None]:
    """The class, the cell and the component; every fault by its field."""
    faults: dict[str, Any] = {}
    rule = rules.class_of(sent.subject)
    if rule is None:
        faults["subject"] = _("请选择事件或部件的类别。")
    if not 2 <= len(sent.text.strip()) <= LONGEST:
        faults["text"] = _("请写明看到了什么，2 到 %(most)s 个字。") % {"most": LONGEST}
    component = Component.objects.filter(code=sent.component.strip()).first() if sent.component.strip() else None
    if sent.component.strip() and component is None:
        faults["component"] = _("没有编码为 %(code)s 的部件。请核对标牌上的编码，不知道就留空。") % {
            "code": sent.component
        }
    cell, said = _cell(sent, component)
    if said:
        faults["place"] = said
    if faults or rule is None:
        raise ValidationError(faults)
    return rule, cell, component


def _cell(sent: Report, component: Component | None) -> tuple[Cell | None, str]:
    """Where it belongs: by its coordinates, else by the component, else as chosen."""
    if (sent.longitude is None) != (sent.latitude is None):
        return None, _("经度和纬度要一起填写，或者都留空。")
    if sent.longitude is not None and sent.latitude is not None:
        if not (-180 <= sent.longitude <= 180 and -90 <= sent.latitude <= 90):
            return None, _("经度应在 −180 到 180 之间，纬度应在 −90 到 90 之间。请检查有没有填反。")
        cell = places.cell_at(sent.longitude, sent.latitude) or sent.cell
        if cell is None:
            return None, _("这个位置不在任何网格里。请核对定位，或者选择所在网格。")
        return cell, ""
    cell = sent.cell or (component.cell if component else None)
    return cell, "" if cell else _("请打开定位，或者选择所在网格。")


def _own_office(by: Actor) -> Department:
    """The office of somebody who reports from outside every cell."""
    office = next((scope.department for scope in by.scopes("grid.report") if scope.department), None)
    return Department.objects.get(pk=office)


def _elsewhere(cell: Cell | None, centre: Department) -> str:
    where = cell.title if cell else centre.title
    return _("这里是“%(where)s”，由%(centre)s负责，您不能上报。定位不准的，请删去经度和纬度，改选所在网格。") % {
        "where": where, "centre": centre.title,
    }  # fmt: skip


def _seen(sent: Report, now: datetime) -> datetime:
    """When it was seen; a phone whose clock is wrong does not make it older or newer than it can be."""
    seen = sent.seen_at or now
    return min(seen, now) if now - OLDEST <= seen <= now + AHEAD else now


def few(photos: Iterable[tuple[BinaryIO, str]]) -> list[tuple[BinaryIO, str]]:
    """The photos. Raises `ValidationError` if there are more than are kept: none is thrown away in silence."""
    found = list(photos)
    if len(found) > MOST_PHOTOS:
        words = _("照片最多 %(n)s 张，您选了 %(given)s 张。请去掉一些再提交。")
        raise ValidationError({"photos": words % {"n": MOST_PHOTOS, "given": len(found)}})
    return found


def _take_photos(photos: list[tuple[BinaryIO, str]], key: str, by: Actor) -> None:
    for file, name in photos:
        documents.store(
            file,
            name=name,
            by=by,
            thing=(DRAFT, key),
            slot=BEFORE,
            accept=IMAGES,
            most=MOST_PHOTOS,
            title=_("现场照片"),
        )


def _drop_photos(key: str, by: Actor) -> None:
    """What the second of two simultaneous sendings stored is there already."""
    with change(by, "grid.drop", f"{DRAFT}:{key}"):
        for one in files.of_thing(DRAFT, key):
            documents.remove(one, by=by)

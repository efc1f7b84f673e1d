"""Taking an order in: one operation for every channel, and the report a citizen writes before he sends it."""

import secrets
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.operations.opening import open_case
from hexi.blocks.cases.steps import Step
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import shelf
from hexi.blocks.documents.kinds import JPEG, PNG, WEBP
from hexi.blocks.documents.models import Document
from hexi.blocks.people.models import Person
from hexi.blocks.regions import mapped as base_maps
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import callers, hooks, options, picture, queries, rates
from hexi.domains.livelihood.requests.definitions import named
from hexi.domains.livelihood.requests.kind import ORDER
from hexi.domains.livelihood.requests.models import Call, Hotline, Report, Request, Subject
from hexi.domains.livelihood.requests.states import INTAKE, State, Type
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require
from hexi.kernel.fixed import Fixed, Given, insert

#: a number begins with it
LETTER = "H"
PHOTO = "photo"
SHORTEST = 4
PORTAL, PHONE = "portal", "phone"


@dataclass(frozen=True)
class Said:
    """What somebody said, by whatever channel. `place_code` is the division it lies in; the point is WGS-84."""

    text: str
    place_code: str
    type: str = Type.HELP
    subject: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    happened_at: datetime | None = None
    name: str = ""
    phone: str = ""
    mail: str = ""
    weixin: str = ""
    secret: bool = False
    may_publish: bool = True
    source_ref: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def receive(
    said: Said, *, by: Actor, submission: str, channel: str = PORTAL, applicant: Person | None = None,
    report: Report | None = None, network: str = "", at: datetime | None = None, call: Call | None = None,
) -> tuple[Request, bool]:  # fmt: skip
    """Take an order in. `submission` names what came: the same again gives the same order, and False.

    On the portal the citizen (or a visitor) speaks for himself; every other channel needs `requests.intake` at the
    hotline. `network` is the address it came from, for the limits; `call` the call it came by. Raises `Denied`, or
    `ValidationError` that names field and remedy.
    """
    own = channel == PORTAL
    said = checked(said)
    hotline = hotline_of(said)
    if not own:
        require(by, INTAKE, hotline.department_id, hotline.region_code)
    elif not said.phone and getattr(by, "account_id", None) is None:
        raise ValidationError({"phone": _("请留下电话，处理结果会告诉您。登录后不用再填。")})
    voice = callers.voice(by, own=own, secret=said.secret, phone=said.phone)

    def then(one: Step) -> None:
        if own:
            rates.spend(by=by, phone=said.phone, address=network)
        request = _record(one.case, said, hotline, call)
        if report is not None:
            _take_over(report, request, voice)
        hooks.request_received.ring(request=request, by=voice)

    case, new = open_case(
        ORDER, letter=LETTER, title=title_of(said), subject=said.subject, office=hotline.department, state=State.NEW,
        submission=f"{channel}:{submission}"[:80], by=voice, then=then, applicant=applicant,
        applicant_name=callers.HIDDEN if said.secret else said.name or _("未留姓名"),
        phone="" if said.secret else said.phone, channel=channel, at=at,
        clocks={"first": _first(said, hotline, at)},
    )  # fmt: skip
    return queries.of_case(case), new


def checked(said: Said) -> Said:
    """What was said, tidied; every fault at once, each with its remedy."""
    tidy = replace(
        said, text=_plain(said.text), address=_plain(said.address)[:200], name=_plain(said.name)[:60],
        phone=callers.plain_phone(said.phone), mail=_plain(said.mail)[:200],
    )  # fmt: skip
    faults = {"text": text_fault(tidy.text), "phone": _phone_fault(said.phone, tidy.phone)}
    faults["type"] = "" if said.type in Type.values else _("请选一种类型。")
    known = not said.subject or _SUBJECT.any(code=said.subject)
    faults["subject"] = "" if known else _("没有这个分类，请重新选择。")
    half = (said.lat is None) != (said.lon is None)
    faults["point"] = _("经度和纬度要么都填，要么都不填。") if half else ""
    ahead = said.happened_at is not None and said.happened_at > clock.now() + timedelta(hours=1)
    faults["happened_at"] = _("发生的时间还没有到。请核对日期。") if ahead else ""
    if found := {name: sentence for name, sentence in faults.items() if sentence}:
        raise ValidationError(found)
    return tidy


def text_fault(text: str) -> str:
    """What is wrong with the length of a text; "" if nothing is."""
    most = options.LONGEST.value
    if len(text) < SHORTEST:
        return _("请写清是什么事，至少 %(n)s 个字。") % {"n": SHORTEST}
    if len(text) > most:
        told = {"most": most, "n": len(text)}
        return _("最多 %(most)s 字，您写了 %(n)s 字。请写要点，其余放在照片里或分两件提交。") % told
    return ""


def _phone_fault(given: str, digits: str) -> str:
    if given and not (7 <= len(digits) <= 15 and digits.isdecimal()):
        return _("电话号码应为 7 到 15 位数字，如 13900000000 或 0937-0000001。")
    return ""


def _plain(text: str) -> str:
    """Text without control signs; markup stays what it is: text, shown as such."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(
        sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs", "Co")
    ).strip()


def title_of(said: Said) -> str:
    """What lists call the order: its type and how its text begins."""
    first = " ".join(said.text.split())
    label = str(Type(said.type).label)
    return f"{label}：{first[:40]}{'…' if len(first) > 40 else ''}"


def hotline_of(said: Said) -> Hotline:
    """Who takes it; the point must lie in that region."""
    hotline = queries.hotline_for(said.place_code)
    if hotline is None or regions.find(said.place_code) is None:
        raise ValidationError(
            {"place": _("请选择事情发生在哪个乡镇、街道或村（社区）。所选地区要在本热线的服务范围内。")}
        )
    if said.lat is not None and said.lon is not None and not _covers(hotline, said.lat, said.lon):
        name = regions.name_on(hotline.region_code, clock.today())
        if _covers(hotline, said.lon, said.lat):
            raise ValidationError({"point": _("经度和纬度写反了，请对调。")})
        raise ValidationError(
            {
                "point": _("这个位置不在%(name)s范围内。请清除位置，改填地址；外地的事请拨打当地 12345。")
                % {"name": name}
            }
        )
    return hotline


def _covers(hotline: Hotline, lat: float, lon: float) -> bool:
    """Inside the square of the region, and inside its boundaries where they were imported."""
    return hotline.covers(lat, lon) and base_maps.lies_in(hotline.region_code, lon, lat) is not False


def _first(said: Said, hotline: Hotline, at: datetime | None) -> Any:
    day = clock.local_day(at or clock.now())
    return queries.limit_for(hotline.region_code, said.subject, said.type, day).first_limit


def _record(case: Case, said: Said, hotline: Hotline, call: Call | None) -> Request:
    """The row beside the case. Name and phone rest sealed; lists never join them."""
    made = Request(
        case=case, type=said.type, text=said.text, hotline=hotline.department, hotline_region=hotline.region_code,
        place_code=said.place_code, address=said.address, lat=_degrees(said.lat), lon=_degrees(said.lon),
        happened_at=said.happened_at, urgent=bool(named(said.text)), secret=said.secret,
        call=call,
        contact={"name": said.name, "phone": said.phone, "mail": said.mail}
        | ({"weixin": said.weixin} if said.weixin else {}), caller_lookup=callers.lookup(said.phone),
        source_ref=said.source_ref[:120], may_publish=said.may_publish and not said.secret,
    )  # fmt: skip
    insert(made)
    return made


_SUBJECT = Fixed(lambda: Subject.objects.filter(code=Given("code"), active=True).values_list("pk", flat=True))


def _degrees(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.6f}")


# --- a report on its way ----------------------------------------------------------------------------------------------
def begin(*, by: Actor, network: str = "") -> Report:
    """An empty report; it is numbered, and counts as one, when it is sent.

    `network`: where a citizen begins it from, for the limits; whatever comes by a channel has its own.
    """
    if network:
        rates.spend_begun(by=by, network=network)
    return Report.objects.create(key=secrets.token_hex(12), owner_key=by.key)


def write(report: Report, said: dict[str, Any], *, by: Actor) -> Report:
    """Keep what was written on one screen."""
    _own(report, by)
    if report.sent_id:
        raise ValidationError(_("这份诉求已经提交，不能再改。需要补充，请在“我的诉求”里留言。"))
    report.said = {**report.said, **said}
    Report.objects.filter(pk=report.pk, sent=None).update(said=report.said)
    return report


def take_picture(report: Report, file: BinaryIO, *, by: Actor, network: str = "") -> picture.Found:
    """Keep a picture with the report; what it says of place and time is written down unless something stands there.

    `network` as in `begin`.
    """
    _own(report, by)
    if network:
        rates.spend_photo(by=by, network=network)
    document = documents.store(
        file, name=_("照片") + ".jpg", by=callers.of_report(report.key), thing=(queries.REPORT, report.key), slot=PHOTO,
        level=Document.Level.D, accept=(JPEG, PNG, WEBP), most=options.MOST_PHOTOS.value,
    )  # fmt: skip
    found = picture.read(shelf.path(document.blob_id).read_bytes())
    said: dict[str, Any] = {}
    if found.lat is not None:
        said["picture"] = [found.lat, found.lon]
    if found.lat is not None and not report.said.get("lat"):
        said |= {"lat": found.lat, "lon": found.lon, "from_picture": True}
    if found.at is not None and not report.said.get("happened_at"):
        said["happened_at"] = found.at.isoformat()
    if said:
        write(report, said, by=by)
    return found


def drop_picture(report: Report, document: Document, *, by: Actor) -> None:
    """Take a picture out of a report that is being written."""
    _own(report, by)
    documents.remove(document, by=callers.of_report(report.key))


def _own(report: Report, by: Actor) -> None:
    if report.owner_key != by.key:
        raise Denied(_("这份诉求不是您写的。"))


def _take_over(report: Report, request: Request, voice: Actor) -> None:
    """The pictures belong to the order now; of a secret caller only what shows nothing but the picture itself."""
    source, target = (queries.REPORT, report.key), (queries.ORDER, str(request.pk))
    if request.secret:
        for place, one in enumerate(list(queries.pictures(*source)), 1):
            plain = picture.stripped(shelf.path(one.blob_id).read_bytes())
            documents.keep(
                plain, name=f"{_('照片')}{place}.jpg", by=voice, media_type=JPEG, thing=target, slot=PHOTO,
                level=Document.Level.D,
            )  # fmt: skip
            documents.remove(one, by=System("requests"))
            documents.delete_removed(one, by=System("requests"))
    else:
        documents.hand_over(source, target, by=voice)
    Report.objects.filter(pk=report.pk).update(sent=request, said={})


def clear_reports(days: int = 7) -> int:
    """Delete some of the reports nobody sent; how many. Their pictures go with them."""
    old = Report.objects.filter(sent=None, made_at__lt=clock.now() - timedelta(days=days))
    gone = 0
    for report in old[:500]:
        with change(System("requests"), "requests.clear_report"):
            for one in queries.pictures(queries.REPORT, report.key):
                documents.remove(one, by=System("requests"))
            report.delete()
        gone += 1
    return gone


def reveal(request: Request, *, why: str, by: Actor) -> dict[str, str]:
    """Name and phone of who called. Of a secret one only the hotline reads them; each look is logged with why."""
    if not queries.may_know_caller(by, request):
        raise Denied(_("诉求人要求保密，您的岗位不能查看。需要联系时请通过热线中心转告。"))
    if request.secret and len(why.strip()) < 2:
        raise ValidationError({"why": _("诉求人要求保密。请写明为什么要查看，会记入日志。")})
    with change(by, "requests.reveal", request.case, why=why.strip()[:200], secret=request.secret) as note:
        note.about_person = request.case.applicant_id
    return {name: str(request.contact.get(name, "")) for name in ("name", "phone")}

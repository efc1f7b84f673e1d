"""Taking a petition in: written on the portal, or entered by an official at the window, from a letter or a call."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases.operations.opening import open_case
from hexi.blocks.cases.steps import Step
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as files
from hexi.blocks.documents.models import Document
from hexi.blocks.people.models import Account, Person
from hexi.blocks.regions import queries as regions
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions import hooks, queries, rules
from hexi.domains.livelihood.petitions.kind import PETITION
from hexi.domains.livelihood.petitions.models import MOST_REPRESENTATIVES, Office, Petition, Recusal, Writing
from hexi.domains.livelihood.petitions.operations import recusing
from hexi.domains.livelihood.petitions.operations.parts import LONGEST
from hexi.domains.livelihood.petitions.states import INTAKE, State, Type
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System, require

#: a number begins with it; what every other list calls the case and its applicant (stored, so it is Chinese)
LETTER, TITLE, HIDDEN = "X", "信访事项", "信访人"
PORTAL = "portal"
#: signs of a name at most
NAME = 60
#: how a petition comes (art. 17)
CHANNELS = ("window", "letter", "phone")


@dataclass(frozen=True)
class Said:
    """What a petition says. `against_unit` is the unit complained of, `against_name` the person, as written."""

    type: str
    subject: str
    title: str
    text: str
    wish: str
    place_code: str
    name: str
    phone: str
    address: str = ""
    against_unit: Department | None = None
    against_name: str = ""
    people: int = 1
    representatives: tuple[dict[str, str], ...] = field(default=())


def receive(
    said: Said, *, by: Actor, submission: str, channel: str = PORTAL, applicant: Person | None = None,
    writing: Writing | None = None,
) -> tuple[Petition, bool]:  # fmt: skip
    """Register a petition. `submission` names what came: the same again gives the same petition, and False.

    On the portal the petitioner speaks for himself under his checked name; other channels need `petitions.intake` at
    the office. Raises `Denied`, and `ValidationError` that names field and remedy.
    """
    faults = checked(said)
    if faults:
        raise ValidationError(faults)
    without = {said.against_unit.pk} if said.against_unit else set()
    office = rules.office_for(said.place_code, without)
    if channel != PORTAL:
        require(by, INTAKE, office.department_id, office.region_code)
    elif applicant is None or applicant.pk != getattr(by, "person_id", None):
        raise Denied(_("网上信访要实名。请先登录，并在“我的账户”里完成实名认证。"))

    def then(one: Step) -> None:
        petition = _record(one, said, office, applicant)
        _keep_out(petition, said, by)
        if writing is not None:
            _take_over(writing, petition, by)
        hooks.petition_received.ring(petition=petition, by=by)

    case, new = open_case(
        PETITION, letter=LETTER, title=TITLE, subject=said.subject, office=office.department, state=State.REGISTERED,
        submission=f"petition:{submission}"[:80], by=by, then=then, applicant=applicant, applicant_name=HIDDEN,
        channel=channel, clocks={"register": rules.limit("register", office.region_code, clock.today())},
    )  # fmt: skip
    return Petition.objects.select_related("case__department", "office").get(case=case), new


def checked(said: Said) -> dict[str, str]:
    """Every fault of what was written at once, each with its remedy (art. 19)."""
    found = {
        "type": "" if said.type in Type.values else _("请选择一种。"),
        "subject": "" if said.subject in rules.classes() else _("请选择分类。"),
        "title": "" if 2 <= len(said.title.strip()) <= 60 else _("标题写 2 到 60 个字。"),
        "text": "" if 10 <= len(said.text.strip()) <= LONGEST else _("事实和理由写 10 到 5000 个字。"),
        "wish": "" if 2 <= len(said.wish.strip()) <= 1000 else _("请写明您的请求，2 到 1000 个字。"),
        "place": "" if regions.find(said.place_code) else _("请选择事情发生在哪里。"),
        "name": "" if said.name.strip() else _("请写明信访人的姓名或者名称。"),
        "phone": "" if _phone(said.phone) else _("请留下可以联系到的电话，7 到 15 位数字。"),
        "address": _longer(said.address, 200),
        "against_name": _longer(said.against_name, NAME),
    }
    return {key: sentence for key, sentence in {**found, **_joint_faults(said)}.items() if sentence}


def _joint_faults(said: Said) -> dict[str, str]:
    """Several people name representatives, five at most (art. 20)."""
    many = len(said.representatives)
    if said.people < 1:
        return {"people": _("信访人数至少 1 人。")}
    if said.people > 1 and not many:
        return {"representatives": _("多人共同提出的，请推选代表，写明姓名和电话。")}
    if many > MOST_REPRESENTATIVES or many > said.people:
        return {"representatives": _("代表不得超过 5 人，也不多于信访人数。现在写了 %(n)s 人。") % {"n": many}}
    if any(
        not 0 < len(one.get("name", "")) <= NAME or not _phone(one.get("phone", "")) for one in said.representatives
    ):
        return {"representatives": _("每位代表一行，先写姓名，空一格写电话。")}
    return {}


def _phone(text: str) -> bool:
    digits = "".join(sign for sign in text if sign.isdecimal())
    return 7 <= len(digits) <= 15 and len(text) <= 30


def _longer(text: str, most: int) -> str:
    """Why a text is too long; "" if it is not."""
    return "" if len(text) <= most else _("最多 %(most)s 字，现在有 %(n)s 字。") % {"most": most, "n": len(text)}


def _record(one: Step, said: Said, office: Office, applicant: Person | None) -> Petition:
    unit = said.against_unit.name if said.against_unit else ""
    return Petition.objects.create(
        case=one.case, office=office.department, office_region=office.region_code, type=said.type,
        content={"title": said.title.strip(), "text": said.text.strip(), "wish": said.wish.strip()},
        contact={"name": said.name.strip(), "phone": said.phone.strip(), "address": said.address.strip()},
        lookup=queries.lookup(applicant, said.phone), place_code=said.place_code, people=said.people,
        against={"unit": unit, "name": said.against_name.strip()},
        representatives=list(said.representatives), speakers=len(said.representatives),
    )  # fmt: skip


def _keep_out(petition: Petition, said: Said, by: Actor) -> None:
    """Who is complained of never learns of it, from the first moment; so for every official whose name stands there."""
    facts = {"by": by.key, "at": clock.now()}
    if said.against_unit is not None:
        Recusal.objects.create(petition=petition, unit=said.against_unit, why=Recusal.Why.COMPLAINED, **facts)
    recusing.keep_named_out(petition, queries.told(petition), by=by, complained=said.against_name)


def _take_over(writing: Writing, petition: Petition, by: Actor) -> None:
    """What was attached while writing belongs to the petition now."""
    documents.hand_over((queries.WRITING, writing.key), (queries.KIND, str(petition.pk)), by=by)
    Writing.objects.filter(pk=writing.pk).update(sent=petition, written={})


# --- writing on the portal --------------------------------------------------------------------------------------------
def begin(account: Account, *, by: Actor) -> Writing:
    """Start writing. Somebody who has one unsent goes on with that."""
    if getattr(by, "account_id", None) != account.pk or account.person_id is None:
        raise Denied(_("网上信访要实名。请先登录，并在“我的账户”里完成实名认证。"))
    waiting = Writing.objects.filter(account=account, sent=None).order_by("-pk").first()
    if waiting is not None:
        return waiting
    with change(by, "petitions.begin") as note:
        note.thing = made = Writing.objects.create(key=secrets.token_hex(12), account=account)
    return made


def save(writing: Writing, given: dict[str, Any], *, by: Actor) -> Writing:
    """Keep what was written so far; nothing is checked yet."""
    if getattr(by, "account_id", None) != writing.account_id:
        raise Denied(_("这份内容不是您写的。"))
    with change(by, "petitions.save", writing):
        fresh = Writing.objects.select_for_update().get(pk=writing.pk)
        if fresh.sent_id is None:
            fresh.written, fresh.saved_at = fresh.written | given, clock.now()
            fresh.save(update_fields=["written", "saved_at"])
    writing.written, writing.sent = fresh.written, fresh.sent
    return writing


def forget(writing: Writing, *, by: System) -> None:
    """Delete what was begun and never sent, and take away its files. Nothing if it was sent this moment."""
    with change(by, "petitions.forget", writing):
        fresh = Writing.objects.select_for_update().filter(pk=writing.pk, sent=None).first()
        if fresh is not None:
            for document in files.of_thing(queries.WRITING, fresh.key):
                documents.remove(document, by=by)
            fresh.delete()


def attach(writing: Writing, file: Any, *, by: Actor) -> Document:
    """Hand in a file with what is being written."""
    if getattr(by, "account_id", None) != writing.account_id:
        raise Denied(_("这份内容不是您写的。"))
    return documents.store(
        file, name=file.name, by=by, owner=writing.account.person, thing=(queries.WRITING, writing.key),
        slot="material", title=_("信访材料"),
    )  # fmt: skip

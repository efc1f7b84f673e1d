"""What changes persons: register, bind to an account, correct, verify, look at. Officials are in `offices`."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.audit.operations import change, look
from hexi.blocks.people import numbers
from hexi.blocks.people.hooks import renamed
from hexi.blocks.people.models import Account, Identifier, IdentifierType, Person
from hexi.blocks.people.names import read_phone, same_name, tidy_name
from hexi.blocks.people.queries import CREDIT, RESIDENT, identifier_of, persons_of
from hexi.blocks.people.vault import ring
from hexi.kernel.actors import Actor, Denied, require
from hexi.kernel.fixed import Fixed, Given

_ON_FILE = gettext_lazy("这个证件号码已登记在案，只凭填报不能绑定。请带身份证到政务大厅窗口绑定本账户。")


def register_person(
    name: str,
    *,
    number: str,
    by: Actor,
    type: str = RESIDENT,
    kind: str = Person.Kind.NATURAL,
    level: int = Identifier.Level.WINDOW,
    representative: Person | None = None,
    region_code: str = "",
    address: str = "",
    phone: str = "",
) -> Person:
    """The person with this number: found, or written down now. Two calls at once give one person.

    A person found keeps the data on file; only a higher `level` of verification is taken over, and with it the
    representative of a body, whom so far somebody only declared to be. Needs `people.register` for the region. Raises
    `ValidationError` for a wrong number, a name other than the one on file, or a person whom an account (a body whom
    somebody) only says to be: he would go on reading what is now entered.
    """
    require(by, "people.register", None, region_code or None)
    facts = {"region_code": region_code, "address": address, "representative": representative}
    facts["phone"] = read_phone(phone)
    with change(by, "people.register") as entry:
        held = _found_or_made(name, _read(type, number, kind), kind, level, facts)
        entry.thing = held.person
        entry.facts |= {"type": type, "number": held.masked, "level": held.level}
    return held.person


def bind_person(
    account: Account, *, name: str, number: str, by: Actor, type: str = RESIDENT, level: int = Identifier.Level.DECLARED
) -> Person:
    """Real-name binding of an account to its owner's person, once. Repeating it with the same number is harmless.

    Only the account itself (or a job) may ask. Raises `ValidationError` when number or name cannot be right, when the
    person belongs to another account already, or when he is known for sure and the account only says to be his: who
    merely knows a name and a number does not get at what the office holds.
    """
    _require_own(account, by)
    with change(by, "people.bind", account) as entry:
        kind = Person.Kind.NATURAL
        held = _found_or_made(name, _read(type, number, kind), kind, level, {}, claimant=account)
        if held.level > level and account.person_id != held.person_id:
            raise ValidationError({"number": _ON_FILE})
        _tie(account, held.person, by)
        entry.facts |= {"person": held.person.pk, "type": type, "number": held.masked, "level": level}
    account.refresh_from_db(fields=["person", "name"])
    return held.person


def bind_at_window(person: Person, account: Account, *, by: Actor) -> None:
    """Tie an account to the person who showed his document. Needs `people.register`; nobody does it for himself."""
    require(by, "people.register", None, person.region_code or None)
    if getattr(by, "account_id", None) == account.pk or person.pk in persons_of(by):
        raise Denied(_("不能给自己绑定，请由其他人员办理。"))
    if not person.natural:
        raise ValidationError(_("单位由法定代表人的账户代为办事，不绑定账户。"))
    with change(by, "people.bind", account, person=person.pk, level=Identifier.Level.WINDOW):
        _tie(account, person, by)
    account.refresh_from_db(fields=["person", "name"])


def change_representative(body: Person, *, name: str, number: str, by: Actor) -> None:
    """Another legal representative, after the window has seen licence and identity card. Needs `people.register`.

    Raises `ValidationError` for a number or name that cannot be right, or a `body` that is none.
    """
    require(by, "people.register", None, body.region_code or None)
    if body.natural:
        raise ValidationError(_("只有单位才有法定代表人。"))
    with change(by, "people.representative", body, before=body.representative_id) as entry:
        kind, level = Person.Kind.NATURAL, Identifier.Level.WINDOW
        read = _read(RESIDENT, number, kind)
        known = identifier_of(read.text, type=read.type)
        if {known and known.person_id, body.representative_id} & set(persons_of(by)):
            raise Denied(_("不能更正自己（或您代表的单位）的登记，请由其他人员办理。"))
        held = _found_or_made(name, read, kind, level, {})
        Person.objects.filter(pk=body.pk).update(representative=held.person)
        entry.facts["after"] = held.person_id
    body.representative = held.person


def _require_own(account: Account, by: Actor) -> None:
    if getattr(by, "account_id", None) != account.pk and not by.may("people.bind"):
        raise Denied(_("只能办理自己账户的实名绑定。"))


def _tie(account: Account, person: Person, by: Actor) -> None:
    taken = ValidationError(
        {"number": _("这个证件号码已绑定另一个账户。请用那个账户登录；不是您本人绑定的，请带证件到窗口核实解绑。")}
    )
    try:
        with transaction.atomic():
            tied = Account.objects.filter(pk=account.pk, person=None).update(person=person, name=person.name)
    except IntegrityError as error:
        raise taken from error
    if not tied and not Account.objects.filter(pk=account.pk, person=person).exists():
        raise ValidationError({"number": _("本账户已实名绑定另一个人，不能改绑。请到政务大厅窗口核实办理。")})
    if tied:
        account.name = person.name
        renamed.ring(account=account, by=by)


def declare_body(account: Account, *, name: str, number: str, by: Actor, kind: str = Person.Kind.ENTERPRISE) -> Person:
    """A body whose legal representative the account's person says to be: found or written down, declared only.

    A body on file that already has another representative is refused; the window can correct that.
    """
    _require_own(account, by)
    if account.person is None:
        raise ValidationError(_("请先完成实名绑定，再添加单位。"))
    with change(by, "people.declare_body") as entry:
        facts = {"representative": account.person}
        read, level = _read(CREDIT, number, kind), Identifier.Level.DECLARED
        held = _found_or_made(name, read, kind, level, facts, claimant=account)
        if held.person.representative_id != account.person_id:
            raise ValidationError(
                {"number": _("这个单位登记的法定代表人不是您。如已变更，请带营业执照到政务大厅窗口办理更正。")}
            )
        entry.thing = held.person
        entry.facts |= {"type": CREDIT, "number": held.masked}
    return held.person


def release_person(account: Account, *, reason: str, by: Actor) -> None:
    """Untie an account from its person, after the window has seen the true owner. Needs `people.register`."""
    _require_text(reason, "reason", _("请写明解绑的理由和核实过程。"))
    with change(by, "people.release", account, reason=reason) as entry:
        person = Person.objects.select_for_update().filter(account=account).first()
        if person is None:
            raise ValidationError(_("这个账户没有绑定的人员。"))
        require(by, "people.register", None, person.region_code or None)
        Account.objects.filter(pk=account.pk, person=person).update(person=None)
        entry.facts["person"] = person.pk
    account.refresh_from_db(fields=["person"])


def change_contact(
    person: Person, *, by: Actor, phone: str | None = None, address: str | None = None, region_code: str | None = None
) -> None:
    """New telephone, address or division; None leaves a value. The person's own account, or `people.register`."""
    if person.pk not in persons_of(by):
        require(by, "people.register", None, person.region_code or None)
    given = {"address": address, "region_code": region_code, "phone": None if phone is None else read_phone(phone)}
    changed = {field: value for field, value in given.items() if value is not None}
    with change(by, "people.contact", person, fields=sorted(changed)):
        Person.objects.filter(pk=person.pk).update(**changed)
    for field, value in changed.items():
        setattr(person, field, value)


def change_account(account: Account, *, by: Actor, **given: Any) -> None:
    """New `phone`, `language`, `edition`, or, while no person is bound, `name` of one's own account."""
    _require_own(account, by)
    allowed = {"phone", "language", "edition"} | ({"name"} if account.person_id is None else set())
    if unknown := set(given) - allowed:
        raise ValidationError(dict.fromkeys(unknown, _("实名绑定后姓名不能在这里修改，请到政务大厅窗口更正。")))
    if "phone" in given:
        given["phone"] = read_phone(given["phone"])
    with change(by, "people.account", account, fields=sorted(given)):
        Account.objects.filter(pk=account.pk).update(**given)
        for field, value in given.items():
            setattr(account, field, value)
        if "name" in given:
            renamed.ring(account=account, by=by)


def verify_identifier(identifier: Identifier, *, by: Actor, level: int = Identifier.Level.WINDOW) -> None:
    """Say that the original was seen. Never lowers a level. Needs `people.register` for the person's region."""
    require(by, "people.register", None, identifier.person.region_code or None)
    if identifier.person_id in persons_of(by):
        raise Denied(_("不能核验自己（或您代表的单位）的证件，请由其他人员办理。"))
    with change(by, "people.verify", identifier, level=level, person=identifier.person_id):
        Identifier.objects.filter(pk=identifier.pk, level__lt=level).update(level=level)
    identifier.refresh_from_db(fields=["level"])


def view_person(person: Person, *, purpose: str, by: Actor) -> None:
    """Log that an official opened a person's data; call it before showing them. Needs `people.view`.

    Nothing is logged when somebody opens what is his own.
    """
    if person.pk in persons_of(by):
        return
    require(by, "people.view", None, person.region_code or None)
    _require_text(purpose, "purpose", _("请写明查看的用途，本人会看到。"))
    look(by, person, purpose=purpose, person_id=person.pk)


def unmask(identifier: Identifier, *, purpose: str, by: Actor, region_code: str | None = None) -> str:
    """The full number. Whoever it belongs to reads office, time and purpose under "who looked at my data".

    Needs `people.unmask` for `region_code`, the division of the matter at hand (default: the person's own). One's own
    number is shown without being logged as a look.
    """
    if identifier.person_id not in persons_of(by):
        require(by, "people.unmask", None, region_code or identifier.person.region_code or None)
        _require_text(purpose, "purpose", _("请写明查看完整号码的用途，本人会看到。"))
        look(by, identifier, purpose=purpose, person_id=identifier.person_id)
    return ring().open(identifier.number, identifier.type_id)


def _require_text(text: str, field: str, sentence: str) -> None:
    if not text.strip():
        raise ValidationError({field: sentence})


_TYPE = Fixed(lambda: IdentifierType.objects.filter(pk=Given("type")))


def _read(type: str, number: str, kind: str) -> numbers.Number:
    kept = _TYPE.first(type=type)
    if kept is None or kept.natural != (kind == Person.Kind.NATURAL):
        raise ValidationError({"type": _("请选择一种适用的证件类型。")})
    return numbers.read(kept, number)


def _found_or_made(
    name: str, number: numbers.Number, kind: str, level: int, facts: dict[str, Any], *, claimant: Account | None = None
) -> Identifier:
    """The identifier with its person; written down if new. The unique constraint decides who is first.

    `claimant`: the account that says to be, or to represent, whom it names.
    """
    name = tidy_name(name)
    _require_text(name, "name", _("请填写姓名或名称。"))
    held = identifier_of(number.text, type=number.type)
    if held is None:
        try:
            with transaction.atomic():
                return _make(name, number, kind, level, facts)
        except IntegrityError:
            held = identifier_of(number.text, type=number.type)
            if held is None:
                raise
    if not same_name(held.person.name, name):
        raise ValidationError({"name": _("与这个证件号码登记的姓名或名称不一致，请核对；已更名的请到窗口更正。")})
    _require_unclaimed(held, level, facts.get("representative"), claimant)
    if held.level < level:
        Identifier.objects.filter(pk=held.pk, level__lt=level).update(level=level)
        held.level = level
        if representative := facts.get("representative"):
            Person.objects.filter(pk=held.person_id).update(representative=representative)
            held.person.representative = representative
    return held


def _require_unclaimed(held: Identifier, level: int, representative: Person | None, claimant: Account | None) -> None:
    """Nobody reads a stranger's matters by a number he merely typed, whichever came first, he or the matters."""
    if held.level > Identifier.Level.DECLARED or (level > held.level and (claimant or representative)):
        return
    if claimant is None and _claimed(held.person):
        raise ValidationError(
            {
                "number": _(
                    "这个号码由网上账户填报，还没有核验过原件。请先在政务大厅窗口的“人员查询”核对："
                    "账户或法定代表人不对的，解除绑定或更正；再点“已核验原件”。"
                )
            }
        )
    if claimant is not None and held.person.natural and not _claimed(held.person):
        raise ValidationError({"number": _ON_FILE})


def _claimed(person: Person) -> bool:
    """True if an account says to be this person, or somebody to represent this body."""
    if person.natural:
        return Account.objects.filter(person=person).exists()
    return Person.objects.filter(pk=person.pk).exclude(representative=None).exists()


def _make(name: str, number: numbers.Number, kind: str, level: int, facts: dict[str, Any]) -> Identifier:
    person = Person.objects.create(name=name, kind=kind, gender=number.gender, born=number.born, **facts)
    keys = ring()
    return Identifier.objects.create(
        person=person,
        type_id=number.type,
        number=keys.seal(number.text, number.type),
        lookup=keys.lookup(number.text, number.type),
        masked=number.masked,
        level=level,
    )

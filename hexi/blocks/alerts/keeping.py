"""Contacts that an office keeps in its divisions, and what people want to be told of. As `operations`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.alerts import queries
from hexi.blocks.alerts.definitions import colours
from hexi.blocks.alerts.models import Contact, Subscription
from hexi.blocks.audit import operations as audit
from hexi.blocks.people.models import Person
from hexi.blocks.regions.models import Department
from hexi.blocks.regions.queries import find
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require

#: divisions one account may watch
MOST = 20


def add_contact(department: Department, *, person: Person, region_code: str, duty: str, by: Actor) -> Contact:
    """Somebody who must know at once of an alert in a division. Again is the same one. Needs `alerts.contacts`."""
    require(by, queries.CONTACTS, department.pk, region_code)
    if find(region_code) is None:
        raise ValidationError({"code": _("请选择地区。")})
    if not duty.strip():
        raise ValidationError({"duty": _("请写明职责，例如“村主任”。")})
    with audit.change(by, "alerts.add_contact") as note:
        row, _new = Contact.objects.get_or_create(
            person=person, region_code=region_code, ended_at=None,
            defaults={"duty": duty.strip()[:60], "department": department, "made_at": clock.now()},
        )  # fmt: skip
        note.thing, note.about_person = row, person.pk
    return row


def end_contact(contact: Contact, *, by: Actor) -> None:
    """No longer asked. Twice is once."""
    require(by, queries.CONTACTS, contact.department_id, contact.region_code)
    with audit.change(by, "alerts.end_contact", contact):
        Contact.objects.filter(pk=contact.pk, ended_at=None).update(ended_at=clock.now())


def subscribe(region_code: str, *, colour: str, by: Actor) -> Subscription:
    """Be told of alerts in a division from a colour on; again with another colour changes it."""
    account_id = _account_of(by)
    if find(region_code) is None:
        raise ValidationError({"code": _("请选择地区。")})
    if colour not in colours():
        raise ValidationError({"colour": _("请选择从哪一级起告诉您。")})
    with audit.change(by, "alerts.subscribe") as note:
        mine = Subscription.objects.filter(account_id=account_id)
        if mine.exclude(region_code=region_code).count() >= MOST:
            raise ValidationError(_("最多关注 %(n)s 个地区，请先取消一个。") % {"n": MOST})
        row, _new = Subscription.objects.update_or_create(
            account_id=account_id, region_code=region_code, defaults={"rank": colours()[colour].rank}
        )
        note.thing = row
    return row


def unsubscribe(row: Subscription, *, by: Actor) -> None:
    """Be told no more. Twice is once."""
    if row.account_id != _account_of(by):
        raise Denied(_("只能取消自己的关注。"))
    with audit.change(by, "alerts.unsubscribe", row):
        Subscription.objects.filter(pk=row.pk).delete()


def _account_of(by: Actor) -> int:
    account_id: int | None = getattr(by, "account_id", None)
    if account_id is None:
        raise Denied(_("请先登录。"))
    return account_id

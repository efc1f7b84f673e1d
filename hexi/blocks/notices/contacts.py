"""Whom a notice reaches outside the inbox and where: accounts, persons, bodies, phones. To the right of channels."""

from dataclasses import dataclass

from hexi.blocks.notices.channels import Contact
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.models import Account, Person
from hexi.blocks.people.queries import openid_of
from hexi.blocks.people.weixin.options import APP_ID


@dataclass(frozen=True)
class Phone:
    """Somebody of whom only a telephone is known: no inbox, SMS alone."""

    number: str


#: what can be told something
Recipient = Account | Person | Phone


def contact_of(recipient: Recipient) -> Contact:
    """An account's own contact; a person's, or a body's and else its representative's, with the account if any."""
    if isinstance(recipient, Phone):
        return Contact(phone=recipient.number)
    if isinstance(recipient, Account):
        phone = recipient.phone or (recipient.person.phone if recipient.person else "")
        return _of_account(recipient, phone)
    human = recipient.representative or recipient
    account = getattr(human, "account", None)
    phone = recipient.phone or human.phone
    return _of_account(account, phone or account.phone) if account else Contact(phone=phone)


def recipient_of(notice: Notice) -> Recipient:
    """The account, person or phone a notice is for."""
    found = notice.account or notice.person or (Phone(notice.phone) if notice.phone else None)
    assert found is not None, "the database lets no notice be without a reader"
    return found


def _of_account(account: Account, phone: str) -> Contact:
    """Nothing for an account that is switched off, except a phone known otherwise."""
    mail = account.email if account.is_active else ""
    # asked only where there is an account at WeChat
    weixin = openid_of(account.pk) if APP_ID.value and account.is_active else ""
    return Contact(phone=phone, mail=mail, language=account.language, account_id=account.pk, weixin=weixin)

"""Orders, calls and letters are found by a hash of phone or mailbox: made anew when lookups are (`people.hooks`)."""

from collections.abc import Callable

from hexi.domains.livelihood.requests.callers import KIND, mark_of_mail, plain_phone
from hexi.domains.livelihood.requests.models import Call, MailFollow, Request, WeixinSender


def renew(lookup: Callable[[str, str], str]) -> None:
    """Of all whose phone or mailbox still rests here (hook `lookups_renewed`)."""
    for model, column in ((Request, "caller_lookup"), (Call, "phone_lookup")):
        for row in model._default_manager.exclude(**{column: ""}).only("contact").order_by("pk").iterator(500):
            if phone := plain_phone(str(row.contact.get("phone") or "")):
                model._default_manager.filter(pk=row.pk).update(**{column: lookup(phone, KIND)})
    for row in MailFollow.objects.only("mail").order_by("pk").iterator(500):
        MailFollow.objects.filter(pk=row.pk).update(lookup=lookup(mark_of_mail(row.mail), KIND))
    # whose they are is known by the sign alone: pictures that wait for words wait no longer, and the row is forgotten
    WeixinSender.objects.exclude(report=None).update(report=None)

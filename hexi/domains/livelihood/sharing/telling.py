"""Who is told of an application, in the transaction of the change."""

from hexi.blocks.articles.queries import holders
from hexi.blocks.notices.operations import tell
from hexi.blocks.people.models import Account
from hexi.domains.livelihood.sharing.models import Application
from hexi.domains.livelihood.sharing.states import DECIDE
from hexi.kernel.actors import Actor


def asked(application: Application, by: Actor) -> None:
    """The heads of the office that keeps the data: it waits for them."""
    heads = holders(application.entry.provider, DECIDE)
    facts = {"number": application.case.number, "title": application.entry.title, "office": application.office.name}
    tell(heads, "sharing.asked", facts=facts, by=by)


def decided(application: Application, by: Actor) -> None:
    """Who asked: how it was decided, or that it is to be corrected."""
    kind, _sep, pk = application.asked_key.partition(":")
    if kind != "account" or not pk.isdecimal():
        return
    whom = Account.objects.filter(pk=pk, is_active=True)
    tell(list(whom), f"sharing.{application.case.state}", facts={
        "number": application.case.number, "title": application.entry.title,
    }, by=by)  # fmt: skip

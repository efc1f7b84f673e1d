"""Who, besides the payer, may read a receipt. Beside queries."""

from hexi.blocks.documents.models import Document
from hexi.blocks.documents.readers import Reader
from hexi.blocks.money.models import KIND, Payment
from hexi.blocks.money.queries import SEE
from hexi.kernel.actors import Actor


def may(actor: Actor, document: Document) -> bool:
    """Officials who see the money of the payment's office."""
    found = Payment.objects.filter(pk=document.of_ref).values("department_id", "region_code").first()
    return found is not None and any(actor.may(verb, found["department_id"], found["region_code"]) for verb in SEE)


#: the receipt is part of the payment: nobody adds to it or removes it
READER = Reader(KIND, may, changeable=lambda ref, slot: False)

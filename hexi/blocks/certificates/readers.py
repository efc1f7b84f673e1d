"""Who, besides the holder, may read the file of a certificate. Beside queries."""

from hexi.blocks.certificates.models import KIND, Certificate
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.readers import Reader
from hexi.kernel.actors import Actor


def may(actor: Actor, document: Document) -> bool:
    """Officials who issue or revoke at the certificate's office."""
    found = Certificate.objects.filter(identifier=document.of_ref).first()
    return found is not None and any(
        actor.may(verb, found.department_id, found.region_code)
        for verb in ("certificates.issue", "certificates.revoke")
    )


#: the file is part of the certificate: nobody adds to it or removes it
READER = Reader(KIND, may, changeable=lambda ref, slot: False)

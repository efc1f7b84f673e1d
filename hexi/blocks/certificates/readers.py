"""Who, besides the holder, may read the file of a certificate. Beside queries."""

from django.utils.translation import gettext as _

from hexi.blocks.certificates.models import KIND, Certificate, State
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


def fault(document: Document) -> str:
    """Why the certificate no longer counts."""
    found = Certificate.objects.filter(identifier=document.of_ref).first()
    if found is None:
        return ""
    if found.superseded:
        return _("这张证照已换发，请使用新的一份。")
    good = found.state_now == State.VALID
    return "" if good else _("这张证照现在不作数：%(state)s。") % {"state": found.state_now.label}


#: the file is part of the certificate: nobody adds to it or removes it
READER = Reader(KIND, may, changeable=lambda ref, slot: False, fault=fault)

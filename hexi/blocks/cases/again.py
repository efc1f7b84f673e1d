"""Drafts that renew or change a certificate: the item's own form, filled in as it was last time. Beside intake."""

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.cases import renewals
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Concern, ItemVersion
from hexi.blocks.certificates import queries as certificates
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.documents import operations as documents
from hexi.blocks.forms import operations as forms
from hexi.blocks.forms.drafts import Definition
from hexi.blocks.forms.models import Draft
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.fixed import Fixed, Given

#: kind of draft → what becomes of the certificate
KINDS = {"cases.renew": Concern.Kind.RENEW, "cases.change": Concern.Kind.CHANGE}


def version_of(draft: Draft) -> ItemVersion:
    """The item's version the draft is filled in for."""
    found = _version(draft.definition_ref, draft.definition_digest)
    if found is None:
        raise ItemVersion.DoesNotExist
    return found


def find(ref: str, digest: str) -> Definition | None:
    """The form of the item that issued the certificate."""
    version = _version(ref, digest)
    if version is None:
        return None
    national = definition(version).national
    return Definition(title=national.title, form=national.form, slots=national.slots())


def newest(ref: str) -> str:
    """The digest in force; "" if the item is no longer offered."""
    item = renewals.item_of(Certificate.objects.get(pk=ref))
    return item.version.digest if item and item.version else ""


def begin(certificate: Certificate, kind: str, *, by: Actor, entitled: bool = False) -> Draft:
    """A draft with the answers of last time, to be looked through; what is on file is not asked again.

    `entitled`: the caller has seen that the actor may ask for the holder (a counter).
    """
    if kind not in renewals.possible(certificate):
        raise ValidationError(_("这张证照现在不能办理这一项。可能已经申请，或者还没有到时候。"))
    item, case = renewals.item_of(certificate), renewals.origin(certificate)
    assert item is not None
    assert item.version is not None
    assert case is not None
    draft_kind = next(key for key, one in KINDS.items() if one == kind)
    with change(by, "cases.begin_again", certificate, kind=kind):
        draft = forms.start(
            draft_kind, ref=str(certificate.pk), digest=item.version.digest, by=by, person_id=certificate.holder_id,
            region_code=item.region_code, entitled=entitled,
        )  # fmt: skip
        reuse(draft, by=by)
        if draft.version == 1:
            asked = {field.key for _section, field in definition(item.version).national.form.fields()}
            known = {key: answer for key, answer in case.answers.items() if key in asked}
            forms.save_step(draft, raw=known, version=1, by=by)
    draft.refresh_from_db()
    return draft


def reuse(draft: Draft, *, by: Actor) -> None:
    """Put the valid certificates the applicant holds into the places they fill: what is on file is not asked again."""
    if draft.version != 1 or draft.person_id is None:
        return
    for material in definition(_started(draft)).national.materials:
        for of_type in material.have_it:
            found = certificates.good(draft.person_id, of_type).first()
            if found is not None:
                with suppress(ValidationError, Denied):
                    documents.attach(
                        found.document, thing=("forms.draft", str(draft.pk)), slot=material.key, by=by,
                        purpose=_("复用有效证照"), most=material.files,
                    )  # fmt: skip


def _started(draft: Draft) -> ItemVersion:
    if draft.definition_kind in KINDS:
        return version_of(draft)
    return _STARTED.get(item=int(draft.definition_ref), digest=draft.definition_digest)


_STARTED = Fixed(
    lambda: ItemVersion.objects.defer("national", "implementing").filter(item_id=Given("item"), digest=Given("digest"))
)


def _version(ref: str, digest: str) -> ItemVersion | None:
    certificate = Certificate.objects.filter(pk=ref).first()
    case = renewals.origin(certificate) if certificate else None
    if case is None:
        return None
    versions = ItemVersion.objects.select_related("item", "item__department")
    return versions.filter(item=case.item_id, digest=digest).first()

"""The files of the materials step: taken one by one, removed and taken back, fetched again from earlier, from a phone.

Stands above `operations`, below `pages`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hexi.blocks.documents import handoff, kinds
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.models import Document
from hexi.blocks.forms import answers
from hexi.blocks.forms.definitions import Field, Section
from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.queries import Material, Standing
from hexi.ui.words import english

KIND = "forms.draft"
#: what a photo question takes
PICTURES = (kinds.JPEG, kinds.PNG, kinds.WEBP)


@dataclass
class Card:
    """One material on the page: its files, what can be put in, what was taken out."""

    material: Material
    error: str
    reusable: list[tuple[int, str]]
    removed: list[Document]
    phone: str
    token: str = ""
    code: str = ""

    @property
    def name(self) -> str:
        """Name of its control."""
        return f"file.{self.material.slot.key}"


def take(request: HttpRequest, standing: Standing) -> dict[str, str]:
    """Do what was posted: files to remove, take back, use again, and new ones. Faults by the name of the control."""
    errors: dict[str, str] = {}
    slots = {one.slot.key: one for one in standing.materials}
    for name in {*request.FILES, *(name for name in request.POST if name.startswith(("file.", "reuse.")))}:
        if name.partition(".")[2] not in slots:
            errors[name] = _("没有“%(name)s”这一项材料。请按本页列出的材料上传。") % {"name": name[:60]}
    _undo(request, standing.draft, errors)
    for key, material in slots.items():
        for file in request.FILES.getlist(f"file.{key}"):
            _tried(errors, f"file.{key}", partial(_store, request, standing.draft, material, file), file.name or "")
        chosen = request.POST.get(f"reuse.{key}", "")
        if chosen:
            _tried(errors, f"file.{key}", partial(_attach, request, standing.draft, material, chosen))
    return errors


def _tried(errors: dict[str, str], key: str, do: Callable[[], Any], name: str = "") -> None:
    """Do one thing; its fault is noted and the others go on."""
    try:
        do()
    except ValidationError as error:
        said = " ".join(error.messages)
        said = f"{name[:60]}{': ' if english() else '：'}{said}" if name else said
        errors[key] = " ".join(filter(None, (errors.get(key), said)))


def _store(request: HttpRequest, draft: Draft, material: Material, file: Any) -> None:
    documents.store(
        file, name=file.name, by=request.actor, owner=draft.person, thing=draft,  # type: ignore[attr-defined]
        slot=material.slot.key, most=material.slot.max_files, title=str(material.slot.title.zh),
        wanted=material.slot.wanted,
    )  # fmt: skip


def _attach(request: HttpRequest, draft: Draft, material: Material, chosen: str) -> None:
    pk = chosen if chosen.isdecimal() and len(chosen) < 19 else 0
    own = papers.own(request.actor).filter(pk=pk).first()  # type: ignore[attr-defined]
    if own is None:
        raise ValidationError(_("选的文件已不在您的文件里。请重新选择或上传。"))
    if own.level == Document.Level.D and not material.slot.self_made:
        raise ValidationError(_("这份是自制的材料，这里不收。请上传证件或者文件的照片。"))
    most = material.slot.max_files
    documents.attach(
        own, thing=draft, slot=material.slot.key, by=request.actor, most=most, wanted=material.slot.wanted,  # type: ignore[attr-defined]
    )  # fmt: skip


def _undo(request: HttpRequest, draft: Draft, errors: dict[str, str]) -> None:
    """Remove a file, or take it back."""
    for button, do in (("_remove", documents.remove), ("_restore", documents.restore)):
        number = request.POST.get(button, "")
        if not number.isdecimal() or len(number) > 18:
            continue
        found = Document.objects.of(KIND, str(draft.pk)).filter(pk=number).first()
        if found is not None:
            _tried(errors, f"file.{found.slot}", partial(do, found, by=request.actor))  # type: ignore[attr-defined]


def takes(section: Section) -> bool:
    """True if a question of the section, or of its rows, asks for files."""
    every = [one for field in section.fields for one in (field, *field.fields)]
    return any(one.kind in answers.FILED for one in every)


def take_answers(request: HttpRequest, standing: Standing, section: Section) -> dict[str, str]:
    """Keep the files chosen for questions of a section, once its answers are saved; faults by the name of the control.

    A file that is refused takes no other with it. Afterwards the standing is judged again.
    """
    if not takes(section):
        return {}
    errors: dict[str, str] = {}
    number = request.POST.get("_unfile", "")
    if number.isdecimal() and len(number) < 19:
        found = Document.objects.present().of(KIND, str(standing.draft.pk)).filter(pk=number)
        for document in found.filter(slot__startswith=answers.FILES):
            _tried(errors, document.slot, partial(documents.remove, document, by=request.actor))  # type: ignore[attr-defined]
    for path, field in _file_questions(section, standing.draft.answers):
        for file in request.FILES.getlist(path):
            put = partial(_store_answer, request, standing.draft, field, path, file)
            _tried(errors, path, put, file.name or "")
    if request.FILES or number:
        standing.judge_again()
    return errors


def _file_questions(section: Section, kept: Mapping[str, Any]) -> Iterator[tuple[str, Field]]:
    """The paths of the file questions of a section, rows included."""
    for field in section.fields:
        if field.kind in answers.FILED:
            yield field.key, field
        for row in kept.get(field.key) or () if field.kind == "repeating" else ():
            yield from (
                (f"{field.key}.{row['id']}.{one.key}", one) for one in field.fields if one.kind in answers.FILED
            )


def _store_answer(request: HttpRequest, draft: Draft, field: Field, path: str, file: Any) -> None:
    documents.store(
        file, name=file.name, by=request.actor, owner=draft.person, thing=draft,  # type: ignore[attr-defined]
        slot=answers.FILES + path, most=int(field.max or 1),  # type: ignore[arg-type]
        accept=PICTURES if field.kind == "photo" else (), title=str(field.label.zh),
    )  # fmt: skip


def cards(request: HttpRequest, standing: Standing, errors: Mapping[str, str]) -> list[Card]:
    """What the page shows for each material; the QR code for a phone only where it was asked for (`?phone=<slot>`)."""
    draft, actor = standing.draft, request.actor  # type: ignore[attr-defined]
    removed: dict[str, list[Document]] = {}
    gone = Document.objects.of(KIND, str(draft.pk)).filter(replaced_by=None).exclude(removed_at=None)
    for document in gone.select_related("blob"):
        removed.setdefault(document.slot, []).append(document)
    earlier = papers.reusable(actor, draft.person_id)
    found = []
    for one in standing.materials:
        key, here = one.slot.key, {file.blob_id for file in one.files}
        fit = [
            (document.pk, _named(document))
            for document in earlier
            if document.blob_id not in here and (one.slot.self_made or document.level != Document.Level.D)
        ]
        taken_out = [document for document in removed.get(key, ()) if document.blob_id not in here]
        error, phone = errors.get(f"file.{key}", ""), f"?phone={key}#card-file.{key}"
        card = Card(one, error, fit if one.room else [], taken_out, phone)
        if request.GET.get("phone") == key and one.room:
            card.token = handoff.handoff_token(
                actor, owner=draft.person, kind=KIND, ref=str(draft.pk), slot=key, title=str(one.slot.title),
                most=one.slot.max_files, wanted=one.slot.wanted,
            )  # fmt: skip
            card.code = handoff.address(request, card.token)
        found.append(card)
    return found


def _named(document: Document) -> str:
    return f"{document.title}（{document.name}）" if document.title else document.name


def facts() -> dict[str, Any]:
    """What the template of the step needs beside the cards."""
    return {"accept": kinds.ACCEPT, "most_bytes": documents.MAX_BYTES.value}

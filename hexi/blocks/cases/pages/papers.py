"""A case's answers, materials and timeline, made ready for showing."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.kinds import kind_of
from hexi.blocks.cases.models import Case
from hexi.blocks.cases.parts import Material
from hexi.blocks.documents import queries as documents
from hexi.blocks.documents.models import Document
from hexi.blocks.forms import saying
from hexi.blocks.regions import queries as regions

KIND = "cases.case"


@dataclass(frozen=True)
class File:
    """One file as a card shows it."""

    pk: int
    name: str
    href: str
    size: int
    level: str
    level_words: str
    note: str
    preview: str
    kind: str


def sections(case: Case) -> list[tuple[Any, list[tuple[Any, Any]]]]:
    """The answers, section after section, as people read them."""
    form = definition(case.version).national.form
    return [
        (section.title, [(field.label, text) for field, text in rows])
        for section, rows in saying.said(form, case.answers)
    ]


def materials(case: Case) -> list[tuple[Material, list[File]]]:
    """Each material of the item with its files. Two queries."""
    by_slot = documents.by_slot(KIND, str(case.pk))
    return [
        (material, [card(one) for one in by_slot.get(material.key, [])])
        for material in definition(case.version).national.materials
    ]


def viewer(rows: list[tuple[Material, list[File]]]) -> list[dict[str, str]]:
    """The files that can be shown in the page, for flipping through."""
    return [
        {
            "title": str(material.title),
            "kind": file.kind,
            "url": reverse("documents.preview" if file.kind == "image" else "documents.show", args=[file.pk]),
        }
        for material, files in rows
        for file in files
        if file.kind
    ]


def card(document: Document) -> File:
    """A document as its card shows it."""
    return File(
        pk=document.pk,
        name=document.name,
        href=reverse("documents.show", args=[document.pk]),
        size=document.blob.size,
        level=document.level,
        level_words=document.get_level_display(),
        note=document.watermark,
        kind="image" if document.blob.is_image else ("pdf" if document.blob.inline else ""),
        preview=reverse("documents.thumb", args=[document.pk]) if document.blob.is_image else "",
    )


def timeline(case: Case, *, everything: bool = False, opinions: bool = True) -> list[dict[str, Any]]:
    """What happened, newest first; inner opinions only for officials. The public reads the office, not the clerk.

    Without `opinions` the reasons are left out: for who only knows the case's number.
    """
    events = [one for one in case.events.all() if everything or one.public]
    # events keep the office's name as it was; that of the case's own office is shown in the language of the page
    names, kind = {case.department.name: case.department.title}, kind_of(case)
    events = list(events)
    clerks = regions.signed(event.actor_name for event in events) if everything else {}
    return [
        {
            "title": kind.title_of(event.action),
            "at": event.at,
            "who": clerks[event.actor_name] if everything else names.get(event.office, event.office) or _("申请人"),
            "text": event.opinion if opinions else "",
            "state": "done",
            "icon": kind.actions[event.action].icon if event.action in kind.actions else "point",
        }
        for event in sorted(events, key=lambda one: -one.pk)
    ]

"""A person's own documents, the contents themselves under strict headers, and the page a phone uploads by."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hexi.blocks.audit.queries import of as log_of
from hexi.blocks.documents import handoff as handoffs
from hexi.blocks.documents import kinds, operations, previews, queries, readers, shelf
from hexi.blocks.documents.annotated import COPYABLE
from hexi.blocks.documents.models import Document
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import persons_of
from hexi.kernel.actors import Actor
from hexi.ui import words
from hexi.ui.pages import DetailPage
from hexi.ui.paging import capped_count, page_of

PER_PAGE = 20
#: what a browser may do with a content: nothing. Chromium shows no PDF inside `sandbox`, so PDFs go without that one.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"


def mine(request: HttpRequest) -> HttpResponse:
    """All of a person's documents, those removed lately, and a way to add one for later."""
    fault = ""
    if request.method == "POST":
        try:
            return _added(request)
        except ValidationError as error:
            fault = " ".join(error.messages)
    found = queries.own(request.actor)  # type: ignore[attr-defined]
    paging = page_of(
        found, count=capped_count(found), number=_number(request), per_page=PER_PAGE, address=lambda one: f"?page={one}"
    )
    facts = {"paging": paging, "removed": queries.removed(request.actor), "entered": request.POST.get("title", "")}  # type: ignore[attr-defined]
    return render(request, "documents/mine.html", facts | _upload_words(fault), status=422 if fault else 200)


def document(request: HttpRequest, pk: int) -> HttpResponse:
    """One of a person's own documents: the content, what it was used for, who looked at it."""
    found = _own(request, pk)
    facts = (
        (_("文件名"), found.name),
        (_("大小"), words.size(found.blob.size)),
        (_("页数"), found.blob.pages),
        (_("可信级别"), f"{found.level} {found.get_level_display()}"),
        (_("上传时间"), words.moment(found.made_at)),
        (_("用于"), readers.purpose(found) or None),
        (_("有效期至"), words.day(found.expires) if found.expires else None),
        (_("SHA-256"), found.blob_id),
    )
    looks = [
        {"at": entry.at, "title": entry.actor_name, "text": entry.facts.get("purpose", "")}
        for entry in log_of(found).filter(verb="look").order_by("-id")[:50]
    ]
    page = DetailPage(str(found), facts, found.tag, crumbs=((_("我的文件"), reverse("documents.mine")),))
    page = replace(page, template="documents/document.html")
    removable = readers.changeable(found.of_kind, found.of_ref, found.slot)
    copyable = found.owner_id is not None and found.blob.media_type in COPYABLE
    copies = found.copies.order_by("-pk")[:20]
    return page.respond(request, found, looks=looks, removable=removable, copyable=copyable, copies=copies)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an own document away."""
    found = _own(request, pk)
    operations.remove(found, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已删除“%(name)s”，可以在页面底部恢复。") % {"name": found})
    return redirect("documents.mine")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the removal."""
    found = get_object_or_404(queries.removed(request.actor), pk=pk)  # type: ignore[attr-defined]
    operations.restore(found, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已恢复“%(name)s”。") % {"name": found})
    return redirect("documents.mine")


def show(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The content as handed in: shown by the browser if it is PDF or a picture, else saved."""
    found = _readable(request, pk)
    return _sent(request, shelf.path(found.blob_id), found.blob.media_type, found.name, inline=found.blob.inline)


def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The content as handed in, to be saved."""
    found = _readable(request, pk)
    return _sent(request, shelf.path(found.blob_id), found.blob.media_type, found.name, inline=False)


def preview(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A picture turned upright, at most 1,600 pixels, without what the camera noted in it."""
    return _preview(request, pk, previews.SCREEN)


def thumb(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The same at 320 pixels, for lists."""
    return _preview(request, pk, previews.THUMB)


def handoff(request: HttpRequest, token: str) -> HttpResponse:
    """The phone's page: whoever holds the code may add photos to its one slot until the time is up."""
    try:
        found = handoffs.open_handoff(token)
    except ValidationError as error:
        return render(request, "documents/handoff.html", {"over": " ".join(error.messages)}, status=410)
    fault, added, hints = "", "", []
    if request.method == "POST":
        try:
            taken = _taken(request, found)
            added, hints = taken.name, taken.hints
        except ValidationError as error:
            fault = " ".join(error.messages)
    facts = {"handoff": found, "over": "", "added": added, "hints": hints, "pictures": kinds.PICTURES}
    facts |= _upload_words(fault)
    return render(request, "documents/handoff.html", facts, status=422 if fault else 200)


def handed(request: HttpRequest, token: str) -> HttpResponse:
    """The computer's side: what has arrived in the slot. Only for who showed the code; ends polling when it is over."""
    try:
        found = handoffs.open_handoff(token, late=True)
    except ValidationError as error:
        raise Http404 from error
    if request.actor.key != found.by:  # type: ignore[attr-defined]
        raise Http404
    asked = request.headers.get("HX-Request")
    template = "documents/handed_files.html" if asked else "documents/handed.html"
    # htmx stops asking when it is answered 286
    return render(request, template, {"handoff": found}, status=286 if asked and found.over else 200)


def live_handed(actor: Actor, token: str) -> dict[str, Any] | None:
    """Live fact: what the phone has put into a hand-off's slot; nothing for anybody but who showed the code."""
    try:
        found = handoffs.open_handoff(token, late=True)
    except ValidationError:
        return None
    return {"files": [one.pk for one in found.files], "over": found.over} if actor.key == found.by else None


def _added(request: HttpRequest) -> HttpResponse:
    persons = persons_of(request.actor)  # type: ignore[attr-defined]
    owner = Person.objects.get(pk=persons[0]) if persons else None
    title = request.POST.get("title", "").strip()[:100]
    if not title:
        raise ValidationError(_("请写明这是什么文件，例如：身份证正面。"))
    upload = _upload(request, "file")
    stored = operations.store(upload, name=upload.name, by=request.actor, owner=owner, title=title)  # type: ignore[attr-defined]
    messages.success(request, _("已保存“%(name)s”。") % {"name": stored})
    return redirect("documents.mine")


def _taken(request: HttpRequest, found: handoffs.Handoff) -> Document:
    upload = _upload(request, "photo", "file")
    return operations.store(
        upload, name=upload.name, by=found.phone, owner=found.owner, thing=(found.kind, found.ref), slot=found.slot,
        accept=found.accept, most=found.most, title=found.title, wanted=found.wanted,
    )  # fmt: skip


def _upload(request: HttpRequest, *fields: str) -> Any:
    upload = next((request.FILES[field] for field in fields if field in request.FILES), None)
    if upload is None:
        raise ValidationError(_("请先选择文件或拍照。"))
    return upload


def _upload_words(fault: str) -> dict[str, Any]:
    limit = _("PDF、JPG、PNG、WebP、docx、xlsx 或 OFD，最大 %(most)s。") % {
        "most": words.size(operations.MAX_BYTES.value)
    }
    return {"fault": fault, "faults": [("#id_file", fault)] if fault else [], "limit": limit, "accept": kinds.ACCEPT}


def _number(request: HttpRequest) -> int:
    page = request.GET.get("page", "1")
    return int(page) if page.isdecimal() and len(page) < 7 else 1


def _own(request: HttpRequest, pk: int) -> Document:
    return get_object_or_404(queries.own(request.actor), pk=pk)  # type: ignore[attr-defined]


def _readable(request: HttpRequest, pk: int) -> Document:
    """The document, the look at it logged. Who may not read it is not told that it exists."""
    found = get_object_or_404(Document.objects.select_related("blob"), pk=pk)
    if not queries.may_read(request.actor, found):  # type: ignore[attr-defined]
        raise Http404
    operations.look(found, by=request.actor)  # type: ignore[attr-defined]
    return found


def _preview(request: HttpRequest, pk: int, side: int) -> HttpResponseBase:
    found = _readable(request, pk)
    if not found.blob.is_image:
        raise Http404
    return _sent(request, previews.of(found.blob, side), kinds.JPEG, f"{found.pk}.jpg", inline=True)


def _sent(request: HttpRequest, path: Path, media_type: str, name: str, *, inline: bool) -> HttpResponseBase:
    """The bytes with headers that let the browser guess nothing, run nothing and keep nothing without asking."""
    heads = {
        "ETag": f'"{path.name}"',
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": POLICY if media_type == kinds.PDF and inline else f"{POLICY}; sandbox",
    }
    if request.headers.get("If-None-Match") == heads["ETag"]:
        return HttpResponse(status=304, headers=heads)
    response = FileResponse(path.open("rb"), as_attachment=not inline, filename=name, content_type=media_type)
    for head, value in heads.items():
        response[head] = value
    return response

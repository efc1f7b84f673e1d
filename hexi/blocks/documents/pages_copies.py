"""Annotated copies: one's own, making one, taking it back; and the public page its QR code leads to."""

import hashlib
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from hexi.blocks.audit.queries import of as log_of
from hexi.blocks.documents import copying, operations, queries, readers
from hexi.blocks.documents.models import Copy, Document
from hexi.kernel import clock
from hexi.ui import words
from hexi.ui.pages import DetailPage, FormPage, ListPage
from hexi.ui.tables import Column, Empty

DAYS = 30
COPIES = ListPage(
    title=gettext_lazy("我的复制件"),
    columns=(
        Column("title", gettext_lazy("原件"), link=lambda one: reverse("documents.copy", args=[one.code])),
        Column("purpose", gettext_lazy("用途")),
        Column("recipient", gettext_lazy("给谁")),
        Column("expires", gettext_lazy("有效期至"), kind="day", sort="expires"),
        Column("state", gettext_lazy("状态"), value="tag", kind="tag"),
        Column("code", gettext_lazy("编号")),
    ),
    export=False,
    empty=Empty(
        gettext_lazy("还没有复制件。打开“我的文件”里的一份，可以制作带水印的复制件，写明用途和期限。"),
        action=gettext_lazy("我的文件"),
        url="/my/documents/",
    ),
)


class CopyForm(forms.Form):
    """What a copy is for."""

    purpose = forms.CharField(
        label=gettext_lazy("用途"), max_length=60,
        help_text=gettext_lazy("例如：申请助学贷款。印在每一页上，扫码的人也会看到，请不要写姓名和号码。"),
    )  # fmt: skip
    recipient = forms.CharField(
        label=gettext_lazy("给谁"), max_length=60, help_text=gettext_lazy("例如：玉门市某某银行。只印在复制件上。")
    )
    expires = forms.DateField(label=gettext_lazy("有效期至"), widget=forms.DateInput())
    token = forms.CharField(widget=forms.HiddenInput, max_length=32)


def copies(request: HttpRequest) -> HttpResponseBase:
    """Every copy one had made, and how it stands."""
    return COPIES.respond(request, queries.copies(request.actor))  # type: ignore[attr-defined]


def make_copy(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The form, then the copy."""
    found = get_object_or_404(queries.own(request.actor), pk=pk)  # type: ignore[attr-defined]

    def save(form: CopyForm) -> str:
        made = copying.make(found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(request, _("复制件已做好。原件没有变。"))
        return reverse("documents.copy", args=[made.code])

    lead = _("“%(title)s”的每一页会印上用途、日期、编号和失效日，页脚有二维码，对方扫码可以核对。随时可以收回。")
    page = FormPage(
        _("制作复制件"), _("制作"), lead=lead % {"title": found}, back=reverse("documents.document", args=[pk]),
        icon="copy",
    )  # fmt: skip
    initial = {"token": get_random_string(24), "expires": clock.today() + timedelta(days=DAYS)}
    return page.respond(request, CopyForm, save, initial)


def copy(request: HttpRequest, code: str) -> HttpResponse:
    """One copy: the file, how it stands, who checked it."""
    found = _own(request, code)
    facts = (*_facts(found), (_("给谁"), found.recipient), (_("制作时间"), words.moment(found.made_at)))
    looks = [
        {"at": entry.at, "title": entry.actor_name, "text": entry.facts.get("purpose", "")}
        for entry in log_of(found).filter(verb="look").order_by("-id")[:50]
    ]
    crumbs = ((_("我的复制件"), reverse("documents.copies")),)
    page = DetailPage(str(found.title), facts, found.tag, crumbs=crumbs, template="documents/copy.html")
    return page.respond(request, found, looks=looks, address=request.build_absolute_uri(_address(found)))


@require_POST
def withdraw_copy(request: HttpRequest, code: str) -> HttpResponse:
    """Take it back."""
    found = _own(request, code)
    copying.withdraw(found, by=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("已收回。再扫码的人会看到它不再有效。"))
    return redirect("documents.copy", code)


def copy_check(request: HttpRequest, code: str) -> HttpResponse:
    """Public: whether a copy is genuine, what for, until when; a file handed in is compared. No personal data."""
    found = Copy.objects.select_related("file", "source").filter(code=code).first()
    if found is None:
        return render(request, "documents/copy_check.html", {"copy": None}, status=404)
    copying.look(found, by=request.actor)  # type: ignore[attr-defined]
    facts: dict[str, Any] = {"copy": found, "facts": _facts(found), "matches": None, "fault": ""}
    facts["against"] = readers.fault(found.source) if found.source else ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None or (upload.size or 0) > operations.MAX_BYTES.value:
            most = words.size(operations.MAX_BYTES.value)
            facts["fault"] = _("请选择复制件的 PDF 文件（最大 %(most)s）。") % {"most": most}
        else:
            facts["matches"] = hashlib.sha256(upload.read()).hexdigest() == found.file.blob_id
    return render(request, "documents/copy_check.html", facts, status=422 if facts["fault"] else 200)


def _own(request: HttpRequest, code: str) -> Copy:
    return get_object_or_404(queries.copies(request.actor), code=code)  # type: ignore[attr-defined]


def _address(found: Copy) -> str:
    return reverse("documents.copy_check", args=[found.code])


def _facts(found: Copy) -> tuple[tuple[Any, Any], ...]:
    """What everybody may know. What an uploaded paper is called was typed by its owner, so it is not said."""
    level = Document.Level(found.file.level)
    title = ((_("原件"), found.title),) if level == Document.Level.A else ()
    return (
        (_("编号"), found.code),
        *title,
        (_("原件的可信级别"), f"{level} {level.label}"),
        (_("用途"), found.purpose),
        (_("有效期至"), words.day(found.expires)),
    )

"""Photos for everybody: what waits for the second look, the look with its boxes, the picture behind its key."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from markupsafe import Markup
from PIL import Image

from hexi.blocks.documents import shelf
from hexi.blocks.documents.kinds import JPEG, PICTURES
from hexi.blocks.regions import queries as regions
from hexi.domains.livelihood.requests import blurring, operations, options, photos
from hexi.domains.livelihood.requests.blurring import Box
from hexi.domains.livelihood.requests.models import PublicPhoto, Request
from hexi.domains.livelihood.requests.pages import words
from hexi.domains.livelihood.requests.states import PUBLISH
from hexi.kernel import clock
from hexi.ui.pages import ListPage
from hexi.ui.tables import Column, Empty, Filter, SavedView

State, Side = PublicPhoto.State, PublicPhoto.Side
#: empty rows for boxes where nothing can be drawn
SPARE = 2
TAGS = {State.PROPOSED: "wait", State.RELEASED: "done", State.WITHHELD: "off"}


def _tag(photo: PublicPhoto) -> tuple[str, Any]:
    return TAGS[State(photo.state)], photo.get_state_display()


def _address(photo: PublicPhoto) -> str:
    return reverse("requests.photo", args=[photo.request.case.number, photo.pk])


PHOTOS = ListPage(
    title=gettext_lazy("公开照片"),
    lead=gettext_lazy("人脸和车牌先自动遮挡，再由人核对放行；没有放行的，谁也看不到。"),
    columns=(
        Column("number", gettext_lazy("诉求"), value="request.case.number", link=_address),
        Column("side", gettext_lazy("处理前后"), value="get_side_display"),
        Column("state", gettext_lazy("状态"), value=_tag, kind="tag"),
        Column("boxes", gettext_lazy("遮挡处"), value=lambda one: len(one.boxes), kind="number"),
        Column("made_at", gettext_lazy("生成时间"), kind="moment", sort="made_at"),
        Column("by", gettext_lazy("放行人"), value="released_by"),
    ),
    filters=(Filter("side", gettext_lazy("处理前后"), Side.choices, "side"),),
    views=(
        SavedView("waiting", gettext_lazy("待核对"), lambda rows: rows.filter(state=State.PROPOSED)),
        SavedView("all", gettext_lazy("全部")),
    ),
    export=False,
    empty=Empty(gettext_lazy("没有等着核对的照片。诉求公开后，它的照片会出现在这里。")),
)  # fmt: skip


def photo_list(request: HttpRequest) -> HttpResponseBase:
    """What waits for the second look."""
    if not blurring.ready():
        messages.warning(request, photos.missing())
    return PHOTOS.respond(request, photos.reviewed(request.actor))  # type: ignore[attr-defined]


def photos_waiting(request: HttpRequest) -> int:
    """The number beside the menu word."""
    return int(photos.reviewed(request.actor).filter(state=State.PROPOSED).count())  # type: ignore[attr-defined]


@never_cache
def photo(request: HttpRequest, number: str, photo: int) -> HttpResponse:
    """The copy with its boxes: looked at, boxes added or dropped, let go or kept back."""
    row = _row(request, number, photo)
    if request.method != "POST":
        return _show(request, row)
    data, by = request.POST, request.actor  # type: ignore[attr-defined]
    seen = data.get("revision", "")
    revision = int(seen) if seen.isdecimal() and len(seen) < 10 else -1
    try:
        if data.get("do") == "release":
            operations.release(row, alt=data.get("alt", ""), revision=revision, by=by)
            messages.success(request, _("已放行，人人可看。"))
        elif data.get("do") == "withhold":
            operations.withhold(row, why=data.get("why", ""), revision=revision, by=by)
            messages.success(request, _("这张照片不公开。"))
        else:
            operations.cover(row, _boxes(request), revision=revision, by=by)
            messages.success(request, _("已按框重新遮挡，请再看一遍。"))
    except ValidationError as error:
        stale = getattr(error, "code", "") == "stale"
        return _show(request, _row(request, number, photo), error.messages, status=409 if stale else 422)
    return HttpResponseRedirect(_address(row))


def _boxes(request: HttpRequest) -> list[Box]:
    """The boxes of the form: rows `x`, `y`, `w`, `h`, `why`; those with nothing in them, or to be dropped, left out."""
    data = request.POST
    rows = zip(*(data.getlist(name) for name in ("x", "y", "w", "h", "why")), strict=False)
    dropped, found = set(data.getlist("drop")), []
    for place, (*sides, why) in enumerate(rows):
        if str(place) in dropped or not any(side.strip() for side in sides):
            continue
        if not all(side.strip().isdecimal() and len(side.strip()) <= 5 for side in sides):
            raise ValidationError(_("第 %(n)s 个框：四个数都要填，是像素，从 0 起。") % {"n": place + 1})
        x, y, w, h = (int(side) for side in sides)
        found.append(Box(x, y, w, h, why if why in (blurring.FACE, blurring.PLATE) else blurring.HAND))
    return found


@require_GET
@never_cache
def photo_copy(request: HttpRequest, number: str, photo: int) -> HttpResponse:
    """The pixels of the copy as they stand, for who may let it go."""
    return _pixels(_row(request, number, photo))


@require_GET
def public_photo(request: HttpRequest, key: str) -> HttpResponse:
    """What everybody sees: by a key nobody guesses, asked anew each time whether it still may be seen."""
    found = photos.by_key(key)
    if found is None:
        raise Http404(_("没有这张照片，或者它不公开。"))
    response = _pixels(found)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _pixels(photo: PublicPhoto) -> HttpResponse:
    content = shelf.path(photo.copy.blob_id).read_bytes()
    return HttpResponse(content, content_type=JPEG, headers={"X-Content-Type-Options": "nosniff"})


def _row(request: HttpRequest, number: str, pk: int) -> PublicPhoto:
    return get_object_or_404(photos.reviewed(request.actor), pk=pk, request__case__number=number)  # type: ignore[attr-defined]


def _show(
    request: HttpRequest, row: PublicPhoto, sentences: list[str] | None = None, status: int = 200
) -> HttpResponse:
    with Image.open(shelf.path(row.copy.blob_id)) as image:
        width, height = image.size
    order = row.request
    whys = {blurring.FACE: _("人脸"), blurring.PLATE: _("车牌"), blurring.HAND: _("人工")}
    typed = request.POST if sentences else {}
    boxes = _typed(request) if sentences and typed.get("do") == "cover" else row.boxes
    facts = {
        "title": _("核对照片"), "photo": row, "order": order, "tag": _tag(row), "width": width, "height": height,
        "boxes": [{**one, "title": whys.get(one["why"], "")} for one in boxes], "spare": range(SPARE),
        "sentences": sentences or [], "alt": typed.get("alt") or row.alt or _alt(row), "typed": typed,
        "ready": blurring.ready(), "missing": photos.missing(),
        "original": reverse("documents.preview", args=[row.source_id]),
        "others": [(one, _address(one)) for one in photos.copies(order)],
    }  # fmt: skip
    return render(request, "requests/photo.html", facts, status=status)


def _typed(request: HttpRequest) -> list[dict[str, Any]]:
    rows = zip(*(request.POST.getlist(name) for name in ("x", "y", "w", "h", "why")), strict=False)
    found = (dict(zip(("x", "y", "w", "h", "why"), row, strict=True)) for row in rows)
    return [one for one in found if any(one[side] for side in "xywh")]


def _alt(photo: PublicPhoto) -> str:
    """A sentence to begin with: before or after, what, where."""
    order = photo.request
    told = {"side": photo.get_side_display(), "what": words.subject_word(order.case.subject).split(" · ")[-1],
            "where": regions.name_on(order.place_code, clock.today())}  # fmt: skip
    return _("%(side)s：%(what)s，%(where)s") % told


# --- on other pages ---------------------------------------------------------------------------------------------------
def on_public(request: HttpRequest, order: Request) -> Markup | None:
    """Before and after, side by side, on the page everybody reads."""
    found = photos.shown(order)
    sides = [(side.label, [one for one in found if one.side == side]) for side in Side]
    return _piece(request, "requests/photos_public.html", {"sides": sides}) if found else None


def on_mine(request: HttpRequest, order: Request) -> Markup | None:
    """What the office took, on the caller's own page."""
    if getattr(request.actor, "account_id", None) is None:  # type: ignore[attr-defined]
        return None
    rows = words.pictures(list(photos.afterwards(order)))
    return _piece(request, "requests/photos_mine.html", {"pictures": rows}) if rows else None


def on_order(request: HttpRequest, order: Request) -> Markup | None:
    """At the workbench: what the office took, a form for more, and how far the copies for everybody are."""
    actor = request.actor  # type: ignore[attr-defined]
    may_add = photos.may_add(actor, order)
    publishes = order.public and actor.may(PUBLISH, order.hotline_id, order.hotline_region)
    rows = words.pictures(list(photos.afterwards(order)))
    if not (rows or may_add or publishes):
        return None
    copies = [(one, _tag(one), _address(one)) for one in photos.copies(order)]
    facts = {
        "order": order, "pictures": rows, "may_add": may_add, "publishes": publishes, "copies": copies,
        "waits": len(photos.sources(order)) - len(copies), "ready": blurring.ready(), "missing": photos.missing(),
        "accept": PICTURES, "most": options.MOST_PHOTOS.value,
    }  # fmt: skip
    return _piece(request, "requests/photos_order.html", facts)


@require_POST
def add_after(request: HttpRequest, number: str) -> HttpResponse:
    """Photos of what was done, from the order's page; those that can be kept are, the others are named."""
    found = get_object_or_404(Request.objects.select_related("case__department"), case__number=number)
    for file in request.FILES.getlist("after")[: options.MOST_PHOTOS.value + 1]:
        try:
            operations.take_after(found, file, by=request.actor)  # type: ignore[attr-defined]
            messages.success(request, _("照片已添加。"))
        except ValidationError as error:
            messages.error(request, f"{file.name}{_('：')}{' '.join(error.messages)}")
    return HttpResponseRedirect(reverse("requests.order", args=[number]))


def _piece(request: HttpRequest, template: str, facts: dict[str, Any]) -> Markup:
    return Markup(render_to_string(template, facts, request))  # noqa: S704 - our own template

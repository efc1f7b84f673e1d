"""The wall and the data of its map. Without JavaScript, or with ?as=list, it is a list that holds everything."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from hexi.fronts.command import queries
from hexi.fronts.command.queries import SPANS, Asked, Board
from hexi.ui import words


def wall(request: HttpRequest) -> HttpResponse:
    """The map with its figures and everything as a list below it; ?as=list leaves the map out."""
    board = queries.board(_actor(request), _asked(request))
    given = board.asked
    facts = {
        "title": _("指挥中心"), "board": board, "asked": given, "spans": _spans(given), "times": _times(board),
        "data": reverse("command.data") + given.query(listed=False), "live": f"wall:{given.division}",
        "other_map": _other(board),
        "as_list": given.query(listed=True), "as_map": given.query(listed=False),
    }  # fmt: skip
    return render(request, "command/wall.html", facts)


def data(request: HttpRequest) -> HttpResponse:
    """The map of the same address as JSON: what the script draws, and draws anew when something has changed."""
    board = queries.board(_actor(request), _asked(request))
    answer = {**board.drawing.data(), "stamp": board.stamp, "at": words.moment(board.at)}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def tile(request: HttpRequest) -> Markup | None:
    """The way to the wall on the workbench's first page."""
    href = queries.address(_actor(request))
    return Markup(render_to_string("command/tile.html", {"href": href}, request)) if href else None  # noqa: S704 - ours


def _other(board: Board) -> tuple[str, str]:
    """The other kind of map: its word and address."""
    if board.drawing.tiles:
        return _("实地"), board.asked.query(ground=True)
    return _("示意图"), board.asked.query(ground=False, cell="")


def _spans(given: Asked) -> list[tuple[str, str, bool]]:
    """Word, address and whether chosen, of every span."""
    titles = {"": _("现在"), "24h": _("24 小时"), "7d": _("7 天"), "30d": _("30 天")}
    return [(titles[key], given.query(last=key, step=0), key == given.last) for key in SPANS]


def _times(board: Board) -> dict[str, Any]:
    """The time slider: where it stands, and the links one step back and forth."""
    given = board.asked
    return {
        "steps": given.steps, "step": given.step, "at": board.at,
        "hours": SPANS[given.last][1],
        "back": given.query(step=given.step + 1) if given.step < given.steps else "",
        "on": given.query(step=given.step - 1) if given.step else "",
    }  # fmt: skip


def _asked(request: HttpRequest) -> Asked:
    return queries.asked(request.GET, _actor(request))  # type: ignore[arg-type]


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]

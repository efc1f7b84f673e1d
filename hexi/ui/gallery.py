"""The gallery at /ui/: every part and page kind in every state, in the language and edition one chooses."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def gallery(request: HttpRequest) -> HttpResponse:
    """All parts on one page."""
    return render(request, "ui/gallery.html", {})

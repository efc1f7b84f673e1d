"""A form posted after the session had ended is kept for half an hour and offered again after signing in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from hexi.kernel.clock import now

KEY = "ui.kept"
SECONDS = 1800
LARGEST = 200_000


def keep(request: HttpRequest) -> bool:
    """Put what was posted into the visitor's session; False if there is nothing or too much. Files cannot be kept."""
    fields = [
        [name, value] for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"
    ]
    if not fields or sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return False
    request.session[KEY] = {
        "action": request.get_full_path(),
        "fields": fields,
        "files": [file.name for file in request.FILES.values()],
        "at": now().timestamp(),
    }
    return True


def kept(request: HttpRequest) -> HttpResponse:
    """After signing in: what had been filled in, to be sent with one press. Gone once shown, or after half an hour."""
    found: dict[str, Any] | None = request.session.pop(KEY, None)
    if found is None or now().timestamp() - found["at"] > SECONDS:
        return redirect("/")
    return render(request, "ui/kept.html", found)

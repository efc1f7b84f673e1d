"""In the hall: the calling screen on the wall and the kiosk that gives numbers. Plain door, no sign-in, no names."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from hexi.blocks.market import pages, places, queries
from hexi.blocks.market.models import Hall, Ticket
from hexi.kernel import clock


@never_cache
def screen(request: HttpRequest, hall: str) -> HttpResponse:
    """Numbers called now, large; the lines below as a table."""
    found = get_object_or_404(Hall, key=hall, active=True)
    facts = {
        "title": _("叫号：%(hall)s") % {"hall": found.title}, "screen": queries.screen(found),
        "time": f"{clock.now().astimezone(clock.CHINA):%H:%M}",
    }  # fmt: skip
    return render(request, "market/screen.html", facts)


@never_cache
def kiosk(request: HttpRequest, hall: str, sign: str) -> HttpResponseBase:
    """Take a number, or keep an appointment by its code. Its address is set once on the device."""
    found = get_object_or_404(Hall, key=hall, active=True)
    if not places.right(sign, places.kiosk(found)):
        raise Http404(_("取号机的地址不对。请在工作台“我的窗口”里复制。"))
    here, error = reverse("market.kiosk", args=[hall, sign]), ""
    if request.method == "POST":
        try:
            ticket = pages.taken(request, found, None)
            return HttpResponseRedirect(f"{here}?{urlencode({'taken': ticket.key})}")
        except ValidationError as refused:
            error = " ".join(refused.messages)
    qr = reverse("market.take_here", args=[hall, places.here(found, clock.today())])
    facts = {
        "title": _("取号"), "hall": found, "error": error, "here": here, "form_key": uuid4(),
        "standings": queries.screen(found).standings, "claims": pages.claims_of_today(),
        "qr": request.build_absolute_uri(qr), **_taken(request, found),
    }  # fmt: skip
    return render(request, "market/kiosk.html", facts, status=422 if error else 200)


def _taken(request: HttpRequest, hall: Hall) -> dict[str, object]:
    """The number just given."""
    key = pages.key_of(request.GET.get("taken", ""))
    ticket = Ticket.objects.select_related("queue").filter(key=key, queue__hall=hall).first() if key else None
    if ticket is None:
        return {"ticket": None}
    address = request.build_absolute_uri(reverse("market.ticket", args=[ticket.key]))
    return {"ticket": ticket, "before": queries.before(ticket), "follow": address}

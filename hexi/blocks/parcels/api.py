"""Where a courier pushes its events (docs/courier.md): signed, in any order, as often as it likes."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from hexi.blocks.parcels import couriers, tracking
from hexi.wire import courier_http


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> JsonResponse:
    """Take events in; answer how many were new, and the parcels we do not know."""
    try:
        body = request.body
    except RequestDataTooBig:
        body = b" " * (courier_http.LONGEST + 1)
    if len(body) > courier_http.LONGEST:
        return JsonResponse({"error": f"at most {courier_http.LONGEST} bytes"}, status=413)
    try:
        news = courier_http.verified(body, request.headers, couriers.SECRET.value, couriers.real_now())
    except courier_http.BadRequest as error:
        return JsonResponse({"error": str(error)}, status=401 if error.forged else 400)
    new, unknown = 0, []
    found: dict[int, list[courier_http.News]] = {}
    parcels = {}
    for one in news:
        parcel = tracking.find(one, couriers.HTTP.key)
        if parcel is None:
            unknown.append(one.key)
            continue
        parcels[parcel.pk] = parcel
        found.setdefault(parcel.pk, []).append(one)
    for pk in sorted(found):
        new += tracking.hear(parcels[pk], found[pk], by=tracking.BY)
    return JsonResponse({"new": new, "unknown": unknown})

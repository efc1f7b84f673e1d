"""Tells every request which edition and colours the visitor chose."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from hexi.ui.preferences import CHOICES, chosen, set_choice


def preferences(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Set `request.edition` ("normal", "elder") and `request.theme`; `?edition=elder` in any address is remembered."""

    def answer(request: HttpRequest) -> HttpResponse:
        for field in CHOICES:
            setattr(request, field, chosen(request, field))
        response = get_response(request)
        for field, (cookie, values) in CHOICES.items():
            if request.GET.get(field) in values and cookie not in response.cookies:
                set_choice(response, cookie, request.GET[field])
        return response

    return answer

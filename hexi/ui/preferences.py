"""The visitor's choice of language, edition and colours: kept in cookies, switched by plain links."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache

YEAR = 365 * 24 * 3600
#: what can be chosen: field → (cookie, allowed values, first is the default)
CHOICES = {
    "edition": ("hexi_edition", ("normal", "elder")),
    "theme": ("hexi_theme", ("auto", "light", "dark", "contrast")),
}


def chosen(request: HttpRequest, field: str) -> str:
    """The value in force: from the address (`?edition=elder`), else the cookie, else the default."""
    cookie, values = CHOICES[field]
    for value in (request.GET.get(field), request.COOKIES.get(cookie)):
        if value in values:
            return value
    return values[0]


def set_choice(response: HttpResponse, cookie: str, value: str) -> None:
    """Keep a choice for a year."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=secure, httponly=True)


def keep_choices(request: HttpRequest, response: HttpResponse, given: "Callable[[str], str | None]") -> None:
    """Set a cookie for every valid choice that `given(field)` names."""
    for field, (cookie, values) in CHOICES.items():
        if given(field) in values:
            set_choice(response, cookie, str(given(field)))
    if given("language") in dict(settings.LANGUAGES):
        set_choice(response, settings.LANGUAGE_COOKIE_NAME, str(given("language")))


@never_cache
def prefer(request: HttpRequest) -> HttpResponse:
    """Switch `language`, `edition` or `theme` (GET link or POST form) and go back to `next`, if that is ours."""
    given = (request.POST if request.method == "POST" else request.GET).get
    back = given("next") or "/"
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    keep_choices(request, response, given)
    return response


def switch(request: HttpRequest, **choice: str) -> str:
    """The address that makes this choice and comes back to the page one is on."""
    here = request.GET.copy()
    for field in choice:
        here.pop(field, None)
    back = request.path + (f"?{here.urlencode()}" if here else "")
    return f"/preferences/?{urlencode({**choice, 'next': back})}"

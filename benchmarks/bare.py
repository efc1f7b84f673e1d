"""The least a Django program does for the same requests: the reference of case_life.

Same Granian, same Django, same database and sessions. A page is empty; it costs the session and the account's row. A
form costs one row written and committed; files are taken in and kept as Django does by itself.
"""

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from hexi.site import settings as house

settings.configure(
    **{name: value for name, value in vars(house).items() if name.isupper()}
    | {
        "INSTALLED_APPS": ["django.contrib.sessions"],
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
        "TEMPLATES": [],
        "ROOT_URLCONF": __name__,
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
    }
)
django.setup(set_prefix=False)

from django.core.files.storage import default_storage  # noqa: E402 - after the settings
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection  # noqa: E402


def page(request: HttpRequest) -> HttpResponse:
    """GET: who is asking. POST: one row, then back."""
    if request.method == "POST":
        for name, file in request.FILES.items():
            default_storage.save(f"bare/{name}.jpg", file)
        request.session["sent"] = request.session.get("sent", 0) + 1
        return HttpResponseRedirect(request.path)
    with connection.cursor() as cursor:
        cursor.execute("SELECT username FROM people_account WHERE id = %s", [request.session.get("_auth_user_id", 0)])
        row = cursor.fetchone()
    return HttpResponse(f"<!doctype html><title>{row and row[0]}</title><form method='post'></form>")


urlpatterns = [path("progress/", page), path("bare/", page)]
application = WSGIHandler()

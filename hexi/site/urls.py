"""All addresses: the pages that manifests add, sign-in, language."""

from django.urls import include, path

from hexi.site import api, identity
from hexi.ui import doors

urlpatterns = [
    *doors.gathered(doors.patterns()),
    *api.patterns(),
    path("accounts/", include("allauth.urls")),
    path("identity/o/authorize", identity.authorization),  # before allauth's own, which it calls
    path("", include("allauth.idp.urls")),
]
handler400 = "hexi.site.errors.bad_request"
handler403 = "hexi.site.errors.forbidden"
handler404 = "hexi.site.errors.not_found"
handler500 = "hexi.site.errors.server_error"

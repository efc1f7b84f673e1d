"""The consent page of our identity provider: its policy lets the form lead back to the client, and to nobody else."""

from allauth.idp.oidc import views
from allauth.idp.oidc.models import Client
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from hexi.blocks.people import provider
from hexi.site.middleware import policy


@csrf_exempt  # a client may begin by POST; allauth's view checks the token itself before anything is granted
def authorization(request: HttpRequest) -> HttpResponseBase:
    """allauth's view; where it shows the form, `form-action` names the origin the answer is sent to."""
    response: HttpResponseBase = views.authorization(request)
    if response.status_code == 200 and (target := _target(request)):
        response.headers["Content-Security-Policy"] = policy(request, f"'self' {provider.origin(target)}")
    return response


def _target(request: HttpRequest) -> str:
    """The registered address this request leads back to; "" if it is none of the client's."""
    client_id, uri = request.GET.get("client_id", ""), request.GET.get("redirect_uri", "")
    if signed := request.POST.get("request"):
        try:
            _scopes, info = Signer().unsign_object(signed)
        except BadSignature:
            return ""
        client_id, uri = info.get("client_id", ""), info.get("redirect_uri", "")
    client = Client.objects.filter(pk=client_id).first() if "\0" not in client_id else None
    known = client.get_redirect_uris() if client else []
    if not uri and len(known) == 1:
        return known[0]
    return uri if uri in known else ""

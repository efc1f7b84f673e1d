"""A real OpenID Connect provider in a process of its own: `python -m hexi.blocks.people.tests.provider FOLDER`.

Listens on a free port, prints it, and serves until it is ended. One person, one client; it shares nothing with Hexi.
"""

import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

USERNAME, PASSWORD, NAME = "shijianguo", "provider-pass-2026", "石建国"
CLIENT, SECRET, CALLBACK = "hexi", "client-secret-of-hexi", "http://testserver/accounts/oidc/unified/login/callback/"


def configure(folder: Path) -> None:
    """Settings of the provider: allauth's own account and OpenID Connect apps on Django's users."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    apps = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages"]
    processors = ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"]
    settings.configure(
        SECRET_KEY="provider",
        DEBUG=False,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[*apps, "allauth", "allauth.account", "allauth.idp.oidc"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": processors},
            }
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}},
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        ACCOUNT_LOGIN_METHODS={"username"},
        ACCOUNT_EMAIL_VERIFICATION="none",
        IDP_OIDC_PRIVATE_KEY=pem,
        IDP_OIDC_ADAPTER=f"{__name__}.Adapter",
        SESSION_COOKIE_NAME="provider",
        CSRF_COOKIE_NAME="provider_csrf",
        USE_TZ=True,
    )


def fill(number: str) -> None:
    """Tables, the person with his identity number as last name, the client."""
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    User.objects.create_user(USERNAME, password=PASSWORD, first_name=NAME, last_name=number)
    client = Client(id=CLIENT, name="Hexi", scopes="openid\nprofile\nemail", redirect_uris=CALLBACK)
    client.set_secret(SECRET)
    client.save()


class Quiet(WSGIRequestHandler):
    """No line for every request."""

    def log_message(self, *args) -> None:
        """Say nothing."""


def main(folder: str, number: str) -> None:
    """Serve."""
    global Adapter, urlpatterns
    configure(Path(folder))
    sys.modules["hexi.blocks.people.tests.provider"] = sys.modules[__name__]
    import django

    django.setup()
    from allauth.idp.oidc.adapter import DefaultOIDCAdapter
    from django.core.wsgi import get_wsgi_application
    from django.urls import include, path

    class Adapter(DefaultOIDCAdapter):
        """Tells the real name and the identity number, as a provider that has verified them does."""

        def get_claims(self, purpose, user, client, scopes, **kwargs):
            """The usual claims and ours."""
            return {**super().get_claims(purpose, user, client, scopes, **kwargs), "name": user.first_name,
                    "id_number": user.last_name}  # fmt: skip

    urlpatterns = [path("accounts/", include("allauth.account.urls")), path("", include("allauth.idp.urls"))]
    fill(number)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])

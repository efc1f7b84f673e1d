"""Our turns in allauth's flows: after sign-in, second factors at rest, the outside identity provider.

Stands beside `pages`. The outside provider is configured by options alone (OpenID Connect discovery).
"""

import logging
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup
from requests import RequestException, Response, Session

from hexi.blocks.people import letters, operations
from hexi.blocks.people.actors import Citizen
from hexi.blocks.people.hooks import mail_wanted
from hexi.blocks.people.models import Account, Identifier
from hexi.blocks.people.vault import ring
from hexi.blocks.people.weixin import options as weixin
from hexi.kernel.options import Option
from hexi.ui import assets, doors
from hexi.ui.preferences import keep_choices

log = logging.getLogger("hexi.people")

OIDC_URL = Option(
    "people.oidc_url", str, "",
    "外部身份认证的签发地址（OpenID Connect）；留空：没有。 / "
    "Issuer of the outside identity provider (OpenID Connect); empty: none.",
)  # fmt: skip
OIDC_ID = Option(
    "people.oidc_client_id", str, "",
    "本站在外部身份认证的客户端编号。 / Our client id at the outside identity provider.",
)  # fmt: skip
OIDC_SECRET = Option(
    "people.oidc_secret", str, "",
    "本站在外部身份认证的客户端密钥。 / Our client secret at the outside identity provider.",
    secret=True,
)  # fmt: skip
OIDC_NAME = Option(
    "people.oidc_name", str, "统一身份认证", "外部身份认证叫什么名字。 / What the outside identity provider is called."
)
OIDC_NUMBER = Option(
    "people.oidc_number_claim", str, "",
    "带已核验身份号码的声明（claim）；留空：由本人自己绑定。 / "
    "Claim with the verified identity number; empty: people bind themselves.",
)  # fmt: skip
#: claims we keep
SHOWN = ("sub", "name", "preferred_username", "email", "email_verified")
#: what the provider's identity number is kept and sealed as
NUMBER = "number"
#: what secrets of second factors are sealed as
MFA_KIND = "mfa"
PROVIDER = "openid_connect"
#: the provider's part of our addresses: /accounts/oidc/unified/login/callback/
PROVIDER_ID = "unified"
WEIXIN = "weixin"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in: a new account goes on to real-name binding; language and edition follow the account."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Announce the letter; who sends e-mail listens and does so later, so that no page waits for a mail server."""
        subject, body = letters.write(template_prefix, context, site=doors.masthead(self.request).title)
        mail_wanted.ring(to=email, subject=subject, body=body)

    def get_reauthentication_methods(self, user: Account) -> list[dict[str, Any]]:
        """The ways to confirm who one is, in our words."""
        words = {
            "reauthenticate": _("改用密码"),
            "mfa_reauthenticate": _("改用动态口令或恢复码"),
            "mfa_reauthenticate:webauthn": _("改用通行密钥"),
        }
        return [{**way, "description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def post_login(
        self, request: HttpRequest, user: Account, *, signup: bool, redirect_url: str | None, **facts: Any
    ) -> HttpResponse:
        """Go where the person wanted to; a new one by way of real-name binding."""
        if signup and user.person_id is None:
            redirect_url = bind_url(redirect_url or "/")
        response = super().post_login(request, user, signup=signup, redirect_url=redirect_url, **facts)
        keep_choices(request, response, {"language": user.language, "edition": user.edition}.get)
        return response


def bind_url(back: str) -> str:
    """The page of real-name binding, which leads on to `back`."""
    return f"{reverse('people.bind')}?{urlencode({'next': back})}"


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: secrets rest encrypted, apps and keys show the name of the site."""

    def encrypt(self, text: str) -> str:
        """TOTP secrets and recovery seeds at rest."""
        return ring().seal(text, MFA_KIND)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        return ring().open(encrypted_text, MFA_KIND)

    def _get_site_name(self) -> str:
        from allauth.core import context

        return doors.masthead(context.request).title


class SocialAdapter(DefaultSocialAccountAdapter):
    """Sign-in with the outside identity provider."""

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The providers of the options: the unified one and WeChat, each only while it is set."""
        found = []
        if OIDC_URL.value and provider in (None, PROVIDER, PROVIDER_ID):
            settings = {"server_url": OIDC_URL.value, "oauth_pkce_enabled": True}
            facts = {"client_id": OIDC_ID.value, "secret": OIDC_SECRET.value, "name": OIDC_NAME.value}
            found.append(SocialApp(provider=PROVIDER, provider_id=PROVIDER_ID, settings=settings, **facts))
        if weixin.APP_ID.value and provider in (None, WEIXIN):
            facts = {"client_id": weixin.APP_ID.value, "secret": weixin.SECRET.value, "name": _("微信")}
            found.append(SocialApp(provider=WEIXIN, **facts))
        return [one for one in found if client_id in (None, one.client_id)]

    def get_requests_session(self) -> Session:
        """As allauth's, but a provider that is down or broken gives a page, not an error of ours."""
        session = super().get_requests_session()
        ask = session.request

        def request(*args: Any, **kwargs: Any) -> Response:
            try:
                response: Response = ask(*args, **kwargs)
                if response.status_code >= 500:
                    response.raise_for_status()
            except RequestException as error:
                # the address asked may hold our secret at the provider: only what went wrong is told
                log.warning("identity provider: %s", type(error).__name__)
                raise ImmediateHttpResponse(HttpResponseRedirect(reverse("socialaccount_login_error"))) from error
            return response

        session.request = request
        return session

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Account:
        """A first guess at the new account: Chinese names are one piece. Called before anything is kept."""
        if sociallogin.account.provider != WEIXIN:  # which keeps little by itself
            sociallogin.account.extra_data = _kept(sociallogin.account.extra_data)
        user = super().populate_user(request, sociallogin, data)
        user.name = (data.get("name") or "").strip()[:60]
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Account:
        """Keep the new account; bind its person if the provider names a verified identity number."""
        user = super().save_user(request, sociallogin, form)
        if sealed := sociallogin.account.extra_data.get(NUMBER):
            try:
                level, number = Identifier.Level.SOURCE, ring().open(sealed, NUMBER)
                operations.bind_person(user, name=user.name, number=number, by=Citizen(user), level=level)
            except ValidationError as error:
                messages.warning(request, " ".join(error.messages))
        return user


def _kept(claims: dict[str, Any]) -> dict[str, Any]:
    """What we keep of what the provider says about somebody: what pages show, and his identity number sealed."""
    whole = {**claims.get("id_token", {}), **claims.get("userinfo", {})}
    kept: dict[str, Any] = {"userinfo": {name: whole[name] for name in SHOWN if name in whole}}
    if OIDC_NUMBER.value and (number := whole.get(OIDC_NUMBER.value)):
        kept[NUMBER] = ring().seal(str(number), NUMBER)
    return kept


def outside_sign_in(request: HttpRequest, back: Any) -> Markup | None:
    """The link to the outside provider on the sign-in page, for `Panel("people.sign_in")`."""
    return _outside(OIDC_NAME.value, **({"next": back} if back else {})) if OIDC_URL.value else None


def outside_connect(request: HttpRequest, thing: Any) -> Markup | None:
    """The link that ties one's account to the outside provider, for `Panel("people.connect")`."""
    return _outside(_("关联%(name)s") % {"name": OIDC_NAME.value}, process="connect") if OIDC_URL.value else None


def weixin_sign_in(request: HttpRequest, back: Any) -> Markup | None:
    """The link to WeChat on the sign-in page."""
    address = reverse("weixin_login")
    return _link(address, _("微信登录"), **({"next": back} if back else {})) if weixin.APP_ID.value else None


def weixin_connect(request: HttpRequest, thing: Any) -> Markup | None:
    """The link that ties one's account to WeChat."""
    words = _("关联%(name)s") % {"name": _("微信")}
    return _link(reverse("weixin_login"), words, process="connect") if weixin.APP_ID.value else None


def _outside(words: str, **query: str) -> Markup:
    return _link(reverse("openid_connect_login", args=[PROVIDER_ID]), words, **query)


def _link(address: str, words: str, **query: str) -> Markup:
    """A link, not a form: `form-action` of our CSP would stop the redirect to the other host."""
    address += f"?{urlencode(query)}" if query else ""
    return Markup('<a class="btn btn-secondary" href="{}">{}{}</a>').format(address, assets.icon("id"), words)

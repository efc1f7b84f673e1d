"""The two turns of WeChat's sign-in: to its page of consent, and back with a code."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.weixin.client import WeixinOAuth2Client
from allauth.socialaccount.providers.weixin.views import WeixinOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponseBase

from hexi.blocks.people.weixin import options
from hexi.wire import weixin as wire

QR = "qrconnect"
View = Callable[..., HttpResponseBase]


class WeixinClient(WeixinOAuth2Client):
    """allauth's; the page of consent inside WeChat wants a mark at the end of its address."""

    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: dict[str, Any]) -> str:
        """Where the browser is sent."""
        return f"{super().get_redirect_url(authorization_url, scope, extra_params)}#wechat_redirect"


class WeixinAdapter(WeixinOAuth2Adapter):
    """allauth's with our addresses. Answers are read as UTF-8 JSON, whatever type they are said to have."""

    client_class = WeixinClient
    access_token_method = "GET"  # noqa: S105 as WeChat's interface has it

    @property
    def authorize_url(self) -> str:
        """WeChat's page of consent."""
        return options.AUTHORIZE_URL.value

    @property
    def access_token_url(self) -> str:  # type: ignore[override]
        """Where a code is changed for a token."""
        return f"{options.API_URL.value.rstrip('/')}/sns/oauth2/access_token"

    @property
    def profile_url(self) -> str:  # type: ignore[override]
        """Who the token is of."""
        return f"{options.API_URL.value.rstrip('/')}/sns/userinfo"

    @staticmethod
    def scope() -> str:
        """What is asked for at the address that is set."""
        return "snsapi_login" if options.AUTHORIZE_URL.value.rstrip("/").endswith(QR) else "snsapi_userinfo"

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Ask who it is. Raises `OAuth2Error`, which allauth shows, unless WeChat names the same man twice."""
        openid = kwargs.get("response", {}).get("openid", "")
        with get_adapter().get_requests_session() as session:
            asked = {"access_token": token.token, "openid": openid, "lang": "zh_CN"}
            said = session.get(self.profile_url, params=asked)
        try:
            found = wire.answer(said.status_code, said.content)
        except wire.BadAnswer as error:
            raise OAuth2Error(str(error)) from error
        if not openid or found.get("openid") != openid:
            raise OAuth2Error(wire.words(found))
        data = {"openid": openid, "nickname": str(found.get("nickname", ""))[:60]}
        return self.get_provider().sociallogin_from_response(request, data)


def _when_set(view: View) -> View:
    """404 while there is no account at WeChat."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not options.APP_ID.value:
            raise Http404
        return view(request, *args, **kwargs)

    return checked


oauth2_login = _when_set(OAuth2LoginView.adapter_view(WeixinAdapter))
oauth2_callback = _when_set(OAuth2CallbackView.adapter_view(WeixinAdapter))

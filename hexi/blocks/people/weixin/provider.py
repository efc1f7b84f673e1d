"""WeChat as a provider of allauth; `people.provider.provider_classes` names it, so that allauth finds it."""

from typing import Any

from allauth.socialaccount.providers.weixin.provider import WeixinProvider

from hexi.blocks.people.weixin.views import WeixinAdapter


class Weixin(WeixinProvider):
    """allauth's, with addresses from our options; it keeps who somebody is and his nickname, nothing else."""

    package = "hexi.blocks.people.weixin"
    oauth2_adapter_class = WeixinAdapter

    def get_default_scope(self) -> list[str]:
        """What the page of consent asks for: a QR code has a scope of its own."""
        return [WeixinAdapter.scope()]

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        """A first guess at the new account."""
        return {"name": data.get("nickname", "")}

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept."""
        return {"userinfo": {"name": data.get("nickname", "")}}

"""Addresses of WeChat's sign-in, which allauth puts below its own."""

from allauth.socialaccount.providers.oauth2.urls import default_urlpatterns

from hexi.blocks.people.weixin.provider import Weixin

urlpatterns = default_urlpatterns(Weixin)

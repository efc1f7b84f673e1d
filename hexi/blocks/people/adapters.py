"""Our turns in allauth's flows."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in."""


class SocialAdapter(DefaultSocialAccountAdapter):
    """Outside sign-in."""

"""Signing in with WeChat: an Official Account's own sign-in, so that who it names is who its messages reach."""

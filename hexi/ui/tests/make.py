"""Plain makers of requests, actors and rows for the tests of pages."""

from typing import Any

from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory

from hexi.kernel.actors import Scope, Scoped


class Actor(Scoped):
    """Somebody who holds the given verbs everywhere."""

    def __init__(self, *verbs: str, name: str = "张三"):
        self.verbs, self.name, self.key = verbs, name, "test:1"

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        return (Scope(),) if verb in self.verbs else ()


class User:
    """Somebody signed in."""

    is_authenticated = True


def make_request(path: str = "/", *, actor: Any = None, signed_in: bool = False, post: Any = None, **headers: str):
    """A request as the middlewares leave it: session, messages, actor, user, preferences."""
    factory = RequestFactory(headers=headers)
    request: HttpRequest = factory.get(path) if post is None else factory.post(path, post)
    request.user = User() if signed_in else AnonymousUser()
    request.actor = actor or Actor()
    request.session = SessionStore()
    request._messages = FallbackStorage(request)
    request.edition, request.theme = "normal", "auto"
    return request


def make_groups(*names: str) -> None:
    """Rows of a small table every installation has."""
    Group.objects.bulk_create([Group(name=name) for name in names])

"""This house as identity provider (OpenID Connect) for the systems of departments: what they learn, and who they are.

As `operations`. The protocol is allauth's; a client belongs to a department, asks for scopes, and is ended at once.
"""

import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client, Token
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.audit.operations import change, look
from hexi.blocks.people.models import Account, Identifier
from hexi.blocks.people.queries import RESIDENT
from hexi.blocks.people.vault import ring
from hexi.blocks.people.weixin.provider import Weixin
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, System, require

#: outside providers of our own: allauth looks for this name in a module `provider`
provider_classes = [Weixin]
VERB = "people.keys"
IDENTITY = "identity"
#: what a client may ask for, in the words of the consent page
SCOPES = {
    "openid": gettext_lazy("确认您是谁（账户编号）"),
    "profile": gettext_lazy("您的姓名和用户名"),
    "email": gettext_lazy("您的电子邮箱"),
    "phone": gettext_lazy("您的手机号码"),
    IDENTITY: gettext_lazy("您的公民身份号码和核验级别"),
}


class Adapter(DefaultOIDCAdapter):
    """What a client is told of somebody who agreed."""

    scope_display = SCOPES

    def get_claims(
        self, purpose: Any, user: Account, client: Client, scopes: Iterable[str], email: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """The usual claims, the real name, and where he agreed to it his number: a look he can read of."""
        claims: dict[str, Any] = super().get_claims(purpose, user, client, scopes, email=email, **more)
        if "profile" in scopes:
            claims |= {"name": str(user), "preferred_username": user.username}
        if "phone" in scopes and user.phone:
            claims["phone_number"] = user.phone
        if IDENTITY in scopes and purpose == "userinfo":
            claims |= _identity(user, client)
        return claims


def _identity(user: Account, client: Client) -> dict[str, Any]:
    held = Identifier.objects.filter(person=user.person_id, type_id=RESIDENT).first() if user.person_id else None
    if held is None:
        return {}
    by = System(f"oidc:{client.pk}")
    look(by, held, purpose=_("登录“%(name)s”") % {"name": client.name}, person_id=held.person_id)
    return {"id_number": ring().open(held.number, held.type_id), "id_level": held.level}


def make(
    name: str, *, department: Department, redirect_uris: Iterable[str], scopes: Iterable[str], by: Actor
) -> tuple[Client, str]:
    """A system people may sign in to with their account here; its secret is shown now and never again."""
    require(by, VERB, department.pk, department.region_code)
    uris, chosen = [one.strip() for one in redirect_uris if one.strip()], {"openid", *scopes}
    if not name.strip():
        raise ValidationError({"name": _("请填写系统名称。")})
    if not uris or not all(_good(one) for one in uris):
        raise ValidationError(
            {"redirect_uris": _("回调地址每行一个，以 https:// 开头（本机测试可用 http://127.0.0.1），不含 #。")}
        )
    if chosen - set(SCOPES):
        raise ValidationError({"scopes": _("请只选择列表里的信息。")})
    client = Client(name=name.strip()[:100], owner=None)
    client.data = {"department": department.pk, "region": department.region_code, "by": by.name}
    client.set_scopes([one for one in SCOPES if one in chosen])
    client.set_redirect_uris(uris)
    secret = secrets.token_urlsafe(32)
    client.set_secret(secret)
    with change(by, "people.make_client", name=client.name) as entry:
        client.save()
        entry.thing = client
        entry.facts |= {"department": department.pk, "uris": uris, "scopes": client.get_scopes()}
    return client, secret


def withdraw(client: Client, *, by: Actor) -> None:
    """End a client at once: nobody signs in there with us any more, and its tokens are worth nothing."""
    require(by, VERB, client.data["department"], client.data["region"])
    with change(by, "people.withdraw_client", client, name=client.name, at=clock.now().isoformat()):
        Token.objects.filter(client=client).delete()
        Client.objects.filter(pk=client.pk).delete()


def within_reach(actor: Actor) -> list[Client]:
    """The clients an official may look after, newest first."""
    found = Client.objects.filter(data__has_key="department").order_by("-created_at")
    return [one for one in found if actor.may(VERB, one.data["department"], one.data["region"])]


def _good(uri: str) -> bool:
    parts = urlsplit(uri)
    here = parts.hostname in ("127.0.0.1", "localhost")
    return (
        bool(parts.hostname) and not parts.fragment and (parts.scheme == "https" or (parts.scheme == "http" and here))
    )


def origin(uri: str) -> str:
    """Scheme, host and port of an address: what `form-action` of a policy names."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"

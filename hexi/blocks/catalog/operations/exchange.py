"""Who takes part in the exchange and what is offered to whom: everything that changes the gateways' directory."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Model
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.blocks.catalog import exchange_keys as keys
from hexi.blocks.catalog.models import (
    Endpoint,
    Entry,
    Gateway,
    GatewayKey,
    Group,
    Member,
    Right,
    Service,
    Stamp,
    State,
    Subsystem,
)
from hexi.blocks.catalog.queries.exchange import OFFER, trusts, whole_regions
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, require
from hexi.wire.xroad import messages, names
from hexi.wire.xroad.errors import Fault


def touch() -> None:
    """Gateways read their directory anew."""
    with transaction.atomic():
        if not Stamp.objects.filter(pk=1).update(changes=F("changes") + 1):
            Stamp.objects.get_or_create(pk=1, defaults={"changes": 1})


def _checked(thing: Model) -> None:
    thing.full_clean()
    if isinstance(code := getattr(thing, "code", None), str):
        _code(code, "code")


def _code(text: str, field: str) -> None:
    try:
        names.check(text)
    except names.WrongName as error:
        raise ValidationError({field: str(error)}) from error


def _trusted(by: Actor) -> None:
    if not trusts(by):
        raise Denied(_("信任哪些网关由管理整个系统的岗位决定。"))


def note_export(by: Actor, what: str, count: int) -> None:
    """Log that somebody saved a list of the exchange (`what`: a table)."""
    with change(by, "catalog.export", what, count=count):
        pass


# --- installations ----------------------------------------------------------------------------------------------------
def open_own(code: str, *, title: str, url: str, by: Actor, title_en: str = "") -> Gateway:
    """Our own installation with its keys as they are now; a second time brings it up to date."""
    _trusted(by)
    with change(by, "catalog.own_gateway") as note:
        own = Gateway.objects.filter(own=True).first() or Gateway(own=True)
        own.code, own.title, own.title_en, own.url = code, title, title_en, url
        own.certificate, own.changed_at = keys.certificate(), clock.now()
        _checked(own)
        own.save()
        _only_keys(own, [keys.signer().public])
        touch()
        note.thing, note.facts = own, {"code": code, "url": url}
    return own


def trust(facts: dict[str, Any], *, fingerprint: str, by: Actor) -> Gateway:
    """Another installation, from the file it exported (`queries.exchange.card`), with members, subsystems and keys.

    `fingerprint` of its certificate was read to us over another way: what does not have it is refused. A later file of
    the same installation replaces certificate, keys and members: what it does not name any more is believed and may do
    something no more. Old keys stay, to check what they signed.
    """
    _trusted(by)
    card = _card(facts)
    if keys.fingerprint(card["certificate"]) != fingerprint.replace(":", "").replace(" ", "").lower():
        raise ValidationError({"fingerprint": _("指纹与文件里的证书不符：请再向对方核对。")})
    with change(by, "catalog.trust") as note:
        peer = Gateway.objects.select_for_update().filter(code=card["code"]).first() or Gateway(code=card["code"])
        if peer.own:
            raise ValidationError({"card": _("这是本系统自己的网关。")})
        peer.title, peer.title_en = card["title"], card.get("title_en", "")
        peer.url, peer.certificate, peer.active, peer.changed_at = card["url"], card["certificate"], True, clock.now()
        _checked(peer)
        peer.save()
        _only_keys(peer, card["keys"])
        named = [_take_member(peer, member) for member in card["members"]]
        peer.members.exclude(pk__in=named).update(active=False)
        touch()
        note.thing, note.facts = peer, {
            "code": peer.code, "fingerprint": keys.fingerprint(peer.certificate),
            "members": [str(names.Client(one["instance"], one["class"], one["code"])) for one in card["members"]],
        }  # fmt: skip
    return peer


def distrust(gateway: Gateway, *, by: Actor, why: str) -> None:
    """Speak to an installation no more; nothing it signed before is forgotten."""
    _trusted(by)
    with change(by, "catalog.distrust", gateway, why=why):
        Gateway.objects.filter(pk=gateway.pk, own=False).update(active=False, changed_at=clock.now())
        touch()


def _card(facts: dict[str, Any]) -> dict[str, Any]:
    try:
        if not all(isinstance(facts[name], str) for name in ("code", "title", "url", "certificate")):
            raise TypeError
        for public in facts["keys"]:
            keys.read_public(public)
        facts = facts | {"certificate": keys.one_certificate(facts["certificate"])}
        for member in facts["members"]:
            names.check(member["instance"])
            names.check(member["class"])
            names.check(member["code"])
            for subsystem in member["subsystems"]:
                names.check(subsystem["code"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValidationError({"card": _("这不是网关名片文件：%(why)s") % {"why": error}}) from error
    return facts


def _only_keys(gateway: Gateway, publics: list[str]) -> None:
    """These keys sign from now on, no others: one that was lost is believed no more."""
    ids = [_add_key(gateway, public) for public in publics]
    gateway.keys.filter(key_id__in=ids).update(until=None)
    gateway.keys.filter(until=None).exclude(key_id__in=ids).update(until=clock.now())


def _add_key(gateway: Gateway, public: str) -> str:
    key_id = keys.key_id(keys.read_public(public))
    found, made = GatewayKey.objects.get_or_create(key_id=key_id, defaults={"gateway": gateway, "public": public})
    if not made and found.gateway_id != gateway.pk:
        raise ValidationError({"card": _("签名密钥 %(key)s 已属于另一个网关。") % {"key": key_id}})
    return key_id


def _take_member(peer: Gateway, said: dict[str, Any]) -> int:
    found = Member.objects.filter(instance=said["instance"], member_class=said["class"], code=said["code"]).first()
    if found and found.gateway_id != peer.pk:
        raise ValidationError({"card": _("成员 %(code)s 已属于另一个网关。") % {"code": found.code}})
    member = found or Member(gateway=peer, instance=said["instance"], member_class=said["class"], code=said["code"])
    member.title, member.title_en = str(said.get("title", ""))[:100] or member.code, str(said.get("title_en", ""))[:150]
    member.region_code, member.active = str(said.get("region", ""))[:12], True
    member.full_clean(exclude=["region_code"])
    member.save()
    for one in said["subsystems"]:
        title = {
            "title": str(one.get("title", ""))[:100] or one["code"],
            "title_en": str(one.get("title_en", ""))[:150],
        }
        Subsystem.objects.update_or_create(member=member, code=one["code"], defaults={**title, "active": True})
    member.subsystems.exclude(code__in=[one["code"] for one in said["subsystems"]]).update(active=False)
    return member.pk


# --- members and subsystems of ours -----------------------------------------------------------------------------------
def add_member(
    department: Department, *, instance: str, member_class: str, code: str, title: str, by: Actor, title_en: str = ""
) -> Member:
    """A department of this installation takes part, under its credit code; another name is for who trusts to give.

    Rights are given to names: an office that took the name of another would get what is meant for that one.
    """
    require(by, OFFER, department.pk, department.region_code)
    if code != department.uscc and not trusts(by):
        raise ValidationError(
            {
                "code": _("成员代码用本部门的统一社会信用代码 %(code)s；其他代码由管理整个系统的岗位登记。")
                % {"code": department.uscc}
            }
        )
    own = Gateway.objects.filter(own=True).first()
    if own is None:
        raise ValidationError(_("还没有登记本系统的网关：hexi catalog gateway"))
    _code(instance, "instance")
    _code(member_class, "member_class")
    member = Member(
        gateway=own, instance=instance, member_class=member_class, code=code, title=title, title_en=title_en,
        department=department, region_code=department.region_code,
    )  # fmt: skip
    return _added(member, "catalog.add_member", by)


def add_subsystem(
    member: Member, *, code: str, title: str, by: Actor, title_en: str = "", certificate: str = ""
) -> Subsystem:
    """A system of a member of ours. With a certificate (PEM) it may call through the consumer gateway."""
    _own(by, member)
    certificate = _certificate(certificate)
    made = Subsystem(member=member, code=code, title=title, title_en=title_en, certificate=certificate)
    return _added(made, "catalog.add_subsystem", by)


def change_subsystem(subsystem: Subsystem, *, by: Actor, certificate: str, active: bool) -> None:
    """Another certificate, or switched on or off."""
    _own(by, subsystem.member)
    certificate = _certificate(certificate)
    with change(by, "catalog.change_subsystem", subsystem, active=active):
        Subsystem.objects.filter(pk=subsystem.pk).update(certificate=certificate, active=active)
        touch()


def _certificate(pem: str) -> str:
    """The one certificate in it, written anew: what else was pasted along would stop the gateways."""
    try:
        return keys.one_certificate(pem) if pem.strip() else ""
    except ValueError as error:
        raise ValidationError({"certificate": _("请粘贴 PEM 格式的证书（BEGIN CERTIFICATE）。")}) from error


# --- services and rights ----------------------------------------------------------------------------------------------
def add_service(
    subsystem: Subsystem, *, code: str, title: str, by: Actor, title_en: str = "", url: str = "",
    entry: Entry | None = None, timeout: int = 30, personal: bool = False,
) -> Service:  # fmt: skip
    """A service: an address inside our network, or the rows of a published entry (then grants say who gets what).

    `personal`: what is at the address answers about persons; then each call says why and about whom, and they find it
    in their log. The address "hexi:inbox" takes what others push (`operations.push`).
    """
    _own(by, subsystem.member)
    if bool(url) == bool(entry):
        raise ValidationError({"url": _("填服务地址，或者选一个目录条目，二者选一。")})
    if url and url != "hexi:inbox" and not url.startswith(("http://", "https://")):
        raise ValidationError({"url": _("地址应以 https:// 或 http:// 开头。")})
    if entry and (entry.state != State.PUBLISHED or entry.provider_id != subsystem.member.department_id):
        raise ValidationError({"entry": _("只能提供本部门已发布的目录条目。")})
    _may_be_personal(url, personal)
    made = Service(
        subsystem=subsystem, code=code, title=title, title_en=title_en, url=url, entry=entry, timeout=timeout,
        personal=personal,
    )  # fmt: skip
    return _added(made, "catalog.add_service", by)


def _may_be_personal(url: str, personal: bool) -> None:
    if personal and not url.startswith("http"):
        raise ValidationError({"personal": _("目录条目的服务按数据项和授权判断，这里只用于服务地址。")})


def switch_service(
    service: Service, *, by: Actor, active: bool, notice: str = "", personal: bool | None = None
) -> None:  # fmt: skip
    """Switch a service off, with a word for callers, or on again; `personal` as in `add_service` (None: as it is)."""
    _own(by, service.subsystem.member)
    personal = service.personal if personal is None else personal
    _may_be_personal(service.url, personal)
    with change(by, "catalog.switch_service", service, active=active, notice=notice, personal=personal):
        Service.objects.filter(pk=service.pk).update(active=active, notice=notice[:200], personal=personal)
        touch()


def add_endpoint(service: Service, *, path: str, by: Actor, method: str = "*") -> Endpoint:
    """A part of a service that can be allowed by itself."""
    _own(by, service.subsystem.member)
    if method != "*" and method not in messages.METHODS:
        raise ValidationError({"method": _("没有这种方法：%(method)s") % {"method": method}})
    try:
        names.segments(path)
    except Fault as error:
        raise ValidationError({"path": error.message}) from error
    if not path.startswith("/") and path != "**":
        raise ValidationError({"path": _("路径应以 / 开头；* 表示一段，结尾的 ** 表示其余全部。")})
    return _added(Endpoint(service=service, method=method, path=path), "catalog.add_endpoint", by)


def allow(
    service: Service, *, by: Actor, subsystem: Subsystem | None = None, group: Group | None = None,
    endpoint: Endpoint | None = None,
) -> Right:  # fmt: skip
    """A subsystem or a group may call the service, or one endpoint of it. Twice is once."""
    _own(by, service.subsystem.member)
    if (subsystem is None) == (group is None):
        raise ValidationError(_("授权给一个子系统或一个访问组，二者选一。"))
    if endpoint and endpoint.service_id != service.pk:
        raise ValidationError({"endpoint": _("这个接口不属于这个服务。")})
    if service.entry_id:
        raise ValidationError(_("数据集的服务按授权（申请）开放，不在这里。"))
    with change(by, "catalog.allow", service) as note:
        right, made = Right.objects.get_or_create(
            service=service, endpoint=endpoint, subsystem=subsystem, group=group, defaults={"given_name": by.name}
        )
        touch()
        note.facts = {"right": right.pk, "to": str(subsystem or group), "endpoint": str(endpoint or ""), "new": made}
    return right


def forbid(right: Right, *, by: Actor) -> None:
    """Take a right back."""
    _own(by, right.service.subsystem.member)
    with change(by, "catalog.forbid", right.service, to=str(right.subsystem or right.group)):
        Right.objects.filter(pk=right.pk).delete()
        touch()


def add_group(*, code: str, title: str, region_code: str, by: Actor, title_en: str = "") -> Group:
    """An empty group of subsystems."""
    _whole_region(by, region_code)
    return _added(Group(code=code, title=title, title_en=title_en, region_code=region_code), "catalog.add_group", by)


def put_in_group(group: Group, subsystem: Subsystem, *, by: Actor) -> None:
    """From now on the subsystem has the group's rights."""
    _whole_region(by, group.region_code)
    with change(by, "catalog.group_add", group, subsystem=subsystem.pk):
        group.subsystems.add(subsystem)
        touch()


def take_from_group(group: Group, subsystem: Subsystem, *, by: Actor) -> None:
    """The subsystem has the group's rights no more."""
    _whole_region(by, group.region_code)
    with change(by, "catalog.group_remove", group, subsystem=subsystem.pk):
        group.subsystems.remove(subsystem)
        touch()


def _whole_region(by: Actor, region_code: str) -> None:
    """Groups have what many offices allowed them: no post of one office decides who is in. Raises `Denied`."""
    if not any(region_code.startswith(region) for region in whole_regions(by)):
        raise Denied(_("访问组由管理整个地区数据交换的岗位管理。"))


def _own(by: Actor, member: Member) -> None:
    """The actor may act for the member's department. Raises `Denied`, or ValidationError for somebody else's member."""
    if member.department_id is None:
        raise ValidationError(_("这是另一个网关的成员，在那边管理。"))
    require(by, OFFER, member.department_id, member.region_code)


def _added(thing: Any, verb: str, by: Actor) -> Any:
    _checked(thing)
    with change(by, verb) as note:
        thing.save()
        touch()
        note.thing, note.facts = thing, {"title": str(thing)}
    return thing

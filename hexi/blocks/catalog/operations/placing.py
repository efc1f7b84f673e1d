"""Where the rows of a data set come from: said, checked, its secret sealed."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog.models import Entry, Rows, Source, Subsystem, Way
from hexi.blocks.catalog.operations import entries
from hexi.blocks.catalog.queries import loads as queries
from hexi.blocks.catalog.queries import mirrored
from hexi.blocks.people.vault import ring
from hexi.kernel.actors import Actor, require
from hexi.wire.xroad import names

#: what secrets of sources are sealed as
SEALED = "catalog.source"
#: a name or address of one host; libpq would take a list, a folder of sockets and "@name" as well: this very machine
HOST = re.compile(r"[A-Za-z0-9:][A-Za-z0-9.:-]*")
PORTS = {Way.POSTGRES: 5432, Way.MARIADB: 3306}
DATABASES = (Way.POSTGRES, Way.MARIADB)
#: what a source says of its place, by way
SETTINGS = {
    Way.FILE: (), Way.HTTP: ("url", "inside"), Way.EXCHANGE: ("client", "service", "code", "grant"),
    **dict.fromkeys(DATABASES, ("host", "port", "database", "user", "table")),
}  # fmt: skip


def set_source(
    entry: Entry, *, way: str, settings: Mapping[str, Any] | None = None, secret: str | None = None, most_bad: int = 1,
    key: Sequence[str] = (), watermark: str = "", minutes: int = 0, by: Actor,
) -> Source:  # fmt: skip
    """Say where the rows of an entry come from. A file needs `catalog.write`, anything over the network `catalog.keep`.

    `secret`: None leaves the one that is kept. `most_bad`: rows in a thousand. Raises `ValidationError` by field.
    """
    before = Source.objects.filter(entry=entry).first()
    for one in {way, before.way if before else way}:
        require(by, queries.WRITE if one == Way.FILE else queries.KEEP, entry.provider_id, entry.region_code)
    if entry.kind in (Rows.VIEW, Rows.NONE):
        raise ValidationError(_("这个条目的数据不是装载来的。请先把“数据来自”改为文件、数据库或服务。"))
    said = _settings(way, settings or {})
    if way == Way.EXCHANGE:
        _foreign(said, entry)
    _bounds(most_bad, minutes, key, watermark)
    with audit.change(by, "catalog.set_source", entry, way=way, **said) as note:
        if way == Way.EXCHANGE:
            _alone(said, entry)
        entry = entries.locked(entry)
        source = Source.objects.filter(entry=entry).first() or Source(entry=entry)
        moved = source.pk and (source.way, source.settings) != (way, said)
        source.way, source.settings, source.most_bad, source.minutes = way, said, most_bad, minutes
        source.mark = "" if moved or source.watermark != watermark else source.mark
        source.key, source.watermark = list(key), watermark
        if secret is not None:
            source.secret = ring().seal(secret, SEALED) if secret else ""
        if moved and secret is None:  # a password is for the place it was given for, never sent to another
            source.secret = ""
        source.active = True
        source.save()
        note.facts["secret"] = bool(source.secret)
    return source


def _settings(way: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if way not in Way.values:
        raise ValidationError({"way": _("请选择数据从哪里来。")})
    said = {name: str(given.get(name, "") or "").strip() for name in SETTINGS[Way(way)]}
    if way == Way.HTTP and not said["url"].startswith(("https://", "http://")):
        raise ValidationError({"url": _("地址应以 https:// 开头（测试可用 http://）。")})
    if way == Way.HTTP and _tells_secret(said["url"]):
        raise ValidationError({"url": _("地址里不写账号、密码和令牌，它们会留在记录里。请把令牌填在密码一栏。")})
    if way in DATABASES:
        said["port"] = said["port"] or str(PORTS[Way(way)])
        _database(said)
    return said


def _foreign(said: Mapping[str, str], entry: Entry) -> None:
    """A data set elsewhere: asked in the name of a system of the provider's own, whose grant it has there."""
    for name, read in (("client", names.client), ("service", names.service)):
        try:
            read(said[name])
        except (names.WrongName, ValueError) as error:
            raise ValidationError({name: str(error)}) from error
    ours = mirrored.subsystem(said["client"])
    if ours is None or ours.member.department_id != entry.provider_id:
        raise ValidationError({"client": _("请写提供方自己的子系统的完整代码。")})
    if not 0 < len(said["code"]) <= 60:
        raise ValidationError({"code": _("请写对方数据集的信息资源代码。")})


def _alone(said: Mapping[str, str], entry: Entry) -> None:
    """No other data set here takes what is pushed of that one; of two that begin at once one waits for the other."""
    ours = mirrored.subsystem(said["client"])
    Subsystem.objects.select_for_update().filter(pk=ours.pk if ours else None).first()
    if (other := mirrored.rival(said, entry)) is not None:
        raise ValidationError(
            {"code": _("“%(name)s”已经在同步这个数据集。请先撤下它，或改它的数据来源。") % {"name": other.entry.name}}
        )


def _database(said: Mapping[str, str]) -> None:
    for name, value in said.items():
        if not value or "\0" in value or len(value) > 200:
            raise ValidationError({name: _("请填写，最多 %(n)s 个字。") % {"n": 200}})
    if not said["port"].isdecimal() or not 0 < int(said["port"]) < 65536:
        raise ValidationError({"port": _("端口是 1 到 65535 之间的数字。")})
    if not HOST.fullmatch(said["host"]):
        raise ValidationError({"host": _("请写主机名或地址。")})


def _tells_secret(url: str) -> bool:
    """True if a password or token stands in an address: addresses are shown and written down in clear."""
    try:
        parts = urlsplit(url)
    except ValueError:  # told when it is asked
        return False
    names = {name.lower() for name in parse_qs(parts.query, keep_blank_values=True)}
    return "@" in parts.netloc or bool(names & {"token", "access_token", "secret", "password"})


def _bounds(most_bad: int, minutes: int, key: Sequence[str], watermark: str) -> None:
    if not 0 <= most_bad <= 500:
        raise ValidationError({"most_bad": _("请写 0 到 500 之间的整数（千分之几）。")})
    if minutes < 0 or 0 < minutes < 5:
        raise ValidationError({"minutes": _("至少隔 5 分钟；只在需要时取，写 0。")})
    if key and not watermark:
        raise ValidationError({"watermark": _("写了主键，也请写按哪一列取新增的行。")})

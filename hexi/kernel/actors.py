"""Who acts: the `Actor` every operation is given as `by=`, and the check of a right (verb, department, region)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Scope:
    """Where a right holds: one department (None: every department) within one region subtree.

    `region` is the prefix of the 12-digit division code ("" the whole country, "620981" one county).
    """

    department: int | None = None
    region: str = ""

    def covers(self, department: int | None, region: str | None) -> bool:
        """True if the scope holds for this department id and 12-digit region code (None: not asked)."""
        if self.department is not None and department is not None and self.department != department:
            return False
        return region is None or region.startswith(self.region)


@runtime_checkable
class Actor(Protocol):
    """Somebody, or some job, that changes something.

    `key` is stable and unique ("account:17", "system:clock"); `name` is what the timeline prints.
    """

    key: str
    name: str

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        """Where the actor holds the right `verb`; empty: nowhere."""
        ...

    def may(self, verb: str, department: int | None = None, region: str | None = None) -> bool:
        """True if the actor holds `verb` for this department and region."""
        ...


class Scoped:
    """`may` answered from `scopes`: what every real actor inherits."""

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        """Where the actor holds the right `verb`; nowhere unless said otherwise (deny first)."""
        return ()

    def may(self, verb: str, department: int | None = None, region: str | None = None) -> bool:
        """True if one of the scopes of `verb` covers this department and region."""
        return any(scope.covers(department, region) for scope in self.scopes(verb))


@dataclass(frozen=True)
class System(Scoped):
    """A job or command acting by itself (deemed acceptance, import): holds every right, is named in the log."""

    what: str = "system"

    @property
    def key(self) -> str:
        return f"system:{self.what}"

    @property
    def name(self) -> str:
        return _("系统")

    def scopes(self, verb: str) -> tuple[Scope, ...]:
        return (Scope(),)


class Denied(PermissionDenied):
    """The actor lacks a right; pages answer 403 with this sentence."""


def require(by: Actor, verb: str, department: int | None = None, region: str | None = None) -> None:
    """Raise `Denied` unless `by` holds `verb` here."""
    if not by.may(verb, department, region):
        raise Denied(_("您的岗位没有这项权限（%(verb)s）。请联系本部门管理员。") % {"verb": verb})


def within(scopes: Iterable[Scope], department: str = "department_id", region: str = "region_code") -> Q:
    """A filter for the rows the scopes cover, by the names of the two columns. No scope: no row."""
    reach = Q(pk__in=())
    for scope in _widest(scopes):
        part = subtree(scope.region, region)
        if scope.department is not None:
            part &= Q(**{department: scope.department})
        reach |= part if part else Q(pk__isnull=False)
    return reach


def subtree(start: str, region: str = "region_code") -> Q:
    """Rows of the divisions whose 12-digit code begins so ("" all): a range, which every index of the column serves."""
    if not start:
        return Q()
    return Q(**{f"{region}__gte": start, f"{region}__lte": start.ljust(12, "9")})


def _widest(scopes: Iterable[Scope]) -> list[Scope]:
    """Each scope that no other one of them holds already: two rights of one post ask once."""
    found: list[Scope] = []
    for one in sorted(set(scopes), key=lambda scope: (scope.department is not None, len(scope.region), scope.region)):
        if not any(wide.department in (None, one.department) and one.region.startswith(wide.region) for wide in found):
            found.append(one)
    return sorted(found, key=lambda scope: (scope.region, scope.department or 0))

"""Hooks: named moments with named facts that cross blocks and domains, tied together by the manifests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hexi.kernel.actors import Actor
from hexi.kernel.jobs import enqueue
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Hook:
    """A moment others may listen to. Declared once, in the `hooks.py` of the block or domain that rings it."""

    name: str
    facts: tuple[str, ...]
    about: str = ""

    def ring(self, **facts: Any) -> None:
        """Tell every listener, inside the caller's transaction; a listener's error undoes the whole change."""
        if set(facts) != set(self.facts):
            raise TypeError(f"{self.name}: facts {sorted(self.facts)} expected, got {sorted(facts)}")
        for listen in added(Listen):
            if listen.hook is self:
                listen.operation(**facts)
        for later in added(Later):
            if later.hook is self and (later.when is None or later.when(**facts)):
                enqueue(later.job, **{name: _plain(value) for name, value in facts.items()})


@dataclass(frozen=True)
class Listen:
    """Call `operation(**facts)` in the ringing transaction."""

    hook: Hook
    operation: Callable[..., Any]


@dataclass(frozen=True)
class Later:
    """Enqueue `job(**facts)` when the hook rings; model instances arrive as primary keys, actors as their `key`.

    `when(**facts)` says in the ringing transaction whether the job would find anything to do: to write a job down, take
    it up and strike it off costs more than most questions do.
    """

    hook: Hook
    job: Callable[..., Any]
    when: Callable[..., bool] | None = None


def _plain(fact: Any) -> Any:
    return fact.key if isinstance(fact, Actor) else getattr(fact, "pk", fact)

"""Where others connect: who proposes an office and class for an order. Pure; beside hooks."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from hexi.domains.livelihood.requests import options
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Matter:
    """What a proposal may be made from: words, type, class if one was chosen, place. No name, no phone."""

    text: str
    type: str
    subject: str
    place_code: str
    lat: float | None
    lon: float | None
    hotline_region: str


@dataclass(frozen=True)
class Proposal:
    """An office (its key) and a class for an order, from 0 to 1 how sure, and why in words a dispatcher reads."""

    office: str
    subject: str
    confidence: float
    why: str


@dataclass(frozen=True)
class Propose:
    """In a manifest: `propose(matter)` gives proposals, best first, in milliseconds; it may give none.

    `title` is what the dispatcher's page calls its maker (规则, 分类器). Lower `rank` is asked first.
    """

    title: Any
    propose: Callable[[Matter], Iterable[Proposal]]
    rank: int = 50


@dataclass(frozen=True)
class Offered:
    """A proposal with who made it."""

    maker: str
    proposal: Proposal

    @property
    def sure(self) -> bool:
        """True if it may be filled in; otherwise a person chooses unaided (`requests.confident`)."""
        return self.proposal.confidence >= options.CONFIDENT.value

    def kept(self) -> dict[str, Any]:
        """As it is kept beside the dispatch, to learn from."""
        return {"maker": self.maker, **asdict(self.proposal)}


def proposals(matter: Matter) -> list[Offered]:
    """What all proposers say, in their order; nothing if none is installed."""
    makers = sorted(added(Propose), key=lambda one: one.rank)
    return [Offered(str(maker.title), one) for maker in makers for one in maker.propose(matter)]

"""Repeated and hot topics: orders near in time, place and meaning, found through an index in one pass. Pure.

Each text is a weighted set of character pairs (rare pairs weigh more). A topic is listed under the rarest pairs of its
orders; a new order is compared only with the few topics that share such pairs, lie in the same county and are still
fresh: the work grows with the orders, not with their square.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations, pairwise

SIGNS = re.compile(r"[^\W\d_]+")
#: an order is listed under its rarest pairs of each band (a band: seen in 2, 4, 16, 64 … orders), so that topics of
#: every size are found by pairs as frequent as they are large; so many topics of a pair are looked at, newest first
KEYS, LOOK = 5, 40
#: from here on texts are copies; below it they must also share a pair of their own, a name, not only a common trouble:
#: one that so few orders have, or at most twice as many as the topic has
COPY, OWN_PAIR = 0.6, 64
#: what is written first counts double: people begin with what it is about
START = 40
#: pairs a topic keeps, and how many it may have before it is cut back
KEPT, MOST = 150, 400
#: so many topics are compared, those that share the weightiest pairs
COMPARED = 6
#: how alike texts must be (cosine), less for what is near or of the same class
ALIKE, NEARER, SAME_CLASS = 0.36, 0.04, 0.04
#: so many orders each are a burst, and bursts with at most this between them may be one
BURST, BURST_GAP = 10, timedelta(days=1)
METRES, NEAR = 111_320.0, 500.0
COUNTY, TOWN = 6, 9
Weights = dict[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """What is compared of an order."""

    key: int
    text: str
    at: datetime
    place: str
    subject: str = ""
    lat: float | None = None
    lon: float | None = None


@dataclass(slots=True)
class Found:
    """A topic: its orders with how alike each was to those before, oldest first; and what they say in common."""

    lead: Said
    last: datetime
    orders: list[tuple[Said, float]] = field(default_factory=list)
    middle: Weights = field(default_factory=dict)
    length: float = 1.0
    listed: set[tuple[str, str]] = field(default_factory=set)

    def take(self, one: Said, weights: Weights, alike: float) -> None:
        """One order more: what the topic says moves towards it, and keeps to its weightiest pairs."""
        self.last = one.at
        self.orders.append((one, alike))
        middle = self.middle
        for pair, weight in weights.items():
            middle[pair] = middle.get(pair, 0.0) + weight
        if len(middle) > MOST:
            self.middle = middle = dict(sorted(middle.items(), key=lambda item: (-item[1], item[0]))[:KEPT])
        self.length = math.sqrt(sum(weight * weight for weight in middle.values())) or 1.0


def pairs(text: str) -> list[str]:
    """Pairs of neighbouring characters, in order; figures and signs left out, they differ where the matter does not."""
    signs = "".join(SIGNS.findall(text.lower()))
    return list(dict.fromkeys(map("".join, pairwise(signs))))


def rarity(texts: Iterable[Iterable[str]]) -> tuple[Weights, dict[str, int]]:
    """How much a pair tells, the rarer the more; how many have it. What one text alone has compares nothing."""
    counted: Counter[str] = Counter()
    whole = 0
    for one in texts:
        counted.update(one)
        whole += 1
    shared = {pair: many for pair, many in counted.items() if many > 1}
    rare = {pair: math.log((1 + whole) / many) for pair, many in shared.items()}
    return rare, shared


def weighed(found: Sequence[str], rare: Weights) -> Weights:
    """A text as weights whose squares sum up to one."""
    plain = {pair: rare[pair] * (2 if place < START else 1) for place, pair in enumerate(found) if pair in rare}
    length = math.sqrt(sum(weight * weight for weight in plain.values())) or 1.0
    return {pair: weight / length for pair, weight in plain.items()}


def telling(weights: Weights, spread: dict[str, int]) -> list[str]:
    """The pairs an order is listed under: of each band the weightiest."""
    taken: Counter[int] = Counter()
    found = []
    for pair in sorted(weights, key=lambda pair: (-weights[pair], pair)):
        if taken[band := (spread[pair].bit_length() - 1) // 2] < KEYS:
            taken[band] += 1
            found.append(pair)
    return found


def cosine(one: Weights, other: Weights) -> float:
    """How alike two texts are, 0 to 1."""
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other[pair] for pair, weight in one.items() if pair in other)


def needed(one: Said, other: Said) -> float:
    """How alike two orders must be to be one topic, from where they lie and what they are."""
    near = one.place[:TOWN] == other.place[:TOWN] or metres(one, other) <= NEAR
    same = bool(one.subject) and one.subject[:4] == other.subject[:4]
    return ALIKE - NEARER * near - SAME_CLASS * same


def own_pair(one: Weights, other: Weights, spread: dict[str, int], orders: int) -> bool:
    """True if two texts share a pair that few others have."""
    most = max(OWN_PAIR, 2 * orders)
    return any(pair in other and spread[pair] <= most for pair in one)


def metres(one: Said, other: Said) -> float:
    """Metres between two orders; endless if a point is missing."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return math.inf
    east = (one.lon - other.lon) * math.cos(math.radians(one.lat))
    return METRES * math.hypot(one.lat - other.lat, east)


def find(said: Sequence[Said], *, gap: timedelta, least: int = 2) -> list[Found]:
    """Topics of at least so many orders, the largest first. `gap` without a further order ends one."""
    texts = [pairs(one.text) for one in said]
    rare, spread = rarity(texts)
    index: dict[tuple[str, str], list[Found]] = defaultdict(list)
    topics: list[Found] = []
    for number in sorted(range(len(said)), key=lambda place: (said[place].at, said[place].key)):
        one, weights = said[number], weighed(texts[number], rare)
        keys = [(one.place[:COUNTY], pair) for pair in telling(weights, spread)]
        best, alike = _best(one, weights, keys, index, gap, spread)
        if best is None:
            best, alike = Found(one, one.at), 1.0
            topics.append(best)
        best.take(one, weights, alike)
        for key in keys:
            if key not in best.listed and len(best.listed) < KEPT:
                best.listed.add(key)
                index[key].append(best)
    kept = joined([topic for topic in topics if len(topic.orders) >= least])
    return sorted(kept, key=lambda topic: (-len(topic.orders), topic.lead.key))


def joined(topics: list[Found]) -> list[Found]:
    """Bursts of one class at one place on one day are one topic, whatever words people use.

    When most orders of a time are of one matter, what they share tells nothing any more, and wordings would part them.
    """
    kept: list[Found] = []
    for topic in sorted(topics, key=lambda one: (one.lead.at, one.lead.key)):
        root = next((one for one in kept if _one_burst(one, topic)), None)
        if root is None:
            kept.append(topic)
            continue
        root.orders = sorted([*root.orders, *topic.orders], key=lambda row: (row[0].at, row[0].key))
        root.last = max(root.last, topic.last)
    return kept


def _one_burst(one: Found, other: Found) -> bool:
    if min(len(one.orders), len(other.orders)) < BURST or metres(one.lead, other.lead) > NEAR:
        return False
    apart = max(one.lead.at, other.lead.at) - min(one.last, other.last)
    return apart <= BURST_GAP and _class(one) != "" and _class(one) == _class(other)


def _class(topic: Found) -> str:
    """The class (second level) most of its orders have."""
    return Counter(said.subject[:4] for said, _alike in topic.orders).most_common(1)[0][0]


def _best(
    one: Said, weights: Weights, keys: Sequence[tuple[str, str]], index: dict[tuple[str, str], list[Found]],
    gap: timedelta, spread: dict[str, int],
) -> tuple[Found | None, float]:  # fmt: skip
    """The topic an order belongs to, if any."""
    shared: Counter[int] = Counter()
    known: dict[int, Found] = {}
    for key in keys:
        for topic in index.get(key, ())[-LOOK:]:
            known[id(topic)] = topic
            shared[id(topic)] += weights[key[1]] ** 2  # type: ignore[assignment]
    best, most = None, 0.0
    for name, _weight in shared.most_common(COMPARED):
        topic = known[name]
        if one.at - topic.last > gap:
            continue
        alike = cosine(weights, topic.middle) / topic.length
        if alike <= most or alike < needed(one, topic.lead):
            continue
        if alike >= COPY or own_pair(weights, topic.middle, spread, len(topic.orders)):
            best, most = topic, alike
    return best, most


def naive(said: Sequence[Said], *, gap: timedelta, first: int | None = None) -> list[tuple[int, int]]:
    """Every order beside every other, without an index: what `find` is measured against. Pairs that are one topic.

    `first` compares only the first so many with all: its time can be multiplied.
    """
    rare, spread = rarity(pairs(one.text) for one in said)
    weights = [weighed(pairs(one.text), rare) for one in said]
    numbers = range(len(said))
    couples = (
        combinations(numbers, 2) if first is None else ((a, b) for a in numbers[:first] for b in numbers if a != b)
    )
    found = []
    for a, b in couples:
        one, other = said[a], said[b]
        if one.place[:COUNTY] == other.place[:COUNTY] and abs(one.at - other.at) <= gap:
            alike = cosine(weights[a], weights[b])
            if alike >= needed(one, other) and (alike >= COPY or own_pair(weights[a], weights[b], spread, 1)):
                found.append((one.key, other.key))
    return found


def heat(orders: Iterable[Said], now: datetime) -> float:
    """How hot: each order counts one, halved for every week since."""
    return sum(0.5 ** (max((now - one.at).total_seconds(), 0) / (7 * 86_400)) for one in orders)


def common_place(codes: Iterable[str]) -> str:
    """The smallest division all places lie in, as a code of twelve digits."""
    found = list(codes)
    for digits in (12, 9, 6, 4, 2):
        if len({code[:digits] for code in found}) == 1:
            return found[0][:digits].ljust(12, "0")
    return "0" * 12

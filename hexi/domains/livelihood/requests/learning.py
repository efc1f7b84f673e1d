"""A classifier of our own over characters and words: trained in seconds, answering in milliseconds. Pure Python.

Texts become weighted single characters, pairs of characters and words; a tree of linear support-vector machines (dual
coordinate descent, one against the rest at each branching) names the class, level by level; a softmax whose sharpness
was fitted on messages kept out turns distances into a confidence.
"""

import hashlib
import json
import math
import random
import re
import zlib
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter, mul
from typing import Any

Path = tuple[str, ...]
#: a text and its class, top level first
Example = tuple[str, Path]
#: a feature's place and its weight
Row = tuple[tuple[int, ...], tuple[float, ...]]

RUNS = re.compile(r"[\w]+")
#: two constants stand before the features: the line need not go through the origin, and a getter always gives a tuple
CONSTANTS = 2
ROUNDS, PENALTY, STILL = 8, 1.0, 1e-3
#: texts this far on the right side rest until the next round over all, every so many rounds
FAR, WHOLE = 0.1, 5
#: the share of a text's features that must be known for a confidence to stand as it is
KNOWN = 0.5
#: how many ways are followed down the tree
WIDE = 2
SHARPNESS = tuple(step / 4 for step in range(2, 41))


def features(text: str) -> Counter[str]:
    """Single characters, pairs of characters (also across spaces), and words of three to eight signs between them."""
    runs = RUNS.findall(text.lower())
    signs = "".join(runs)
    found = Counter(signs)
    found.update(map("".join, pairwise(signs)))
    found.update(f"·{run}" for run in runs if 2 < len(run) < 9)
    return found


@dataclass
class Branching:
    """One knot of the tree: which classes lie below, and for each feature that matters there its weight for each."""

    labels: list[str]
    places: "array[int]" = field(default_factory=lambda: array("I"))
    weights: "array[float]" = field(default_factory=lambda: array("f"))

    def scores(self, row: Row) -> list[float]:
        """How far on the right side of each class's line a text lies."""
        wide, last = len(self.labels), len(self.places)
        found = [0.0] * wide
        for place, value in zip(*row, strict=True):
            at = bisect_left(self.places, place)
            if at < last and self.places[at] == place:
                for number, weight in enumerate(self.weights[at * wide : at * wide + wide]):
                    found[number] += value * weight
        return found


@dataclass
class Model:
    """What was learnt. `words` numbers the features, `rarity` weighs them."""

    words: dict[str, int]
    rarity: list[float]
    branchings: dict[str, Branching]
    sharpness: float = 4.0

    def row(self, text: str) -> Row:
        """A text as the model sees it, of length one."""
        return self._row(features(text))

    def _row(self, found: Counter[str]) -> Row:
        known = [(self.words[word], many) for word, many in found.items() if word in self.words]
        return _unit([(place, (1 + math.log(many)) * self.rarity[place - CONSTANTS]) for place, many in known])

    def classify(self, text: str, most: int = 3) -> list[tuple[Path, float]]:
        """Classes with how sure it is, best first: the less of a text was ever seen, the less sure."""
        found = features(text)
        seen = sum(word in self.words for word in found) / max(1, len(found))
        row, ways, done = self._row(found), [((), min(1.0, seen / KNOWN))], []  # type: ignore[var-annotated]
        while ways:
            below: list[tuple[Path, float]] = []
            for path, sure in ways:
                knot = self.branchings.get("/".join(path))
                if knot is None:
                    done.append((path, sure))
                else:
                    shares = softmax(knot.scores(row), self.sharpness)
                    below += [((*path, name), sure * share) for name, share in zip(knot.labels, shares, strict=True)]
            ways = sorted(below, key=lambda way: (-way[1], way[0]))[: WIDE if not done else most]
        return sorted(done, key=lambda way: (-way[1], way[0]))[:most]

    def packed(self) -> bytes:
        """As it is kept."""
        knots = {name: (one.labels, one.places.tolist(), _short(one.weights)) for name, one in self.branchings.items()}
        whole = {"words": list(self.words), "rarity": _short(self.rarity), "knots": knots, "sharp": self.sharpness}
        return zlib.compress(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack(content: bytes) -> Model:
    """A model from what `packed` kept."""
    whole = json.loads(zlib.decompress(content))
    words = {word: place for place, word in enumerate(whole["words"], CONSTANTS)}
    knots = {
        name: Branching(labels, array("I", places), array("f", weights))
        for name, (labels, places, weights) in whole["knots"].items()
    }
    return Model(words, whole["rarity"], knots, whole["sharp"])


def _short(numbers: Iterable[float]) -> list[float]:
    return [round(number, 4) for number in numbers]


def _unit(pairs: Sequence[tuple[int, float]]) -> Row:
    length = math.sqrt(sum(value * value for _place, value in pairs)) or 1.0
    pairs = sorted(pairs)
    return (0, 1, *(place for place, _value in pairs)), (0.7, 0.7, *(value / length for _place, value in pairs))


def softmax(scores: Sequence[float], sharpness: float) -> list[float]:
    """Scores as shares of one."""
    top = max(scores)
    grown = [math.exp(sharpness * (score - top)) for score in scores]
    whole = sum(grown)
    return [one / whole for one in grown]


# --- learning ---------------------------------------------------------------------------------------------------------
def learn(examples: Sequence[Example], *, least: int = 3, sharpness: float = 4.0) -> Model:
    """Learn from texts whose class is known. The same examples in the same order give the same model."""
    counted = [features(text) for text, _path in examples]
    spread = Counter(word for one in counted for word in one)
    words = [word for word, many in sorted(spread.items()) if many >= least]
    whole = len(examples)
    model = Model(
        {word: place for place, word in enumerate(words, CONSTANTS)},
        [math.log((1 + whole) / (1 + spread[word])) + 1 for word in words], {}, sharpness,
    )  # fmt: skip
    del counted
    rows = [model.row(text) for text, _path in examples]
    below: dict[Path, list[int]] = defaultdict(list)
    for number, (_text, path) in enumerate(examples):
        for depth in range(len(path)):
            below[path[:depth]].append(number)
    for path, numbers in below.items():
        depth = len(path)
        known = [examples[number][1][depth] for number in numbers]
        model.branchings["/".join(path)] = _branching([rows[number] for number in numbers], known, len(words))
    return model


def _branching(rows: list[Row], known: list[str], words: int) -> Branching:
    labels = sorted(set(known))
    if len(labels) == 1:
        return Branching(labels)
    getters = [itemgetter(*places) for places, _values in rows]
    lines = [_line(rows, getters, [1 if one == label else -1 for one in known], words) for label in labels]
    places = [place for place in range(words + CONSTANTS) if any(abs(line[place]) > STILL for line in lines)]
    weights = array("f", (line[place] for place in places for line in lines))
    return Branching(labels, array("I", places), weights)


def _line(rows: list[Row], getters: list[Any], signs: list[int], words: int) -> list[float]:
    """The line that parts one class from the rest: squared hinge loss, solved in the dual (Hsieh and others, 2008)."""
    weights, held = [0.0] * (words + CONSTANTS), [0.0] * len(rows)
    slack, order, chance = 0.5 / PENALTY, list(range(len(rows))), random.Random(1)  # noqa: S311  it must be the same every time
    squares = [sum(value * value for value in values) + slack for _places, values in rows]
    awake = order
    for turn in range(ROUNDS):
        if turn % WHOLE == 0:
            awake = order
        chance.shuffle(awake)
        kept, moved = [], False
        for number in awake:
            sign, before, (places, values) = signs[number], held[number], rows[number]
            slope = sign * sum(map(mul, getters[number](weights), values)) - 1 + slack * before
            if before > 0 or slope < FAR:
                kept.append(number)
            step = max(before - slope / squares[number], 0.0) - before
            if abs(step) < STILL:
                continue
            held[number] += step
            moved = True
            step *= sign
            for place, value in zip(places, values, strict=True):
                weights[place] += step * value
        if not moved and turn % WHOLE == 0:
            break
        awake = kept
    return weights


# --- measuring --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Measured:
    """How well a model does on messages it has never seen. `table[truth][answer]` counts them."""

    tested: int
    accuracy: float
    macro_f1: float
    table: dict[str, dict[str, int]]

    def kept(self) -> dict[str, Any]:
        """As it is kept beside the model."""
        return {"tested": self.tested, "accuracy": round(self.accuracy, 4), "macro_f1": round(self.macro_f1, 4),
                "table": self.table}  # fmt: skip


def measure(model: Model, examples: Sequence[Example], depth: int = 0) -> Measured:
    """Accuracy, macro-F1 and confusion over the classes of one level (0 is the first), or of whole paths (-1)."""
    table: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for text, path in examples:
        answer = _summed(model.classify(text, 6), depth)
        table[_at(path, depth)][answer] += 1
    right = sum(row[truth] for truth, row in list(table.items()))
    plain = {truth: dict(row) for truth, row in sorted(table.items())}
    return Measured(len(examples), right / max(1, len(examples)), _macro(plain), plain)


def _at(path: Path, depth: int) -> str:
    return path[-1] if depth < 0 or depth >= len(path) else path[depth]


def _summed(found: Sequence[tuple[Path, float]], depth: int) -> str:
    shares: Counter[str] = Counter()
    for path, sure in found:
        shares[_at(path, depth)] += sure  # type: ignore[assignment]
    return max(shares, key=lambda name: shares[name]) if shares else ""


def _macro(table: dict[str, dict[str, int]]) -> float:
    """The mean over the true classes of the harmonic mean of precision and recall."""
    found = []
    for truth, row in table.items():
        hits, answered = row.get(truth, 0), sum(other.get(truth, 0) for other in table.values())
        found.append(2 * hits / max(1, sum(row.values()) + answered))
    return sum(found) / max(1, len(found))


def split(examples: Iterable[Example], *, parts: int = 5, salt: str = "") -> tuple[list[Example], list[Example]]:
    """Examples to learn from, and one in `parts` to test with. Texts that begin alike fall on the same side."""
    learnt, kept_out = [], []
    for text, path in examples:
        start = "".join(RUNS.findall(text))[:24]
        number = int.from_bytes(hashlib.sha256(f"{salt}{start}".encode()).digest()[:8], "big")
        (learnt if number % parts else kept_out).append((text, path))
    return learnt, kept_out


def sharpened(model: Model, examples: Sequence[Example]) -> float:
    """The sharpness under which the confidences at the first branching fit messages kept out best (least surprise)."""
    knot = model.branchings.get("")
    if knot is None or len(knot.labels) < 2 or not examples:
        return model.sharpness
    scored = [(knot.scores(model.row(text)), path[0]) for text, path in examples if path[0] in knot.labels]
    places = {label: place for place, label in enumerate(knot.labels)}

    def surprise(sharpness: float) -> float:
        return -sum(math.log(softmax(scores, sharpness)[places[truth]] + 1e-9) for scores, truth in scored)

    return min(SHARPNESS, key=surprise)


def digest(examples: Iterable[Example]) -> str:
    """What a model was learnt from, as one number: it does not depend on the order."""
    lines = sorted(json.dumps([text, list(path)], ensure_ascii=False) for text, path in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def fit(examples: Sequence[Example], *, depth: int = 0) -> tuple[Model, Measured]:
    """A model of all examples, and how one does that had to learn without a tenth of them."""
    learnt, kept_out = split(examples, parts=10, salt="fit")
    trial = learn(learnt or examples)
    sharpness = sharpened(trial, kept_out)
    trial.sharpness = sharpness
    return learn(examples, sharpness=sharpness), measure(trial, kept_out, depth)

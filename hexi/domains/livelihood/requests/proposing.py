"""Who should get an order: the rules in force, then what was learnt from earlier orders. Above models, beside queries.

A rule decides by place, class, type and words; where nobody has chosen a class yet, the classifier names it, and the
proposal is as sure as the classifier is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from hexi.blocks.regions.codes import prefix
from hexi.domains.livelihood.requests import learning
from hexi.domains.livelihood.requests.models import (
    Classifier,
    Dispatch,
    DispatchRule,
    Request,
    Subject,
    in_force,
)
from hexi.domains.livelihood.requests.ports import Matter, Proposal
from hexi.domains.livelihood.requests.queries import matter as matter_of
from hexi.domains.livelihood.requests.states import State
from hexi.kernel import clock
from hexi.kernel.fixed import Fixed, Given

TOWN = 9
#: what the last classifier of a region was, so that it is unpacked once a process
_unpacked: dict[str, tuple[int, learning.Model, dict[str, dict[str, int]]]] = {}
Guess = tuple[str, float]


# --- rules ------------------------------------------------------------------------------------------------------------
def rules_on(region: str, day: date) -> list[DispatchRule]:
    """The rules of a hotline that hold on a day, in order."""
    return _RULES.all(day=day, region=region)


_RULES = Fixed(
    lambda: (
        DispatchRule.objects.filter(in_force(Given("day")), region_code=Given("region"))
        .select_related("office")
        .order_by("position", "valid_from", "pk")
    )
)
_NEWEST = Fixed(
    lambda: (
        Classifier.objects.filter(region_code=Given("region"), in_force=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
)


def fits(rule: DispatchRule, matter: Matter, subject: str) -> bool:
    """True if an order of this class falls under the rule."""
    return (
        matter.place_code.startswith(prefix(rule.place_code) if rule.place_code else "")
        and subject.startswith(rule.subject)
        and rule.type in ("", matter.type)
        and (not rule.words or any(word in matter.text for word in rule.words))
    )


def first_fitting(rules: Iterable[DispatchRule], matter: Matter, subject: str) -> DispatchRule | None:
    """The rule that counts: the first in order whose office is still there."""
    return next((one for one in rules if one.office.active and fits(one, matter, subject)), None)


def by_rules(matter: Matter) -> Iterator[Proposal]:
    """Proposer: what the rules of today say; the class is the one chosen, or the likeliest."""
    rules = rules_on(matter.hotline_region, clock.today())
    if not rules:
        return
    subject, sure = (matter.subject, 1.0) if matter.subject else next(iter(guesses(matter)), ("", 0.0))
    rule = first_fitting(rules, matter, subject)
    if rule is not None:
        why = _("第 %(n)s 条规则：%(duty)s") % {"n": rule.position, "duty": rule.duty}
        yield Proposal(rule.office.key, subject, round(sure, 4), why)


# --- what was learnt --------------------------------------------------------------------------------------------------
def _learnt(region: str) -> tuple[learning.Model, dict[str, dict[str, int]]] | None:
    """The classifier of the hotline's region that is in force."""
    newest = _NEWEST.first(region=region)
    if newest is None:
        return None
    kept = _unpacked.get(region)
    if kept is None or kept[0] != newest:
        row = Classifier.objects.get(pk=newest)
        kept = _unpacked[region] = (newest, learning.unpack(bytes(row.content)), row.offices)
    return kept[1], kept[2]


def guesses(matter: Matter, most: int = 3) -> list[Guess]:
    """Classes a text may belong to, best first; none where nothing was learnt."""
    learnt = _learnt(matter.hotline_region)
    return [] if learnt is None else [(path[-1], sure) for path, sure in learnt[0].classify(matter.text, most)]


def by_learning(matter: Matter) -> Iterator[Proposal]:
    """Proposer: the likeliest classes, each with the office that mostly had it there."""
    learnt = _learnt(matter.hotline_region)
    if learnt is None:
        return
    model, offices = learnt
    found = (
        [(matter.subject, 1.0)] if matter.subject else [(path[-1], sure) for path, sure in model.classify(matter.text)]
    )
    for subject, sure in found:
        for place in (matter.place_code[:TOWN], ""):
            known = offices.get(f"{subject}|{place}")
            if known:
                office, many = max(known.items(), key=lambda item: (item[1], item[0]))
                whole = sum(known.values())
                why = _("以往 %(whole)s 件同类诉求有 %(n)s 件由它办理") % {"whole": whole, "n": many}
                yield Proposal(office, subject, round(sure * many / (whole + 1), 4), why)
                break


def examples_of(region: str, most: int) -> tuple[list[learning.Example], dict[str, dict[str, int]], int]:
    """What a hotline's orders teach: texts with their class, who had which class where, how many were corrected.

    Closed orders, and those for which a person chose otherwise than was proposed; what an office gave back teaches
    nothing of offices. Newest first, so many at most.
    """
    rows = Dispatch.objects.filter(returned_at=None, request__hotline_region=region).exclude(request__case__subject="")
    columns = (
        "request_id", "request__text", "request__case__subject", "request__case__state", "request__place_code",
        "office__key", "proposed",
    )  # fmt: skip
    seen: set[int] = set()
    examples: list[learning.Example] = []
    offices: dict[str, Counter[str]] = {}
    corrected, ways = 0, paths()
    for pk, text, subject, state, place, office, proposed in rows.order_by("-pk").values_list(*columns)[: most * 2]:
        other = corrects(proposed, office, subject)
        if pk in seen or len(seen) >= most or not (other or state == State.CLOSED):
            continue
        seen.add(pk)
        corrected += other
        examples.append((text, ways.get(subject, (subject,))))
        for key in (f"{subject}|{place[:TOWN]}", f"{subject}|"):
            offices.setdefault(key, Counter())[office] += 1
    return examples, {key: dict(sorted(many.items())) for key, many in sorted(offices.items())}, corrected


def corrects(proposed: Sequence[Mapping[str, object]], office: str, subject: str) -> bool:
    """True if somebody chose another office or class than the first proposal."""
    return bool(proposed) and (proposed[0].get("office"), proposed[0].get("subject")) != (office, subject)


def paths() -> dict[str, learning.Path]:
    """Every class by code, with the codes above it, top first."""
    above = dict(Subject.objects.values_list("code", "parent_code"))

    def way(code: str) -> learning.Path:
        return (*way(above[code]), code) if code in above else ()

    return {code: way(code) for code in above}


# --- on trial ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tried:
    """One earlier order under the rules of two days; offices by name, "" where no rule fits."""

    request: Request
    was: str
    today: str
    then: str
    rule: DispatchRule | None


@dataclass(frozen=True)
class Trial:
    """How rules do on earlier orders. `today` and `then` count the orders that go where they really went."""

    tried: int
    today: int
    then: int
    unmatched: int
    changed: list[Tried]


def tried(rows: Iterable[Request], region: str, day: date) -> Trial:
    """Earlier orders under today's rules and under those of a day to come: what would go elsewhere."""
    now, later = rules_on(region, clock.today()), rules_on(region, day)
    whole = good = better = unmatched = 0
    changed = []
    for request in rows:
        matter = matter_of(request)
        one, other = (first_fitting(rules, matter, matter.subject) for rules in (now, later))
        sent = [row for row in request.dispatches.all() if row.returned_at is None]
        was = max(sent, key=lambda row: row.pk).office if sent else None
        whole += 1
        good += was is not None and one is not None and one.office_id == was.pk
        better += was is not None and other is not None and other.office_id == was.pk
        unmatched += other is None
        if (one and one.office_id) != (other and other.office_id):
            names = [office.title if office else "" for office in (was, one and one.office, other and other.office)]
            changed.append(Tried(request, *names, other))
    return Trial(whole, good, better, unmatched, changed)

"""What several operations share: the order of a step, who may read, terms, letters, naming."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.cases import deadlines, letters
from hexi.blocks.cases.models import Case, Letter
from hexi.blocks.cases.operations.opening import own_step
from hexi.blocks.cases.steps import Step, step
from hexi.blocks.people.models import Account
from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.petitions import hooks, queries, rules
from hexi.domains.livelihood.petitions.access import may_read
from hexi.domains.livelihood.petitions.models import Handler, Petition
from hexi.domains.livelihood.petitions.states import BLIND
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.packs import Words

LONGEST = 5000


def of(case: Case) -> Petition:
    """The petition of a case that a step has locked; both hold the same case."""
    petition = Petition.objects.select_related("office", "unit", "lead").get(case=case)
    petition.case = case
    return petition


@contextmanager
def official(
    petition: Petition, action: str, *, by: Actor, revision: int | None, opinion: str = ""
) -> Iterator[tuple[Step, Petition]]:
    """A step by the table of actions, with the petition beside it, saved at the end. Most need its content."""
    with step(petition.case, action, by=by, revision=revision, opinion=opinion) as one:
        row = of(one.case)
        if action not in BLIND and not may_read(row, by):
            raise Denied(_("这件信访事项只由被指定的承办人办理。请联系本单位负责人指定。"))
        yield one, row
        row.save()


@contextmanager
def petitioners(
    petition: Petition, action: str, *, by: Actor, states: tuple[str, ...]
) -> Iterator[tuple[Step, Petition]]:
    """A step of the petitioner himself."""
    if not queries.is_petitioner(by, petition):
        raise Denied(_("这件信访事项不是您提出的。"))
    with own_step(petition.case, action, by=by, states=states) as one:
        row = of(one.case)
        one.office = _("信访人")
        yield one, row
        row.save()


def start(one: Step, row: Petition, clock_: str, *, at: datetime | None = None) -> None:
    """A clock by the term in force on the day it starts."""
    at = at or one.at
    limit = rules.limit(clock_, row.office_region, clock.local_day(at))
    deadlines.start(one.case, clock_, at=at, limit=limit)


def require_before(one: Step, clock_: str, sentence: str) -> None:
    """Raise `ValidationError` unless the clock still runs."""
    found = one.case.clocks.filter(kind=clock_, stopped_at=None).first()
    if found is None or (found.due is not None and one.at > found.due):
        raise ValidationError(sentence)


def due_of(one: Step, clock_: str) -> datetime | None:
    """When a running clock is due."""
    found: datetime | None = one.case.clocks.filter(kind=clock_).values_list("due", flat=True).first()
    return found


def write(one: Step, row: Petition, kind: str, body: tuple[str, ...] = (), **facts: object) -> Letter:
    """A numbered paper to the petitioner, in the name of the office the case lies with; he is told."""
    said = {name: value.zh if isinstance(value, Words) else str(value) for name, value in facts.items()}
    letter = letters.paper(
        one.case, kind, by=one.by, thing=(queries.KIND, str(row.pk)), to=row.contact.get("name", ""),
        link=f"/my/petitions/{one.case.number}/", body=body, **said,
    )  # fmt: skip
    one.letter = letter
    hooks.petition_told.ring(petition=row, by=one.by)
    return letter


def name(row: Petition, account: Account, *, by: Actor, at: datetime) -> None:
    """Name a handler. Raises `ValidationError` for one who must keep out."""
    barrier = queries.barrier(row, account)
    if barrier == "kept":
        raise ValidationError({"account": _("%(name)s应当回避，不能承办这件信访事项。") % {"name": account}})
    if barrier == "before":
        words = _("%(name)s办理过前一级意见，不能参加复查、复核。")
        raise ValidationError({"account": words % {"name": account}})
    _row, new = Handler.objects.get_or_create(
        petition=row, account=account, ended_at=None,
        defaults={"level": row.level, "named_by": by.key, "named_at": at},
    )  # fmt: skip
    if new:
        hooks.handler_named.ring(petition=row, account=account, by=by)


def require_clear(row: Petition, unit: Department) -> None:
    """Raise `ValidationError` if a unit must not get the petition (arts 28, 30: never to whom it complains of)."""
    family = [row, *row.followers.all()]
    if any(not queries.units_to(one).filter(pk=unit.pk).exists() for one in family):
        words = _("%(name)s是被反映的单位（或者已停用），不能转给它办理。请选择别的单位或者它的上级。")
        raise ValidationError({"unit": words % {"name": unit.title}})


def required(text: str, field: str, sentence: str) -> str:
    """A text somebody must write. Raises `ValidationError` at its field."""
    text = text.strip()
    if not text:
        raise ValidationError({field: sentence})
    if len(text) > LONGEST:
        raise ValidationError({field: _("最多 %(most)s 字，现在有 %(n)s 字。") % {"most": LONGEST, "n": len(text)}})
    return text

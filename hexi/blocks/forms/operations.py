"""Changing drafts: start, save a step, discard and take back, submit; park answers whose writer must sign in again."""

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.documents import operations as documents
from hexi.blocks.forms import answers, drafts, kinds, prefill, queries
from hexi.blocks.forms.conditions import same
from hexi.blocks.forms.hooks import draft_started
from hexi.blocks.forms.models import Draft, Parked, Revision
from hexi.blocks.forms.typed import Wrong
from hexi.blocks.people import queries as people
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied, System
from hexi.kernel.fixed import Fixed, Given, insert, update
from hexi.kernel.options import Option

MOST_BYTES = Option(
    "forms.max_bytes", int, 200_000,
    "一份草稿的内容（JSON）最大字节数。 / Largest size of one draft's answers as JSON, in bytes.",
)  # fmt: skip
PARKED_MINUTES = Option(
    "forms.parked_minutes", int, 30,
    "登录过期时填的内容等本人重新登录的分钟数。 / How long answers wait for their writer to sign in again.",
)  # fmt: skip
KEPT_DAYS = Option(
    "forms.discarded_days", int, 30, "丢弃的草稿几天内可以找回。 / Days in which a discarded draft can be taken back."
)
#: answers parked for one draft at a time; an older one makes room
MOST_PARKED = 5
SALT = "hexi.forms.parked"


@dataclass(frozen=True)
class Saved:
    """How a draft stands after a save.

    Where somebody else saved since the page was loaded: `kept` are fields whose newer answer stays although the page
    showed an older one, `lost` leads from a field's path to the newer answer that the page, being the last, replaced.
    `shown_before` are the fields the page showed.
    """

    standing: queries.Standing
    kept: tuple[str, ...]
    lost: dict[str, Any]
    shown_before: frozenset[str]


@dataclass(frozen=True)
class Submission:
    """What is handed over when a draft is submitted: only what is shown and good."""

    draft: Draft
    definition: drafts.Definition
    values: dict[str, Any]


def start(
    kind: str, *, ref: str, digest: str, by: Actor, person_id: int | None = None, region_code: str = "",
    entitled: bool = False,
) -> Draft:  # fmt: skip
    """The actor's open draft of this thing in this person's name; made and prefilled if there is none.

    `entitled`: the caller has seen that the actor may write for this person (a mandate, a counter).
    Started twice at once it is one draft; one begun under an older version of the definition is returned as it is.
    Raises `Denied` for visitors and for persons the actor does not stand for, `LookupError` for no such definition.
    """
    account_id = getattr(by, "account_id", None)
    if account_id is None:
        raise Denied(_("请先登录再填写。"))
    person_id = person_id or getattr(by, "person_id", None)
    if person_id is not None and not entitled and person_id not in people.persons_of(by):
        raise Denied(_("您不能以这个人或单位的名义申请。请先取得授权，或以自己的名义申请。"))
    same = Draft.objects.of(account_id).open().filter(definition_kind=kind, definition_ref=ref, person_id=person_id)
    found = same.first()
    if found is not None:
        return found
    definition = drafts.kind_of(kind).find(ref, digest)
    if definition is None:
        raise LookupError(f"{kind} {ref} {digest} is not there")
    given, sources = prefill.known(definition.form, by=by, person_id=person_id)
    try:
        with audit.change(by, "forms.start", None, kind=kind, ref=ref) as entry:
            entry.thing = draft = Draft(
                key=secrets.token_urlsafe(12), definition_kind=kind, definition_ref=ref, definition_digest=digest,
                title_zh=definition.title.zh, title_en=definition.title.en, account_id=account_id,
                person_id=person_id, region_code=region_code, answers=given, sources=sources,
                step=f"form.{definition.form.sections[0].key}",
            )  # fmt: skip
            insert(draft)
            draft_started.ring(draft=draft, by=by)
        return draft
    except IntegrityError:  # somebody was faster by a moment: the same person, twice
        return same.get()


def fill(draft: Draft, known: Mapping[str, Any], *, source: str, by: System) -> None:
    """Put what a data set knows into questions nobody has answered, as a prefilled answer of `source` (see `Known`).

    For whoever listens to `draft_started`. A register goes before what the account says; what would be no good answer
    is left for the applicant.
    """
    kind = drafts.kind_of(draft.definition_kind)
    definition = kind.find(draft.definition_ref, draft.definition_digest)
    if definition is None:
        return
    with audit.change(by, "forms.fill", draft, source=source):
        for _section, field in definition.form.fields():
            if known.get(field.key) in (None, "") or (field.key in draft.answers and field.key not in draft.sources):
                continue
            with suppress(Wrong):
                draft.answers[field.key] = kinds.clean(field, known[field.key])
                draft.sources[field.key] = source
        update(draft, "answers", "sources")


def save_step(draft: Draft, *, raw: Mapping[str, Any], version: int, by: Actor, step: str = "") -> Saved:
    """Keep some answers as they are, right or wrong. `version` is the draft's when the page was loaded.

    What others saved since then is merged field by field. The same page sent twice changes nothing the second time.
    `step` is where to resume. Raises `ValidationError` if the draft was submitted or discarded, or grows too large.
    """
    with transaction.atomic():
        draft = _locked(draft, by)
        held = queries.Standing(draft)
        before = queries.at_version(draft, version)
        typed = held.judge({**draft.answers, **raw})
        fields = [field.key for _section, field in held.definition.form.fields()]
        posted = {key: typed.kept.get(key) for key in fields if key in raw}
        merged, lost = answers.merge(before, draft.answers, posted)
        kept = _kept(before, draft.answers, posted, lost)
        _write(draft, merged, step or draft.step, by)
        if same(merged, typed.kept):
            held.cleaned = typed  # nobody else saved meanwhile: judged already
        else:
            held.cleaned.unknown = typed.unknown
            held.cleaned.errors |= {name: typed.errors[name] for name in typed.unknown}
        return Saved(held, kept, lost, frozenset(held.judge(before).shown))


def reach(draft: Draft, *, step: str, by: Actor) -> None:
    """Remember where to resume. No log entry: a bookmark changes nothing that anybody decides on."""
    queries.require_writer(draft, by)
    if step != draft.step:
        Draft.objects.filter(pk=draft.pk).update(step=step)
        draft.step = step


def _kept(before: answers.Raw, stored: answers.Raw, posted: answers.Raw, lost: answers.Raw) -> tuple[str, ...]:
    """Fields on the page that were changed elsewhere since it was loaded, and stay so."""
    replaced = {path.partition(".")[0] for path in lost}
    return tuple(
        key
        for key, value in posted.items()
        if key not in replaced and not same(before.get(key), stored.get(key)) and not same(value, stored.get(key))
    )


def _write(draft: Draft, merged: answers.Raw, step: str, by: Actor) -> None:
    """Keep the answers and what they replace; nothing if nothing changed."""
    held = draft.answers
    before = {key: held.get(key) for key in (*held, *merged) if not same(held.get(key), merged.get(key))}
    if not before:
        if step != draft.step:
            draft.step = step
            draft.save(update_fields=["step"])
        return
    if len(json.dumps(merged, ensure_ascii=False).encode()) > MOST_BYTES.value:
        sentence = _("填写的内容太多（最多 %(most)s 字节），没有保存。请删短一些再保存，或把长的内容作为材料上传。")
        raise ValidationError(sentence % {"most": MOST_BYTES.value})
    with audit.change(by, "forms.save", draft, fields=sorted(before)):
        draft.answers, draft.step, draft.updated_at = merged, step, clock.now()
        draft.sources = {key: source for key, source in draft.sources.items() if key not in before}
        draft.version += 1
        update(draft, "answers", "sources", "step", "version", "updated_at")
        insert(Revision(draft=draft, version=draft.version, before=before))


def _locked(draft: Draft, by: Actor) -> Draft:
    """The draft as it is now, held until the transaction ends; it must be the actor's and open."""
    locked = _held(draft, by)
    _require_open(locked)
    return locked


def _require_open(draft: Draft) -> None:
    if draft.submitted_ref:
        sentence = _("这份草稿已经提交（编号 %(ref)s），不能再改。请到“我的办件”查看或补正。")
        raise ValidationError(sentence % {"ref": draft.submitted_ref})
    if draft.discarded_at is not None:
        raise ValidationError(_("这份草稿已经删除。请先在“我的草稿”里恢复，再继续填写。"))


def _held(draft: Draft, by: Actor) -> Draft:
    locked = _LOCKED.get(draft=draft.pk)
    queries.require_writer(locked, by)
    return locked


_LOCKED = Fixed(
    lambda: Draft.objects.select_for_update(of=("self",)).select_related("person").filter(pk=Given("draft"))
)


def discard(draft: Draft, *, by: Actor) -> None:
    """Put the draft away; it can be taken back for `forms.discarded_days` days. Twice is once."""
    with transaction.atomic():
        draft = _held(draft, by)
        if draft.open:
            with audit.change(by, "forms.discard", draft):
                Draft.objects.filter(pk=draft.pk).update(discarded_at=clock.now())


def restore(draft: Draft, *, by: Actor) -> None:
    """Take a discarded draft back. `ValidationError` if another one of the same thing was begun meanwhile."""
    with transaction.atomic():
        draft = _held(draft, by)
        if draft.discarded_at is None or draft.submitted_ref:
            return
        same_thing = Draft.objects.of(draft.account_id).open().filter(
            definition_kind=draft.definition_kind, definition_ref=draft.definition_ref, person_id=draft.person_id
        )  # fmt: skip
        if same_thing.exists():
            raise ValidationError(_("这个事项已有另一份草稿。请先删除那一份，再恢复这一份。"))
        with audit.change(by, "forms.restore", draft):
            Draft.objects.filter(pk=draft.pk).update(discarded_at=None)


def submit(draft: Draft, *, version: int, by: Actor, create: Callable[[Submission], str]) -> str:
    """Hand the answers over once: `create(submission)` makes what they become and returns its reference.

    All in one transaction. A draft that is submitted already gives the reference it became; nothing is made again.
    Raises `ValidationError` by field (and "file.<slot>") for what is missing or wrong, or if the draft was changed
    after the page was read (`version`): nobody hands in what he has not seen. What conditions hide is not handed over
    and is forgotten.
    """
    with transaction.atomic():
        draft = _held(draft, by)
        if ref := draft.submitted_ref:
            return ref
        _require_open(draft)
        if draft.version != version:
            raise ValidationError(_("您核对之后，这份草稿在另一个窗口改过。请再核对一遍，然后提交。"))
        held = queries.standing_of(draft)
        if held.stop:
            raise ValidationError(f"{held.stop.title} {held.stop.text}")
        if faults := held.cleaned.errors | held.missing:
            raise ValidationError(faults)
        _take_out_hidden_files(held, by)
        values = held.cleaned.values
        with audit.change(by, "forms.submit", draft) as entry:
            entry.facts["ref"] = ref = create(Submission(draft, held.definition, values))
            draft.submitted_ref, draft.submitted_at, draft.answers = ref, clock.now(), values
            update(draft, "submitted_ref", "submitted_at", "answers")
            draft.revisions.all().delete()
            draft.parked.all().delete()
        return ref


def _take_out_hidden_files(held: queries.Standing, by: Actor) -> None:
    """Files of questions and rows that are not part of what is handed in do not go along."""
    hidden = [
        document
        for slot, files in held.files.items()
        if slot.startswith(answers.FILES) and held.cleaned.at(slot.removeprefix(answers.FILES)) is None
        for document in files
    ]
    for document in hidden:
        documents.remove(document, by=by)
    if hidden:
        held.judge_again()


# --- a session that ended in mid-form -------------------------------------------------------------------------------


def park(key: str, *, raw: Mapping[str, Any], version: int, step: str, by: Actor) -> str | None:
    """Keep what a visitor posted for a draft until its own writer has signed in again; a signed token, good for once.

    None if there is no such open draft, or too much was posted. Nothing of the draft is shown or changed.
    """
    draft = Draft.objects.open().filter(key=key).first()
    posted = answers.plain(dict(raw))
    if draft is None or len(json.dumps(posted, ensure_ascii=False).encode()) > MOST_BYTES.value:
        return None
    with audit.change(by, "forms.park", draft, step=step):
        parked = Parked.objects.create(
            key=secrets.token_urlsafe(24), draft=draft, step=step, version=version, answers=posted
        )
        kept = draft.parked.order_by("-pk").values("pk")[:MOST_PARKED]
        draft.parked.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()
    return signing.dumps([parked.key, draft.key], salt=SALT)


def unpark(token: str, *, by: Actor) -> tuple[Saved, str]:
    """Put parked answers into their draft, once, for the account that writes it; the save and the step it was at.

    Raises `ValidationError` if the token is used up, too old or not ours, `Denied` for any other account (the answers
    then wait on for the right one).
    """
    sentence = _("暂存的内容已经取回，或超过 %(n)s 分钟已作废。之前每一步保存的内容都还在草稿里。")
    gone = ValidationError(sentence % {"n": PARKED_MINUTES.value})
    try:
        key, draft_key = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise gone from None
    waiting = Parked.objects.filter(
        key=key, draft__key=draft_key, at__gte=clock.now() - timedelta(minutes=PARKED_MINUTES.value)
    )
    with transaction.atomic():
        parked = waiting.select_related("draft").first()
        if parked is None:
            raise gone
        draft = _held(parked.draft, by)  # the draft is locked before what hangs on it, as everywhere
        if not waiting.select_for_update().exists():
            raise gone
        saved = save_step(draft, raw=parked.answers, version=parked.version, by=by, step=parked.step)
        parked.delete()
        return saved, parked.step


def purge() -> dict[str, int]:
    """Forget parked answers after a day, and discarded drafts when they can no longer be taken back."""
    by, now = System("forms"), clock.now()
    parked = Parked.objects.filter(at__lt=now - timedelta(days=1))
    put_away = Draft.objects.filter(submitted_ref="", discarded_at__lt=now - timedelta(days=KEPT_DAYS.value))
    if not parked.exists() and not put_away.exists():
        return {"parked": 0, "drafts": 0}
    with audit.change(by, "forms.purge") as entry:
        entry.rows = list(put_away.values_list("key", flat=True))
        entry.facts |= (done := {"parked": parked.delete()[0], "drafts": put_away.delete()[1].get("forms.Draft", 0)})
    return done

"""Reading drafts: whose they are, what they were made of, what is still missing."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from hexi.blocks.forms import answers, drafts
from hexi.blocks.forms.models import Draft, DraftQuerySet
from hexi.kernel.actors import Actor, Denied


def mine(by: Actor) -> DraftQuerySet:
    """The actor's open drafts, last touched first."""
    return Draft.objects.of(getattr(by, "account_id", None)).open().order_by("-updated_at", "-pk")


def discarded(by: Actor) -> DraftQuerySet:
    """The actor's discarded drafts that can still be taken back, last discarded first."""
    rows = Draft.objects.of(getattr(by, "account_id", None)).filter(submitted_ref="")
    return rows.exclude(discarded_at=None).order_by("-discarded_at")


def find(key: str, *, by: Actor) -> Draft:
    """A draft by its key, for its writer. `Http404` if there is none, `Denied` for everybody else."""
    draft = Draft.objects.select_related("person").filter(key=key).first()
    if draft is None:
        raise Http404(_("没有这份草稿。"))
    require_writer(draft, by)
    return draft


def require_writer(draft: Draft, by: Actor) -> None:
    """Raise `Denied` unless the actor's account writes this draft."""
    if getattr(by, "account_id", None) != draft.account_id:
        raise Denied(_("这份草稿属于另一个账户。请换用填写它的账户登录。"))


def definition(draft: Draft) -> drafts.Definition:
    """What the draft was started with. `LookupError` if that version is gone."""
    found = drafts.kind_of(draft.definition_kind).find(draft.definition_ref, draft.definition_digest)
    if found is None:
        raise LookupError(f"{draft.definition_kind} {draft.definition_ref} {draft.definition_digest} is gone")
    return found


def outdated(draft: Draft) -> bool:
    """True if another version of the definition is in force by now."""
    return drafts.kind_of(draft.definition_kind).newest(draft.definition_ref) != draft.definition_digest


def address(draft: Draft, step: str = "") -> str:
    """The page of a step; without one, the page where the draft is resumed."""
    return drafts.kind_of(draft.definition_kind).address(draft, step or draft.step)


def facts(draft: Draft) -> dict[str, Any]:
    """What conditions may look at beside the answers: `applicant` is "person" or "body"."""
    return {"applicant": "body" if draft.person is not None and not draft.person.natural else "person"}


def judged(draft: Draft) -> answers.Cleaned:
    """The draft's answers, cleaned against the version it keeps."""
    return answers.clean(definition(draft).form, draft.answers, facts(draft))


def at_version(draft: Draft, version: int) -> dict[str, Any]:
    """The answers as a page loaded at `version` saw them."""
    seen = dict(draft.answers)
    for revision in draft.revisions.filter(version__gt=version).order_by("-version"):
        seen |= revision.before
    return {key: value for key, value in seen.items() if value is not None}

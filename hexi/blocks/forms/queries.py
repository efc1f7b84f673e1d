"""Reading drafts: whose they are, what they were made of, how they stand, what is still missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from hexi.blocks.documents import queries as papers
from hexi.blocks.documents.models import Document
from hexi.blocks.forms import answers, conditions, drafts
from hexi.blocks.forms.definitions import Section, Slot, Stop
from hexi.blocks.forms.models import Draft, DraftQuerySet
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied
from hexi.kernel.fixed import Fixed, Given

_BY_KEY = Fixed(lambda: Draft.objects.select_related("person").filter(key=Given("key")))


def mine(by: Actor) -> DraftQuerySet:
    """The actor's open drafts, last touched first."""
    rows = Draft.objects.of(getattr(by, "account_id", None)).open()
    return rows.select_related("person").order_by("-updated_at", "-pk")


def discarded(by: Actor) -> DraftQuerySet:
    """The actor's discarded drafts that can still be taken back, last discarded first."""
    rows = Draft.objects.of(getattr(by, "account_id", None)).filter(submitted_ref="")
    return rows.exclude(discarded_at=None).order_by("-discarded_at")


def find(key: str, *, by: Actor) -> Draft:
    """A draft by its key, for its writer. `Http404` if there is none, `Denied` for everybody else."""
    draft = _BY_KEY.first(key=key)
    if draft is None:
        raise Http404(_("没有这份草稿。"))
    require_writer(draft, by)
    return draft


def require_writer(draft: Draft, by: Actor) -> None:
    """Raise `Denied` unless the actor's account writes this draft."""
    if getattr(by, "account_id", None) != draft.account_id:
        raise Denied(_("这份草稿属于另一个账户。请换用填写它的账户登录。"))


def address(draft: Draft, step: str = "") -> str:
    """The page of a step; without one, the page where the draft is resumed."""
    return drafts.kind_of(draft.definition_kind).address(draft, step or draft.step)


def became(draft: Draft) -> str:
    """The page of what a submitted draft became; "" if there is none."""
    kind = drafts.kind_of(draft.definition_kind)
    return kind.became(draft) if kind.became and draft.submitted_ref else ""


def outdated(draft: Draft) -> bool:
    """True if another version of the definition is in force by now."""
    return drafts.kind_of(draft.definition_kind).newest(draft.definition_ref) != draft.definition_digest


def at_version(draft: Draft, version: int) -> dict[str, Any]:
    """The answers as a page loaded at `version` saw them."""
    seen = dict(draft.answers)
    if version == draft.version:
        return {key: value for key, value in seen.items() if value is not None}
    for revision in draft.revisions.filter(version__gt=version).order_by("-version"):
        seen |= revision.before
    return {key: value for key, value in seen.items() if value is not None}


def blank(definition: drafts.Definition) -> "Standing":
    """A standing of nothing filled in, for previews; no draft is made."""
    standing = Standing(Draft())
    standing.__dict__ |= {"definition": definition, "files": {}}
    return standing


@dataclass(frozen=True)
class Material:
    """A place for files as this draft needs it now."""

    slot: Slot
    required: bool
    files: Sequence[Document]

    @property
    def missing(self) -> bool:
        """True if it cannot be submitted without a file here."""
        return self.required and not self.files

    @property
    def room(self) -> int:
        """How many more files it takes."""
        return max(self.slot.max_files - len(self.files), 0)


class Standing:
    """How a draft stands against the version of the definition it keeps; each part is found when first asked for."""

    def __init__(self, draft: Draft):
        self.draft, self.judged = draft, draft.answers

    @cached_property
    def definition(self) -> drafts.Definition:
        """What the draft was started with. `LookupError` if that version is gone."""
        draft = self.draft
        found = drafts.kind_of(draft.definition_kind).find(draft.definition_ref, draft.definition_digest)
        if found is None:
            raise LookupError(f"{draft.definition_kind} {draft.definition_ref} {draft.definition_digest} is gone")
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """What conditions may look at beside the answers: `applicant` is "person" or "body"; the day it is."""
        person = self.draft.person
        applicant = "person" if person is None or person.natural else "body"
        return {"applicant": applicant, "today": clock.today().isoformat()}

    def judge(self, raw: dict[str, Any]) -> answers.Cleaned:
        """Some answers, judged for this draft."""
        named = {slot: [one.name for one in held] for slot, held in self.files.items() if answers.FILES in slot}
        asked = {slot.removeprefix(answers.FILES): names for slot, names in named.items()}
        return answers.clean(self.definition.form, raw, self.facts, asked)

    @cached_property
    def files(self) -> dict[str, list[Document]]:
        """The files by slot: of materials, and of questions. One query, none if there is no place for files."""
        wanted = self.definition.slots or self.definition.form.takes_files
        return papers.by_slot("forms.draft", str(self.draft.pk)) if wanted else {}

    @cached_property
    def stop(self) -> Stop | None:
        """The end the answers have come to before the end, if any."""
        return next((one for one in self.definition.form.stops if conditions.holds(one.when, self.cleaned.look)), None)

    @cached_property
    def cleaned(self) -> answers.Cleaned:
        """The draft's own answers, judged."""
        return self.judge(self.draft.answers)

    def judge_again(self) -> None:
        """Forget what was found: files have come or gone."""
        for name in ("files", "cleaned", "sections", "materials", "stop"):
            self.__dict__.pop(name, None)

    @cached_property
    def sections(self) -> list[Section]:
        """The sections in which something is asked."""
        form = self.definition.form
        return [one for one in form.sections if any(field.key in self.cleaned.shown for field in one.fields)]

    @cached_property
    def materials(self) -> list[Material]:
        """The places for files that the answers ask for, with what is in them."""
        look = self.cleaned.look
        slots = [slot for slot in self.definition.slots if conditions.holds(slot.when, look)]
        return [Material(slot, conditions.holds(slot.required, look), self.files.get(slot.key, ())) for slot in slots]

    @property
    def missing(self) -> dict[str, str]:
        """The sentence for each material without which nothing can be submitted, under the name of its control."""
        sentence = _("请上传“%(title)s”。")
        return {f"file.{one.slot.key}": sentence % {"title": one.slot.title} for one in self.materials if one.missing}

    def faults(self, section: Section) -> dict[str, str]:
        """What is wrong or missing in one section, and names that are nobody's."""
        own = {field.key for field in section.fields}
        return {
            path: said
            for path, said in self.cleaned.errors.items()
            if path.partition(".")[0] in own or path in self.cleaned.unknown
        }


def standing_of(draft: Draft) -> Standing:
    """The standing of this object of a draft, found once while its answers stay the same. Not after files changed."""
    held: Standing | None = draft.__dict__.get("_forms_standing")
    if held is None or held.judged is not draft.answers:
        held = draft.__dict__["_forms_standing"] = Standing(draft)
    return held


def may_read(by: Actor, document: Document) -> bool:
    """Besides the owner whoever writes the draft for him reads its files: it has not been handed in."""
    return writes(by, document.of_ref)


def writes(by: Actor, ref: str) -> bool:
    """True if the actor's account writes the draft with this primary key."""
    account_id = getattr(by, "account_id", None)
    return account_id is not None and Draft.objects.filter(pk=ref, account_id=account_id).exists()


_OPEN = Fixed(lambda: Draft.objects.open().filter(pk=Given("draft")).values_list("pk"))


def is_open(ref: str, slot: str) -> bool:
    """True while files may be added to the draft with this primary key, or taken away."""
    return _OPEN.first(draft=int(ref)) is not None

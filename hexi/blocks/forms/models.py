"""Tables of forms: drafts, what each save replaced, and answers parked while their writer signs in again."""

import json
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hexi.blocks.people import vault
from hexi.kernel import clock

#: what our sealed texts are authenticated as, so that none can be moved to another block's column
SEALED_AS = "forms"


class SealedJSON(models.TextField):
    """A JSON value that rests encrypted: answers hold identity numbers, addresses and phones."""

    #: `hexi people rekey` finds by it what rests sealed
    sealed_as = SEALED_AS

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """Opened when read."""
        return None if value is None else json.loads(vault.ring().open(value, SEALED_AS))

    def get_prep_value(self, value: Any) -> str | None:
        """Sealed when written."""
        return None if value is None else vault.ring().seal(json.dumps(value, ensure_ascii=False), SEALED_AS)


class DraftQuerySet(models.QuerySet["Draft"]):
    """Filters of one table."""

    def open(self) -> "DraftQuerySet":
        """Neither submitted nor discarded."""
        return self.filter(submitted_ref="", discarded_at=None)

    def of(self, account_id: int | None) -> "DraftQuerySet":
        """Those one account writes; none for a visitor."""
        return self.filter(account_id=account_id) if account_id is not None else self.none()


class Draft(models.Model):
    """Answers on their way to being submitted. Its definition is found by kind, reference and digest (`DraftKind`)."""

    key = models.CharField(max_length=24, unique=True, help_text="stands in addresses; cannot be guessed")
    definition_kind = models.CharField(max_length=40)
    definition_ref = models.CharField(max_length=80)
    definition_digest = models.CharField(max_length=64)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+", help_text="who writes it")
    person = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, related_name="+", help_text="in whose name"
    )
    region_code = models.CharField(max_length=12, blank=True)
    answers = SealedJSON(default=dict)
    sources = models.JSONField(default=dict, help_text="where untouched prefilled answers came from")
    step = models.CharField(max_length=60, blank=True, help_text="where to resume")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(_("上次保存"), default=clock.now)
    discarded_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_ref = models.CharField(max_length=80, blank=True, help_text="what it became")

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                F("account"), F("definition_kind"), F("definition_ref"), Coalesce("person", 0),
                condition=Q(submitted_ref="", discarded_at=None), name="forms_draft_one_open",
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["account", "-updated_at"])]

    def __str__(self) -> str:
        return self.title_en if (get_language() or "").startswith("en") else self.title_zh

    @property
    def open(self) -> bool:
        """True while it can be filled in."""
        return not self.submitted_ref and self.discarded_at is None


class Revision(models.Model):
    """What one save replaced: enough to know what any older page was loaded with, and to give an answer back."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField(help_text="the draft's version after the save")
    before = SealedJSON(help_text="field to the value before; null: none")
    at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "version"], name="forms_revision_once")]


class Parked(models.Model):
    """Answers that arrived when the session had ended: kept half an hour for the draft's own account."""

    key = models.CharField(max_length=40, unique=True)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="parked")
    step = models.CharField(max_length=60)
    version = models.PositiveIntegerField(help_text="the draft's version the page was loaded with")
    answers = SealedJSON()
    at = models.DateTimeField(default=clock.now, editable=False, db_index=True)

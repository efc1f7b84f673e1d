"""Tables of documents: contents named by their hash, and the documents that carry them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hexi.blocks.documents import looks, reading
from hexi.kernel import clock

#: contents a browser shows by itself without running anything in them
SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp"})

#: kind of the thing the file of an annotated copy belongs to; its ref is the copy's code
COPY = "documents.copy"


class Blob(models.Model):
    """One content, kept once however often it is handed in. Its file is named by the hash (`shelf.path`)."""

    class Scan(models.TextChoices):
        """What the virus scanner said."""

        NONE = "none", gettext_lazy("未扫描")
        WAITING = "waiting", gettext_lazy("等待扫描")
        CLEAN = "clean", gettext_lazy("未发现病毒")
        INFECTED = "infected", gettext_lazy("发现病毒")

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField(help_text="bytes")
    media_type = models.CharField(max_length=100)
    pages = models.PositiveIntegerField(null=True, help_text="of a PDF")
    width = models.PositiveIntegerField(null=True, help_text="pixels, as stored")
    height = models.PositiveIntegerField(null=True)
    look = models.CharField(
        max_length=8, blank=True, default="", help_text="key of a hint: small, dark, blurred, cut …"
    )
    scan = models.CharField(max_length=8, choices=Scan, default=Scan.NONE)
    virus = models.CharField(max_length=200, blank=True, help_text="the name the scanner gave it")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["created_at"], condition=Q(scan="waiting"), name="documents_blob_to_scan")]

    def __str__(self) -> str:
        return self.sha256

    @property
    def is_image(self) -> bool:
        """True if previews can be made of it."""
        return self.media_type.startswith("image/")

    @property
    def hint(self) -> str:
        """What seems wrong with the picture, in words; "" if nothing does."""
        return str(looks.HINTS.get(self.look, ""))

    @property
    def inline(self) -> bool:
        """True if a browser may show it by itself; everything else is only saved."""
        return self.media_type in SHOWN


class DocumentQuerySet(models.QuerySet["Document"]):
    """Filters of one table."""

    def present(self) -> "DocumentQuerySet":
        """Not removed."""
        return self.filter(removed_at=None)

    def of(self, kind: str, ref: str) -> "DocumentQuerySet":
        """Those that belong to one thing, in the order of slots and places."""
        return self.filter(of_kind=kind, of_ref=ref).order_by("slot", "place")


class Document(models.Model):
    """A content somebody handed in or was given: under which name, whose, for what, how far it can be trusted."""

    class Level(models.TextChoices):
        """How far a material can be trusted (国务院办公厅 国办函〔2016〕108号)."""

        A = "A", gettext_lazy("发证机关提供")
        B = "B", gettext_lazy("窗口核对原件")
        C = "C", gettext_lazy("本人上传，待核原件")
        D = "D", gettext_lazy("本人自制，承诺属实")

    blob = models.ForeignKey(Blob, models.PROTECT, related_name="documents")
    name = models.CharField(max_length=160, help_text="file name, made harmless")
    title = models.CharField(max_length=200, blank=True, help_text="what it is: 身份证, 采伐作业设计")
    owner = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, related_name="documents")
    level = models.CharField(max_length=1, choices=Level, default=Level.C)
    source = models.CharField(max_length=200, blank=True, help_text="who provides (A) or checked (B) it")
    purpose = models.CharField(max_length=300, blank=True, help_text="the only use it was given for")
    expires = models.DateField(null=True, blank=True, help_text="last day it may be used")
    made_by = models.CharField(max_length=80, help_text="key of the actor")
    made_at = models.DateTimeField(default=clock.now)
    doubts = models.JSONField(default=list, help_text="what its text says against it when it came (reading.Doubt)")
    of_kind = models.CharField(max_length=80, blank=True, help_text='kind of the thing it belongs to: "cases.case"')
    of_ref = models.CharField(max_length=120, blank=True, help_text="primary key of that thing")
    slot = models.CharField(max_length=80, blank=True, help_text="key of the material it is handed in as")
    place = models.PositiveIntegerField(default=1, help_text="order within the slot")
    copied_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["of_kind", "of_ref", "slot", "place"],
                condition=Q(removed_at=None) & ~Q(of_kind=""),
                name="documents_place_once",
            ),
            models.UniqueConstraint(
                fields=["of_kind", "of_ref", "slot", "blob"],
                condition=Q(removed_at=None) & ~Q(of_kind=""),
                name="documents_content_once",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"]),
            models.Index(fields=["made_by", "-id"], condition=Q(owner=None), name="documents_of_unbound"),
            models.Index(fields=["removed_at"], condition=Q(removed_at__isnull=False), name="documents_removed"),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def tag(self) -> tuple[str, str]:
        """State and word of the trust level, as pages show it."""
        state = {"A": "done", "B": "done", "C": "info", "D": "draft"}[self.level]
        return state, self.get_level_display()

    @property
    def hints(self) -> list[str]:
        """What seems wrong with it, in words: for who hands it in and who checks it; never a refusal."""
        return [*filter(None, [self.blob.hint]), *map(reading.sentence, self.doubts)]

    @property
    def watermark(self) -> str:
        """The sentence that goes with a document of level A or B (国办函〔2016〕108号); none for C and D."""
        until = _("，有效期至%(day)s") % {"day": self.expires} if self.expires else ""
        facts = {"source": self.source, "purpose": self.purpose or _("办理政务服务事项"), "until": until}
        if self.level == self.Level.A and self.source:
            return _("此件由%(source)s提供，仅供%(purpose)s时使用%(until)s。") % facts
        if self.level == self.Level.B and self.source:
            return _("此件经%(source)s与原件核对无误，仅供%(purpose)s时使用%(until)s。") % facts
        return ""


class Copy(models.Model):
    """A watermarked copy its holder had made of a document: what for, for whom, until when. The original stays."""

    code = models.CharField(max_length=20, unique=True, help_text="printed on it; tells nothing and cannot be guessed")
    token = models.CharField(max_length=32, help_text="names the form: sent twice, it is one copy")
    source = models.ForeignKey(Document, models.SET_NULL, null=True, related_name="copies")
    file = models.OneToOneField(Document, models.PROTECT, related_name="+")
    owner = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    purpose = models.CharField(max_length=60)
    recipient = models.CharField(max_length=60)
    expires = models.DateField(help_text="last day it counts")
    made_by = models.CharField(max_length=80, help_text="key of the actor")
    made_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["made_by", "token"], name="documents_copy_once")]
        indexes = [models.Index(fields=["owner", "-id"], name="documents_copies_of")]

    def __str__(self) -> str:
        return f"{self.title} {self.code}"

    @property
    def tag(self) -> tuple[str, str]:
        """State and word: withdrawn, over, or still good."""
        if self.withdrawn_at is not None:
            return "refused", _("已收回")
        return ("off", _("已过期")) if self.expires < clock.today() else ("done", _("有效"))

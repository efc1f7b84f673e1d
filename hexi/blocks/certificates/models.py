"""Tables of certificates: types, the certificates with what was signed, their changes, keys and serial numbers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hexi.kernel import clock
from hexi.ui.words import english

#: kind of the thing that a certificate's document belongs to; its ref is the identifier
KIND = "certificates.certificate"


class State(models.TextChoices):
    """What a certificate counts for (codes of GB/T 36902 as provincial directories use them)."""

    VALID = "01", _("有效")
    SUSPENDED = "02", _("暂扣")
    REVOKED = "03", _("已撤销")
    CANCELLED = "04", _("已注销")
    EXPIRED = "05", _("已失效")
    FORFEITED = "07", _("已吊销")

    @property
    def tag(self) -> str:
        """How the state looks: see `ui.tag`."""
        return {"01": "done", "02": "paused", "05": "off"}.get(self.value, "refused")


class CertificateType(models.Model):
    """A kind of certificate as the `certificates` packs define it."""

    key = models.CharField(max_length=60, unique=True)
    code = models.CharField(max_length=21, unique=True, help_text="USCC of the defining authority + 3 (GB/T 36904)")
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    definition = models.JSONField(help_text="the pack: fields, wording, layout")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.title_en if english() else self.title_zh


class Key(models.Model):
    """A public key that has signed here; kept for ever, so that old certificates can still be verified."""

    id = models.CharField(max_length=16, primary_key=True, help_text="start of SHA-256 of the public key (DER)")
    algorithm = models.CharField(max_length=10)
    public = models.TextField(help_text="PEM")
    demo = models.BooleanField()
    first_used = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.id


class Certificate(models.Model):
    """One electronic certificate: what it says, who signed it, and what it counts for now."""

    type = models.ForeignKey(CertificateType, models.PROTECT, related_name="certificates")
    identifier = models.CharField(max_length=100, unique=True, help_text="GB/T 36904-2018")
    number = models.CharField(max_length=100, help_text="证照编号, as printed")
    holder = models.ForeignKey("people.Person", models.PROTECT, related_name="certificates")
    holder_name = models.CharField(max_length=200)
    holder_code = models.CharField(max_length=60, blank=True, help_text="masked if the holder is a human being")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+")
    issuer_name = models.CharField(max_length=200)
    region_code = models.CharField(max_length=12)
    case_kind = models.CharField(max_length=80, blank=True)
    case_ref = models.CharField(max_length=120, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, help_text="last day; empty: without end")
    metadata = models.JSONField(help_text="the directory record (GB/T 36902, 36903), as signed")
    document = models.ForeignKey("documents.Document", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64, help_text="of the page that was signed, without its record")
    signature = models.CharField(max_length=200)
    key = models.ForeignKey(Key, models.PROTECT, related_name="+")
    state = models.CharField(max_length=2, choices=State, default=State.VALID)
    issued_at = models.DateTimeField(default=clock.now)
    reminded_at = models.DateTimeField(null=True, help_text="when the holder was told that it ends soon")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", help_text="the version before (延续, 变更, 更正)"
    )
    superseded = models.BooleanField(default=False, help_text="a later version has taken its number")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type", "department", "number"], condition=Q(superseded=False), name="certificates_number_once"
            ),
            models.UniqueConstraint(
                fields=["type", "case_kind", "case_ref"], condition=~Q(case_ref=""), name="certificates_case_once"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="certificates_dates_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "-id"]),
            models.Index(fields=["department", "-id"]),
            models.Index(fields=["region_code", "-id"]),
            models.Index(fields=["valid_to"], condition=Q(state__in=("01", "02")), name="certificates_to_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.number}"

    @property
    def demo(self) -> bool:
        """True if signed with a demo key: worth nothing."""
        return bool(self.metadata.get("demo"))

    @property
    def past(self) -> bool:
        """True once its last day is over, whether or not the job that notes it has run."""
        return self.valid_to is not None and self.valid_to < clock.today()

    @property
    def state_now(self) -> State:
        """What it counts for today."""
        state = State(self.state)
        return State.EXPIRED if self.past and state in (State.VALID, State.SUSPENDED) else state

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        return self.state_now.tag, str(self.state_now.label)


class Change(models.Model):
    """One line of a certificate's life: who changed its state, when, why."""

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="changes")
    at = models.DateTimeField(
        help_text="from when it counts; for the end of validity the legal moment, however late noted"
    )
    before = models.CharField(max_length=2, choices=State, blank=True)
    after = models.CharField(max_length=2, choices=State)
    reason = models.TextField(blank=True)
    actor_key = models.CharField(max_length=80)
    actor_name = models.CharField(max_length=200)

    class Meta:
        ordering = ["id"]


class Counter(models.Model):
    """The last serial given out under a key; its row lock makes serials unique and, with rollbacks, free of gaps."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.BigIntegerField()


class Request(models.Model):
    """What a holder asks of the office: to strike the certificate off (注销), or to correct it (更正)."""

    class Kind(models.TextChoices):
        """What is asked."""

        CANCEL = "cancel", _("注销")
        CORRECT = "correct", _("更正")

    class State(models.TextChoices):
        """How it stands."""

        OPEN = "open", _("待处理")
        DONE = "done", _("已办理")
        REFUSED = "refused", _("未同意")

    certificate = models.ForeignKey(Certificate, models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=8, choices=Kind)
    reason = models.TextField()
    asked_key = models.CharField(max_length=80)
    asked_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    answer = models.TextField(blank=True)
    answered_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["certificate", "kind"], condition=Q(state="open"), name="certificates_request_once"
            )
        ]

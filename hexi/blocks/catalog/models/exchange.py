"""Tables of the exchange: who takes part, what is offered, who may call what; grants, the signed log, its proofs.

Names are those of X-Road (instance/class/member/subsystem/service, `wire.xroad.names`); titles are what people read.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.blocks.forms.models import SealedJSON
from hexi.kernel import clock
from hexi.ui.words import english


class Titled:
    """What people read of a thing with a code."""

    title: str
    title_en: str

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The title in the language of the page."""
        return self.title_en if english() and self.title_en else self.title


class Gateway(Titled, models.Model):
    """An installation that hands messages over: our own (`own`), or another whose certificate and keys we pinned."""

    code = models.CharField(max_length=60, unique=True, help_text="server code, as in X-Road-Security-Server")
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=150, blank=True)
    own = models.BooleanField(default=False)
    url = models.CharField(max_length=200, help_text="https://host:port of its provider gateway")
    certificate = models.TextField(help_text="PEM, pinned: no other is spoken to")
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["own"], condition=Q(own=True), name="catalog_one_own_gateway")]


class GatewayKey(models.Model):
    """A public key an installation signs with. Old ones stay, so that what they signed can be checked."""

    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="keys")
    key_id = models.CharField(max_length=32, unique=True, help_text="begins SHA-256 of the public key")
    public = models.TextField(help_text="PEM, P-256")
    since = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True, blank=True, help_text="from then on nothing it signs is believed")

    def __str__(self) -> str:
        return self.key_id


class Member(Titled, models.Model):
    """A body that takes part (成员)."""

    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="members")
    instance = models.CharField(max_length=40)
    member_class = models.CharField(max_length=40)
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=150, blank=True)
    department = models.ForeignKey("regions.Department", models.PROTECT, null=True, blank=True, related_name="+")
    region_code = models.CharField(max_length=12, help_text="division, for rights and lists")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "member_class", "code"], name="catalog_member_once")]


class Subsystem(Titled, models.Model):
    """A system of a member (子系统): what calls, and what offers."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="subsystems")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=150, blank=True)
    certificate = models.TextField(
        blank=True, help_text="PEM its system shows our consumer gateway; empty: may not call"
    )
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "code"], name="catalog_subsystem_once")]


class Service(Titled, models.Model):
    """A service of a subsystem of ours: an address behind the gateway, or the rows of a catalogue entry."""

    subsystem = models.ForeignKey(Subsystem, models.PROTECT, related_name="services")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=150, blank=True)
    url = models.CharField(max_length=300, blank=True, help_text="where it lives; empty: the rows of `entry`")
    entry = models.ForeignKey("Entry", models.PROTECT, null=True, blank=True, related_name="services")
    timeout = models.PositiveSmallIntegerField(default=30, help_text="seconds")
    personal = models.BooleanField(default=False, help_text="at an address: answers about persons, so calls name them")
    active = models.BooleanField(default=True)
    notice = models.CharField(max_length=200, blank=True, help_text="what callers are told while it is switched off")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subsystem", "code"], name="catalog_service_once"),
            models.CheckConstraint(
                condition=(Q(url="") & Q(entry__isnull=False)) | (~Q(url="") & Q(entry=None)),
                name="catalog_service_address_or_rows",
            ),
        ]


class Endpoint(models.Model):
    """A part of a service that can be allowed by itself: method ("*" any) and path ("*" a segment, "**" any rest)."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="endpoints")
    method = models.CharField(max_length=7, default="*")
    path = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "method", "path"], name="catalog_endpoint_once")]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Group(Titled, models.Model):
    """Subsystems that get rights together (访问组)."""

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=100)
    title_en = models.CharField(max_length=150, blank=True)
    region_code = models.CharField(max_length=12)
    subsystems = models.ManyToManyField(Subsystem, related_name="groups", blank=True)


class Right(models.Model):
    """A subsystem, or a group, may call a service or one endpoint of it. Without a right nobody may."""

    service = models.ForeignKey(Service, models.CASCADE, related_name="rights")
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, null=True, blank=True, related_name="rights")
    subsystem = models.ForeignKey(Subsystem, models.CASCADE, null=True, blank=True, related_name="rights")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="rights")
    since = models.DateTimeField(default=clock.now)
    given_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            *(
                models.UniqueConstraint(
                    fields=[what, whom],
                    condition=Q(endpoint__isnull=what == "service", **{f"{whom}__isnull": False}),
                    name=f"catalog_right_{what}_{whom}",
                )
                for what in ("service", "endpoint")
                for whom in ("subsystem", "group")
            ),
            models.CheckConstraint(
                condition=Q(subsystem__isnull=False, group=None) | Q(subsystem=None, group__isnull=False),
                name="catalog_right_of_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subsystem or self.group} → {self.service}"


class Stamp(models.Model):
    """One row that changes with everything a gateway must know; gateways read anew when it does."""

    changes = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.changes)


class GrantState(models.TextChoices):
    """Where a grant stands."""

    ACTIVE = "active", pgettext_lazy("grant", "有效")
    SUSPENDED = "suspended", pgettext_lazy("grant", "暂停")
    REVOKED = "revoked", pgettext_lazy("grant", "收回")
    EXPIRED = "expired", pgettext_lazy("grant", "到期")

    @property
    def tag(self) -> str:
        """How the state looks: see `ui.tag`."""
        return {"active": "done", "suspended": "wait"}.get(self.value, "off")


class Grant(models.Model):
    """A consumer may read some fields and some rows of an entry, for a purpose, until a day (授权)."""

    number = models.UUIDField(default=uuid.uuid4, unique=True)
    entry = models.ForeignKey("Entry", models.PROTECT, related_name="grants")
    subsystem = models.ForeignKey(Subsystem, models.PROTECT, null=True, blank=True, related_name="grants")
    department = models.ForeignKey("regions.Department", models.PROTECT, null=True, blank=True, related_name="+")
    fields = models.JSONField(help_text="item → how it is shown; nothing else leaves")
    region_field = models.CharField(max_length=60, blank=True, help_text="item with the division of a row")
    region = models.CharField(max_length=12, blank=True, help_text="only rows of this division and below; empty: all")
    purpose = models.CharField(max_length=300)
    basis = models.CharField(max_length=60, blank=True, help_text="number of the case in which it was decided")
    law = models.CharField(max_length=300, blank=True, help_text="law and article by which the consumer may have it")
    personal = models.BooleanField(help_text="as it was when given: each call names purpose and case")
    begins = models.DateField(default=clock.today)
    expires = models.DateField(help_text="last day it may be used")
    quota = models.PositiveIntegerField(null=True, blank=True, help_text="calls a day; none: as many as needed")
    used = models.PositiveIntegerField(default=0, help_text="calls on `used_on`")
    used_on = models.DateField(null=True)
    calls = models.BigIntegerField(default=0)
    last_used = models.DateTimeField(null=True)
    unused_told = models.DateField(null=True, help_text="when its provider was told that nobody uses it")
    ending_told = models.PositiveSmallIntegerField(null=True, help_text="days before its end both sides were told last")
    state = models.CharField(max_length=9, choices=GrantState, default=GrantState.ACTIVE)
    given_key = models.CharField(max_length=80)
    given_name = models.CharField(max_length=200)
    given_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(subsystem__isnull=False, department=None) | Q(subsystem=None, department__isnull=False),
                name="catalog_grant_of_one",
            ),
            models.CheckConstraint(condition=Q(expires__gte=F("begins")), name="catalog_grant_in_order"),
            models.CheckConstraint(condition=Q(region="") | ~Q(region_field=""), name="catalog_grant_region_has_field"),
            *(
                models.UniqueConstraint(
                    fields=["basis", "entry", whom],
                    condition=~Q(basis="") & Q(**{f"{whom}__isnull": False}),
                    name=f"catalog_grant_case_{whom}",
                )
                for whom in ("subsystem", "department")
            ),
        ]
        indexes = [
            models.Index(fields=["entry", "-id"]),
            models.Index(fields=["expires"], condition=Q(state__in=("active", "suspended")), name="catalog_grant_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} → {self.consumer}"

    @property
    def consumer(self) -> object:
        """Who may read."""
        return self.subsystem or self.department

    @property
    def consumer_name(self) -> str:
        """Who may read, for pages: of a system also whose it is."""
        return f"{self.subsystem.member.name} · {self.subsystem.name}" if self.subsystem else str(self.department)

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages; the day counts before the job has been round."""
        state = GrantState(self.state)
        if state in (GrantState.ACTIVE, GrantState.SUSPENDED) and self.expires < clock.today():
            state = GrantState.EXPIRED
        return state.tag, str(state.label)


class GrantChange(models.Model):
    """What was done to a grant: given, renewed, suspended, resumed, revoked, expired; and why."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="changes")
    what = models.CharField(max_length=10)
    why = models.CharField(max_length=300, blank=True)
    expires = models.DateField()
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.what}"


class Side(models.TextChoices):
    """At which end of the way a message was written down."""

    CONSUMER = "consumer", _("调用方网关")
    PROVIDER = "provider", _("提供方网关")
    INSIDE = "inside", _("平台内调用")


class Kind(models.TextChoices):
    """Call or answer."""

    REQUEST = "request", _("请求")
    RESPONSE = "response", _("应答")


class Chain(models.Model):
    """The end of one chain of the log; its row lock puts writers in line."""

    stream = models.CharField(max_length=40, primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}"


class StampBatch(models.Model):
    """One time-stamp over many signatures: the root of their tree, and the authority's word for when it was there."""

    root = models.BinaryField()
    size = models.PositiveIntegerField()
    token = models.BinaryField(help_text="RFC 3161 response")
    at = models.DateTimeField(help_text="the moment the authority vouches for")
    made_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.at:%F %T} ({self.size})"


class Archive(models.Model):
    """A ZIP of logged messages with `linkinginfo`, chained to the archive before it."""

    name = models.CharField(max_length=100, unique=True, help_text="file under DATA/catalog/archives")
    before = models.CharField(max_length=128, blank=True)
    before_name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=128, unique=True, help_text="the last one of its linkinginfo")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    messages = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["before"], name="catalog_archive_no_fork")]

    def __str__(self) -> str:
        return self.name


class MessageLog(models.Model):
    """One signed message, written down before it is answered or passed on. Never changed but for its proofs."""

    stream = models.CharField(max_length=40)
    seq = models.BigIntegerField(help_text="place in the stream's chain, from 1")
    at = models.DateTimeField()
    side = models.CharField(max_length=8, choices=Side)
    kind = models.CharField(max_length=8, choices=Kind)
    request_id = models.CharField(max_length=64, help_text="the gateway's number of the call; refused the second time")
    message_id = models.CharField(max_length=255, blank=True, help_text="the caller's own number")
    client = models.CharField(max_length=260)
    service = models.CharField(max_length=330)
    issue = models.CharField(max_length=255, blank=True, help_text="case number (X-Road-Issue)")
    user = models.CharField(max_length=255, blank=True, help_text="who asked (X-Road-UserId)")
    subsystem = models.ForeignKey(Subsystem, models.PROTECT, null=True, related_name="+", help_text="our end of it")
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    status = models.PositiveSmallIntegerField(null=True, help_text="of an answer")
    fault = models.CharField(max_length=200, blank=True, help_text="X-Road-Error of an answer")
    head = models.BinaryField()
    body = models.BinaryField(null=True, help_text="none: only its digest is kept (option catalog.log_bodies)")
    body_size = models.BigIntegerField()
    body_digest = models.BinaryField(help_text="SHA-512")
    key_id = models.CharField(max_length=32)
    signature = models.BinaryField()
    before = models.CharField(max_length=64, help_text="hash of the message before it in the stream")
    hash = models.CharField(max_length=64)
    batch = models.ForeignKey(
        StampBatch, models.PROTECT, null=True, related_name="messages", help_text="its leaves stand by primary key"
    )
    archive = models.ForeignKey(Archive, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "seq"], name="catalog_message_in_chain"),
            models.UniqueConstraint(fields=["request_id", "side", "kind"], name="catalog_message_once"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"]),
            models.Index(fields=["subsystem", "-id"]),
            models.Index(fields=["grant", "-id"], condition=Q(grant__isnull=False), name="catalog_message_grant"),
            models.Index(fields=["issue"], condition=~Q(issue=""), name="catalog_message_issue"),
            models.Index(fields=["id"], condition=Q(batch=None), name="catalog_message_unstamped"),
            models.Index(fields=["id"], condition=Q(archive=None), name="catalog_message_unarchived"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.kind}"


class Access(models.Model):
    """A row about a person was given out: the person, by the hash of the number, reads it under "who looked"."""

    person_hash = models.CharField(max_length=64, help_text="as people.Identifier.lookup of the resident's number")
    office = models.CharField(max_length=200)
    purpose = models.CharField(max_length=300)
    case = models.CharField(max_length=255, blank=True)
    entry = models.ForeignKey("Entry", models.PROTECT, null=True, related_name="+")
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="+")
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, related_name="+", help_text="that answered about him"
    )
    request_id = models.CharField(max_length=64)
    told = models.BooleanField(default=False, help_text="stands in the log of looks of a registered person")
    number = SealedJSON(null=True, default=None, help_text="of who is not registered here: sealed, to hash it anew")
    when = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["person_hash", "-when"])]
        constraints = [
            models.UniqueConstraint(fields=["person_hash", "request_id"], name="catalog_access_once_a_call"),
            models.CheckConstraint(
                condition=Q(entry__isnull=False, service=None) | Q(entry=None, service__isnull=False),
                name="catalog_access_of_rows_or_service",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} {self.when:%F %T}"

    @property
    def what(self) -> str:
        """The data set, or the service, in the language of the page."""
        return self.entry.name if self.entry else f"{self.service.subsystem.member.name} {self.service.name}"  # type: ignore[union-attr]


class Feed(models.Model):
    """A subsystem elsewhere that is sent what happens to an entry (推送), each piece once and in order."""

    entry = models.ForeignKey("Entry", models.PROTECT, related_name="feeds")
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="feeds")
    sender = models.ForeignKey(Subsystem, models.PROTECT, related_name="+", help_text="ours, in whose name it is sent")
    service = models.CharField(max_length=330, help_text="service of the subscriber that takes it")
    name = models.UUIDField(default=uuid.uuid4, help_text="how the receiver knows it, whatever grant it is sent under")
    last = models.BigIntegerField(default=0, help_text="number of the last piece written")
    active = models.BooleanField(default=True)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "service"], name="catalog_feed_once")]

    def __str__(self) -> str:
        return f"{self.entry} → {self.service}"


class Delivery(models.Model):
    """One piece of a feed: waits until its receipt is there; the next one is not sent before."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="deliveries")
    number = models.BigIntegerField()
    body = models.BinaryField()
    made_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveIntegerField(default=0)
    due = models.DateTimeField(default=clock.now)
    answer = models.CharField(max_length=300, blank=True)
    receipt = models.TextField(blank=True, help_text="the subscriber's signature over the piece")
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "number"], name="catalog_delivery_number")]
        indexes = [models.Index(fields=["due"], condition=Q(received_at=None), name="catalog_delivery_waits")]

    def __str__(self) -> str:
        return f"{self.feed_id}/{self.number}"


class Received(models.Model):
    """The pieces of another installation's feed that came, each once and in order."""

    sender = models.CharField(max_length=260, help_text="subsystem that sends")
    feed = models.CharField(max_length=80, help_text="the sender's name of the feed")
    number = models.BigIntegerField()
    body = models.BinaryField()
    digest = models.CharField(max_length=64)
    what = models.CharField(max_length=40, blank=True, help_text="what happened, as the piece says")
    entry = models.CharField(max_length=60, blank=True, help_text="code of the data set there, as the piece says")
    subsystem = models.ForeignKey(Subsystem, models.PROTECT, null=True, related_name="+", help_text="ours: its inbox")
    at = models.DateTimeField(default=clock.now)
    claimed_at = models.DateTimeField(null=True, help_text="since when somebody is at it")
    used_at = models.DateTimeField(null=True, help_text="when the data set here that mirrors it had taken it")
    used = models.CharField(max_length=20, blank=True, help_text="what became of it: LoadState, withdrawn, unknown")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "feed", "number"], name="catalog_received_once")]
        indexes = [models.Index(fields=["entry", "id"], condition=Q(used_at=None), name="catalog_received_waits")]

    def __str__(self) -> str:
        return f"{self.sender} {self.feed}/{self.number}"

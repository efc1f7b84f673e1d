"""Tables of people: persons and bodies, their identifiers, accounts, roles and the posts officials hold."""

from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hexi.kernel import clock
from hexi.kernel.fixed import Fixed, Given


class Person(models.Model):
    """A natural person or a body."""

    class Kind(models.TextChoices):
        """Whom a service is for: GB/T 39046-2020 annex A.4."""

        NATURAL = "1", _("自然人")
        ENTERPRISE = "2", _("企业法人")
        INSTITUTION = "3", _("事业法人")
        SOCIAL = "4", _("社会组织法人")
        AGENCY = "5", _("行政机关")
        OTHER = "6", _("其他组织")

    class Gender(models.TextChoices):
        """GB/T 2261.1."""

        UNKNOWN = "0", _("未知")
        MALE = "1", _("男")
        FEMALE = "2", _("女")

    kind = models.CharField(_("类型"), max_length=1, choices=Kind, default=Kind.NATURAL)
    name = models.CharField(_("名称"), max_length=200)
    gender = models.CharField(_("性别"), max_length=1, choices=Gender, default=Gender.UNKNOWN)
    born = models.DateField(_("出生日期"), null=True, blank=True)
    representative = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="represents", verbose_name=_("法定代表人")
    )
    region_code = models.CharField(_("所在区划"), max_length=12, blank=True, db_index=True)
    address = models.CharField(_("地址"), max_length=300, blank=True)
    phone = models.CharField(_("联系电话"), max_length=20, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(representative=None) | ~Q(kind="1"), name="people_person_only_bodies_are_represented"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def natural(self) -> bool:
        """True for a human being."""
        return self.kind == self.Kind.NATURAL


class IdentifierType(models.Model):
    """A kind of number that names a person: code of GA/T 2000.156 and what it is checked by."""

    class Rule(models.TextChoices):
        """How a number of the type is checked."""

        RESIDENT = "gb11643"
        CREDIT = "gb32100"
        PATTERN = "pattern"

    code = models.CharField(max_length=8, primary_key=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=100)
    natural = models.BooleanField(default=True, help_text="names human beings, not bodies")
    rule = models.CharField(max_length=8, choices=Rule, default=Rule.PATTERN)
    pattern = models.CharField(max_length=120, blank=True, help_text="regular expression of the whole number")
    order = models.SmallIntegerField(default=50)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name_en if (get_language() or "").startswith("en") else self.name_zh


class Identifier(models.Model):
    """A number of a person. It rests encrypted; `lookup` finds it, `masked` shows it."""

    class Level(models.IntegerChoices):
        """How sure it is that the number is this person's."""

        DECLARED = 0, _("本人填报")
        WINDOW = 1, _("窗口核验原件")
        SOURCE = 2, _("权威数据源核验")

    person = models.ForeignKey(Person, models.PROTECT, related_name="identifiers")
    type = models.ForeignKey(IdentifierType, models.PROTECT, related_name="+")
    number = models.CharField(max_length=200, help_text='"<key id>:<AES-256-GCM, base64>"')
    lookup = models.CharField(max_length=64, help_text="HMAC-SHA256 of the number under a key of its own")
    masked = models.CharField(max_length=60)
    level = models.SmallIntegerField(choices=Level, default=Level.DECLARED)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "lookup"], name="people_identifier_once")]

    def __str__(self) -> str:
        return self.masked


class Accounts(BaseUserManager["Account"]):
    """Manager of accounts: user names are one whatever the case of their letters."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(username__iexact=username)

    def get(self, *args: Any, **wanted: Any) -> "Account":
        """Who asks on every request is found by primary key: a read of a fixed shape."""
        if not args and wanted.keys() == {"pk"} and isinstance(wanted["pk"], int) and type(self) is Accounts:
            return _BY_KEY.get(account=wanted["pk"])
        return super().get(*args, **wanted)


_BY_KEY = Fixed(lambda: Account.objects.filter(pk=Given("account")))


class Account(AbstractBaseUser):
    """What somebody signs in with. Bound to at most one person, and a person to at most one account."""

    username = models.CharField(
        _("用户名"),
        max_length=60,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("这个用户名已有人使用，请换一个。")},
    )
    name = models.CharField(_("姓名"), max_length=60, blank=True)
    phone = models.CharField(_("手机号码"), max_length=20, blank=True)
    email = models.EmailField(_("电子邮箱"), blank=True)
    person = models.OneToOneField(Person, models.PROTECT, null=True, blank=True, related_name="account")
    language = models.CharField(_("语言"), max_length=10, blank=True)
    edition = models.CharField(_("版本"), max_length=10, blank=True)
    is_active = models.BooleanField(_("可以登录"), default=True)
    date_joined = models.DateTimeField(default=clock.now, editable=False)

    objects = Accounts()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="people_account_username_once",
                violation_error_message=_("这个用户名已有人使用，请换一个。"),
            )
        ]

    def __str__(self) -> str:
        return self.name or self.username


class Role(models.Model):
    """A set of rights an official's post may carry; comes from the `roles` packs."""

    class Reach(models.TextChoices):
        """Where the rights hold within the post's region."""

        DEPARTMENT = "department", _("本部门")
        REGION = "region", _("全区域各部门")

    key = models.SlugField(max_length=40, primary_key=True)
    title_zh = models.CharField(max_length=60)
    title_en = models.CharField(max_length=100)
    reach = models.CharField(max_length=10, choices=Reach, default=Reach.DEPARTMENT)
    verbs = models.JSONField(default=list)
    guarded = models.BooleanField(default=False, help_text="given only by somebody who holds all its verbs")
    order = models.SmallIntegerField(default=50)

    class Meta:
        ordering = ["order", "key"]

    def __str__(self) -> str:
        return self.title_en if (get_language() or "").startswith("en") else self.title_zh


class PostQuerySet(models.QuerySet["Post"]):
    """Filters of one table."""

    def held_on(self, day: date) -> "PostQuerySet":
        """Posts in force on a day: from `valid_from`, and no longer on `valid_to`."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


class Post(models.Model):
    """An official's post: a department, the region subtree it works for, the roles it carries, from when to when."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="posts")
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="posts")
    region_code = models.CharField(max_length=12, help_text="division whose subtree the post works for")
    title = models.CharField(_("职务"), max_length=60)
    roles = models.ManyToManyField(Role, related_name="posts")
    valid_from = models.DateField(_("任职日期"))
    valid_to = models.DateField(_("免职日期"), null=True, blank=True, help_text="the first day without the post")

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                name="people_post_dates_in_order",
                violation_error_message=_("免职日期不能早于任职日期。"),
            ),
            models.UniqueConstraint(
                fields=["account", "department", "region_code", "title"],
                condition=Q(valid_to=None),
                name="people_post_once",
                violation_error_message=_("这个人已在任这一职务，不必重复任职。"),
            ),
        ]
        indexes = [models.Index(fields=["department", "valid_from"])]

    def __str__(self) -> str:
        return self.title


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Filters of one table."""

    def in_force(self, day: "date | Given | None" = None) -> "ApiKeyQuerySet":
        """Neither withdrawn nor past their last day, today unless said."""
        return self.filter(Q(expires=None) | Q(expires__gte=day or clock.today()), withdrawn_at=None)


class ApiKey(models.Model):
    """What another system speaks with us by: whose it is, what it may do where, until when. The secret is not kept."""

    name = models.CharField(_("系统名称"), max_length=60)
    department = models.ForeignKey("regions.Department", models.PROTECT, related_name="+", verbose_name=_("所属部门"))
    region_code = models.CharField(max_length=12, help_text="division whose subtree the key works for")
    everywhere = models.BooleanField(default=False, help_text="in every department of the region, not only its own")
    verbs = models.JSONField(default=list)
    public = models.CharField(max_length=16, unique=True, help_text="the part of the key that may be shown")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole key, which is 256 random bits")
    made_at = models.DateTimeField(default=clock.now, editable=False)
    made_by = models.CharField(max_length=200)
    expires = models.DateField(_("有效期至"), null=True, blank=True, help_text="last day")
    used_at = models.DateTimeField(null=True, blank=True)
    minute = models.BigIntegerField(default=0, help_text="of `used_at`, since 1970")
    asked = models.PositiveIntegerField(default=0, help_text="requests in that minute")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department", "name"],
                condition=Q(withdrawn_at=None),
                name="people_api_key_once",
                violation_error_message=_("这个系统已有一把有效密钥。请先收回旧的，或换一个名称。"),
            )
        ]
        indexes = [models.Index(fields=["region_code", "-id"])]

    def __str__(self) -> str:
        return self.name


class ApiCall(models.Model):
    """A change asked for by another system under its Idempotency-Key: the same one again gets the same answer."""

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="calls")
    once = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, help_text="SHA-256 of method, address and body")
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField(null=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "once"], name="people_api_call_once")]
        indexes = [models.Index(fields=["at"])]


class Tries(models.Model):
    """How often something was tried since a first time (`tries`); whose tries they are can be compared, not read."""

    key = models.CharField(max_length=64, primary_key=True, help_text="HMAC of what is tried, or from where")
    until = models.BigIntegerField(db_index=True, help_text="counted anew from here on; seconds since 1970")
    used = models.PositiveIntegerField()


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Filters of one table."""

    def in_force(self, day: date) -> "MandateQuerySet":
        """Neither ended nor over on that day."""
        return self.filter(ended_at=None, valid_from__lte=day, valid_to__gte=day)


class Mandate(models.Model):
    """Somebody may act for a person or body, in some matters, until a day (行政许可法 art. 29)."""

    principal = models.ForeignKey(Person, models.PROTECT, related_name="mandates_given")
    agent = models.ForeignKey(Person, models.PROTECT, related_name="mandates_held")
    items = models.JSONField(default=list, help_text="keys of matters; empty: all")
    valid_from = models.DateField()
    valid_to = models.DateField(help_text="last day")
    given_key = models.CharField(max_length=80)
    given_name = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_name = models.CharField(max_length=200, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(principal=models.F("agent")), name="people_mandate_to_another"),
            models.CheckConstraint(
                condition=Q(valid_to__gte=models.F("valid_from")), name="people_mandate_dates_in_order"
            ),
        ]
        indexes = [models.Index(fields=["agent"], name="people_mandate_agents", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.principal} → {self.agent}"

    def covers(self, item: str) -> bool:
        """True if it extends to this matter."""
        return not self.items or item in self.items

    def good(self, day: date) -> bool:
        """In force on that day."""
        return self.ended_at is None and self.valid_from <= day <= self.valid_to


class MandateOffer(models.Model):
    """What somebody wants to let another do, until that one agrees. It never says whether he is known here."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("等对方同意")
        ACCEPTED = "accepted", _("对方已同意")
        DECLINED = "declined", _("对方没有同意")
        WITHDRAWN = "withdrawn", _("已撤回")

    principal = models.ForeignKey(Person, models.PROTECT, related_name="mandates_offered")
    name = models.CharField(max_length=200, help_text="of the agent, as the principal wrote it")
    number = models.CharField(max_length=200, help_text="his identity number, sealed as in Identifier")
    lookup = models.CharField(max_length=64, help_text="as in Identifier")
    masked = models.CharField(max_length=60)
    items = models.JSONField(default=list, help_text="keys of matters; empty: all")
    valid_to = models.DateField(help_text="last day")
    given_key = models.CharField(max_length=80)
    given_name = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    answered_at = models.DateTimeField(null=True)
    mandate = models.OneToOneField(Mandate, models.PROTECT, null=True, related_name="offer")

    class Meta:
        indexes = [models.Index(fields=["lookup"], name="people_offer_agents", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.principal} → {self.name}"

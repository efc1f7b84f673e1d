"""Tables of the open data portal: what people think of a data set, what data they wish for, what they built on it."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hexi.kernel import clock


class Rating(models.Model):
    """What somebody thinks of an open data set: one to five, and a remark that its provider alone reads."""

    entry = models.ForeignKey("Entry", models.CASCADE, related_name="ratings")
    account = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    stars = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    remark = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "account"], name="catalog_rating_once"),
            models.CheckConstraint(condition=Q(stars__gte=1, stars__lte=5), name="catalog_rating_stars"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.stars}"


class ReadWay(models.TextChoices):
    """How everybody read an open data set."""

    PAGE = "page", pgettext_lazy("reads", "网页")
    FILE = "file", pgettext_lazy("reads", "下载")
    API = "api", pgettext_lazy("reads", "接口")


class ReadCount(models.Model):
    """How often everybody read an open data set on a day, by how; who it was is not kept."""

    entry = models.ForeignKey("Entry", models.CASCADE, related_name="reads")
    day = models.DateField()
    way = models.CharField(max_length=4, choices=ReadWay)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "day", "way"], name="catalog_reads_once")]
        indexes = [models.Index(fields=["day"], name="catalog_reads_day")]

    def __str__(self) -> str:
        return f"{self.entry_id}@{self.day} {self.way}: {self.count}"


class WishState(models.TextChoices):
    """What became of a wish."""

    WAITING = "waiting", _("待答复")
    PLANNED = "planned", _("准备开放")
    OPENED = "opened", _("已开放")
    REFUSED = "refused", _("不能开放")

    @property
    def tag(self) -> str:
        """How it looks: see `ui.tag`."""
        return {"waiting": "wait", "planned": "doing", "opened": "done"}.get(self.value, "refused")


class Wish(models.Model):
    """Data somebody asks to be opened (数据需求); shown to everybody, without his name, once it is answered."""

    once = models.UUIDField(default=uuid.uuid4, unique=True, help_text="of the form: sent twice it stands once")
    title = models.CharField(max_length=100)
    text = models.TextField(max_length=2000)
    region_code = models.CharField(max_length=12)
    account = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=WishState, default=WishState.WAITING)
    answer = models.TextField(max_length=2000, blank=True)
    entry = models.ForeignKey("Entry", models.SET_NULL, null=True, blank=True, related_name="wishes")
    answered_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state="waiting") | ~Q(answer=""), name="catalog_wish_answered"),
            models.CheckConstraint(condition=~Q(state="opened") | Q(entry__isnull=False), name="catalog_wish_opened"),
        ]
        indexes = [models.Index(fields=["region_code", "state", "-id"])]

    def __str__(self) -> str:
        return self.title

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        return WishState(self.state).tag, str(WishState(self.state).label)


class ProductState(models.TextChoices):
    """Whether what somebody built is shown."""

    WAITING = "waiting", _("待审核")
    SHOWN = "shown", pgettext_lazy("product", "已展示")
    REFUSED = "refused", _("未通过")
    ENDED = "ended", pgettext_lazy("product", "已撤下")

    @property
    def tag(self) -> str:
        """How it looks: see `ui.tag`."""
        return {"waiting": "wait", "shown": "done", "refused": "refused"}.get(self.value, "off")


class Product(models.Model):
    """Something built on open data (应用成果): a program, a map, a paper; shown once somebody has looked at it."""

    once = models.UUIDField(default=uuid.uuid4, unique=True, help_text="of the form: sent twice it stands once")
    title = models.CharField(max_length=100)
    text = models.TextField(max_length=2000)
    url = models.URLField(max_length=500)
    author = models.CharField(max_length=100, help_text="as everybody reads it")
    region_code = models.CharField(max_length=12)
    account = models.ForeignKey("people.Account", models.CASCADE, related_name="+")
    entries = models.ManyToManyField("Entry", related_name="products")
    state = models.CharField(max_length=10, choices=ProductState, default=ProductState.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    reviewed_name = models.CharField(max_length=200, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    created = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["region_code", "state", "-id"])]

    def __str__(self) -> str:
        return self.title

    @property
    def tag(self) -> tuple[str, str]:
        """State and word for pages."""
        return ProductState(self.state).tag, str(ProductState(self.state).label)

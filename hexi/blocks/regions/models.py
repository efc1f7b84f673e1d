"""Tables: dated divisions, departments, and the sites of the site group. Other blocks point here by 12-digit code."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hexi.blocks.regions import codes
from hexi.ui.words import english

#: `valid_from` of a unit whose beginning is not recorded
UNRECORDED = date.min


class DivisionQuerySet(models.QuerySet["Division"]):
    """Ways to choose divisions."""

    def current(self) -> Self:
        """The rows in force: one a code, none for a unit that was merged away."""
        return self.filter(valid_to=None)

    def on(self, day: date) -> Self:
        """The rows in force on a day. A change of the day D counts from D on."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)

    def under(self, code: str) -> Self:
        """The division with this code and everything inside it; "" everything."""
        start, beyond = codes.span(code)
        return self.filter(code__gte=start, code__lt=beyond) if codes.prefix(code) else self.all()


class Division(models.Model):
    """One division as it was called from one day to another (统计用区划代码, 12 digits).

    A renamed unit keeps its old row, closed by `valid_to`, and `replaced_by` leads to the new one; so does a unit that
    was merged into another. Things elsewhere keep the code and ask for the name on their own day.
    """

    class Level(models.IntegerChoices):
        """What a level is called, the words that forms and lists use."""

        PROVINCE = codes.PROVINCE, _("省")
        PREFECTURE = codes.PREFECTURE, _("市（州）")
        COUNTY = codes.COUNTY, _("县（市、区）")
        TOWNSHIP = codes.TOWNSHIP, _("乡镇（街道）")
        VILLAGE = codes.VILLAGE, _("村（社区）")

    code = models.CharField(_("区划代码"), max_length=12)
    level = models.PositiveSmallIntegerField(_("层级"), choices=Level)
    parent_code = models.CharField(max_length=12, blank=True)
    name = models.CharField(_("名称"), max_length=100)
    name_en = models.CharField(_("英文名称"), max_length=200)
    pinyin = models.CharField(max_length=300)
    initials = models.CharField(max_length=100)
    valid_from = models.DateField(_("启用日期"), default=UNRECORDED)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaces")

    objects = DivisionQuerySet.as_manager()

    class Meta:
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="regions_division_once_a_day"),
            models.UniqueConstraint(fields=["code"], condition=Q(valid_to=None), name="regions_division_one_current"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="regions_division_level"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="regions_division_dates"
            ),
        ]
        indexes = [models.Index(fields=columns) for columns in (["parent_code", "code"], ["pinyin"], ["initials"])]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The name in the language of the page."""
        return self.name_en if english() else self.name

    @property
    def since(self) -> date | None:
        """`valid_from`, None where it is not recorded."""
        return None if self.valid_from == UNRECORDED else self.valid_from


class Department(models.Model):
    """An office of the state: who decides, where it sits and when it is open. Seals and case codes carry `uscc`."""

    key = models.SlugField(_("标识"), max_length=60, unique=True, help_text=_("数据包里引用部门用的英文短名"))
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("名称"), max_length=100)
    name_en = models.CharField(_("英文名称"), max_length=200)
    region_code = models.CharField(_("所在区划"), max_length=12, db_index=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="offices")
    address = models.CharField(_("地址"), max_length=200, blank=True)
    address_en = models.CharField(max_length=200, blank=True)
    phone = models.CharField(_("电话"), max_length=40, blank=True)
    hours = models.CharField(_("办公时间"), max_length=200, blank=True)
    hours_en = models.CharField(max_length=200, blank=True)
    demo = models.BooleanField(_("演示数据"), default=False, help_text=_("地址、电话为虚构"))
    active = models.BooleanField(_("在用"), default=True)

    class Meta:
        ordering = ["region_code", "key"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The name in the language of the page."""
        return self.name_en if english() else self.name

    @property
    def place(self) -> str:
        """The address in the language of the page."""
        return self.address_en if english() and self.address_en else self.address

    @property
    def open_hours(self) -> str:
        """Opening hours in the language of the page."""
        return self.hours_en if english() and self.hours_en else self.hours


class Site(models.Model):
    """One site of the group (网站群): its own address, name, header (who runs it) and choice of items, one program.

    It is reached by its host name, or by the path "s/<key>/". Without `item_keys` it shows every item of its region.
    """

    key = models.SlugField(_("标识"), max_length=60, unique=True)
    host = models.CharField(_("域名"), max_length=200, unique=True, null=True, blank=True)
    region_code = models.CharField(_("所在区划"), max_length=12, db_index=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="sites")
    name = models.CharField(_("名称"), max_length=100)
    name_en = models.CharField(_("英文名称"), max_length=200)
    header = models.CharField(_("主办单位"), max_length=200, blank=True)
    header_en = models.CharField(max_length=200, blank=True)
    item_keys = models.JSONField(_("事项"), default=list, blank=True)
    record = models.CharField(_("备案号"), max_length=60, blank=True)
    site_code = models.CharField(_("政府网站标识码"), max_length=20, blank=True)
    contact = models.CharField(_("联系方式"), max_length=200, blank=True)
    contact_en = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["region_code", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["region_code"], condition=Q(department=None), name="regions_site_one_a_region"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The name in the language of the page."""
        return self.name_en if english() else self.name

    @property
    def run_by(self) -> str:
        """Who answers for the site, in the language of the page."""
        return self.header_en if english() and self.header_en else self.header

    @property
    def reached_by(self) -> str:
        """How to reach who runs it, in the language of the page."""
        return self.contact_en if english() and self.contact_en else self.contact

    def shows(self, item_key: str) -> bool:
        """True if this site offers the item."""
        return not self.item_keys or item_key in self.item_keys


class Edit(models.Model):
    """A change of a site or a department made at the workbench, with what stood there before: it can be undone.

    While one is not undone, packs leave the row alone (`operations.save_sites`, `save_departments`).
    """

    kind = models.CharField(max_length=12, help_text="site or department")
    key = models.CharField(max_length=60)
    before = models.JSONField(help_text="column: value, of those that changed")
    after = models.JSONField(help_text="the same columns afterwards")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "key"], name="regions_edit_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class BaseMap(models.Model):
    """What lies under the layers of a map (底图): a cartogram of our own, imported boundaries, buildings.

    The newest one of a kind and region is in force; what it took the place of stays, ended, for the record.
    """

    class Kind(models.TextChoices):
        """What it holds."""

        TILES = "tiles", _("示意图")
        BOUNDARIES = "boundaries", _("区划边界")
        BUILDINGS = "buildings", _("建筑")

    kind = models.CharField(_("底图种类"), max_length=12, choices=Kind)
    region_code = models.CharField(_("所在区划"), max_length=12)
    title = models.CharField(_("名称"), max_length=100)
    title_en = models.CharField(max_length=200, blank=True)
    approval = models.CharField(_("审图号"), max_length=40, blank=True, help_text="shown wherever the map is")
    source = models.CharField(_("来源"), max_length=200)
    synthetic = models.BooleanField(_("合成"), default=False, help_text="made up; pages say so")
    features = models.JSONField(help_text="tiles: code, at; boundaries: code, name, shape; buildings: height, shape")
    box = models.JSONField(default=list, help_text="west, south, east, north in degrees WGS 84; empty for tiles")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the features; stands in their address")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "region_code"], condition=Q(ended_at=None), name="regions_base_map_one_in_force"
            ),
            models.CheckConstraint(
                condition=~Q(kind="boundaries") | ~Q(approval=""), name="regions_boundaries_are_approved"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The title in the language of the page."""
        return self.title_en if english() and self.title_en else self.title

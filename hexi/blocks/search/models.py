"""What can be found (`Entry`), and what was asked for (`Asked`, without personal data)."""

from typing import Any

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class TermsField(models.TextField):
    """Terms separated by spaces, indexed by FTS5 on SQLite and by a GIN index on PostgreSQL (migration 0002)."""


@TermsField.register_lookup
class Match(models.Lookup):
    """`terms__match=[[Term, …], …]`: entries that have a term of each group; in each database's words."""

    lookup_name = "match"

    def get_prep_lookup(self) -> Any:
        return [list(group) for group in self.rhs]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[str]]:
        """FTS5 with its `ascii` tokenizer: it cuts at the spaces only, whatever the script."""
        groups = (" OR ".join(f'"{term.text}"{"*" if term.prefix else ""}' for term in group) for group in self.rhs)
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        found = f'{table}."id" IN (SELECT rowid FROM search_terms WHERE search_terms MATCH %s)'  # noqa: S608
        return found, [" AND ".join(f"({group})" for group in groups)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[str]]:
        """The lexemes as they are, past PostgreSQL's parser, which drops Chinese under the locale C."""
        groups = (" | ".join(f"'{term.text}'{':*' if term.prefix else ''}" for term in group) for group in self.rhs)
        terms, parameters = self.process_lhs(compiler, connection)
        wanted = " & ".join(f"({group})" for group in groups)
        return f"search_vector({terms}) @@ %s::tsquery", [*parameters, wanted]


class Entry(models.Model):
    """One findable thing, a copy made by its owner. Public unless it names a person or a verb.

    With `person` that person finds it; with `verb` who holds this right for its department and region finds it.
    """

    kind = models.CharField(_("类别"), max_length=40)
    ref = models.CharField(_("编号"), max_length=120)
    title = models.CharField(_("名称"), max_length=300)
    title_en = models.CharField(_("英文名称"), max_length=300, blank=True)
    aliases = models.JSONField(_("别名"), default=list)
    body = models.TextField(_("正文"), blank=True)
    body_en = models.TextField(_("英文正文"), blank=True, default="")
    names = models.TextField(help_text=_("名称、别名和拼音，每行一个，用于排序"))
    terms = TermsField(help_text=_("索引词"))
    url = models.CharField(_("地址"), max_length=500)
    region_code = models.CharField(_("区划代码"), max_length=12, blank=True)
    department = models.ForeignKey("regions.Department", models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey("people.Person", models.CASCADE, null=True, related_name="+")
    verb = models.CharField(_("所需权限"), max_length=60, blank=True)
    weight = models.SmallIntegerField(_("权重"), default=0)
    updated = models.DateTimeField(_("更新时间"))
    written = models.DateTimeField(_("入库时间"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="search_entry_once")]
        verbose_name = verbose_name_plural = _("索引条目")

    def __str__(self) -> str:
        return self.title


class AskedQuerySet(models.QuerySet["Asked"]):
    """Counting of one table."""

    def more(self, day: Any, text: str, times: int = 1) -> None:
        """Count a question; two at once both count."""
        self.bulk_create([Asked(day=day, text=text)], ignore_conflicts=True)
        self.filter(day=day, text=text).update(times=F("times") + times)


class Asked(models.Model):
    """How often a question was asked on a day. Only questions answered by something public, without long figures."""

    day = models.DateField(_("日期"))
    text = models.CharField(_("问题"), max_length=20)
    times = models.PositiveIntegerField(_("次数"), default=0)

    objects = AskedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "text"], name="search_asked_once")]
        verbose_name = verbose_name_plural = _("搜索词")

    def __str__(self) -> str:
        return self.text

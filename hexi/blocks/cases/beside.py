"""Which tables hold something about a case, asked in one query. Beside queries; the panels of a case's page use it.

Most cases have no hearing, no mandate, no joint review: asking each of these tables costs a query of its own.
"""

from functools import cache

from django.db import connection, models

from hexi.blocks.cases.models import (
    Agency,
    BundlePart,
    Case,
    Clock,
    Deferred,
    DueChange,
    Hearing,
    JointReview,
    SiteVisit,
    SupervisionOrder,
    ThirdParty,
    Verification,
)  # fmt: skip

TABLES: tuple[type[models.Model], ...] = (
    Agency, BundlePart, Deferred, DueChange, Hearing, JointReview, SiteVisit, SupervisionOrder, ThirdParty,
    Verification,
)  # fmt: skip


def has(case: Case, table: type[models.Model]) -> bool:
    """True if the table had a row of this case when the first panel of the page asked."""
    kept: frozenset[str] | None = case.__dict__.get("_cases_beside")
    if kept is None:
        with connection.cursor() as cursor:
            cursor.execute(_statement(), [case.pk] * len(TABLES))
            kept = case.__dict__["_cases_beside"] = frozenset(label for (label,) in cursor.fetchall())
    return table._meta.label in kept


@cache
def _statement() -> str:
    quoted = connection.ops.quote_name
    return " UNION ALL ".join(
        f"SELECT '{one._meta.label}' WHERE EXISTS"  # noqa: S608 - names of our own tables
        f" (SELECT 1 FROM {quoted(one._meta.db_table)} WHERE {_of_case(one)})"
        for one in TABLES
    )


def _of_case(table: type[models.Model]) -> str:
    """The condition for the rows of one case: by its own column, or by that of its clocks."""
    if table is not DueChange:
        return "case_id = %s"
    return f"clock_id IN (SELECT id FROM {connection.ops.quote_name(Clock._meta.db_table)} WHERE case_id = %s)"  # noqa: S608

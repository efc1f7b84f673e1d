"""Indexes of PostgreSQL for what lists are searched for (`cases.sought`); SQLite reads through the rows.

The function says what the index keeps of name and title: each character and each two neighbouring ones, in small letters.
"""

from django.db import migrations

POSTGRESQL = (
    "CREATE FUNCTION cases_pieces(name text, title text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 200"
    " AS $$ SELECT array_agg(DISTINCT substr(one, place, size)) FROM unnest(ARRAY[lower(name), lower(title)]) one,"
    " generate_series(1, length(one)) place, generate_series(1, 2) size $$",
    "CREATE INDEX cases_case_pieces ON cases_case USING gin (cases_pieces(applicant_name, title))",
    "CREATE INDEX cases_case_tail ON cases_case (SUBSTR(number, 32) text_pattern_ops)",
)
BACK = (
    "DROP INDEX cases_case_tail",
    "DROP INDEX cases_case_pieces",
    "DROP FUNCTION cases_pieces(text, text)",
)


def forwards(apps, editor):
    """Make them where they are asked."""
    if editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            editor.execute(statement, params=None)


def backwards(apps, editor):
    """Take them away."""
    if editor.connection.vendor == "postgresql":
        for statement in BACK:
            editor.execute(statement, params=None)


class Migration(migrations.Migration):
    new = True  # in an empty database too (hexi/site/tables.py)
    dependencies = [("cases", "0016_lists")]
    operations = [migrations.RunPython(forwards, backwards)]

"""Triggers that refuse to change a booking; on PostgreSQL to delete one, too (`hexi money check` finds what is gone)."""

from django.db import migrations

TABLES = ("money_journalentry", "money_posting")
SQLITE = [
    f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'bookings are append-only'); END"
    for table in TABLES
]
POSTGRES = [
    "CREATE FUNCTION money_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'bookings are append-only'; END $$",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION money_append_only()"
        for table in TABLES
    ),
]


def add(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION money_append_only CASCADE")
        return
    for table in TABLES:
        schema_editor.execute(f"DROP TRIGGER {table}_no_update")


class Migration(migrations.Migration):
    new = True  # in an empty database too (hexi/site/tables.py)
    dependencies = [("money", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]

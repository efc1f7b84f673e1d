"""Heads of the 16 chains, and triggers that refuse to change or delete an entry."""

from django.db import migrations

SQLITE = [
    "CREATE TRIGGER audit_entry_no_{0} BEFORE {1} ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END".format(name.lower(), name)
    for name in ("UPDATE", "DELETE")
]
POSTGRES = [
    "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$",
    "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry "
    "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
]


def add(apps, schema_editor):
    head = apps.get_model("audit", "Head")
    head.objects.bulk_create([head(partition=number) for number in range(16)], ignore_conflicts=True)
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION audit_append_only CASCADE")
    else:
        schema_editor.execute("DROP TRIGGER audit_entry_no_update")
        schema_editor.execute("DROP TRIGGER audit_entry_no_delete")


class Migration(migrations.Migration):
    new = True  # in an empty database too (hexi/site/tables.py)
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]

"""Draw up, as a process of its own, the tables of an empty database and print all there is: `python -m tests.house.drawn`.

`at once`: as `hexi setup` makes them; `migrations`: by one migration after the other.
"""

import gc
import json
import re
import sys

import django

LITE = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' AND sql IS NOT NULL"
POSTGRES = """
SELECT 'column', table_name || '.' || column_name,
       concat_ws(' ', data_type, character_maximum_length, numeric_precision, is_nullable, column_default, is_identity)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
ROWS = (
    "SELECT app, name FROM django_migrations ORDER BY app, name",
    "SELECT partition, seq, hash FROM audit_head ORDER BY partition",
    "SELECT codename FROM auth_permission ORDER BY codename",
)


def parts(sql):
    """The columns and constraints of a table, in no order: a column that was added later stands at the end."""
    head, body = re.match(r"(CREATE TABLE [^(]+)\((.*)\)", sql, re.DOTALL).groups()
    found, depth, start = [], 0, 0
    for place, sign in enumerate(body):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append(body[start:place].strip())
            start = place + 1
    return [head, *sorted([*found, body[start:].strip()])]


def main(way):
    gc.disable()  # a quarter of the time
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from hexi.site import tables

    assert connection.introspection.table_names() == []
    tables.make() if way == "at once" else call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(LITE if connection.vendor == "sqlite" else POSTGRES)
        found = {
            f"{kind} {name}": parts(sql) if kind == "table" and "VIRTUAL" not in sql else sql
            for kind, name, sql in cursor.fetchall()
        }
        for question in ROWS:
            cursor.execute(question)
            found[question] = cursor.fetchall()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])

"""The text in English beside the Chinese. SQLite copies the table for it, and with the old one its triggers go."""

from importlib import import_module

from django.db import migrations, models

_table, *TRIGGERS = import_module("hexi.blocks.search.migrations.0002_terms_index").SQLITE


def again(apps, editor):
    """Make the triggers anew."""
    if editor.connection.vendor == "sqlite":
        for statement in TRIGGERS:
            name = statement.split()[2]
            editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)
            editor.execute(statement, params=None)


class Migration(migrations.Migration):
    new = False  # rows and tables of before: an empty database has none
    dependencies = [("search", "0002_terms_index")]
    operations = [
        migrations.AddField("entry", "body_en", models.TextField("英文正文", blank=True, default="")),
        migrations.RunPython(again, again),
    ]

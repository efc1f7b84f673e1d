"""The tables: in an empty database made at once as today's models want them, else changed by what migrations are new.

Running all migrations one after the other takes forty seconds of processor time, nearly all of it for drawing up models
as they once were; made at once it takes two. What it comes to is the same (`tests/house/test_new_tables.py` compares).
"""

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration, RunPython
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def make() -> None:
    """Make or change the tables. Killed in the midst of an empty database's it leaves it empty."""
    if not connection.introspection.table_names():
        _new()
    call_command("migrate", verbosity=0)


def _new() -> None:
    """All tables, what code adds to them beside models, and the note that every migration is applied."""
    loader, recorder = MigrationLoader(connection), MigrationRecorder(connection)
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        recorder.ensure_schema()
        for app, name in loader.graph.nodes:
            for operation in _beside(loader.disk_migrations[app, name]):
                operation.code(apps, editor)
            recorder.record_applied(app, name)


def _beside(migration: Migration) -> list[RunPython]:
    """What a migration does in an empty database too: triggers, indexes no model knows, first rows (`new = True`)."""
    return [one for one in migration.operations if getattr(migration, "new", False) and isinstance(one, RunPython)]

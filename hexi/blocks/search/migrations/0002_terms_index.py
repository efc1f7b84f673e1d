"""The index of the terms: FTS5 kept by triggers on SQLite, GIN on PostgreSQL.

A later migration that makes SQLite copy `search_entry` (a changed column) drops its triggers: run `forwards` again.
"""

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE search_terms USING fts5"
    "(terms, content='search_entry', content_rowid='id', tokenize='ascii', prefix='1 2 3')",
    "CREATE TRIGGER search_terms_added AFTER INSERT ON search_entry BEGIN"
    " INSERT INTO search_terms(rowid, terms) VALUES (new.id, new.terms); END",
    "CREATE TRIGGER search_terms_removed AFTER DELETE ON search_entry BEGIN"
    " INSERT INTO search_terms(search_terms, rowid, terms) VALUES ('delete', old.id, old.terms); END",
    "CREATE TRIGGER search_terms_changed AFTER UPDATE OF terms ON search_entry BEGIN"
    " INSERT INTO search_terms(search_terms, rowid, terms) VALUES ('delete', old.id, old.terms);"
    " INSERT INTO search_terms(rowid, terms) VALUES (new.id, new.terms); END",
)
# a function of its own with its true cost, so that the planner asks the index and never makes vectors row by row;
# dearer still, and every larger question would be compiled first (JIT), which takes longer than answering it
POSTGRESQL = (
    "CREATE FUNCTION search_vector(terms text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200"
    " AS $$ BEGIN RETURN array_to_tsvector(string_to_array(terms, ' ')); END $$",
    "CREATE INDEX search_entry_terms ON search_entry USING gin (search_vector(terms))",
)
BACK = {
    "sqlite": (
        "DROP TRIGGER search_terms_added",
        "DROP TRIGGER search_terms_removed",
        "DROP TRIGGER search_terms_changed",
        "DROP TABLE search_terms",
    ),
    "postgresql": ("DROP INDEX search_entry_terms", "DROP FUNCTION search_vector(text)"),
}


def forwards(apps, editor):
    """Make the index in the words of the database."""
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[editor.connection.vendor]:
        editor.execute(statement, params=None)


def backwards(apps, editor):
    """Take the index away."""
    for statement in BACK[editor.connection.vendor]:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    new = True  # in an empty database too (hexi/site/tables.py)
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]

"""Tables: foreign keys point downwards only; a block's rows are written by nobody else; migrations are present."""

import ast
import re
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from hexi.blocks.people.tests.make import make_person
from hexi.kernel.manifest import Block, Domain, Door, manifests
from tests.house.writes import ForeignWrite, watched

HEXI = Path(settings.HEXI_PACKS).parent / "hexi"
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "update", "delete", "save"}
SQL = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?([a-z]+)_\w+")


def storey(manifest):
    """(storey, place in it): what may be pointed at stands lower, or at the same place."""
    blocks = [one for one in manifests() if isinstance(one, Block)]
    if manifest in blocks:
        return 1, blocks.index(manifest)
    return (2, manifest.key) if isinstance(manifest, (Door, Domain)) else (0, 0)


def own_models():
    by_label = {manifest.key: manifest for manifest in manifests()}
    return [
        (by_label[model._meta.app_label], model) for model in apps.get_models() if model._meta.app_label in by_label
    ]


def test_there_is_something_to_check():
    assert len(own_models()) > 20


@pytest.mark.parametrize(("manifest", "model"), own_models(), ids=lambda one: getattr(one, "__name__", ""))
def test_foreign_keys_point_downwards(manifest, model):
    by_label = {one.key: one for one in manifests()}
    for field in model._meta.get_fields():
        target = getattr(field, "related_model", None)
        if field.auto_created or target is None or target._meta.app_label not in by_label:
            continue
        other = by_label[target._meta.app_label]
        high, low = storey(manifest), storey(other)
        assert other is manifest or (low[0] < high[0] or (low[0] == high[0] == 1 and low[1] < high[1])), (
            f"{model.__name__}.{field.name} points up to {target.__name__}"
        )


LABELS = {manifest.key for manifest in manifests()}


def modules():
    return [path for path in HEXI.rglob("*.py") if not {"tests", "migrations", "node_modules"} & set(path.parts)]


def owner_of(module):
    """The folder that owns a module: "blocks/cases", "domains/livelihood/hall"."""
    parts = module.split(".")[1:]
    tables = [
        length for length in (3, 2) for name in ("models.py", "models") if HEXI.joinpath(*parts[:length], name).exists()
    ]
    home = next(iter(tables), 2)
    return "/".join(parts[:home])


def module_of(path):
    return ".".join(("hexi", *path.relative_to(HEXI).with_suffix("").parts))


def foreign_models(tree, own):
    """Names under which a module knows the models of others (a class, or `models` itself), with their owner."""
    found = {}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hexi.")):
            continue
        for alias in node.names:
            module = node.module if node.module.endswith(".models") else f"{node.module}.{alias.name}"
            if module.endswith(".models") and owner_of(module) != own:
                found[alias.asname or alias.name] = owner_of(module)
    return found


def root_of(node):
    """The name an expression such as `Person.objects.filter(…).first()` begins with."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def foreign_writes(text, module):
    """What a module writes that is not its own, as the code shows; `writes.py` sees what it cannot."""
    tree, own = ast.parse(text), owner_of(module)
    foreign = foreign_models(tree, own)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            root = root_of(node.func.value)
            if root in foreign:
                found.append(f"line {node.lineno}: {root} belongs to {foreign[root]}")
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            labels = {label for label in SQL.findall(node.value) if label in LABELS and label != own.rpartition("/")[2]}
            found += [f"line {node.lineno}: SQL writes a table of {label}" for label in sorted(labels)]
    return found


def test_rows_are_written_by_their_own_block():
    found = [
        (str(path), fault) for path in modules() for fault in foreign_writes(path.read_text("utf-8"), module_of(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("from hexi.blocks.people.models import Person\nPerson.objects.create()", 1),
        ("from hexi.blocks.people.models import Person as P\nP.objects.filter(pk=1).update(name='')", 1),
        ("from hexi.blocks.people import models\nmodels.Person(name='').save()", 1),
        ("cursor.execute('DELETE FROM people_person')", 1),
        ("from hexi.blocks.people.models import Person\nPerson.objects.get(pk=1)", 0),
        ("from hexi.blocks.cases.models import Case\nCase.objects.create()", 0),
        ("cursor.execute('UPDATE cases_case SET title = 1')", 0),
    ],
)
def test_the_check_of_writing_finds_them(text, faults):
    assert len(foreign_writes(text, "hexi.blocks.cases.operations.applying")) == faults


@pytest.mark.django_db
def test_a_foreign_write_at_run_time_is_an_error():
    """As a module of cases would, through an object whose class the code does not name."""
    person = make_person()
    theirs = compile("person.save()", str(HEXI / "blocks" / "cases" / "finding.py"), "exec")
    own = compile("person.save()", str(HEXI / "blocks" / "people" / "operations.py"), "exec")
    with watched():
        with pytest.raises(ForeignWrite, match=r"finding\.py:1 writes people\.Person"), transaction.atomic():
            exec(theirs, {"person": person})
        exec(own, {"person": person})


@pytest.mark.django_db
def test_migrations_are_complete():
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())

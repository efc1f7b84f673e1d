"""Tables: foreign keys point downwards only; a block's rows are written by nobody else; migrations are present."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from hexi.kernel.manifest import Block, Door, Domain, manifests

HEXI = Path(settings.HEXI_PACKS).parent / "hexi"
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"}


def storey(manifest):
    """(storey, place in it): what may be pointed at stands lower, or at the same place."""
    blocks = [one for one in manifests() if isinstance(one, Block)]
    if manifest in blocks:
        return 1, blocks.index(manifest)
    return (2, manifest.key) if isinstance(manifest, (Door, Domain)) else (0, 0)


def own_models():
    by_label = {manifest.key: manifest for manifest in manifests()}
    return [(by_label[model._meta.app_label], model) for model in apps.get_models() if model._meta.app_label in by_label]


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


def modules():
    return [path for path in HEXI.rglob("*.py") if not {"tests", "migrations", "node_modules"} & set(path.parts)]


def part_of(path):
    """ "blocks/cases" for anything below it."""
    return "/".join(path.relative_to(HEXI).parts[:2])


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(HEXI)))
def test_rows_are_written_by_their_own_block(path):
    tree = ast.parse(path.read_text("utf-8"))
    foreign = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith(".models"):
            owner = "/".join(node.module.split(".")[1:3])
            if owner != part_of(path):
                foreign |= {alias.asname or alias.name: node.module for alias in node.names}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in WRITES
            and isinstance(node.func.value, ast.Attribute)
            and isinstance(node.func.value.value, ast.Name)
            and node.func.value.value.id in foreign
        ):
            pytest.fail(f"line {node.lineno}: writes {node.func.value.value.id} of {foreign[node.func.value.value.id]}")


@pytest.mark.django_db
def test_migrations_are_complete():
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(out.getvalue())

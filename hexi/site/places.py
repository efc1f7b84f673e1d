"""Finds the parts of the house by their folders: ui, blocks, doors, domains, other packages, the site."""

import sys
from importlib.metadata import entry_points
from pathlib import Path

from hexi.blocks import ORDER

HEXI = Path(__file__).resolve().parent.parent


def places(switched_off: list[str]) -> list[str]:
    """Dotted names of the modules that hold a manifest, lowest storey first.

    `switched_off` names domains ("livelihood.hall") to leave out; a missing folder is simply not there.
    """
    blocks = [f"hexi.blocks.{name}.block" for name in ORDER if (HEXI / "blocks" / name / "block.py").exists()]
    doors = [f"hexi.fronts.{path.parent.name}.door" for path in sorted(HEXI.glob("fronts/*/door.py"))]
    found = sorted([*HEXI.glob("domains/*/domain.py"), *HEXI.glob("domains/*/*/domain.py")])
    domains = [".".join(("hexi", *path.relative_to(HEXI).with_suffix("").parts)) for path in found]
    outside = [entry.value for entry in entry_points(group="hexi.domains")]
    kept = [
        place
        for place in domains + outside
        if place.removeprefix("hexi.domains.").removesuffix(".domain") not in switched_off
    ]
    return ["hexi.ui.manifest", *blocks, *doors, *kept, "hexi.site.manifest"]


def packages(found: list[str]) -> list[str]:
    """The packages of the places: the house's own entries of INSTALLED_APPS."""
    return [place.rpartition(".")[0] for place in found]


def folders(found: list[str], name: str) -> list[Path]:
    """Existing sub-folders called `name` (templates, locale, static) of the places."""
    paths = []
    for package in packages(found):
        if package.startswith("hexi."):
            home = HEXI.joinpath(*package.split(".")[1:])
        else:
            home = Path(sys.modules[package].__file__ or "").parent if package in sys.modules else Path(package)
        if (home / name).is_dir():
            paths.append(home / name)
    return paths

"""`hexi new service` and `hexi new domain`: a working start of each, to be filled in (docs/new-service.md, new-domain.md)."""

import argparse
from pathlib import Path

from django.conf import settings

from hexi.site.places import HEXI

PATTERNS = Path(__file__).parent / "patterns"


def service(arguments: argparse.Namespace) -> int:
    """Write the two files of a service; they pass `hexi check` once every line marked 请改 is filled in."""
    key = arguments.key
    national = HEXI / "domains" / Path(*arguments.domain.split(".")) / "packs" / "services" / f"{key}.yaml"
    local = settings.HEXI_PACKS / arguments.region / "services" / f"{key}.yaml"
    facts = {"KEY": key, "TITLE": arguments.title, "DEPARTMENT": arguments.department}
    return _write({national: "service.yaml", local: "implementing.yaml"}, facts) or _next(
        f"改好两个文件后 / when both are filled in:  hexi check {national} {local}  →  hexi setup"
    )


def domain(arguments: argparse.Namespace) -> int:
    """Write a domain with a manifest, one page and its test; it is found by its folder at the next start."""
    home = HEXI / "domains" / Path(*arguments.key.split("."))
    name = home.name
    facts = {"KEY": name, "TITLE": arguments.title, "MODULE": f"hexi.domains.{arguments.key}"}
    files = {
        home / "__init__.py": "init.py.txt",
        home / "domain.py": "domain.py.txt",
        home / "pages.py": "pages.py.txt",
        home / "templates" / name / "home.html": "home.html.txt",
        home / "tests" / "__init__.py": "empty.txt",
        home / "tests" / "test_pages.py": "test_pages.py.txt",
        home / "locale" / "en" / "LC_MESSAGES" / "django.po": "django.po.txt",
    }
    if home.parent != HEXI / "domains" and not (home.parent / "__init__.py").exists():
        files[home.parent / "__init__.py"] = "init.py.txt"
    return _write(files, facts) or _next(f"打开 / open  http://localhost:8000/{name}/")


def service_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi new service`."""
    parser.add_argument("key", help="slug, such as well-permit")
    parser.add_argument("title", help="Chinese title")
    parser.add_argument("--region", default="gansu", help="region pack (gansu)")
    parser.add_argument("--department", default="yumen-forestry", help="key of the department in the region's pack")
    parser.add_argument("--domain", default="livelihood.hall", help="domain that owns the national element")


def domain_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi new domain`."""
    parser.add_argument("key", help="folder, such as agriculture or livelihood.health")
    parser.add_argument("title", help="Chinese title")


def _write(files: dict[Path, str], facts: dict[str, str]) -> int:
    there = [path for path in files if path.exists()]
    if there:
        print(f"✗ 已存在，未改动 / exists, left alone: {there[0]}")
        return 1
    for path, pattern in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (PATTERNS / pattern).read_text("utf-8")
        for name, value in facts.items():
            text = text.replace(f"@{name}@", value)
        path.write_text(text, "utf-8")
        print(f"✓ {path}")
    return 0


def _next(sentence: str) -> int:
    print(sentence)
    return 0

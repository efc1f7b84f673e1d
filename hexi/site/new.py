"""`hexi new service`, `hexi new domain`: a working start, to be filled in (docs/new-service.md, new-domain.md)."""

import argparse
import json
import re
from itertools import count
from keyword import iskeyword
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from hexi.blocks.cases.rules_office import level_of
from hexi.kernel import packs
from hexi.site.places import HEXI

PATTERNS = Path(__file__).parent / "patterns"
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
FOLDER = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


def service(arguments: argparse.Namespace) -> int:
    """Write the files of a service: what the law says, how one office does it, the certificate it ends in."""
    home = HEXI / "domains" / Path(*arguments.domain.split("."))
    region = settings.HEXI_PACKS / arguments.region
    if not (home / "domain.py").exists():
        return _refuse(f"没有领域 / there is no domain {arguments.domain}（hexi/domains/*/domain.py）")
    offices = {one["key"]: one for one in _lines(sorted(region.glob("departments/*.yaml")), "departments")}
    if arguments.department not in offices:
        return _refuse(
            f"没有部门 / no department {arguments.department}：{'、'.join(offices) or region / 'departments'}"
        )
    facts = _service_facts(arguments, offices[arguments.department])
    national, local = home / "packs/services" / f"{arguments.key}.yaml", region / "services" / f"{arguments.key}.yaml"
    files = {
        national: "service.yaml",
        local: "implementing.yaml",
        home / "packs/certificates" / f"{arguments.key}.yaml": "certificate.yaml",
    }
    return _write(files, facts) or _next(
        f"改好【请改】之后 / when filled in:  hexi check {' '.join(map(_shown, files))}  →  hexi setup --no-assets"
    )


def domain(arguments: argparse.Namespace) -> int:
    """Write a domain with a manifest, one page and its test; it is found by its folder at the next start."""
    home = HEXI / "domains" / Path(*arguments.key.split("."))
    name = home.name
    facts = {
        "KEY": name,
        "TITLE": arguments.title,
        "MODULE": f"hexi.domains.{arguments.key}",
        "ENGLISH": arguments.english or _english(name),
    }
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
    return _write(files, facts) or _next(f"hexi serve  →  http://localhost:8000/{name}/")


def service_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi new service`."""
    parser.add_argument("key", type=slug, help="代号，如 well-permit / key, such as well-permit")
    parser.add_argument("title", type=plain, help="中文名称 / Chinese title")
    parser.add_argument("--english", type=plain, help="英文名称 / English title (default: from the key)")
    parser.add_argument("--region", default="gansu", help="地区数据包 / region pack (gansu)")
    parser.add_argument(
        "--department", required=True, help="数据包里的部门代号 / key of the department in the region's pack"
    )
    parser.add_argument(
        "--domain", default="livelihood.hall", help="放国家事项的领域 / domain that owns the national element"
    )


def domain_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi new domain`."""
    parser.add_argument("key", type=folder, help="文件夹，如 livelihood.health / folder")
    parser.add_argument("title", type=plain, help="中文名称 / Chinese title")
    parser.add_argument("--english", type=plain, help="英文名称 / English title (default: from the key)")


def slug(text: str) -> str:
    """A key of a service: small letters, digits, single hyphens."""
    if not SLUG.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text}: 只用小写字母、数字和连字符 / small letters, digits and hyphens")
    return text


def folder(text: str) -> str:
    """A domain, or a sub-domain one level deeper: names Python can import, and that no part of the house has."""
    name = text.rpartition(".")[2]
    taken = {place.split(".")[-2] for place in settings.HEXI_PLACES if not place.startswith(f"hexi.domains.{text}.")}
    if not FOLDER.fullmatch(text) or iskeyword(name):
        raise argparse.ArgumentTypeError(
            f"{text}: 形如 agriculture 或 livelihood.health / like agriculture or livelihood.health"
        )
    if name in taken:
        raise argparse.ArgumentTypeError(f"{name}: 已有同名的部分，请换名 / a part of the house has this name")
    return text


def plain(text: str) -> str:
    """A title that may stand in YAML, Python and a catalogue of translations alike."""
    if not text.strip() or set(text) & set('"\\{}@\n'):
        raise argparse.ArgumentTypeError(
            f'{text!r}: 不能为空，不能有 " \\ {{ }} @ / neither empty nor with these signs'
        )
    return text.strip()


def _service_facts(arguments: argparse.Namespace, office: dict[str, Any]) -> dict[str, str]:
    """What the patterns of a service name. Made-up codes are the first that no pack uses."""
    result = re.sub(r"(核发|审批|办理|申领)$", "", arguments.title)
    result = result if result.endswith("证") else f"{result}证"
    bases = {one.get("base_code") for one in map(_content, packs.files("services"))}
    codes = {one["code"] for one in _lines(packs.files("certificates"), "certificates")}
    both = {"OFFICE": "name", "ADDRESS": "address", "HOURS": "hours"}
    return {
        "KEY": arguments.key, "TITLE": arguments.title, "ENGLISH": arguments.english or _english(arguments.key),
        "RESULT": result, "SHORT": f"{result[:2]}字", "CERTIFICATE": arguments.key.replace("-", "_")[:40],
        "BASE_CODE": _free("000199{:03d}000", bases), "CODE": _free(office["uscc"] + "{:03d}", codes),
        "DEPARTMENT": arguments.department, "REGION": office["region"], "LEVEL": level_of(office["region"]),
        "PHONE": office["phone"],
        **{name: _quoted(office[field]["zh"]) for name, field in both.items()},
        **{f"{name}_EN": _quoted(office[field]["en"]) for name, field in both.items()},
    }  # fmt: skip


def _english(key: str) -> str:
    return re.sub(r"[-_]", " ", key).capitalize()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string


def _free(pattern: str, used: set[Any]) -> str:
    return next(code for number in count(1) if (code := pattern.format(number)) not in used)


def _content(path: Path) -> dict[str, Any]:
    """What a file says; nothing if it is broken: `hexi check` tells that, and a new one can begin all the same."""
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError:
        return {}
    return content if isinstance(content, dict) else {}


def _lines(paths: list[Path], key: str) -> list[dict[str, Any]]:
    return [line for path in paths for line in _content(path).get(key, [])]


def _write(files: dict[Path, str], facts: dict[str, str]) -> int:
    there = [path for path in files if path.exists()]
    if there:
        return _refuse(f"已存在，未改动 / exists, left alone: {there[0]}")
    for path, pattern in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (PATTERNS / pattern).read_text("utf-8")
        for name, value in facts.items():
            text = text.replace(f"@{name}@", value)
        path.write_text(text, "utf-8")
        print(f"✓ {_shown(path)}")
    return 0


def _shown(path: Path) -> str:
    """As one types it from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _refuse(sentence: str) -> int:
    print(f"✗ {sentence}")
    return 1


def _next(sentence: str) -> int:
    print(sentence)
    return 0

"""`hexi regions load`, `extract`: published lists into the database and out of their tables; `map`: base maps."""

import argparse
import time
from pathlib import Path

from django.core.exceptions import ValidationError

from hexi.blocks.regions import basemaps, codes, lists
from hexi.blocks.regions.packs import DivisionsPack, load_divisions
from hexi.kernel import packs
from hexi.kernel.actors import System

SHOWN = 5


def load(arguments: argparse.Namespace) -> int:
    """Import the division lists of the chosen packs, or of the files given."""
    try:
        for path in arguments.files or packs.files("divisions"):
            _load_one(path)
    except packs.PackError as error:
        print(f"✗ {error}")
        return 1
    return 0


def load_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi regions load`."""
    parser.add_argument(
        "files", nargs="*", type=Path, help="divisions 数据包，默认全部 / packs of divisions (default: all)"
    )


def _load_one(path: Path) -> None:
    started = time.monotonic()
    pack = packs.read(path, DivisionsPack)
    print(f"… {path}  {pack.source}", flush=True)
    loaded = load_divisions(path, pack, lambda done, total: print(f"  {done} / {total}", flush=True))
    spent = time.monotonic() - started
    print(f"✓ 新增 {loaded.added}，更名 {loaded.renamed}，曾用名 {loaded.past} / added, renamed, former  {spent:.1f} s")
    if loaded.gone:
        some = ", ".join(loaded.gone[:SHOWN])
        print(f"! 名单里已没有 {len(loaded.gone)} 个现行区划，请在工作台合并 / no longer listed, merge them: {some} …")


def extract(arguments: argparse.Namespace) -> int:
    """Write one region's list from a folder with the source's tables."""
    units = lists.extract(arguments.folder, arguments.under.ljust(12, "0"), arguments.level)
    lists.write(arguments.target, units)
    counts = ", ".join(str(sum(codes.level_of(unit.code) == level for unit in units)) for level in range(1, 6))
    print(f"✓ {arguments.target}  {arguments.target.stat().st_size} bytes, 1–5: {counts}")
    return 0 if units else 1


def extract_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi regions extract`."""
    parser.add_argument("folder", type=Path, help="原始 CSV 所在文件夹 / folder with provinces.csv, cities.csv …")
    parser.add_argument("target", type=Path, help="写到哪里 / list to write (.csv or .csv.gz)")
    parser.add_argument("--under", required=True, help="区划代码，如 62、5101 / code of the region")
    parser.add_argument(
        "--level", type=int, default=codes.VILLAGE, help="最深一级：3 县 5 村 / deepest level: 3 counties, 5 villages"
    )


def take_map(arguments: argparse.Namespace) -> int:
    """Take in a file of boundaries or buildings, print every fault with its feature; 1 if nothing was taken."""
    take = basemaps.import_boundaries if arguments.kind == "boundaries" else basemaps.import_buildings
    facts = {one: getattr(arguments, one) for one in ("region", "title", "approval", "source")}
    try:
        made = take(arguments.file.read_bytes(), name=arguments.file.name, by=System("regions map"), **facts)
    except ValidationError as error:
        for sentence in error.messages:
            print(f"✗ {sentence}")
        return 1
    print(f"✓ {made.get_kind_display()} {len(made.features):,}  {made.approval}")
    return 0


def map_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi regions map`."""
    parser.add_argument("kind", choices=("boundaries", "buildings"), help="区划边界或建筑 / boundaries or buildings")
    parser.add_argument("file", type=Path, help="GeoJSON 文件（WGS-84） / GeoJSON, FeatureCollection, WGS 84")
    parser.add_argument("--region", required=True, help="12 位区划代码 / division, 12 digits")
    parser.add_argument("--title", required=True, help="名称 / title")
    parser.add_argument("--approval", default="", help="审图号，边界必填 / map approval number, needed for boundaries")
    parser.add_argument("--source", required=True, help="来源和许可 / where it comes from, and its licence")

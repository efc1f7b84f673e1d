"""`hexi grid import`: take in a file of cells from the command line, with the same checks as the page."""

import argparse
from pathlib import Path

from django.core.exceptions import ValidationError

from hexi.blocks.regions.models import Department
from hexi.domains.livelihood.grid.operations import mapping
from hexi.kernel.actors import System


def take_in(arguments: argparse.Namespace) -> int:
    """Read the file, print every fault with its feature; 1 if nothing was taken."""
    path = Path(arguments.file)
    try:
        run = mapping.import_cells(
            path.read_bytes(), name=path.name, scheme=arguments.scheme, region=arguments.region,
            department=Department.objects.get(key=arguments.department), by=System("grid import"),
            synthetic=arguments.synthetic,
        )  # fmt: skip
    except ValidationError as error:
        print("✗ " + " ".join(error.messages))
        return 1
    for mark, lines in (("✗", run.faults), ("!", run.hints)):
        for place, said in lines:
            print(f"{mark} {place}：{said}")
    print(f"{'✓' if run.taken else '✗'} {run.taken:,} / {run.total:,}")
    return 0 if run.taken else 1


def take_in_arguments(parser: argparse.ArgumentParser) -> None:
    """Parameters of `hexi grid import`."""
    parser.add_argument("file", help="GeoJSON 文件（WGS-84） / GeoJSON, FeatureCollection, WGS-84")
    parser.add_argument("--scheme", default="gbt30428_cell", help="编码规则 / code scheme")
    parser.add_argument("--region", required=True, help="县级区划代码 / county, 12 digits")
    parser.add_argument("--department", required=True, help="网格中心的标识 / key of the grid centre")
    parser.add_argument("--synthetic", action="store_true", help="模拟数据 / made up")

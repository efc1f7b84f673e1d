"""`hexi requests …`: train the classifier, measure it on a table."""

import argparse
import csv
import time
from pathlib import Path

from django.core.exceptions import ValidationError

from hexi.domains.livelihood.requests import learning, operations, synthetic
from hexi.domains.livelihood.requests.models import Hotline
from hexi.kernel.actors import System


def train_arguments(parser: argparse.ArgumentParser) -> None:
    """Which region, from what."""
    parser.add_argument(
        "--region", default="", help="热线所在地区，不填为全部 / region of the hotline; all if left out"
    )
    parser.add_argument(
        "--synthetic", action="store_true", help="加上合成语句，用于起步或演示 / with made-up sentences, to start from"
    )


def train(arguments: argparse.Namespace) -> int:
    """Train for each hotline; what came of it, a line each."""
    found = Hotline.objects.order_by("region_code")
    regions = [arguments.region] if arguments.region else list(found.values_list("region_code", flat=True))
    failed = 0
    for region in regions:
        extra = synthetic.examples() if arguments.synthetic else None
        try:
            row = operations.train(region, by=System("train"), examples=extra,
                                   source="合成语句 + 本热线的诉求" if extra else "")  # fmt: skip
        except ValidationError as error:
            failed += 1
            print(f"✗ {region}: {' '.join(error.messages)}")
            continue
        facts = row.metrics
        print(
            f"✓ {region}: {row.examples} 件 orders ({row.corrections} 件更正 corrected), {facts['seconds']} s, "
            f"accuracy {facts['accuracy']:.4f}, macro-F1 {facts['macro_f1']:.4f} on {facts['tested']} kept out, "
            f"data {row.data_digest[:12]}, model {row.digest[:12]}"
        )
    return 1 if failed else 0


def table(parser: argparse.ArgumentParser) -> None:
    """A table of texts with their class."""
    parser.add_argument("file", type=Path, help="CSV，首行表头 / CSV with a head line")
    parser.add_argument("--text", default="", help="正文列，不填为第一列 / column of the text, the first if left out")
    parser.add_argument("--label", default="", help="分类列，不填为最后一列 / column of the class, the last else")
    parser.add_argument("--salt", default="hexi", help="另一种划分 / another split")


def measure(arguments: argparse.Namespace) -> int:
    """Learn from four fifths of a table, test with the rest, print the figures."""
    print(report(read(arguments.file, arguments.text, arguments.label), arguments.salt)[0])
    return 0


def read(file: Path, text: str = "", label: str = "") -> list[learning.Example]:
    """Texts and classes of a table; the same text twice counts once."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        heads = list(rows.fieldnames or [])
        text, label = text or heads[0], label or heads[-1]
        found = {row[text].strip(): (row[label].strip(),) for row in rows if row[text].strip() and row[label].strip()}
    return list(found.items())


def report(examples: list[learning.Example], salt: str) -> tuple[str, learning.Measured]:
    """Figures of one split, as people read them."""
    learnt, kept_out = learning.split(examples, salt=salt)
    began, cpu = time.perf_counter(), time.process_time()
    model = learning.learn(learnt)
    took, spent = time.perf_counter() - began, time.process_time() - cpu
    began, cpu = time.perf_counter(), time.process_time()
    found = learning.measure(model, kept_out)
    each = (time.process_time() - cpu) / max(1, len(kept_out)) * 1000
    lines = [
        f"learnt from {len(learnt)} in {took:.1f} s ({spent:.1f} s CPU), tested on {found.tested}: "
        f"{each:.2f} ms CPU an answer",
        f"accuracy {found.accuracy:.4f}, macro-F1 {found.macro_f1:.4f}; rows: true class, columns: answer",
        "\t".join(["", *found.table]),
        *("\t".join([truth, *(str(row.get(name, 0)) for name in found.table)]) for truth, row in found.table.items()),
    ]
    return "\n".join(lines), found

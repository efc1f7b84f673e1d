"""Case numbers in a race: 16 threads submit at once, and some roll back; every number once, and none left out."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from benchmarks import report
from benchmarks.installation import Installation, databases

THREADS, EACH = 16, 500 if report.FULL else 50
#: of so many submissions one is rolled back at its very end and handed in again
UNDONE = 10


def measure() -> report.Result:
    """Submissions on both databases; beside them the same threads at the bare counter."""
    rows, errors = [], 0
    for database in databases():
        with Installation("numbers", database) as house:
            house.run("setup", "--no-assets")
            found = house.ask("benchmarks.numbering_race", str(EACH))
        errors += found["wrong"]
        rows.append([database, THREADS * EACH, found["wrong"], found["submissions"], found["bare"]])
    report.table(("", "submissions", "lost or doubled", "submissions/s", "numbers alone/s"), rows)
    return report.Result("numbering_race", errors, "lost or doubled numbers", errors=errors)


def race(each: int) -> dict[str, float]:
    """Runs inside the installation: what came of it, and how many a second."""
    from django.db import transaction

    from benchmarks.life import ITEM
    from hexi.blocks.cases import numbers, operations
    from hexi.blocks.cases.definitions import code_of
    from hexi.blocks.cases.models import Case, Item
    from hexi.blocks.people.tests import make as people
    from hexi.kernel import clock

    version = Item.objects.get(key=ITEM).version
    persons = [people.make_person() for _ in range(THREADS)]
    day = clock.today()

    def submit(thread: int, n: int) -> None:
        facts = {"answers": {}, "submission": f"race:{thread}:{n}", "phone": persons[thread].phone, "by": people.BY}
        if (thread + n) % UNDONE == 0:
            with transaction.atomic():
                operations.submit(version, applicant=persons[thread], **facts)
                transaction.set_rollback(True)
        operations.submit(version, applicant=persons[thread], **facts)

    took = _together(lambda thread: [submit(thread, n) for n in range(each)])
    made = sorted(Case.objects.values_list("number", flat=True))
    wanted = [f"{code_of(version)}{day:%Y%m%d}{serial:04d}" for serial in range(1, THREADS * each + 1)]
    bare = _together(lambda thread: [numbers.allocate("bare") for _ in range(each)])
    return {
        "wrong": len(set(wanted) ^ set(made)) + len(made) - len(set(made)),
        "submissions": THREADS * each / took,
        "bare": THREADS * each / bare,
    }


def _together(work) -> float:
    """Seconds until all threads have done the work, begun at the same moment."""
    from django.db import connection

    gate = Barrier(THREADS)

    def one(thread: int) -> None:
        gate.wait()
        try:
            work(thread)
        finally:
            connection.close()

    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))
    return time.monotonic() - began


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(race(int(sys.argv[1]))))

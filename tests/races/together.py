"""Do things at the same moment: threads that start behind one gate, each with its own database connection."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def together(*work, expect=()):
    """Run the callables in threads that start at once; what each returned, or the `expect`ed exception it raised."""
    gate = Barrier(len(work))

    def one(do):
        try:
            gate.wait()
            return do()
        except expect as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))


def parted(found, kind):
    """What came out well, and the errors of a kind."""
    errors = [one for one in found if isinstance(one, kind)]
    return [one for one in found if not isinstance(one, kind)], errors

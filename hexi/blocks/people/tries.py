"""How often something was tried: a brake on guessing that no number of tries at once slips through. As `operations`."""

from django.db import connection
from django.utils.crypto import salted_hmac

from hexi.blocks.people.models import Tries
from hexi.kernel import clock


def tried(mark: str, seconds: int) -> int:
    """Count one more try under this mark; how many there are, the first not longer ago than so many seconds.

    One statement, so that of many at once each gets a number of its own.
    """
    now = int(clock.now().timestamp())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_tries (key, until, used) VALUES (%s, %s, 1) ON CONFLICT (key) DO UPDATE SET "
            "used = CASE WHEN people_tries.until <= %s THEN 1 ELSE people_tries.used + 1 END, "
            "until = CASE WHEN people_tries.until <= %s THEN excluded.until ELSE people_tries.until END RETURNING used",
            [salted_hmac("people.tries", mark, algorithm="sha256").hexdigest(), now + seconds, now, now],
        )
        return int(cursor.fetchone()[0])


def forget() -> int:
    """Delete what is past: nothing is kept of who tried when."""
    return Tries.objects.filter(until__lte=int(clock.now().timestamp())).delete()[0]

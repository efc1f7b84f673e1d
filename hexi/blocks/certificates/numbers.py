"""Serial numbers without gaps or races, and identifiers by GB/T 36904-2018. Beside models."""

from collections.abc import Sequence

from django.db import connection

from hexi.wire.checksums import LICENCE_ROOT, licence_check

VERSION = "001"


def allocate(key: str, before: Sequence[str] = (), year: int | None = None) -> int:
    """The next serial under `key`, in that `year` if one is given, from 1. The counter's row is locked until the end.

    Rolled back with the transaction, so that no number is lost; the row lock makes each unique. A type may have counted
    in another way before: over all years ("9:4"), by year ("9:4:2026"), or under the keys in `before`. The count goes
    on above whatever may have been given by the same office in the same year.
    """
    names = [key, *before]
    if year is None:
        same, within, own = list(before), [f"{name}:%" for name in names], key
    else:
        same, within, own = names + [f"{name}:{year}" for name in before], [], f"{key}:{year}"
    others = " OR ".join(["key = %s"] * len(same) + ["key LIKE %s"] * len(within))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO certificates_counter (key, value) "  # noqa: S608 - marks only
            f"SELECT %s, COALESCE(MAX(value), 0) + 1 FROM certificates_counter WHERE {others} "
            "ON CONFLICT (key) DO UPDATE SET value = CASE WHEN excluded.value > certificates_counter.value "
            "THEN excluded.value ELSE certificates_counter.value + 1 END RETURNING value",
            [own, *same, *within],
        )
        return int(cursor.fetchone()[0])


def following(identifier: str) -> tuple[str, str]:
    """Serial and version of the version that follows the certificate with this identifier."""
    *_root, serial, version, _check = identifier.split(".")
    return serial, f"{int(version) + 1:03d}"


def identifier(type_code: str, issuer: str, serial: str, version: str = VERSION) -> str:
    """The national identifier: root, type (21), issuer's credit code (18), serial, version (3), check character."""
    body = f"{LICENCE_ROOT}{type_code}.{issuer}.{serial}.{version}"
    return f"{body}.{licence_check(body)}"

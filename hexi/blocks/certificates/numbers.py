"""Serial numbers without gaps or races, and identifiers by GB/T 36904-2018. Beside models."""

from django.db import connection

from hexi.wire.checksums import LICENCE_ROOT, licence_check

VERSION = "001"


def allocate(key: str) -> int:
    """The next serial under `key`, from 1. The counter's row is locked until the transaction ends.

    Rolled back with the transaction, so that no number is lost; the row lock makes each unique.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO certificates_counter (key, value) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET value = certificates_counter.value + 1 RETURNING value",
            [key],
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

"""The directory record of a certificate (GB/T 36902-2018, 36903-2018): everything that is printed and signed.

Stands on models and definitions. Keys are those of a provincial directory in use (shared/reference/services.md §2.9).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from hexi.blocks.certificates import numbers
from hexi.blocks.certificates.definitions import Licence
from hexi.blocks.certificates.models import CertificateType, State
from hexi.blocks.notices.operations import SITE_URL
from hexi.blocks.people import queries as people
from hexi.blocks.people.models import Person
from hexi.blocks.regions.models import Department


@dataclass(frozen=True)
class Asked:
    """What a certificate is to say."""

    licence: Licence
    holder: Person
    issuer: Department
    facts: dict[str, Any]
    start: date
    end: date | None
    item: tuple[str, str]


def next_serial(of_type: CertificateType, asked: Asked) -> int:
    """The serial of a new certificate: within type, office (or region, if its number tells only that) and year."""
    place = asked.issuer.region_code[:6]
    region, office = f"{of_type.pk}:r{place}", f"{of_type.pk}:{asked.issuer.pk}"
    year = asked.start.year if asked.licence.yearly else None
    if not asked.licence.regional:
        return numbers.allocate(office, [region], year)
    offices = Department.objects.filter(region_code__startswith=place).values_list("pk", flat=True)
    return numbers.allocate(region, [f"{of_type.pk}:{pk}" for pk in offices], year)


def make(asked: Asked, serial: int, *, demo: bool) -> dict[str, Any]:
    """The record of a new certificate."""
    licence, issuer = asked.licence, asked.issuer
    number = licence.number.format(
        year=asked.start.year, serial=serial, office=issuer.name, region=issuer.region_code[:6]
    )
    return _record(asked, number, f"{asked.start.year}{serial:07d}", numbers.VERSION, demo)


def follow(asked: Asked, before: dict[str, Any], *, demo: bool) -> dict[str, Any]:
    """The record of the next version of a certificate: the same number and serial, the version raised by one."""
    serial, version = numbers.following(before["certificate_identifier"])
    return _record(asked, before["number"], serial, version, demo)


def _record(asked: Asked, number: str, serial: str, version: str, demo: bool) -> dict[str, Any]:
    """All values are text, so that its canonical form is the same everywhere."""
    licence, issuer = asked.licence, asked.issuer
    holder_type, holder_type_name, holder_code = _holder(asked.holder)
    return {
        "certificate_identifier": numbers.identifier(licence.code, issuer.uscc, serial, version),
        "type_name": licence.title.zh,
        "type_code": licence.code,
        "number": number,
        "name": licence.title.zh,
        "version": version,
        "issuing_authority_name": issuer.name,
        "issuing_authority_code": issuer.uscc,
        "issuing_authority_date": asked.start.isoformat(),
        "define_authority_name": licence.authority,
        "define_authority_code": licence.code[:18],
        "validate_start": asked.start.isoformat(),
        "validate_end": asked.end.isoformat() if asked.end else "",
        "area_code": issuer.region_code,
        "holder_name": asked.holder.name,
        "holder_code": holder_code,
        "holder_type": holder_type,
        "holder_type_name": holder_type_name,
        "related_item_name": asked.item[0],
        "related_item_code": asked.item[1],
        "extend_info": {field.key: str(asked.facts.get(field.key) or "") for field in licence.fields},
        "file_url": SITE_URL.value.rstrip("/"),
        "status": State.VALID.value,
        "demo": demo,
    }


def _holder(holder: Person) -> tuple[str, str, str]:
    """Type code (GA/T 2000.156), its name, and the number: a human being's masked, a body's whole, which is public."""
    if holder.natural:
        return people.RESIDENT, "公民身份号码", people.masked_number(holder, type=people.RESIDENT)
    return people.CREDIT, "统一社会信用代码", people.credit_code(holder)

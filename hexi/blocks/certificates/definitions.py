"""What a certificate type is: the schema of packs `certificates/*.yaml`, its lint, and loading. Above models."""

from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import Field as Given
from pydantic import StringConstraints

from hexi.blocks.certificates.models import CertificateType
from hexi.kernel.packs import Fault, PackModel, Words, digest
from hexi.wire.checksums import Wrong, read_credit_code

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
#: what the number may be made of
NUMBER = frozenset({"year", "serial", "office", "region"})


class Field(PackModel):
    """One line of the certificate. `wide` takes the whole width."""

    key: Key
    label: Words
    wide: bool = False
    required: bool = True


class Licence(PackModel):
    """One type of certificate.

    `code` is the credit code of the authority that defined it and three characters; `authority` its name. `number` is
    made of {year}, {serial} ({serial:06d} pads), {office} and {region}. Serials run within type and office, or within
    the region if the number names it and not the office; and within the year if the number names it. `text` is the
    sentence between title and fields, in which {holder} and the keys of fields stand in braces.
    """

    key: Key
    code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{21}$")]
    title: Words
    authority: str = Given(min_length=1)
    holder: Literal["natural", "body", "any"] = "any"
    layout: Literal["landscape", "portrait"] = "landscape"
    number: str = "{office}〔{year}〕{serial:06d}号"
    text: str = ""
    fields: tuple[Field, ...] = ()
    note: str = ""
    basis: tuple[str, ...] = ()

    @property
    def yearly(self) -> bool:
        """True if its serials begin anew each year: only where the number names the year, or two were the same."""
        return "year" in _names(self.number)

    @property
    def regional(self) -> bool:
        """True if its serials run through all offices of a region: the number tells the region and not the office."""
        names = _names(self.number)
        return "region" in names and "office" not in names


class Licences(PackModel):
    """A file `packs/certificates/*.yaml`."""

    certificates: tuple[Licence, ...]


def check(path: Path, content: Licences) -> list[Fault]:
    """Codes whose check characters are wrong, names in braces that do not exist, fields twice."""
    return [Fault(path, 1, sentence) for licence in content.certificates for sentence in _faults(licence)]


def _faults(licence: Licence) -> list[str]:
    found = []
    try:
        read_credit_code(licence.code[:18])
    except Wrong:
        found.append(f"「{licence.key}」code 的前 18 位不是有效的统一社会信用代码 / code must begin with a credit code")
    keys = [field.key for field in licence.fields]
    found += [
        f"「{licence.key}」字段 {key} 重复 / field twice"
        for key in sorted({key for key in keys if keys.count(key) > 1})
    ]
    found += [
        f"「{licence.key}」number 里没有 {{{name}}} / no such name" for name in sorted(_names(licence.number) - NUMBER)
    ]
    if "serial" not in _names(licence.number):
        found.append(f"「{licence.key}」number 里要有 {{serial}} / number needs {{serial}}")
    if not _names(licence.number) & {"year", "office", "region"}:
        found.append(
            f"「{licence.key}」number 里要有 {{office}}、{{region}} 或 {{year}}，否则各机关的编号相同 / "
            "number needs {office}, {region} or {year}, or offices give the same"
        )
    found += [
        f"「{licence.key}」text 里没有 {{{name}}} / no such name"
        for name in sorted(_names(licence.text) - {"holder", *keys})
    ]
    return found


def _names(pattern: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}


def load(path: Path, content: Licences) -> None:
    """Put the types into the table; a changed one counts for certificates issued from now on."""
    for licence in content.certificates:
        columns = {
            "code": licence.code, "title_zh": licence.title.zh, "title_en": licence.title.en,
            "definition": licence.model_dump(mode="json"), "digest": digest(licence),
        }  # fmt: skip
        CertificateType.objects.update_or_create(key=licence.key, defaults=columns)


def of(found: CertificateType) -> Licence:
    """The definition of a type."""
    return Licence.model_validate(found.definition)

"""Own data sets: what `datasets/*.yaml` of blocks and domains say, their rows as a QuerySet. Stands beside models.

A register is catalogued where it is kept: the pack names the model, the conditions and the columns with their masks.
Who provides it is said by the region (`dataset_providers/*.yaml`): the same register is another office's in each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import DateField, DateTimeField, F, Field, Max, Model, Q, QuerySet
from pydantic import Field as Said
from pydantic import model_validator

from hexi.blocks.catalog import coding, content
from hexi.blocks.catalog.models import Entry, Grading, Rows, Sharing
from hexi.kernel import clock, packs
from hexi.kernel.manifest import manifests
from hexi.kernel.packs import Fault, PackModel, Words

Plain = str | int | bool | None
#: lookups a condition may use
LOOKUPS = ("in", "isnull", "gt", "gte", "lt", "lte", "startswith")
#: kinds of column no data set may read: files and what has no one value; names of what only compares or opens
HIDDEN = ("BinaryField", "FileField", "JSONField", "ManyToManyField")
SECRET = ("password", "secret", "token", "salt", "lookup", "caller_lookup", "phone_lookup")
#: a day before this year says "since ever", not when something changed
EVER = 1900
#: tables whose numbers are sealed at rest
SEALED = ("people.Identifier", "people.MandateOffer", "people.Account", "people.ApiKey")


class ColumnLine(PackModel):
    """One column: `path` leads to it from the model ("department__name"; empty: its own name)."""

    name: str = Said(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    path: str = Said("", pattern=r"^[a-z0-9_]*$")
    title: Words
    type: Literal["C", "N", "Y", "D", "T", "L", "M", "G", "B", "I", "F"] = "C"
    length: int | None = Said(None, ge=1)
    unit: str = ""
    sensitivity: Literal["public", "internal", "sensitive", "core"] = "internal"
    personal: bool = False
    key: bool = False
    required: bool = False
    mask: Literal["none", "hidden", "part", "hash", "year", "month", "county"] = "none"
    open: bool = False
    of_body: str = Said("", description="why an open column called like a forbidden one is of a body, not a person")

    @property
    def source(self) -> str:
        """The path the value is read by."""
        return self.path or self.name


class Dataset(PackModel):
    """One register as a data set."""

    key: str = Said(pattern=r"^[a-z][a-z0-9-]{1,40}$")
    title: Words
    summary: Words
    keywords: list[str] = []
    classification: str
    sharing: Literal["unconditional", "conditional", "none"]
    sharing_condition: str = ""
    sharing_basis: str = ""
    open: bool = False
    open_condition: str = ""
    grading: Literal["public", "internal", "sensitive", "core"]
    license: str = ""
    cycle: Literal["realtime", "daily", "weekly", "monthly", "quarterly", "yearly", "other"] = "realtime"
    model: str = Said(pattern=r"^[a-z]+\.[A-Za-z]+$")
    where: dict[str, Plain | list[Plain]] = {}
    without: dict[str, Plain | list[Plain]] = Said({}, description="rows that are left out")
    region: str = Said("", description="column of the model with a 12-digit division, for filters by region")
    person: str = Said("", description="path to the person a row is of, for the log of who looked")
    updated: str = Said("", description="path to the day or moment a row last changed")
    columns: list[ColumnLine] = Said(min_length=1)

    @model_validator(mode="after")
    def each_once(self) -> "Dataset":
        """A column stands once, and something tells the rows apart."""
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError("列名写了两次 / a column is named twice")
        if not any(column.key for column in self.columns):
            raise ValueError("至少一列写 key: true / mark what tells the rows apart with key: true")
        return self


class DatasetsFile(PackModel):
    """A file `packs/datasets/*.yaml`."""

    datasets: list[Dataset] = Said(min_length=1)


class ProvidersFile(PackModel):
    """A file `packs/<region>/dataset_providers/*.yaml`: the office that keeps the platform, and exceptions."""

    keeper: str
    providers: dict[str, str] = Said({}, description="part or part.key of a data set: key of a department")


@dataclass(frozen=True)
class Own:
    """A data set and the part of the house it is of; `origin` names it for ever."""

    part: str
    said: Dataset

    @property
    def origin(self) -> str:
        """ "cases.permits": how an entry knows its data set."""
        return f"{self.part}.{self.said.key}"

    @property
    def model(self) -> type[Model]:
        """The table."""
        return apps.get_model(self.said.model)

    @property
    def paths(self) -> dict[str, str]:
        """Where each column comes from."""
        return {column.name: column.source for column in self.said.columns}

    def queryset(self) -> QuerySet:
        """All its rows, unordered; conditions applied. Columns are reached by `paths`."""
        found = self.model._default_manager.filter(_condition(self.said.where)).order_by()
        return found.exclude(_condition(self.said.without)) if self.said.without else found

    def changed(self, now: datetime) -> datetime | None:
        """When a row last changed, as far as rows say it (`updated`): what lies ahead does not count. One query."""
        path = self.said.updated
        if not path:
            return None
        moments = isinstance(field_at(self.model, path), DateTimeField)
        held = self.queryset().filter(**{f"{path}__lte": now if moments else clock.local_day(now)})
        last = held.aggregate(last=Max(path))["last"]
        if last is None or last.year < EVER:
            return None
        return last if moments else datetime.combine(last, time(), clock.CHINA)

    def rows(self) -> QuerySet:
        """Dicts by column name, in the order of the key; unmasked: who calls masks."""
        paths = self.paths
        keys = [paths[column.name] for column in self.said.columns if column.key]
        return self.queryset().order_by(*keys, "pk").values(**{f"c_{name}": F(path) for name, path in paths.items()})


def _condition(said: Mapping[str, Any]) -> Q:
    found = Q()
    for name, value in said.items():
        found &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return found


@cache
def datasets() -> dict[str, Own]:
    """Every own data set by origin, in the order of the house."""
    found = {}
    for manifest in manifests():
        for path in sorted((manifest.home / "packs" / "datasets").glob("*.yaml")):
            for said in packs.read(path, DatasetsFile).datasets:
                own = Own(manifest.key, said)
                found[own.origin] = own
    return found


def of(entry: Entry) -> Own | None:
    """The data set an entry stands for; None for others, and for those whose part of the house is switched off."""
    return datasets().get(entry.origin) if entry.kind == Rows.VIEW else None


def load(path: Path, file: DatasetsFile) -> None:
    """Read from the files, not stored: `publish_own` makes entries of them once all is loaded."""
    datasets.cache_clear()


@cache
def _providers() -> tuple[ProvidersFile, ...]:
    return tuple(packs.read(path, ProvidersFile) for path in packs.files("dataset_providers"))


def load_providers(path: Path, file: ProvidersFile) -> None:
    """As `load`."""
    _providers.cache_clear()


def provider_key(own: Own) -> str:
    """The key of the department that provides a data set here: of the first region pack that says; "" if none does."""
    for file in _providers():
        return file.providers.get(own.origin) or file.providers.get(own.part) or file.keeper
    return ""


def said_of(own: Own) -> dict[str, Any]:
    """The content of its entry."""
    said = own.said
    items = [
        {
            "name": column.name, "title": column.title.zh, "title_en": column.title.en, "type": column.type,
            "length": column.length, "unit": column.unit, "sensitivity": column.sensitivity,
            "personal": column.personal, "key": column.key, "required": column.required, "mask": column.mask,
            "open": column.open, "of_body": column.of_body,
        }
        for column in said.columns
    ]  # fmt: skip
    return content.blank() | content.tidied({
        "title": said.title.zh, "title_en": said.title.en, "summary": said.summary.zh, "summary_en": said.summary.en,
        "keywords": "\n".join(said.keywords), "format": "database", "sharing": said.sharing,
        "sharing_condition": said.sharing_condition, "sharing_basis": said.sharing_basis,
        "sharing_way": "platform_service" if said.sharing != Sharing.NONE else "", "open": said.open,
        "open_condition": said.open_condition, "cycle": said.cycle, "grading": said.grading,
        "license": said.license or ("cc-by-4.0" if said.open else ""), "kind": Rows.VIEW, "items": items,
    })  # fmt: skip


# --- check ------------------------------------------------------------------------------------------------------------
def check(path: Path, file: DatasetsFile) -> list[Fault]:
    """Whether models, columns and conditions are there, and the whole would be let into the catalogue."""
    return [Fault(path, 1, f"{said.key}：{sentence}") for said in file.datasets for sentence in _wrong(said)]


def _wrong(said: Dataset) -> list[str]:
    try:
        model = apps.get_model(said.model)
    except LookupError:
        return [f"没有表 {said.model} / there is no such table"]
    found = [told for name in (*said.where, *said.without) if (told := _no_condition(model, name))]
    for name in filter(None, (said.region, said.person, said.updated)):
        if field_at(model, name) is None:
            found.append(f"没有 {name} / there is no such column")
    if said.updated and not isinstance(field_at(model, said.updated), DateField | None):
        found.append(f"updated: {said.updated} 不是日期或时刻 / is no day or moment")
    for column in said.columns:
        field = field_at(model, column.source)
        if field is None:
            found.append(f"列 {column.name}：没有 {column.source} / there is no such column")
        elif sealed(field):
            found.append(
                f"列 {column.name}：{column.source} 是加密或结构化的，不能作数据 / is sealed, cannot be a column"
            )
    return found + _not_let_in(said)


def _not_let_in(said: Dataset) -> list[str]:
    """What the catalogue itself would refuse."""
    found = []
    try:
        coding.read_classification(said.classification)
    except coding.WrongCode as wrong:
        found.append(str(wrong))
    try:
        content.fits(said_of(Own("", said)))
    except ValidationError as error:
        found += [f"{name}: {' '.join(map(str, told))}" for name, told in error.message_dict.items()]
    if said.grading == Grading.PUBLIC and any(one.personal and one.mask == "none" for one in said.columns):
        found.append("公开的数据集不能原样带个人信息 / a public data set cannot hold unmasked personal columns")
    return found


def _no_condition(model: type[Model], name: str) -> str:
    path, _sep, lookup = name.rpartition("__")
    plain = path if path and lookup in LOOKUPS else name
    return "" if field_at(model, plain) is not None else f"没有 {name} / there is no such column"


def field_at(model: type[Model], path: str) -> Field | None:
    """The field a path leads to by single relations; None if it leads nowhere, or to many rows."""
    *steps, last = path.split("__")
    try:
        for step in steps:
            field = model._meta.get_field(step)
            if not (field.many_to_one or field.one_to_one):
                return None
            model = field.related_model  # type: ignore[assignment]
        field = model._meta.pk if last == "pk" else _plain_field(model, last)
    except (FieldDoesNotExist, AttributeError):
        return None
    return field if field is not None and getattr(field, "concrete", False) else None


def _plain_field(model: type[Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return model._meta.get_field(name.removesuffix("_id"))


def sealed(field: Field) -> bool:
    """True for what may be no column: encrypted at rest, passwords, files, structures."""
    kept = field.name in SECRET or field.model._meta.label in SEALED
    return kept or hasattr(field, "sealed_as") or field.get_internal_type() in HIDDEN

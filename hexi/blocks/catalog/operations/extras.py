"""A region's extra fields: laid down from a day on; those before end there, entries keep what they say."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.catalog import extras
from hexi.blocks.catalog.models import ExtraFields
from hexi.blocks.catalog.queries.entries import KEEP
from hexi.blocks.regions import queries as regions
from hexi.kernel import clock
from hexi.kernel.actors import Actor, Denied


def lay_down(
    region: str, *, schema: Mapping[str, Any], standard: str, valid_from: date | None = None,
    valid_to: date | None = None, by: Actor,
) -> ExtraFields:  # fmt: skip
    """The extra fields of a division and all below it from a day on (default: today). Needs `catalog.keep` there.

    Of the same day the later word holds. The past stays as it was: a first day before today is refused, unless it is
    the first word for this division.
    """
    if not any(one.department is None and one.covers(None, region) for one in by.scopes(KEEP)):
        raise Denied(_("附加字段由管理整个地区目录的岗位规定。"))
    today = clock.today()
    day = valid_from or today
    _check(region, schema, standard, day, valid_to)
    with audit.change(by, "catalog.extra_fields", region=region, standard=standard, day=day) as note:
        held = ExtraFields.objects.select_for_update().filter(region_code=region)
        if day < today and held.exclude(valid_from=day, changed_at__date=today).exists():
            raise ValidationError({"valid_from": _("已有规定，新规定最早从今天起生效。")})
        held.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lt=day).update(valid_to=day)
        given = {"schema": dict(schema), "standard": standard.strip(), "valid_to": valid_to, "changed_at": clock.now()}
        found, _new = ExtraFields.objects.update_or_create(region_code=region, valid_from=day, defaults=given)
        note.thing = found
    return found


def _check(region: str, schema: Mapping[str, Any], standard: str, day: date, until: date | None) -> None:
    wrong: dict[str, Any] = {}
    try:
        extras.check_schema(schema)
    except ValidationError as error:
        wrong |= error.error_dict
    if regions.find(region) is None:
        wrong["region"] = _("没有这个区划，请从列表里选择。")
    if not standard.strip() or len(standard.strip()) > 100:
        wrong["standard"] = _("请写明标准号，例如 DB51/T 2847-2021，最多 100 字。")
    if until is not None and until <= day:
        wrong["valid_to"] = _("失效日期要晚于生效日期。")
    if wrong:
        raise ValidationError(wrong)

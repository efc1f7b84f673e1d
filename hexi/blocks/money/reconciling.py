"""Taking in what a channel says it did on a day. Beside operations."""

import hashlib
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from hexi.blocks.audit import operations as audit
from hexi.blocks.money import channels, statements
from hexi.blocks.money.models import Statement, StatementLine
from hexi.blocks.regions.models import Department
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require


def take_in(content: bytes, *, name: str, department: Department, channel: str, day: date, by: Actor) -> Statement:
    """Keep the statement of a channel for an office and a day; the same file again is the same statement.

    All or nothing: a line that is wrong refuses the file. A mended file for the same day takes its place beside the
    old one and counts from then on. Needs `money.refund`.
    """
    require(by, "money.refund", department.pk, department.region_code)
    channels.channel(channel)
    if day > clock.today():
        raise ValidationError({"day": _("还没有到这一天。")})
    rows = statements.read(content)
    names = {"department": department, "channel": channel, "day": day, "sha256": hashlib.sha256(content).hexdigest()}
    if made := Statement.objects.filter(**names).first():
        return made
    try:
        with audit.change(by, "money.statement") as note:
            made = Statement.objects.create(
                **names, region_code=department.region_code, name=name[:200], by_key=by.key, by_name=by.name
            )
            StatementLine.objects.bulk_create(
                [
                    StatementLine(
                        statement=made,
                        place=row.place,
                        kind=row.kind,
                        order=row.order,
                        reference=row.reference,
                        fen=row.fen,
                    )
                    for row in rows
                ],
                batch_size=1000,
            )
            note.thing, note.facts = made, {"sha256": made.sha256, "lines": len(rows)}
    except IntegrityError:
        return Statement.objects.get(**names)  # somebody else handed in the same file this very moment
    return made

"""Quantity-limited permits (行政许可法 art. 57): shares of a year's quota in order of acceptance. Beside operations."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Item, QuotaYear
from hexi.blocks.cases.parts import Quota
from hexi.blocks.cases.states import UNDER_EXAMINATION
from hexi.kernel import clock


def quota_of(item: Item) -> Quota | None:
    """The quota in force: that of the item's version of today, whatever version the case keeps."""
    return definition(item.version).local.quota if item.version else None


def left(item: Item, year: int) -> Decimal | None:
    """What is left of a year's quota; None if there is none."""
    quota = quota_of(item)
    if quota is None:
        return None
    granted = QuotaYear.objects.filter(item=item, year=year).values_list("granted", flat=True).first()
    return quota.amount - (granted or Decimal(0))


def need(case: Case, quota: Quota) -> Decimal:
    """How much of the quota a case takes."""
    return Decimal(str(case.answers.get(quota.measure) or 0)) if quota.measure else Decimal(1)


def earlier(case: Case) -> list[Case]:
    """Cases of the item accepted before this one and not decided yet: they come first."""
    before = Q(accepted_at__lt=case.accepted_at) | Q(accepted_at=case.accepted_at, pk__lt=case.pk)
    return list(Case.objects.filter(before, item=case.item_id, state__in=UNDER_EXAMINATION).order_by("accepted_at"))


def said(amount: Decimal) -> str:
    """An amount without zeros that say nothing."""
    return f"{amount.normalize():f}"


def take(case: Case) -> None:
    """Take the case's share in the transaction of its grant; the year's row is locked, so two heads never exceed it.

    A later case may be granted first only if enough is left for everyone accepted before it.
    """
    quota = quota_of(case.item)
    if quota is None:
        return
    # the year of the decision, of a clock every process shares
    year = clock.today().year
    QuotaYear.objects.get_or_create(item=case.item, year=year, defaults={"amount": quota.amount})
    row = QuotaYear.objects.select_for_update().get(item=case.item, year=year)
    own, free = need(case, quota), quota.amount - row.granted
    if own > free:
        words = _("本年度限额只剩 %(left)s %(unit)s，这件需要 %(need)s。不能准予，请按数量限制不予许可。")
        raise ValidationError(words % {"left": said(free), "unit": quota.unit, "need": said(own)})
    waiting = earlier(case)
    if own > free - sum((need(one, quota) for one in waiting), Decimal(0)):
        words = _("限额不够所有人，按受理先后：前面还有 %(n)s 件没有决定，请先决定 %(number)s。")
        raise ValidationError(words % {"n": len(waiting), "number": waiting[0].number})
    row.amount, row.granted = max(Decimal(quota.amount), row.granted + own), row.granted + own
    row.save()

"""Quantity-limited permits (行政许可法 art. 57): shares of a year's quota in order of acceptance. Beside operations."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from hexi.blocks.cases import renewals
from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import Case, Concern, Item, QuotaYear
from hexi.blocks.cases.parts import Quota
from hexi.blocks.cases.states import UNDER_EXAMINATION
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.certificates.models import State as Standing
from hexi.kernel import clock
from hexi.kernel.actors import Actor


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


def share(case: Case, quota: Quota) -> Decimal:
    """What its grant takes: what is renewed or changed has its share already, only more than that is taken anew."""
    return _share(case, quota, _concerns([case]).get(case.pk))


def _concerns(cases: list[Case]) -> dict[int, Concern]:
    found = Concern.objects.select_related("certificate").filter(case__in=cases)
    return {one.case_id: one for one in found}


def _share(case: Case, quota: Quota, about: Concern | None) -> Decimal:
    before = renewals.origin(about.certificate) if about else None
    own = need(case, quota)
    return max(own - need(before, quota), Decimal(0)) if before else own


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
    own = share(case, quota)
    if not own:
        return
    # the year of the decision, of a clock every process shares
    year = clock.today().year
    QuotaYear.objects.get_or_create(item=case.item, year=year, defaults={"amount": quota.amount})
    row = QuotaYear.objects.select_for_update().get(item=case.item, year=year)
    free = quota.amount - row.granted
    if own > free:
        words = _("本年度限额只剩 %(left)s %(unit)s，这件需要 %(need)s。不能准予，请按数量限制不予许可。")
        raise ValidationError(words % {"left": said(free), "unit": quota.unit, "need": said(own)})
    waiting = earlier(case)
    about = _concerns(waiting)
    if own > free - sum((_share(one, quota, about.get(one.pk)) for one in waiting), Decimal(0)):
        words = _("限额不够所有人，按受理先后：前面还有 %(n)s 件没有决定，请先决定 %(number)s。")
        raise ValidationError(words % {"n": len(waiting), "number": waiting[0].number})
    row.amount, row.granted = max(Decimal(quota.amount), row.granted + own), row.granted + own
    row.save()


def keep_to_share(case: Case) -> bool:
    """Silence renews what there was (art. 50): what was asked for beyond it takes no place; True if it was cut back."""
    quota = quota_of(case.item)
    if quota is None or not quota.measure or not share(case, quota):
        return False
    before = renewals.origin(_concerns([case])[case.pk].certificate)
    assert before is not None  # there is nothing to renew otherwise
    if quota.measure not in before.answers:
        return False  # it was not asked then: nothing says how much there was
    case.answers = {**case.answers, quota.measure: before.answers[quota.measure]}
    return True


def give_back(case: Case) -> None:
    """What should not have been granted (撤销) used nothing up: its share goes back to the year of its decision."""
    quota = quota_of(case.item)
    about = _concerns([case]).get(case.pk)
    if quota is None or case.decided_at is None or (about and about.deemed):
        return  # what silence renewed took nothing
    row = (
        QuotaYear.objects.select_for_update().filter(item=case.item, year=clock.local_day(case.decided_at).year).first()
    )
    if row is not None:
        row.granted = max(row.granted - _share(case, quota, about), Decimal(0))
        row.save()


def revoked(certificate: Certificate, before: str, by: Actor) -> None:
    """Listener: a certificate was revoked, and with it every case that led to it."""
    if certificate.state != Standing.REVOKED:
        return
    one: Certificate | None = certificate
    while one is not None:
        if one.case_kind == renewals.KIND:
            give_back(Case.objects.select_related("item__version", "version").get(pk=one.case_ref))
        one = one.replaces

"""What may become of a certificate through a case: where it came from, what its holder may ask. Beside queries."""

from datetime import timedelta

from hexi.blocks.cases.definitions import definition
from hexi.blocks.cases.models import RULES, Case, Concern, Item
from hexi.blocks.cases.parts import Renewal
from hexi.blocks.cases.states import ENDED, State
from hexi.blocks.certificates.models import Certificate
from hexi.blocks.certificates.models import State as Standing
from hexi.kernel import clock
from hexi.kernel.fixed import Fixed, Given

KIND = "cases.case"


def origin(certificate: Certificate) -> Case | None:
    """The case that ended in it, or in the version before."""
    one: Certificate | None = certificate
    while one is not None and one.case_kind != KIND:
        one = one.replaces
    if one is None:
        return None
    return _ORIGIN.first(case=int(one.case_ref))


def newest(identifier: str) -> Certificate | None:
    """What a certificate has become by 更正, 变更 and 延续: the version that counts now; None if there is none."""
    one = Certificate.objects.filter(identifier=identifier).first() if identifier else None
    while one is not None and one.superseded:
        one = one.replaced_by
    return one


_ORIGIN = Fixed(
    lambda: (
        Case.objects.select_related("item__version", "version", "department", "applicant")
        .defer(*RULES, *(f"item__{column}" for column in RULES))
        .filter(pk=Given("case"))
    )
)


def item_of(certificate: Certificate) -> Item | None:
    """The item under which it is renewed or changed; None if that is no longer offered."""
    case = origin(certificate)
    if case is None or case.item.status != Item.Status.PUBLISHED or case.item.version is None:
        return None
    return case.item if definition(case.item.version).national.offered(clock.today()) else None


def rule(certificate: Certificate) -> Renewal | None:
    """When its item lets it be renewed; None: never."""
    item = item_of(certificate)
    return definition(item.version).national.renewal if item and item.version else None


def in_time(certificate: Certificate) -> bool:
    """True while an application counts as made in time (art. 50: thirty days before, unless a law says else)."""
    given = rule(certificate)
    if given is None or certificate.valid_to is None:
        return False
    return clock.today() <= certificate.valid_to - timedelta(days=given.latest)


def possible(certificate: Certificate) -> list[str]:
    """What may be asked for it today: its renewal, its change; not what is asked already."""
    if certificate.superseded or certificate.state != Standing.VALID or certificate.past:
        return []
    item = item_of(certificate)
    if item is None or item.version is None:
        return []
    found, given = [Concern.Kind.CHANGE], definition(item.version).national.renewal
    if given and certificate.valid_to and clock.today() >= certificate.valid_to - timedelta(days=given.opens):
        found.insert(0, Concern.Kind.RENEW)
    asked = Concern.objects.filter(certificate=certificate).exclude(case__state__in=ENDED)
    open_kinds = set(asked.values_list("kind", flat=True))
    return [kind for kind in found if kind not in open_kinds]


def continues(certificate: Certificate) -> bool:
    """True while its renewal, asked for in time, waits for the office; held (暂扣), while any case about it runs.

    That case waits for the end of the suspension: noted as expired, the certificate could never be resumed, and its
    next version would count as if nothing had been held.
    """
    running = Concern.objects.filter(certificate=certificate).exclude(case__state__in=ENDED)
    if certificate.state != Standing.SUSPENDED:
        with_office = running.filter(kind=Concern.Kind.RENEW, in_time=True)
        running = with_office.exclude(case__state__in=(State.RETURNED, State.CORRECTING))
    return running.exists()

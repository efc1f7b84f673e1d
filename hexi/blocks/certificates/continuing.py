"""Who may say that a certificate goes on past its last day (行政许可法 art. 50): a manifest kind. Beside hooks."""

from collections.abc import Callable
from dataclasses import dataclass

from hexi.blocks.certificates.models import Certificate
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Continues:
    """`of(certificate)`: True while it is not to be noted as expired.

    Its renewal, asked for in time, is undecided; or it is held, and something waits for it to count again.
    """

    of: Callable[[Certificate], bool]


def continues(certificate: Certificate) -> bool:
    """True if somebody says so."""
    return any(one.of(certificate) for one in added(Continues))

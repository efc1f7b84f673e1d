"""Who may say that a certificate goes on past its last day (行政许可法 art. 50): a manifest kind. Beside hooks."""

from collections.abc import Callable
from dataclasses import dataclass

from hexi.blocks.certificates.models import Certificate
from hexi.kernel.manifest import added


@dataclass(frozen=True)
class Continues:
    """`of(certificate)`: True while its renewal, asked for in time, is undecided: it is not noted as expired."""

    of: Callable[[Certificate], bool]


def continues(certificate: Certificate) -> bool:
    """True if somebody says so."""
    return any(one.of(certificate) for one in added(Continues))

"""A certificate of ours handed in as a material: whole, still counting, the one asked for? Beside queries."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hexi.blocks.certificates import proof, queries
from hexi.blocks.certificates.models import Certificate, CertificateType, State
from hexi.blocks.documents.reading import Doubt, Examiner, Wanted

REPLACED = _("已换发")


def examine(path: Path, wanted: Wanted) -> list[Doubt] | None:
    """What speaks against a file that carries our record; None for every other file, and for another issuer's."""
    file = path.read_bytes()
    if proof.MARK not in file:
        return None
    outcome = proof.check(file, queries.public_keys())
    if outcome.verdict is proof.Verdict.ALTERED:
        return [{"key": "altered"}]
    identifier = str(outcome.metadata.get("certificate_identifier", ""))
    found = Certificate.objects.select_related("type").filter(identifier=identifier).first()
    if outcome.verdict is not proof.Verdict.VALID or found is None:
        return None
    return [*_void(found), *_other(found, wanted)]


def _void(found: Certificate) -> list[Doubt]:
    state = found.state_now
    if state == State.VALID and not found.superseded:
        return []
    label = REPLACED if found.superseded else state.label
    return [{"key": "void", **_titled(found.type), **_both("state", label)}]


def _other(found: Certificate, wanted: Wanted) -> list[Doubt]:
    """Another type than those the place takes, if it names any; else another title than the words it looks for."""
    fits = found.type.key in wanted.types or any(word in found.type.title_zh for word in wanted.words)
    first = CertificateType.objects.filter(key__in=wanted.types).first()
    if fits or not (first or wanted.words):
        return []
    named = _titled(first, "wanted") if first else {"wanted": wanted.words[0]}
    return [{"key": "other", **_titled(found.type), **named}]


def _titled(kind: CertificateType, name: str = "title") -> Doubt:
    """Both titles of a type: the doubt is read in another language than it was found in."""
    return {name: kind.title_zh, f"{name}_en": kind.title_en}


def _both(name: str, words: Any) -> Doubt:
    with override("en"):
        said = {f"{name}_en": str(words)}
    with override("zh-hans"):
        return {name: str(words), **said}


EXAMINER = Examiner(examine)

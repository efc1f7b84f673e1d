"""A certificate of ours handed in as a material: whole, still counting, the one asked for? Beside queries."""

from pathlib import Path

from hexi.blocks.certificates import proof, queries
from hexi.blocks.certificates.models import Certificate, CertificateType, State
from hexi.blocks.documents.reading import Doubt, Examiner, Wanted


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
    title = found.type.title_zh
    if found.superseded:
        return [{"key": "void", "title": title, "state": "已换发"}]
    state = found.state_now
    return [] if state == State.VALID else [{"key": "void", "title": title, "state": str(state.label)}]


def _other(found: Certificate, wanted: Wanted) -> list[Doubt]:
    """Another type than those the place takes, if it names any; else another title than the words it looks for."""
    types = CertificateType.objects.filter(key__in=wanted.types)
    titles = [one.title_zh for one in types]
    fits = found.type.key in wanted.types or any(word in found.type.title_zh for word in wanted.words)
    names = titles or list(wanted.words)
    return [] if fits or not names else [{"key": "other", "title": found.type.title_zh, "wanted": names[0]}]


EXAMINER = Examiner(examine)

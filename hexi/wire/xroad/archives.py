"""Archives of a message log: a ZIP of containers with `linkinginfo`, each chained to the one before (UG-SS §11.1.6).

`linkinginfo`: "<digest before | -> <file before | -> <algorithm>", then one line "<digest> <file>" a container, where
digest = HEX(H(digest before + HEX(H(content)))). The same containers give the same bytes, at any time, anywhere.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

NAME = "linkinginfo"
_HASHES = {"SHA-256": hashlib.sha256, "SHA-384": hashlib.sha384, "SHA-512": hashlib.sha512}
#: what `zipfile` raises for a file that is no ZIP or no longer whole (RuntimeError: its flags say it is encrypted)
_DAMAGE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, RuntimeError, EOFError, OSError, KeyError, ValueError)
#: every entry carries this moment: an archive must not depend on when it was made
_EPOCH = (1980, 1, 1, 0, 0, 0)
#: an archive that unpacks to more is not read
MOST_BYTES = 1 << 30


@dataclass(frozen=True)
class Archive:
    """What was made: its name, its bytes, and the last digest, which the next archive begins with."""

    name: str
    content: bytes
    digest: str


@dataclass(frozen=True)
class Fault:
    """What does not fit: in which archive, at which file in it ("" the archive as a whole), and why."""

    archive: str
    file: str
    why: str

    def __str__(self) -> str:
        return f"{self.archive}{'!' + self.file if self.file else ''}: {self.why}"


def chain(before: str, content: bytes, algorithm: str = "SHA-512") -> str:
    """The digest of a container, given the one before it ("" at the very beginning)."""
    one = _HASHES[algorithm]
    return one((before + one(content).hexdigest()).encode()).hexdigest()


def make(
    files: Iterable[tuple[str, bytes]], *, before: str, before_file: str, first: datetime, last: datetime
) -> Archive:
    """One archive of containers (name, content) between two moments, after the archive that ended with `before`."""
    digest, lines, packed = before, [], io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as box:
        for name, content in files:
            digest = chain(digest, content)
            lines.append(f"{digest} {name}\n")
            box.writestr(_entry(name), content)
        info = f"{before or '-'} {before_file or '-'} SHA-512\n" + "".join(lines)
        box.writestr(_entry(NAME), info)
    moments = f"{first:%Y%m%d%H%M%S}-{last:%Y%m%d%H%M%S}"
    return Archive(f"mlog-{moments}-{digest[:16]}.zip", packed.getvalue(), digest)


def pack(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A container: the same parts give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as box:
        for name, content in parts:
            box.writestr(_entry(name), content)
    return packed.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """The parts of a container by name. Raises ValueError for what is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            if sum(one.file_size for one in box.infolist()) > MOST_BYTES:
                raise ValueError("too large")
            return {one: box.read(one) for one in box.namelist()}
    except _DAMAGE as error:
        raise ValueError(str(error)) from error


def check(name: str, content: bytes, before: str | None = None) -> tuple[list[Fault], str]:
    """Everything that does not fit in an archive, and the digest it ends with. `before` None: what it says itself."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            return _check(name, box, before)
    except _DAMAGE as error:
        return [Fault(name, "", f"not a ZIP that can be read ({error})")], ""


def containers(content: bytes) -> list[tuple[str, bytes]]:
    """Name and bytes of each container, in order."""
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        return [(one, box.read(one)) for one in box.namelist() if one != NAME]


def _check(name: str, box: zipfile.ZipFile, before: str | None) -> tuple[list[Fault], str]:
    if sum(one.file_size for one in box.infolist()) > MOST_BYTES:
        return [Fault(name, "", "unpacks to more than one GiB: not read")], ""
    there = [one for one in box.namelist() if one != NAME]
    lines = _read(box, NAME)
    if lines is None:
        return [Fault(name, NAME, "cannot be read")], ""
    first, *rest = lines.decode(errors="replace").splitlines() or [""]
    said = first.split(" ")
    if len(said) != 3 or said[2] not in _HASHES:
        return [Fault(name, NAME, "its first line is not “digest file algorithm”")], ""
    digest, faults = said[0].removeprefix("-"), []
    if before is not None and digest != before:
        faults.append(Fault(name, NAME, "does not follow the archive before it"))
    listed = [line.partition(" ") for line in rest]
    if [one[2] for one in listed] != there:
        faults.append(Fault(name, NAME, "names other files than the archive holds"))
    for wanted, _, file in listed:
        content = _read(box, file)
        digest = chain(digest, content or b"", said[2])
        if content is None or digest != wanted:
            faults.append(Fault(name, file, "is missing or damaged" if content is None else "was altered"))
            digest = wanted  # go on from what was said, so that only the place itself is named
    return faults, digest


def _read(box: zipfile.ZipFile, file: str) -> bytes | None:
    try:
        return box.read(file)
    except _DAMAGE:
        return None


def _entry(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, _EPOCH)
    made.compress_type, made.external_attr, made.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
    return made

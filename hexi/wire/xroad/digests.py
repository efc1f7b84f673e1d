"""Hashes of X-Road: of a message (PR-REST §4.3), and the tree that puts many signatures under one time-stamp.

A node of the tree is the hash of a DER sequence of its children, each {digest, URI of the algorithm, no transforms};
a child without a sibling moves up as it is. One leaf is its own root.
"""

import hashlib
from collections.abc import Sequence

SHA256, SHA512 = "SHA-256", "SHA-512"
#: algorithm → its name in XML Encryption, which stands in every node
_URIS = {SHA256: b"http://www.w3.org/2001/04/xmlenc#sha256", SHA512: b"http://www.w3.org/2001/04/xmlenc#sha512"}
_HASHES = {SHA256: hashlib.sha256, SHA512: hashlib.sha512}
_SEQUENCE, _OCTETS, _UTF8 = 0x30, 0x04, 0x0C


def message_digest(head: bytes, body: bytes) -> bytes:
    """SHA512(SHA512(head) ‖ SHA512(body)); of a message without a body SHA512(head)."""
    first = hashlib.sha512(head).digest()
    return hashlib.sha512(first + hashlib.sha512(body).digest()).digest() if body else first


class Tree:
    """The tree over digests, worked out once. Raises ValueError for none."""

    def __init__(self, leaves: Sequence[bytes], algorithm: str = SHA256):
        if not leaves:
            raise ValueError("a tree needs a leaf")
        self.levels = [list(leaves)]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            pairs = [below[start : start + 2] for start in range(0, len(below), 2)]
            self.levels.append([step(pair, algorithm) if len(pair) == 2 else pair[0] for pair in pairs])

    @property
    def root(self) -> bytes:
        """The top."""
        return self.levels[-1][0]

    def path(self, index: int) -> list[tuple[str, bytes]]:
        """From a leaf up to the top: on each step the neighbour, and on which side ("left", "right") it stands."""
        found = []
        for level in self.levels[:-1]:
            beside = index ^ 1
            if beside < len(level):
                found.append(("left" if beside < index else "right", level[beside]))
            index //= 2
        return found


def climb(leaf: bytes, steps: Sequence[tuple[str, bytes]], algorithm: str = SHA256) -> bytes:
    """The top that a leaf and its path lead to."""
    for side, beside in steps:
        leaf = step([beside, leaf] if side == "left" else [leaf, beside], algorithm)
    return leaf


def step(digests: Sequence[bytes], algorithm: str = SHA256) -> bytes:
    """The node over its children."""
    uri, inner = _URIS[algorithm], b""
    for one in digests:
        inner += _der(_SEQUENCE, _der(_OCTETS, one) + _der(_UTF8, uri) + _der(_SEQUENCE, b""))
    return _HASHES[algorithm](_der(_SEQUENCE, inner)).digest()


def _der(tag: int, content: bytes) -> bytes:
    """Tag, length and content (X.690 §8.1)."""
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 | len(size)]) + size + content

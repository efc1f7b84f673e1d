"""The proof in the file: good as made, and not good after any change of any byte, by any kind of key."""

import hashlib
import io
import json
import random
import tracemalloc

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pypdf import PdfReader

from hexi.blocks.certificates import proof
from hexi.blocks.certificates.proof import Verdict
from hexi.blocks.documents import content
from hexi.blocks.documents.kinds import Kind, Limits
from hexi.blocks.documents.tests.make import make_pdf

METADATA = {
    "certificate_identifier": "1.2.156.3005.2.X",
    "name": "林木采伐许可证",
    "extend_info": {"volume": "46.5 立方米"},
}
PAGE = make_pdf()


@pytest.fixture(scope="module", params=["Ed25519", "P-256"])
def key(request):
    return Ed25519PrivateKey.generate() if request.param == "Ed25519" else ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def file(key):
    return proof.seal(PAGE, proof.sign(PAGE, METADATA, key))


def keys_of(*private):
    return {proof.key_id(one.public_key()): one.public_key() for one in private}


def test_a_file_as_made_is_valid_and_tells_its_metadata(key, file):
    found = proof.check(file, keys_of(key))
    assert (found.verdict, found.metadata) == (Verdict.VALID, METADATA)
    assert (found.sha256, found.key) == (hashlib.sha256(PAGE).hexdigest(), proof.key_id(key.public_key()))
    assert file.startswith(PAGE)


def test_the_file_is_a_pdf_that_others_read_and_the_house_takes(file, tmp_path):
    reader = PdfReader(io.BytesIO(file), strict=True)
    assert (len(reader.pages), "sample 1" in reader.pages[0].extract_text()) == (1, True)
    stream = reader.trailer["/HexiCertificate"].get_object()
    assert json.loads(stream.get_data())["metadata"] == METADATA
    path = tmp_path / "a.pdf"
    path.write_bytes(file)
    assert content.kind_of(path, "a.pdf", Limits(1)) == Kind("application/pdf", pages=1)


def regions(file):
    """(name, first byte, last byte) of each part of the file."""
    tail = file.rfind(proof.MARK)
    stream, end = file.find(b"\nstream\n", tail) + 8, file.rfind(b"\nendstream")
    signature = file.find(b'"signature":"', tail) + 13
    table, trailer, start = (file.find(mark, end) for mark in (b"xref\n", b"trailer\n", b"startxref\n"))
    return {
        "page": (0, tail), "mark": (tail, tail + len(proof.MARK)), "object head": (tail + len(proof.MARK), stream),
        "record": (stream, signature), "signature": (signature, end), "object end": (end, table),
        "table": (table, trailer), "trailer": (trailer, start), "start": (start, len(file)),
    }  # fmt: skip


def test_one_changed_byte_anywhere_is_found(key, file):
    keys, chance = keys_of(key), random.Random(7)
    for name, (start, end) in regions(file).items():
        assert start < end, name
        places = range(start, end) if end - start < 400 else sorted(chance.sample(range(start, end), 400))
        for place in places:
            for bit in (1, 0x20):
                changed = bytearray(file)
                changed[place] ^= bit
                assert proof.check(bytes(changed), keys).verdict is not Verdict.VALID, (name, place, bit)


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file + b"\n",
        lambda file: file[:-1],
        lambda file: b"\n" + file,
        lambda file: file + file[file.rfind(proof.MARK) :],
        lambda file: file.replace(proof.MARK, b"x" + proof.MARK),
        lambda file: file[: len(file) // 2],
        lambda file: file + make_pdf(text="another"),
    ],
)
def test_bytes_added_or_taken_are_found(key, file, change):
    assert proof.check(change(file), keys_of(key)).verdict is Verdict.ALTERED or proof.MARK not in change(file)


def test_a_record_moved_to_another_page_is_found(key, file):
    record = proof.split(file)[1]
    moved = proof.seal(make_pdf(text="another"), record)
    assert proof.check(moved, keys_of(key)).verdict is Verdict.ALTERED


def test_a_record_signed_anew_for_other_facts_needs_a_trusted_key(key, file):
    forger = Ed25519PrivateKey.generate()
    forged = proof.seal(PAGE, proof.sign(PAGE, {**METADATA, "name": "x"}, forger))
    assert proof.check(forged, keys_of(key)).verdict is Verdict.UNKNOWN_KEY
    record = proof.split(forged)[1] | {"key": proof.key_id(key.public_key())}
    assert proof.check(proof.seal(PAGE, record), keys_of(key)).verdict is Verdict.ALTERED


def test_the_same_signature_spelt_otherwise_is_found(key, file):
    page, record = proof.split(file)
    for other in (record["signature"].upper(), " " + record["signature"], record["signature"] + "00", "zz", ""):
        assert proof.check(proof.seal(page, record | {"signature": other}), keys_of(key)).verdict is Verdict.ALTERED


@pytest.mark.parametrize(
    "record",
    [
        [],
        {},
        {"metadata": {}, "sha256": "x", "key": "y"},
        {"metadata": [], "sha256": "", "key": "", "signature": ""},
        None,
    ],
)
def test_a_record_of_another_form_is_found(record):
    assert proof.check(proof.seal(PAGE, record), {}).verdict is Verdict.ALTERED


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b'"\\ud800"', b'{"key":"\\ud800","metadata":{},"sha256":"","signature":""}',
     b'{"key":"","metadata":{"n":NaN},"sha256":"","signature":""}', b"9" * 5_000, b"\xff", b""],
    ids=["deep list", "deep object", "half a sign", "half a sign inside", "no number", "long number", "no UTF-8", "nothing"],
)  # fmt: skip
def test_a_record_made_to_hurt_is_found(body):
    forged = PAGE + proof.MARK + b"9 0 obj\n<< >>\nstream\n" + body + b"\nendstream\nendobj\n"
    assert proof.check(forged, {}) == proof.Proof(Verdict.ALTERED, {})


def test_a_record_larger_than_any_costs_no_memory_and_none_such_is_made(key):
    body = b"[" + b"[]," * 300_000 + b"[]]"
    file = PAGE + proof.MARK + b"9 0 obj\n<<>>\nstream\n" + body + b"\nendstream\nendobj\n"
    tracemalloc.start()
    try:
        assert proof.check(file, {}).verdict is Verdict.ALTERED
        assert tracemalloc.get_traced_memory()[1] < 3 * len(file)  # read as JSON it takes twenty times as much
    finally:
        tracemalloc.stop()
    with pytest.raises(proof.Broken, match="more than"):
        proof.seal(PAGE, proof.sign(PAGE, METADATA | {"name": "证" * proof.MOST}, key))


@pytest.mark.parametrize("file", [b"", b"%PDF-1.4", PAGE, b"x" * 100])
def test_a_file_without_a_record_says_so(file):
    assert proof.check(file, {}) == proof.Proof(Verdict.NO_RECORD, {})


def test_a_page_without_a_plain_trailer_is_not_sealed():
    with pytest.raises(proof.Broken):
        proof.seal(b"%PDF-1.7 compressed cross references only", {})


def test_keys_are_known_by_their_public_part_and_other_kinds_refused(key):
    public = key.public_key()
    assert proof.key_id(proof.read_public(proof.public_pem(public))) == proof.key_id(public)
    for other in (ec.generate_private_key(ec.SECP384R1()).public_key(),):
        with pytest.raises(ValueError, match="only Ed25519 and P-256"):
            proof.read_public(proof.public_pem(other))


def test_the_short_code_follows_every_fact():
    assert proof.short(METADATA) == proof.short(dict(reversed(METADATA.items())))
    assert proof.short(METADATA) != proof.short({**METADATA, "name": "林木采伐许可 证"})
    assert len(proof.short(METADATA)) == 10

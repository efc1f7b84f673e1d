"""Time-stamps of a real authority (`openssl ts`): asked for, checked, and refused when they do not hold."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from hexi.wire import rfc3161
from hexi.wire.tests.authority import Authority, running


def roots(authority):
    return x509.load_pem_x509_certificates(authority.root.read_bytes())


def test_stamp_holds_for_its_content_alone(tmp_path):
    with running(tmp_path) as authority:
        stamp = rfc3161.ask(authority.url, b"root", roots(authority), patience=10)
    assert abs(stamp.at - datetime.now(UTC)) < timedelta(seconds=30)
    assert rfc3161.check(stamp.token, b"root", roots(authority)) == stamp
    with pytest.raises(rfc3161.Failed, match="does not hold"):
        rfc3161.check(stamp.token, b"Root", roots(authority))


def test_stamp_of_another_authority_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with running(tmp_path / "a") as authority, pytest.raises(rfc3161.Failed, match="does not hold"):
        rfc3161.ask(authority.url, b"root", roots(Authority(tmp_path / "b")), patience=10)


def test_answer_to_another_question_is_refused(tmp_path):
    with running(tmp_path) as authority:
        first = []
        answer = authority.answer
        authority.answer = lambda question: first[0] if first else (first.append(answer(question)) or first[0])
        rfc3161.ask(authority.url, b"root", roots(authority), patience=10)
        with pytest.raises(rfc3161.Failed, match="another question"):
            rfc3161.ask(authority.url, b"root", roots(authority), patience=10)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x30\x03\x02\x01\x00"])
def test_garbage_is_refused(tmp_path, content):
    with running(tmp_path) as authority:
        authority.answer = lambda question: content
        with pytest.raises(rfc3161.Failed):
            rfc3161.ask(authority.url, b"root", roots(authority), patience=10)


def test_nobody_there(tmp_path):
    with running(tmp_path) as authority:
        authority.down = True
        with pytest.raises(rfc3161.Failed, match="HTTP 503"):
            rfc3161.ask(authority.url, b"root", roots(authority), patience=10)
    with pytest.raises(rfc3161.Failed, match="ConnectionRefused"):
        rfc3161.ask(authority.url, b"root", roots(authority), patience=10)
    with pytest.raises(rfc3161.Failed, match="https://"):
        rfc3161.ask("ftp://nowhere", b"root", [], patience=10)

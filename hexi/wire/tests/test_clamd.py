"""The bytes of clamd's INSTREAM command and its answers."""

import pytest

from hexi.wire import clamd
from hexi.wire.clamd import ClamdError, Verdict


def test_a_content_is_sent_as_chunks_after_their_lengths():
    assert b"".join(clamd.request([b"ab", b"", b"c" * 300])) == (
        b"zINSTREAM\0" + b"\0\0\0\x02ab" + b"\0\0\x01\x2c" + b"c" * 300 + b"\0\0\0\0"
    )


def test_an_empty_content_is_only_the_end():
    assert b"".join(clamd.request([])) == b"zINSTREAM\0\0\0\0\0"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"stream: OK\0", Verdict("")),
        (b"stream: OK\n", Verdict("")),
        (b"stream: Eicar-Test-Signature FOUND\0", Verdict("Eicar-Test-Signature")),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\r\n", Verdict("Win.Test.EICAR_HDB-1")),
    ],
)
def test_answers_are_read(answer, verdict):
    assert clamd.verdict(answer) == verdict


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: OK, perhaps\0",
        b"stream:  FOUND\0",
        b"UNKNOWN COMMAND\0",
        b"\xff\xfe",
    ],
)
def test_anything_else_is_no_verdict(answer):
    with pytest.raises(ClamdError):
        clamd.verdict(answer)

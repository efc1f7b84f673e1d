"""X-Road's REST protocol, held to what real security servers answered and to vectors of X-Road's own tests."""

import base64
import hashlib
import io
import zipfile
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from hexi.wire.xroad import archives, digests, errors, messages, names, transport
from hexi.wire.xroad.errors import Fault

#: of X-Road's RestRequestTest: who asks
ASKS = [("X-Road-Client", "Instance/Class/Member/SubSystem"), ("X-Road-Id", "42")]
PATH = "/r1/Instance/Class/Member/SubSystem/ServiceCode"


def make_request(method="GET", raw=f"{PATH}?foo=bar", headers=ASKS, body=b"", id="generated", request_id="xid"):
    return messages.request(method, raw, headers, body, id=id, request_id=request_id)


# --- what real servers answered ---------------------------------------------------------------------------------------
def test_hash_of_a_real_server_with_a_body():
    """A call and the answer's hash, logged by somebody's curl against a Japanese test instance (July 2021)."""
    made = make_request(
        "POST",
        "/r1/JP-TEST/COM/0170121212121/demoprovider/example/selectExample",
        [
            ("Host", "localhost:8000"),
            ("User-Agent", "curl/7.64.1"),
            ("Accept", "*/*"),
            ("X-Road-Client", "JP-TEST/COM/0170121212121/democlient"),
            ("Content-Type", "application/json"),
            ("Content-Length", "8"),
        ],
        b'{"id":1}',
        id="JP-TEST-9059ec99-420f-43bb-b454-84cca69fa8dc",
        request_id="b13059ba-505f-4a29-a621-3d4c088d8e78",
    )
    assert made.hash == "BVododmQwRsRisJpu3tTVjI4d+71h2UezpPGt3e4EeT3qq7/RSd3+tiH6IVC50vCYGqm4EwrmNmOuLLepaM07g=="


def test_hash_of_a_real_server_without_a_body():
    """A call and the answer's hash of NIIS's public playground."""
    made = make_request(
        "GET",
        "/r1/PLAYGROUND/GOV/8765432-1/TestService/XRoadStatistics/instances",
        [("Accept", "*/*"), ("X-Road-Client", "PLAYGROUND/COM/1234567-8/TestClient"), ("X-Road-Id", "123")],
        request_id="6396aea3-6de2-487d-a7d9-c19541b89679",
    )
    assert made.hash == "9+WrURr10FtXvj+GAeQz6HOQEulv9/2MUGxagMLvk5rDo6CuS27p4AqwaxtCDGsKa3SEPGmAZ/21ISFMB2XSYA=="


def test_tree_of_xroads_own_test():
    """HashChainBuilderTest.hashValues ("concrete hash values from the specification") and singleInputAttachment."""
    leaves = [hashlib.sha256(word).digest() for word in (b"one", b"two", b"three", b"four")]
    assert base64.b64encode(digests.Tree(leaves).root) == b"D7oIIfhfp4ToT729xyx991PvstI5XvpW+d7oeWvXw8E="
    several = digests.step([bytes([number]) for number in (11, 12, 13, 14)])
    assert base64.b64encode(digests.Tree([several]).root) == b"v3CBVgjKmzZT5hnJ6vj6waqBazZe334tdEoNiL2oM5E="


# --- X-Road's own tests of messages (RestRequestTest, RestResponseTest) -------------------------------------------------
def test_reads_what_it_wrote():
    made = make_request()
    again = messages.read_request(made.head, b"")
    assert (again, again.hash, again.client.member) == (made, made.hash, "Member")
    assert made.head == (
        b"GET\r\n/r1/Instance/Class/Member/SubSystem/ServiceCode?foo=bar\r\n"
        b"X-Road-Client:Instance/Class/Member/SubSystem\r\nX-Road-Id:42\r\n"
        b"accept:application/json\r\nx-road-request-id:xid\r\n"
    )


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("GET", PATH.replace("r1", "r2")),
        ("GET", "https://invalid.uri/"),
        ("INVALID", PATH),
        ("GET", "/r1/Instance/Class/Member/SubSystem"),
        ("GET", PATH.replace("SubSystem", "")),
        ("GET", PATH.replace("SubSystem", "%E5%9F%8E")),
        ("GET", PATH.replace("SubSystem", "a%2Fb")),
        ("GET", PATH.replace("SubSystem", "..")),
        ("GET", f"{PATH}/a/../b"),
        ("GET", f"{PATH}/a/%2e%2e/b"),
        ("GET", f"{PATH}/a%2Fb"),
        ("GET", f"{PATH}/a%5Cb"),
        ("GET", f"{PATH}/%252e%252e/b"),
        ("GET", f"{PATH}/a\r\nX-Road-Client:other"),
        ("GET", f"{PATH}/{'a' * 2000}"),
        ("GET", f"{PATH}/城"),
        ("POST", f"{PATH}/public/x#/status"),
        ("GET", f"{PATH}/a?b#c"),
        ("GET", f"{PATH}/x HTTP/1.0"),
        ("GET", f"{PATH}/a?b c"),
        ("GET", f"{PATH}/public/..;/admin"),
        ("GET", f"{PATH}/public/%2e%2e;v=1/admin"),
        ("GET", f"/r1/Instance/Class/Member/{'S' * 250}/{'C' * 250}"),
    ],
)
def test_refuses_wrong_addresses(method, raw):
    with pytest.raises(Fault) as caught:
        make_request(method, raw)
    assert (caught.value.type, caught.value.status) == ("Client.BadRequest", 400)


def test_represented_party():
    assert messages.represented("Member") == ("", "Member")
    assert messages.represented("Class/Member") == ("Class", "Member")
    with pytest.raises(Fault):
        make_request(headers=[*ASKS, ("X-Road-Represented-Party", "Instance/Class/Member")])


def test_answer_is_tied_to_its_call():
    made = make_request()
    spoken = [("Test", "Header"), ("Server", "nginx"), ("X-Road-Request-Hash", "forged"), ("x-road-id", "43")]
    answer = messages.response(made, 200, "OK", spoken, b"yes")
    assert answer.head.decode().split("\r\n") == [
        "200",
        "OK",
        "Test:Header",
        "x-road-id:42",
        "x-road-client:Instance/Class/Member/SubSystem",
        "x-road-service:Instance/Class/Member/SubSystem/ServiceCode",
        "x-road-request-id:xid",
        f"x-road-request-hash:{made.hash}",
        "",
    ]
    assert messages.read_response(answer.head, b"yes") == answer
    assert messages.response(made, 418, "", [], b"").reason == "I'm a Teapot"


# --- headers ------------------------------------------------------------------------------------------------------------
def test_headers_that_never_pass():
    dropped = [(name.title(), "x") for name in sorted(messages.NEVER_PASSED - {"connection"})]
    made = make_request(headers=[*ASKS, *dropped, ("Connection", "close, X-Mine"), ("X-Mine", "1"), ("X-Other", "2")])
    assert [name for name, _ in made.headers] == [
        "X-Road-Client",
        "X-Road-Id",
        "X-Other",
        "accept",
        "x-road-request-id",
    ]


def test_caller_cannot_write_the_gateways_headers():
    made = messages.request(
        "GET", PATH, [*ASKS, ("X-Road-Request-Id", "mine"), ("X-Hexi-Date", "1999")], b"", id="", request_id="xid",
        more=[("x-hexi-date", "2026")],
    )  # fmt: skip
    assert (made.request_id, made.header("x-hexi-date")) == ("xid", "2026")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [*ASKS, ASKS[0]],
        [("X-Road-Client", "only/two")],
        [("X-Road-Client", "a/b/c/d/e")],
        [("X-Road-Client", "%FF/b/c")],
        [*ASKS, ("X", "a\r\nb: c")],
        [*ASKS, ("X-Road-Issue", "1" * 256)],
        [*ASKS, *[("X", "1")] * 100],
        [*ASKS, ("X", "1" * 9000)],
        [*ASKS, ("Transfer-Encoding ", "chunked")],
        [*ASKS, ("X", "a\0b")],
        [*ASKS, ("X-Road-UserId", "A"), ("x-road-userid", "B")],
        [*ASKS, ("X_Road_UserId", "B")],
        [("X-Road-Client", "/".join(["A" * 100] * 4))],
    ],
)
def test_refuses_wrong_headers(headers):
    with pytest.raises(Fault) as caught:
        make_request(headers=headers)
    assert caught.value.type == "Client.BadRequest"


@pytest.mark.parametrize(
    "head",
    [
        b"", b"GET\r\n", b"GET\r\n/r1/a/b/c/d/e\r\nno colon\r\n", b"GET\r\n/r1/a/b/c/d/e\r\nhost:x\r\n",
        b"GET\n/r1/a/b/c/d/e\n", b"\xff\r\n\r\n", b"FETCH\r\n/r1/a/b/c/d/e\r\nx-road-client:a/b/c\r\n",
        b"GET\r\n/r1/a/b/c/d/%65\r\nx-road-client:a/b/c\r\n",
        *(
            b"GET\r\n/r1/a/b/c/d/e\r\nx-road-client:a/b/c\r\n" + more + b"\r\n"
            for more in (b"Transfer-Encoding :chunked", b"Transfer-Encoding\t:chunked", b"a\0:b", b"x-road-issue:a\0b",
                         b"x:a\nb", b"x:a\rb", b":b", b"x-http-method-override:DELETE")
        ),
    ],
)  # fmt: skip
def test_refuses_heads_with_two_readings(head):
    with pytest.raises(Fault):
        messages.read_request(head, b"")
    with pytest.raises(Fault):
        messages.read_response(head, b"")


# --- names --------------------------------------------------------------------------------------------------------------
CODES = st.text("ABCz019'()+,-.=?", min_size=1).filter(lambda code: set(code) != {"."})


@given(st.lists(CODES, min_size=5, max_size=5), st.sampled_from(["", "/", "/v1/%E5%9F%8E", "/a//b"]))
def test_names_come_back(codes, path):
    service = names.Service(names.Client(*codes[:4]), codes[4])
    assert names.service(str(service)) == service
    assert names.client(str(service.client.owner)) == service.client.owner
    assert names.target(str(names.Target(service, path, "q=1"))) == names.Target(service, path, "q=1")


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "", True), ("/", "/", True), ("/", "/a", False), ("**", "/a/b", True), ("**", "", True),
        ("/pets/*", "/pets/1", True), ("/pets/*", "/pets", False), ("/pets/*", "/pets/1/images", False),
        ("/pets/**", "/pets/1/images", True), ("/pets/*/images", "/pets/%31/images", True),
        ("/pets", "/pets/", True), ("/pets", "/petsandmore", False), ("/pets", "//pets", True),
    ],
)  # fmt: skip
def test_endpoints(pattern, path, expected):
    assert names.matches(pattern, path) is expected


# --- errors -------------------------------------------------------------------------------------------------------------
def test_errors_name_their_place():
    fault = Fault("Server.ServerProxy.NetworkError", "down", "9bc95b6e")
    assert (fault.status, fault.headers[1]) == (500, ("x-road-error", "Server.ServerProxy.NetworkError"))
    assert errors.read(500, fault.type, fault.body()) == fault
    assert errors.read(502, "Server.ServerProxy.X", b"<html>").message == "HTTP 502"


# --- tree -----------------------------------------------------------------------------------------------------------------
@given(st.lists(st.binary(min_size=1, max_size=64), min_size=1, max_size=70), st.data())
def test_every_leaf_leads_to_the_root(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    tree = digests.Tree(leaves, digests.SHA512)
    steps = tree.path(index)
    assert digests.climb(leaves[index], steps, digests.SHA512) == tree.root
    if steps:
        assert digests.climb(leaves[index] + b"!", steps, digests.SHA512) != tree.root


# --- transport ------------------------------------------------------------------------------------------------------------
def test_signed_message_crosses_and_an_altered_one_does_not():
    private = ec.generate_private_key(ec.SECP256R1())
    made = make_request(body=b"body")
    sent = transport.Signed(made.head, made.body, "key1", transport.sign(made.digest, private))
    got = transport.read(sent.frame(), sent.headers[transport.KEY], sent.headers[transport.SIGNATURE])
    assert got == sent
    digest = digests.message_digest(got.head, got.body)
    assert transport.genuine(digest, got.signature, private.public_key())
    for head, body in ((got.head + b" ", got.body), (got.head, b"Body"), (got.head + got.body, b"")):
        assert not transport.genuine(digests.message_digest(head, body), got.signature, private.public_key())


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"\0\0\0\x09short", b"\xff\xff\xff\xff"])
def test_refuses_broken_frames(content):
    with pytest.raises(transport.Broken):
        transport.read(content, "key", "AAAA")
    with pytest.raises(transport.Broken):
        transport.read(b"\0\0\0\0", "key", "not base64!")


# --- archives -------------------------------------------------------------------------------------------------------------
DAY = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
FILES = [("a-request-1.asice", b"first"), ("a-response-1.asice", b"second"), ("b-request-2.asice", b"third" * 100)]


def make_archive(files=FILES, before="", before_file=""):
    return archives.make(files, before=before, before_file=before_file, first=DAY, last=DAY)


def test_linkinginfo_as_xroad_chains_it():
    """The rule of LinkingInfoBuilder and of X-Road's archive verifier, worked out by hand."""
    made = make_archive(FILES[:2], "deadbeef", "test.zip")
    sha = lambda text: hashlib.sha512(text).hexdigest()  # noqa: E731
    one = sha(b"deadbeef" + sha(b"first").encode())
    two = sha((one + sha(b"second")).encode())
    with zipfile.ZipFile(io.BytesIO(made.content)) as box:
        assert box.read("linkinginfo").decode() == (
            f"deadbeef test.zip SHA-512\n{one} a-request-1.asice\n{two} a-response-1.asice\n"
        )
    assert (made.digest, made.name) == (two, f"mlog-20261129093000-20261129093000-{two[:16]}.zip")


def test_archives_are_chained_and_made_alike():
    first = make_archive()
    second = make_archive([("c.asice", b"x")], first.digest, first.name)
    assert make_archive() == first
    assert archives.check(first.name, first.content, "") == ([], first.digest)
    assert archives.check(second.name, second.content, first.digest) == ([], second.digest)
    faults, _ = archives.check(second.name, second.content, "00")
    assert [str(one) for one in faults] == [f"{second.name}!linkinginfo: does not follow the archive before it"]


def rewrite(content, change):
    """The same archive with other contents: what a thief would leave, its CRCs in order."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as box, zipfile.ZipFile(packed, "w") as other:
        for name in box.namelist():
            if (changed := change(name, box.read(name))) is not None:
                other.writestr(name, changed)
    return packed.getvalue()


def test_one_altered_byte_is_found_and_named():
    made = make_archive()
    altered = rewrite(made.content, lambda name, old: b"Second" if old == b"second" else old)
    assert [str(one) for one in archives.check("m.zip", altered)[0]] == ["m.zip!a-response-1.asice: was altered"]
    gone = rewrite(made.content, lambda name, old: None if old == b"second" else old)
    assert [str(one) for one in archives.check("m.zip", gone)[0]] == [
        "m.zip!linkinginfo: names other files than the archive holds",
        "m.zip!a-response-1.asice: is missing or damaged",
    ]


def test_any_flipped_bit_is_noticed():
    """Of the ZIP's own bytes: damage is found, or it touches nothing that is kept (times, flags of the ZIP itself)."""
    made = make_archive()
    kept = archives.containers(made.content)
    for place in range(len(made.content)):
        broken = bytearray(made.content)
        broken[place] ^= 1
        faults, digest = archives.check("m.zip", bytes(broken), "")
        if not faults:
            assert (digest, archives.containers(bytes(broken))) == (made.digest, kept)


@pytest.mark.parametrize("content", [b"", b"PK", b"nothing of the kind" * 100])
def test_what_is_no_archive(content):
    faults, _ = archives.check("x.zip", content)
    assert "not a ZIP" in faults[0].why

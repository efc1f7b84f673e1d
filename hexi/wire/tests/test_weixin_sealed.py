"""WeChat's encrypted mode: its own published sample is opened; ours goes round; what was altered is refused."""

import base64

import pytest
from lxml import etree

from hexi.wire import weixin, weixin_sealed
from hexi.wire.weixin import BadPush
from hexi.wire.weixin_sealed import BadKey

#: the sample in WeChat's own demo of message encryption (WXBizMsgCrypt): settings, query and envelope
KEY, TOKEN, APP_ID = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "spamtest", "wx2c2769f8efd9abc2"
QUERY = {
    "timestamp": "1409735669", "nonce": "1320562132", "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
}  # fmt: skip
SEALED = (
    "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXp"
    "bUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlp"
    "Kn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD"
    "1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="
)


def opened(sealed=SEALED, query=None, **more):
    facts = {"token": TOKEN, "keys": [KEY], "app_id": APP_ID} | more
    return weixin_sealed.opened(sealed, QUERY | (query or {}), **facts)[0]


def resigned(sealed):
    return {"msg_signature": weixin_sealed.signature(TOKEN, QUERY["timestamp"], QUERY["nonce"], sealed)}


def test_the_published_sample_is_opened():
    found = weixin.read(opened())
    assert (found.account, found.sender, found.kind, found.text, found.at) == (
        "gh_10f6c3c3ac5a", "oyORnuP8q7ou2gfYjqLzSIWZf0rs", "text", "abcdteT", 1409735668,
    )  # fmt: skip
    assert found.key.endswith(":6054768590064713728")


def test_the_key_before_is_good_for_a_while():
    other = base64.b64encode(bytes(range(32))).decode()[:43]
    facts = {"token": TOKEN, "keys": [other, KEY], "app_id": APP_ID}
    assert weixin_sealed.opened(SEALED, QUERY, **facts) == (opened(), KEY)


@pytest.mark.parametrize("wrong", [
    {"query": {"msg_signature": "0" * 40}}, {"query": {"nonce": "1"}}, {"query": {"timestamp": "1409735670"}},
    {"token": "another"}, {"sealed": SEALED[:-4] + "AAA="}, {"app_id": "wx0000000000000000"}, {"keys": []},
])  # fmt: skip
def test_what_was_altered_or_is_for_others_is_refused_as_forged(wrong):
    with pytest.raises(BadPush) as refused:
        opened(**wrong)
    assert refused.value.forged is True


@pytest.mark.parametrize("content", ["", "%%%", "AAAA", base64.b64encode(bytes(64)).decode(), SEALED[4:-4] + "A" * 4])
def test_an_envelope_that_is_none_is_refused_though_it_is_signed(content):
    with pytest.raises(BadPush):
        opened(content, resigned(content))


@pytest.mark.parametrize("text", ["", "短", "长" * 5000, "x" * 12])
def test_ours_goes_round_and_no_two_envelopes_are_alike(text):
    message = f"<xml><a>{text}</a></xml>".encode()
    one, two = (weixin_sealed.sealed(message, key=KEY, app_id=APP_ID) for _ in range(2))
    assert one != two
    assert len(base64.b64decode(one)) % 32 == 0
    assert opened(one, resigned(one)) == opened(two, resigned(two)) == message


def test_a_reply_is_signed_over_its_envelope():
    root = etree.fromstring(weixin_sealed.reply(b"<xml/>", token=TOKEN, key=KEY, app_id=APP_ID, at=7, nonce="n"))
    found = {one.tag: one.text for one in root}
    assert found["MsgSignature"] == weixin_sealed.signature(TOKEN, "7", "n", found["Encrypt"])
    query = {"timestamp": found["TimeStamp"], "nonce": found["Nonce"], "msg_signature": found["MsgSignature"]}
    assert opened(found["Encrypt"], query) == b"<xml/>"


@pytest.mark.parametrize("setting", ["", "short", KEY + "a", KEY[:-1] + "!", "é" * 43])
def test_a_setting_that_is_no_key(setting):
    with pytest.raises(BadKey):
        weixin_sealed.key_of(setting)

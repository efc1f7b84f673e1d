"""Letters as they are read: words, pictures, machines; whatever is sent, reading does not fail."""

from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hexi.domains.livelihood.requests.channels import letters

PNG = b"\x89PNG\r\n\x1a\n"


def make_letter(text="村口路灯不亮三天了。", *, html="", pictures=(), **heads):
    """The bytes of a letter; a head named `reply_to_number` is written Reply-To-Number."""
    message = EmailMessage()
    facts = {"From": "石建国 <Shi@example.org>", "Subject": "路灯坏了", "Message-ID": "<1@example.org>"} | {
        name.replace("_", "-"): value for name, value in heads.items()
    }
    for name, value in facts.items():
        if value:
            message[name] = value
    if text:
        message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html") if text else message.set_content(html, subtype="html")
    for name, content, kind in pictures:
        main, _sign, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def test_a_letter():
    raw = make_letter(pictures=[("灯.png", PNG, "image/png"), ("a.exe", b"MZ", "application/octet-stream")])
    assert letters.read(raw) == letters.Letter(
        "<1@example.org>",
        "shi@example.org",
        "石建国",
        "路灯坏了",
        "村口路灯不亮三天了。",
        (("灯.png", PNG),),
        ("a.exe",),
    )


def test_html_is_read_without_its_marks():
    html = (
        "<html><head><title>t</title><style>p{}</style></head><body><p>路灯 <b>不亮</b></p><script>alert(1)</script>"
        "<div>在村口 &amp; 桥头</div></body></html>"
    )
    assert letters.read(make_letter("", html=html)).text == "路灯 不亮\n在村口 & 桥头"
    assert letters.read(make_letter("纯文本", html=html)).text == "纯文本"


def test_quoted_lines_are_left_out():
    assert letters.read(make_letter("还是不亮\n> 已修好\n> 12345\n")).text == "还是不亮"


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "gbk", "no-such-charset"])
def test_charsets(charset):
    encoded = "路灯".encode(charset if charset.startswith("gb") else "utf-8")
    raw = b"From: a@b.cn\r\nContent-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\n" + encoded
    assert letters.read(raw).text == "路灯"


@pytest.mark.parametrize(("heads", "expected"), [
    ({}, False), ({"Auto_Submitted": "no"}, False), ({"Auto_Submitted": "auto-replied; x"}, True),
    ({"Precedence": "bulk"}, True), ({"Return_Path": "<>"}, True), ({"List_Id": "<l.example.org>"}, True),
    ({"From": "MAILER-DAEMON@example.org"}, True), ({"From": "no-reply@example.org"}, True), ({"From": ""}, True),
    ({"From": "postmastering@example.org"}, False),
])  # fmt: skip
def test_who_is_a_machine(heads, expected):
    assert letters.read(make_letter(**heads)).automatic is expected


def test_a_bounce_is_a_machine():
    raw = b"From: a@b.cn\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nfailed\r\n--x--\r\n"
    assert letters.read(raw).automatic is True


@pytest.mark.parametrize("head", ["Subject", "In_Reply_To"])
def test_the_number_of_an_order(head):
    assert letters.read(make_letter(**{head: "Re: <H620981202611290001.answered.1@x>"})).number == "H620981202611290001"


def test_without_a_message_id_the_content_names_it():
    first, again = (letters.read(make_letter(Message_ID="")) for _n in range(2))
    assert (len(first.key), first.key) == (64, again.key)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_reading_never_fails(raw):
    assert isinstance(letters.read(b"From: =?x?q?\xff?= <a@b\r\nContent-Type: " + raw).text, str)


def test_nothing_a_letter_says_holds_a_sign_that_no_database_takes():
    raw = make_letter("BODY", From="x", Subject="y", Message_ID="z", pictures=[("p.png", PNG, "image/png")])
    for plain, mean in (
        (b"From: x", b"From: =?utf-8?q?=00n?= <a@example.org>"),
        (b"Subject: y", b"Subject: =?utf-8?q?=00s?="),
        (b"Message-ID: z", b"Message-ID: =?utf-8?q?=00abc?="),
        (b'filename="p.png"', b"filename*=utf-8''%00p.png"),
        (b'charset="utf-8"', b'charset="unicode_escape"'),
        (b"BODY", b"t\\x00\\ud800"),
    ):
        assert plain in raw
        raw = raw.replace(plain, mean, 1)
    letter = letters.read(raw)
    assert (letter.key, letter.name, letter.subject, letter.pictures[0][0]) == ("abc", "n", "s", "p.png")
    assert letter.text.encode() == rb"t\x00\ud800"  # read as the words they are


@pytest.mark.parametrize(("charset", "words"), [("utf-7", "+AGE-"), ("unicode_escape", r"\u0061")])
def test_a_codec_that_is_no_encoding_of_mail_is_not_asked(charset, words):
    raw = make_letter(words).replace(b'charset="utf-8"', f'charset="{charset}"'.encode())
    assert letters.read(raw).text == words

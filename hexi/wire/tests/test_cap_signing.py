"""Signatures of CAP messages: made and verified; false, wrapped, foreign and odd ones are never good."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from hexi.wire.cap import reading, signing, writing
from hexi.wire.cap.checks import check
from hexi.wire.cap.signing import Signature
from hexi.wire.tests.cap_examples import WHOLE, signer

DS = f"{{{signing.SIGNATURES}}}"


def signed(kind="ec", message=WHOLE):
    return signing.sign(message, *signer(kind))


def verdict(content, *trusted):
    return check(content, trusted or [signer()[1]])


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_signed_message_is_good_for_who_trusts_the_signer(kind):
    checked = verdict(signed(kind), signer(kind)[1])
    assert (checked.signature, checked.faults, checked.alert) == (Signature.GOOD, [], WHOLE)
    assert checked.signer.startswith("CN=玉门市应急管理局 [")


def test_a_signer_nobody_trusts_is_told_but_not_refused():
    """§3.3.4.1: a message is not refused because its signature cannot be verified."""
    checked = verdict(signed("rsa"))
    assert (checked.signature, [one.key for one in checked.faults]) == (Signature.UNKNOWN, ["signature-unknown"])
    assert checked.good


def test_a_certificate_out_of_date_when_the_message_was_sent_is_not_trusted():
    old = signer("ec", "旧", datetime(2024, 1, 1, tzinfo=UTC))
    assert verdict(signing.sign(WHOLE, *old), old[1]).signature == Signature.UNKNOWN


def test_a_certificate_of_the_same_name_is_another_signer():
    liar = signer("ec", "玉门市应急管理局", datetime(2026, 2, 1, tzinfo=UTC))
    assert verdict(signing.sign(WHOLE, *liar)).signature == Signature.UNKNOWN


def test_an_unsigned_message_says_so():
    checked = verdict(writing.write(WHOLE))
    assert (checked.signature, [one.key for one in checked.faults]) == (Signature.NONE, ["signature-none"])


@pytest.mark.parametrize(
    ("before", "after"),
    [("Severe", "Minor"), ("39.8,97.1 39.9,97.1", "39.8,97.2 39.9,97.1"), ("远离河道。", "留在原地。"),
     ("620981-20261129-0001", "620981-20261129-0002"), ("<code>hexi:1</code>", "<code>hexi:2</code>")],
)  # fmt: skip
def test_a_changed_message_is_refused(before, after):
    text = signed().decode()
    assert before in text
    false(text.replace(before, after, 1).encode(), "signature-false")


def false(content, key):
    checked = verdict(content)
    assert (checked.signature, [one.key for one in checked.faults if one.must], checked.good) == (
        Signature.FALSE, [key], False,
    )  # fmt: skip


def tree():
    return etree.fromstring(signed())


def test_a_broken_signature_value_is_refused():
    node = tree()
    value = node.find(f".//{DS}SignatureValue")
    value.text = ("A" if value.text[0] != "A" else "B") + value.text[1:]
    false(etree.tostring(node), "signature-false")


def test_another_certificate_put_in_is_refused():
    node = tree()
    other = signing.pem_of(signer("ec", "假")[1]).split("-----")[2].replace("\n", "")
    node.find(f".//{DS}X509Certificate").text = other
    false(etree.tostring(node), "signature-false")


def test_a_good_message_wrapped_into_another_is_refused():
    """The signed one hidden inside, the one that is read outside."""
    inner = tree()
    outer = etree.fromstring(writing.write(replace(WHOLE, note="假")))
    signature = inner.find(f"{DS}Signature")
    outer.append(inner)
    checked = check(etree.tostring(outer), [signer()[1]])
    assert checked.signature == Signature.FALSE
    inner.remove(signature)
    outer.append(signature)
    outer.remove(inner)
    signature.append(etree.SubElement(signature, f"{DS}Object"))
    signature[-1].append(inner)
    checked = check(etree.tostring(outer), [signer()[1]])
    assert (checked.signature, checked.good) == (Signature.FALSE, False)
    assert "signature-form" in [one.key for one in checked.faults]


def test_a_reference_to_a_part_is_refused():
    node = tree()
    node.find(f".//{DS}Reference").set("URI", "#part")
    false(etree.tostring(node), "signature-form")


def test_two_signatures_are_refused():
    node = tree()
    node.append(etree.fromstring(etree.tostring(node.find(f"{DS}Signature"))))
    false(etree.tostring(node), "signature-form")


def test_a_transform_that_could_pick_something_else_is_refused():
    node = tree()
    etree.SubElement(node.find(f".//{DS}Transforms"), f"{DS}Transform").set(
        "Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116"
    )
    false(etree.tostring(node), "signature-form")


@pytest.mark.parametrize("text", ["", "!!!", "AAAA"])
def test_a_certificate_that_is_none_is_refused(text):
    node = tree()
    node.find(f".//{DS}X509Certificate").text = text
    false(etree.tostring(node), "signature-form")


def test_weak_hashes_are_refused():
    text = (
        signed().decode().replace("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")
    )
    false(text.encode(), "signature-false")


def test_an_empty_signature_is_refused():
    node = etree.fromstring(writing.write(WHOLE))
    etree.SubElement(node, f"{DS}Signature")
    false(etree.tostring(node), "signature-form")


def test_the_signature_is_the_last_element_and_the_schema_takes_it():
    node = reading.root(signed())
    assert node[-1].tag == f"{DS}Signature"
    node.insert(0, node[-1])
    assert "order" in [one.key for one in check(etree.tostring(node)).faults]

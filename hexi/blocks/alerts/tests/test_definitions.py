"""Packs and keys: the colours by the law in force that day, rows that do not overlap, keys that fit."""

import stat
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from django.core.exceptions import ImproperlyConfigured

from hexi.blocks.alerts import definitions, keys
from hexi.kernel import packs
from hexi.kernel.options import override
from hexi.wire.cap.signing import pem_of
from hexi.wire.tests.cap_examples import signer


def test_the_colours_and_their_severities_mildest_first():
    found = [(one.key, one.severity, one.clause) for one in definitions.colours(date(2026, 11, 29)).values()]
    assert found == [
        ("blue", "Minor", "第六十三条"), ("yellow", "Moderate", "第六十三条"), ("orange", "Severe", "第六十三条"),
        ("red", "Extreme", "第六十三条"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "clause"),
    [(date(2007, 11, 1), "第四十二条"), (date(2024, 10, 31), "第四十二条"), (date(2024, 11, 1), "第六十三条")],
)
def test_the_law_in_force_on_the_day(day, clause):
    assert {one.clause for one in definitions.colours(day).values()} == {clause}


def test_before_the_law_there_is_none_but_a_colour_stays_known():
    assert definitions.colours(date(2007, 10, 31)) == {}
    assert definitions.colour("red", date(2007, 10, 31)).severity == "Extreme"
    with pytest.raises(LookupError):
        definitions.colour("pink")


def test_every_hazard_has_its_category_and_advice_in_both_languages():
    assert definitions.hazards()["rainstorm"].category == "Met"
    assert all(one.advice.zh and one.advice.en for one in definitions.hazards().values())


ROW = "- {key: red, title: {zh: 红, en: Red}, level: {zh: 一, en: I}, severity: Extreme, rank: 4, look: overdue, standard: x, clause: y, valid_from: %s%s}"


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ([("2020-01-01", ", valid_to: 2021-01-01"), ("2021-01-01", "")], 0),
        ([("2020-01-01", ", valid_to: 2021-01-02"), ("2021-01-01", "")], 1),
        ([("2020-01-01", ""), ("2021-01-01", "")], 1),
    ],
)
def test_two_rows_of_a_colour_on_one_day_are_a_fault(rows, number):
    text = "colours:\n" + "\n".join("  " + ROW % row for row in rows)
    content = packs.parse(text, definitions.Colours, Path("x.yaml"))
    assert len(definitions.check_colours(Path("x.yaml"), content)) == number


def test_a_row_ends_after_it_begins():
    text = "colours:\n  " + ROW % ("2021-01-01", ", valid_to: 2021-01-01")
    with pytest.raises(packs.PackError, match="valid_to"):
        packs.parse(text, definitions.Colours, Path("x.yaml"))


# --- keys -------------------------------------------------------------------------------------------------------------
def test_without_a_key_the_sentence_names_the_remedy():
    with pytest.raises(ImproperlyConfigured, match="hexi setup"):
        keys.signer()


def test_setup_makes_a_demo_pair_once_readable_by_the_owner_alone():
    keys.prepare()
    keys.prepare()
    (path,) = keys.folder().glob("alert-*.pem")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.signer().demo
    newer = keys.make("玉门市应急管理局", demo=False)
    assert (keys.signer().demo, newer.name > path.name) == (False, True)


def pem(key):
    return key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()).decode()


def test_a_pair_from_the_environment_comes_first():
    key, certificate = signer()
    keys.prepare()
    with override(keys.KEY, (pem(key) + pem_of(certificate)).replace("\n", "\\n")):
        assert keys.signer().certificate == certificate


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (lambda: "no key", "私钥和证书"), (lambda: pem(signer()[0]), "私钥和证书"),
        (lambda: pem(ec.generate_private_key(ec.SECP256R1())) + pem_of(signer()[1]), "不是这把私钥的"),
        (lambda: pem(ed25519.Ed25519PrivateKey.generate()) + pem_of(signer()[1]), "只能用"),
    ],
)  # fmt: skip
def test_a_pair_that_does_not_fit_is_refused(text, sentence):
    with override(keys.KEY, text()), pytest.raises(ImproperlyConfigured, match=sentence):
        keys.signer()

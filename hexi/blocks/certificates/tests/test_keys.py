"""Keys: written for the owner alone, newest in force, old ones trusted for ever, demo keys marked."""

import pytest
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.exceptions import ImproperlyConfigured

from hexi.blocks.certificates import keys, proof
from hexi.blocks.certificates.tests.make import make_key
from hexi.kernel.options import override


def pem_of(private) -> str:
    return private.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()).decode()


def test_set_up_writes_a_demo_key_once_readable_by_the_owner_alone(disk):
    keys.prepare()
    keys.prepare()
    (private,) = (disk / "keys").glob("*.pem")
    assert oct(private.stat().st_mode & 0o777) == "0o600"
    assert (private.stem.endswith("-demo"), private.with_suffix(".pub").exists()) == (True, True)
    assert keys.signer().demo is True


def test_set_up_writes_none_where_the_environment_gives_one(disk):
    with override(keys.KEY, pem_of(ec.generate_private_key(ec.SECP256R1()))):
        keys.prepare()
    assert list(disk.rglob("*.pem")) == []


def test_the_newest_key_signs_and_older_ones_stay_trusted():
    first, second = make_key(demo=True), make_key()
    assert keys.signer().id == second.id
    assert (first.demo, second.demo) == (True, False)
    assert set(keys.trusted()) == {first.id, second.id}


def test_a_key_from_the_environment_wins_and_may_have_its_lines_escaped():
    make_key(demo=True)
    private = ec.generate_private_key(ec.SECP256R1())
    for text in (pem_of(private), pem_of(private).replace("\n", "\\n")):
        with override(keys.KEY, text):
            found = keys.signer()
        assert (found.id, found.demo) == (proof.key_id(private.public_key()), False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nonsense", "不是没有密码的 PEM 私钥"),
        (pem_of(rsa.generate_private_key(65537, 2048)), "只能用 Ed25519 或 P-256"),
        (pem_of(ec.generate_private_key(ec.SECP384R1())), "只能用 Ed25519 或 P-256"),
    ],
    ids=["no key", "rsa", "p-384"],
)
def test_a_key_that_cannot_sign_says_why(text, sentence):
    with override(keys.KEY, text), pytest.raises(ImproperlyConfigured, match=sentence):
        keys.signer()


def test_no_key_at_all_says_what_to_do():
    with pytest.raises(ImproperlyConfigured, match="hexi setup"):
        keys.signer()


def test_set_up_keeps_the_public_part_of_the_environments_key(disk):
    private = ec.generate_private_key(ec.SECP256R1())
    with override(keys.KEY, pem_of(private)):
        for _twice in range(2):
            keys.prepare()
    assert set(keys.trusted()) == {proof.key_id(private.public_key())}
    assert [path.suffix for path in (disk / "keys").iterdir()] == [".pub"]


def test_a_trusted_key_that_is_none_is_named():
    with pytest.raises(ValueError, match="mine.pub"):
        keys.trusted({"mine.pub": "x"})

"""Numbers at rest: sealed, found, moved to a new key."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from hexi.blocks.people import rekeying, vault
from hexi.blocks.people.models import Identifier
from hexi.blocks.people.queries import identifier_of
from hexi.blocks.people.tests.make import make_person, resident_number
from hexi.kernel.options import override

OLD, NEW = vault.new_key(), vault.new_key()


def test_a_sealed_number_opens_again_and_never_looks_the_same_twice():
    ring = vault.ring()
    one, other = ring.seal("629999196805120017", "111"), ring.seal("629999196805120017", "111")
    assert ring.open(one, "111") == "629999196805120017"
    assert one != other
    assert "629999" not in one


def test_a_sealed_number_cannot_be_moved_to_another_type():
    ring = vault.ring()
    with pytest.raises(ImproperlyConfigured, match="密文被改动"):
        ring.open(ring.seal("629999196805120017", "111"), "001")


def test_a_changed_text_is_refused():
    ring = vault.ring()
    sealed = ring.seal("629999196805120017", "111")
    flipped = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(ImproperlyConfigured):
        ring.open(flipped, "111")


def test_the_first_key_seals_and_every_key_opens():
    with override(vault.DATA_KEY, [OLD]):
        sealed = vault.ring().seal("x", "111")
    with override(vault.DATA_KEY, [NEW, OLD]):
        assert vault.ring().open(sealed, "111") == "x"
        assert vault.ring().seal("x", "111").split(":")[0] != sealed.split(":")[0]
    with override(vault.DATA_KEY, [NEW]), pytest.raises(ImproperlyConfigured, match="缺少密钥"):
        vault.ring().open(sealed, "111")


def test_a_key_put_in_front_leaves_lookups_as_they_are():
    with override(vault.DATA_KEY, [OLD]):
        before = vault.ring().lookup("629999196805120017", "111")
    with override(vault.DATA_KEY, [NEW, OLD]):
        assert vault.ring().lookup("629999196805120017", "111") == before
        assert vault.ring().lookup("629999196805120017", "414") != before


@pytest.mark.parametrize("keys", [["nonsense"], ["c2hvcnQ="], ["%%%="]])
def test_a_key_of_the_wrong_length_is_named(keys):
    with override(vault.DATA_KEY, keys), pytest.raises(ImproperlyConfigured, match=r"people\.data_key"):
        vault.ring()


def test_setup_writes_one_key_for_the_owner_alone_and_keeps_it(settings, tmp_path):
    settings.DATA = tmp_path
    vault.write_key()
    first = vault.key_file().read_text()
    vault.write_key()
    assert vault.key_file().read_text() == first
    assert vault.key_file().stat().st_mode & 0o777 == 0o600
    with override(vault.DATA_KEY, []):
        assert vault.ring().open(vault.ring().seal("x", "111"), "111") == "x"


def test_without_a_key_the_remedy_is_named(settings, tmp_path):
    settings.DATA = tmp_path
    with override(vault.DATA_KEY, []), pytest.raises(ImproperlyConfigured, match="hexi setup"):
        vault.ring()


@pytest.mark.django_db
def test_the_row_holds_neither_the_number_nor_its_parts():
    number = resident_number()
    held = make_person(number=number).identifiers.get()
    row = Identifier.objects.filter(pk=held.pk).values().get()
    text = " ".join(str(value) for value in row.values())
    assert number not in text
    assert number[6:14] not in text
    assert row["masked"] == f"{number[:4]}**********{number[-4:]}"


@pytest.mark.django_db
def test_rekeying_moves_every_number_and_then_its_lookup():
    number = resident_number()
    with override(vault.DATA_KEY, [OLD]):
        make_person(number=number)
        make_person("石建军")
    with override(vault.DATA_KEY, [NEW, OLD]):
        assert rekeying.rekey() == 2
        assert rekeying.rekey() == 0
        assert identifier_of(number).person.name == "石建国"
        assert rekeying.reindex() == 2
        assert identifier_of(number) is None  # still looked up by the last key: the service stands still meanwhile
    with override(vault.DATA_KEY, [NEW]):
        held = identifier_of(number)
        assert held.person.name == "石建国"
        assert vault.ring().open(held.number, "111") == number

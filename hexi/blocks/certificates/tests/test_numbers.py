"""Identifiers of GB/T 36904-2018 against real ones, and serials without gaps from many threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from hexi.blocks.certificates import numbers
from hexi.blocks.certificates.models import Certificate, Counter
from hexi.blocks.certificates.tests.make import make_certificate, make_key, make_type
from hexi.blocks.people.tests.make import make_department, make_person
from hexi.wire.checksums import is_licence_identifier


@pytest.mark.parametrize(
    ("parts", "identifier"),
    [
        (
            ("11100000000013338W011", "11430000006122244L", "20230000403"),
            "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
        ),
        (
            ("11100000000013338W032", "11220000013544541J", "2430599"),
            "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
        ),
    ],
)
def test_identifiers_of_real_certificates(parts, identifier):
    assert numbers.identifier(*parts) == identifier
    assert is_licence_identifier(identifier)


def test_another_version_has_another_check_character():
    first, second = (numbers.identifier("1" * 21, "2" * 18, "1", version) for version in ("001", "002"))
    assert (is_licence_identifier(first), is_licence_identifier(second), first[-1] != second[-1]) == (True, True, True)
    assert not is_licence_identifier(second[:-1] + first[-1])


@pytest.mark.django_db(transaction=True)
def test_a_number_of_a_transaction_that_is_rolled_back_is_given_again():
    assert [numbers.allocate("a"), numbers.allocate("a"), numbers.allocate("b")] == [1, 2, 1]
    with transaction.atomic():
        assert numbers.allocate("a") == 3
        transaction.set_rollback(True)
    assert numbers.allocate("a") == 3


def together(work, many):
    """Run `work(n)` in many threads that start at the same moment."""
    gate = Barrier(many)

    def one(n):
        try:
            gate.wait()
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_sixteen_threads_issue_twenty_each_without_gap_or_double(monkeypatch):
    make_type()
    make_key()
    holder, issuer = make_person(), make_department(demo=False)

    def many(n):
        return [make_certificate(holder, issuer=issuer).identifier for _ in range(20)]

    made = [identifier for found in together(many, 16) for identifier in found]
    assert (len(set(made)), Certificate.objects.count()) == (320, 320)
    assert all(is_licence_identifier(one) for one in made)
    serials = sorted(int(one.split(".")[7][4:]) for one in made)
    assert serials == list(range(1, 321))
    assert Counter.objects.get().value == 320


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_case_asked_for_by_many_threads_has_one_certificate_and_no_gap():
    make_type()
    make_key()
    holder, issuer = make_person(), make_department(demo=False)
    case = make_person("任何一件")  # any row will do: only its kind and key are kept
    made = together(lambda n: make_certificate(holder, issuer=issuer, case=case).pk, 8)
    assert made == [made[0]] * 8
    assert make_certificate(holder, issuer=issuer).number.endswith("000002号")

"""Two at once: one person, one account, and the other is told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.people import mandates, operations
from hexi.blocks.people.actors import Citizen
from hexi.blocks.people.models import Account, Identifier, Mandate, MandateOffer, Person
from hexi.blocks.people.tests.make import BY, make_account, make_types, resident_number
from hexi.kernel import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
THREADS = 8


def together(work, many=THREADS):
    """Run `work(n)` in many threads that start at the same moment; their results or exceptions."""
    gate = Barrier(many)

    def one(n):
        try:
            gate.wait()
            return work(n)
        except ValidationError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def test_registering_one_number_in_many_threads_gives_one_person():
    make_types()
    number = resident_number()
    found = together(lambda n: operations.register_person("石建国", number=number, by=BY).pk)
    assert found == [found[0]] * THREADS
    assert (Person.objects.count(), Identifier.objects.count()) == (1, 1)


def test_one_of_many_accounts_binds_the_person_and_the_others_are_told():
    make_types()
    number = resident_number()
    accounts = [make_account(name="石建国") for _ in range(THREADS)]

    def bind(n):
        return operations.bind_person(accounts[n], name="石建国", number=number, by=Citizen(accounts[n]))

    found = together(bind)
    refused = [one for one in found if isinstance(one, ValidationError)]
    assert len(refused) == THREADS - 1
    assert {"已绑定另一个账户" in error.messages[0] for error in refused} == {True}
    assert Account.objects.exclude(person=None).count() == 1
    assert Person.objects.count() == 1


def test_one_account_binding_many_numbers_gets_one():
    make_types()
    account = make_account(name="石建国")
    numbers = [resident_number() for _ in range(THREADS)]
    found = together(lambda n: operations.bind_person(account, name="石建国", number=numbers[n], by=Citizen(account)))
    done = [one for one in found if isinstance(one, Person)]
    assert len(done) == 1
    assert Account.objects.get(pk=account.pk).person == done[0]
    assert Person.objects.count() == 1


def test_one_mandate_sent_twice_is_ended_by_ending_it():
    make_types()
    principal = Citizen(make_account(name="石建国"))
    number, until = resident_number(4321), clock.today() + timedelta(days=9)
    principal.account.person = operations.register_person("石建国", number=resident_number(1), by=BY)
    principal.account.save()
    agent = Citizen(make_account(name="李文静"))
    agent.account.person = operations.register_person("李文静", number=number, by=BY)
    agent.account.save()
    whom = principal.account.person
    given = {"agent_name": "李文静", "agent_number": number, "until": until, "by": principal}
    found = together(lambda n: mandates.give(whom, **given).pk)
    assert (found, MandateOffer.objects.count()) == ([found[0]] * THREADS, 1)
    offer = MandateOffer.objects.get()
    made = together(lambda n: mandates.accept(offer, by=agent).pk)
    assert (made, Mandate.objects.count()) == ([made[0]] * THREADS, 1)
    mandates.withdraw(Mandate.objects.get(), by=principal)
    assert mandates.give(whom, **given).pk != found[0]

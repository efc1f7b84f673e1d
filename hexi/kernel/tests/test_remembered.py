"""Remembered answers: asked once in a few seconds, never in a transaction, forgotten after a change."""

import pytest
from django.db import transaction

from hexi.kernel import remembered


class Asked:
    """Counts how often it was asked."""

    def __init__(self):
        self.times = 0
        self.ask = remembered.remembered(self._answer)

    def _answer(self, what: str, *, loud: bool = False) -> str:
        self.times += 1
        return f"{what}{'!' if loud else ''}{self.times}"


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_remembered_for_its_arguments():
    asked = Asked()
    assert [asked.ask("a"), asked.ask("a"), asked.ask("a", loud=True), asked.ask("b")] == ["a1", "a1", "a!2", "b3"]


@pytest.mark.django_db(transaction=True)
def test_it_is_asked_again_when_its_seconds_are_over(monkeypatch):
    now, asked = [100.0], Asked()
    monkeypatch.setattr(remembered, "monotonic", lambda: now[0])
    asked.ask("a")
    now[0] += remembered.SECONDS
    assert asked.ask("a") == "a1"
    now[0] += 0.1
    assert asked.ask("a") == "a2"


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_nothing_remembered_is_given_and_nothing_is_remembered():
    asked = Asked()
    asked.ask("a")
    with transaction.atomic():
        assert (asked.ask("a"), asked.ask("b")) == ("a2", "b3")
    assert (asked.ask("a"), asked.ask("b")) == ("a1", "b4")


@pytest.mark.django_db(transaction=True)
def test_what_was_asked_before_a_change_is_not_kept_after_it():
    asked = Asked()
    late = remembered.remembered(lambda what: (asked.ask(what), remembered.forget())[0])
    assert (late("a"), late("a")) == ("a1", "a2")


@pytest.mark.django_db(transaction=True)
def test_all_is_forgotten_after_a_change_and_when_there_is_too_much(monkeypatch):
    asked = Asked()
    asked.ask("a")
    remembered.forget()
    assert asked.ask("a") == "a2"
    monkeypatch.setattr(remembered, "MOST", 1)
    assert (asked.ask("b"), asked.ask("a")) == ("b3", "a4")

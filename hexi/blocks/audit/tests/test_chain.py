"""The log: one chain a partition, written with the change, provable, append-only, never forked."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import DatabaseError, connection, connections, transaction

from hexi.blocks.audit import operations, queries
from hexi.blocks.audit.models import PARTITIONS, Entry, Head, Seal
from hexi.kernel import clock
from hexi.kernel.actors import System

BY = System("test")
pytestmark = pytest.mark.django_db


def write(count=1, **facts):
    for number in range(count):
        with operations.change(BY, "test.do", f"thing:{number}", **facts):
            pass


def on_partition(partition, monkeypatch):
    monkeypatch.setattr(operations.random, "randrange", lambda _most: partition)


def alter(sql, *values):
    """Change the table behind the triggers' back, as an intruder with the database's own password could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS audit_entry_no_update")
            cursor.execute("DROP TRIGGER IF EXISTS audit_entry_no_delete")
        cursor.execute(sql, values)


def test_an_entry_says_who_did_what_to_what():
    with operations.change(BY, "test.do", "thing:1", colour="red") as note:
        note.facts["size"] = 3
    entry = Entry.objects.get()
    assert (entry.actor_key, entry.verb, entry.kind) == ("system:test", "test.do", "thing:1")
    assert entry.facts == {"colour": "red", "size": 3}
    assert list(queries.verify()) == []


def test_nothing_is_logged_of_what_was_rolled_back():
    with pytest.raises(ZeroDivisionError), operations.change(BY, "test.do"):
        _ = 1 / 0
    assert Entry.objects.count() == 0
    assert Head.objects.exclude(seq=0).count() == 0


def test_inner_changes_share_the_outer_transaction_and_partition():
    with operations.change(BY, "outer"):
        with operations.change(BY, "inner"):
            pass
        with pytest.raises(ValueError, match="no"), operations.change(BY, "undone"):
            raise ValueError("no")
    rows = list(Entry.objects.order_by("seq").values_list("verb", "partition", "seq"))
    assert [row[0] for row in rows] == ["inner", "outer"]
    assert len({row[1] for row in rows}) == 1
    assert list(queries.verify()) == []


def test_a_batch_is_one_entry_with_its_rows_digest():
    with operations.change(BY, "test.batch") as note:
        note.rows = [1, 2, 3]
    entry = Entry.objects.get()
    assert entry.facts["rows"] == 3
    assert entry.facts["digest"] == operations.chain.sha256([1, 2, 3])


def test_facts_that_json_does_not_know_are_kept_as_text_and_still_verify():
    with operations.change(BY, "test.do", day=clock.today(), moment=clock.now()):
        pass
    assert list(queries.verify()) == []


def test_a_look_is_found_by_the_person():
    operations.look(BY, "case:1", purpose="办理", person_id=7)
    operations.look(BY, "case:2", purpose="办理", person_id=8)
    assert [entry.facts["purpose"] for entry in queries.looks_at(7)] == ["办理"]


@pytest.mark.parametrize("sql", ["UPDATE audit_entry SET verb = 'x'", "DELETE FROM audit_entry"])
def test_entries_cannot_be_changed_or_deleted(sql):
    write()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert Entry.objects.filter(verb="test.do").count() == 1


def test_verify_finds_a_changed_entry(monkeypatch):
    on_partition(3, monkeypatch)
    write(3)
    victim = Entry.objects.get(seq=2)
    alter("UPDATE audit_entry SET actor_name = 'Mallory' WHERE id = %s", victim.pk)
    faults = list(queries.verify())
    assert len(faults) == 1
    assert f"分区 3 第 2 条（id {victim.pk}）" in faults[0]


def test_verify_finds_a_missing_entry_and_a_missing_end(monkeypatch):
    on_partition(5, monkeypatch)
    write(4)
    alter("DELETE FROM audit_entry WHERE seq IN (2, 4)")
    faults = list(queries.verify())
    assert any("缺第 2 至 2 条" in fault for fault in faults)
    assert any("末尾缺 1 条" in fault for fault in faults)


def test_verify_finds_reordered_entries(monkeypatch):
    on_partition(1, monkeypatch)
    write(3)
    alter("UPDATE audit_entry SET seq = 99 WHERE seq = 2")
    alter("UPDATE audit_entry SET seq = 2 WHERE seq = 3")
    alter("UPDATE audit_entry SET seq = 3 WHERE seq = 99")
    assert len(list(queries.verify())) >= 2


def test_a_rewritten_chain_is_betrayed_by_the_seal(monkeypatch):
    on_partition(2, monkeypatch)
    write(2)
    operations.seal()
    # an intruder who knows the scheme rewrites both entries and the head consistently
    first, second = Entry.objects.order_by("seq")
    first.actor_name = "Mallory"
    first.hash = operations.chain.entry_hash(first)
    second.before = first.hash
    second.hash = operations.chain.entry_hash(second)
    for entry in (first, second):
        alter(
            "UPDATE audit_entry SET actor_name = %s, before = %s, hash = %s WHERE id = %s",
            entry.actor_name,
            entry.before,
            entry.hash,
            entry.pk,
        )
    Head.objects.filter(pk=2).update(hash=second.hash)
    faults = list(queries.verify())
    assert len(faults) == 1
    assert "封存" in faults[0]


def test_one_seal_an_hour_each_linked_to_the_one_before():
    write()
    now = clock.now()
    first = operations.seal(now)
    assert operations.seal(now).pk == first.pk
    second = operations.seal(now + timedelta(hours=1))
    assert second.before == first.digest
    assert list(queries.verify()) == []
    Seal.objects.filter(pk=first.pk).update(digest="0" * 64)
    assert len(list(queries.verify())) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_writers_at_once_never_fork_a_chain():
    """8 threads × 25 changes on one partition: the hardest case."""
    with pytest.MonkeyPatch.context() as patch:
        on_partition(0, patch)
        errors = []

        def work():
            try:
                write(25)
            except Exception as error:
                errors.append(error)
            finally:
                connections.close_all()

        threads = [Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == []
    assert sorted(Entry.objects.values_list("seq", flat=True)) == list(range(1, 201))
    assert list(queries.verify()) == []
    assert Head.objects.count() == PARTITIONS


def test_verify_of_a_running_service_is_no_false_alarm(monkeypatch):
    on_partition(3, monkeypatch)
    write(3)
    faults = queries._faults

    def write_meanwhile(entry, seq, before):
        if entry.seq == 3 and not Entry.objects.filter(seq=4).exists():
            write(1)
        return faults(entry, seq, before)

    monkeypatch.setattr(queries, "_faults", write_meanwhile)
    assert list(queries.verify()) == []
    assert Entry.objects.count() == 4

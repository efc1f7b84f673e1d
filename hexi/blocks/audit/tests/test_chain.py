"""The log: one chain a partition, written with the change, provable, append-only, never forked."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hexi.blocks.audit import operations, queries
from hexi.blocks.audit.models import PARTITIONS, Entry, Head, Seal
from hexi.kernel import clock
from hexi.kernel.actors import System
from hexi.site.cli import main

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


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example({"big": 1e22, "zero": -0.0, "small": 5e-324, "endless": float("inf"), "nothing": float("nan")})
@example({"nul\0": "a\0b", "half": "\ud800"})
@given(st.dictionaries(st.text(max_size=5), ANYTHING, max_size=3))
def test_whatever_the_facts_are_they_come_back_from_the_database_as_they_were_hashed(facts):
    with operations.change(BY, "test.do") as note:
        note.facts = facts
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


def faults_of(*copies):
    """Each fault's Chinese half."""
    return [fault.partition("/ ")[0].rstrip() for fault in queries.verify(copies=copies)]


FIELDS = [
    ("at", "2020-01-01 00:00:00+00:00"), ("actor_key", "account:1"), ("actor_name", "Mallory"), ("verb", "x"),
    ("kind", "cases.case"), ("ref", "9"), ("about_person", 7), ("facts", "{}"), ("before", "1" * 64), ("hash", "1" * 64),
]  # fmt: skip


@pytest.mark.parametrize(("column", "value"), FIELDS, ids=[name for name, _ in FIELDS])
def test_verify_places_a_change_of_any_column(column, value, monkeypatch):
    on_partition(3, monkeypatch)
    write(3, colour="red")
    victim = Entry.objects.get(seq=2)
    alter(f"UPDATE audit_entry SET {column} = %s WHERE id = %s", value, victim.pk)
    found = faults_of()
    assert f"分区 3 第 2 条（id {victim.pk}）：内容被改动" in found
    follows = {"before": f"分区 3 第 2 条（id {victim.pk}）", "hash": f"分区 3 第 3 条（id {victim.pk + 1}）"}
    assert found[1:] == [] if column not in follows else f"{follows[column]}：与前一条接不上" in found


def test_verify_finds_a_missing_entry_and_a_missing_end(monkeypatch):
    on_partition(5, monkeypatch)
    write(4)
    alter("DELETE FROM audit_entry WHERE seq IN (2, 4)")
    assert faults_of() == ["分区 5 缺第 2 至 2 条", "分区 5 末尾缺 1 条"]


def test_verify_finds_reordered_entries(monkeypatch):
    on_partition(1, monkeypatch)
    write(3)
    first, second, third = Entry.objects.order_by("seq").values_list("pk", flat=True)
    alter("UPDATE audit_entry SET seq = 99 WHERE seq = 2")
    alter("UPDATE audit_entry SET seq = 2 WHERE seq = 3")
    alter("UPDATE audit_entry SET seq = 3 WHERE seq = 99")
    assert faults_of() == [
        f"分区 1 第 2 条（id {third}）：与前一条接不上", f"分区 1 第 2 条（id {third}）：内容被改动",
        f"分区 1 第 3 条（id {second}）：与前一条接不上", f"分区 1 第 3 条（id {second}）：先后次序被调换",
        f"分区 1 第 3 条（id {second}）：内容被改动", "分区 1 的末条与链头不符",
    ]  # fmt: skip
    assert first < second < third


def test_verify_finds_entries_that_changed_places_by_their_keys_alone(monkeypatch):
    """Pages show the log by primary key, which no hash covers."""
    on_partition(1, monkeypatch)
    write(3)
    first, second, third = Entry.objects.order_by("seq").values_list("pk", flat=True)
    alter("UPDATE audit_entry SET id = 0 WHERE id = %s", second)
    alter("UPDATE audit_entry SET id = %s WHERE id = %s", second, third)
    alter("UPDATE audit_entry SET id = %s WHERE id = 0", third)
    assert faults_of() == [f"分区 1 第 3 条（id {second}）：先后次序被调换"]


def forged(partition, seq, before):
    """An entry nobody wrote, hashed as it should be."""
    entry = Entry(
        partition=partition, seq=seq, at=clock.now(), actor_key="account:1", actor_name="Mallory", verb="cases.decide",
        kind="cases.case", ref="1", facts={}, before=before,
    )  # fmt: skip
    entry.hash = operations.chain.entry_hash(entry)
    return entry


def test_verify_finds_entries_added_behind_the_end_and_outside_the_chains(monkeypatch):
    on_partition(4, monkeypatch)
    write(2)
    last = Entry.objects.get(seq=2)
    added, outside = forged(4, 3, last.hash), forged(99, 1, last.hash)
    Entry.objects.bulk_create([added, outside])
    assert faults_of() == [
        "分区 4 第 3 至 3 条在链头之后，是添加的",
        f"条目 id {outside.pk} 在不存在的分区 99 里",
    ]


def test_verify_finds_a_chain_whose_head_was_taken_away():
    Head.objects.filter(pk=7).delete()
    assert faults_of() == ["分区 7 的链头不见了"]


def cut_off(partition, keep):
    """Take the end of a chain away and turn its head back, as one would who knows the scheme."""
    alter("DELETE FROM audit_entry WHERE partition = %s AND seq > %s", partition, keep)
    Head.objects.filter(pk=partition).update(seq=keep, hash=Entry.objects.get(partition=partition, seq=keep).hash)


def test_an_end_cut_off_together_with_its_head_is_betrayed_by_the_seal(monkeypatch):
    on_partition(6, monkeypatch)
    write(3)
    seal = operations.seal()
    cut_off(6, 2)
    assert faults_of() == [f"分区 6 缺第 3 条（{seal.hour.isoformat()} 已封存）"]


def test_seals_taken_away_with_the_end_are_betrayed_by_a_copy_of_their_digest(monkeypatch, capsys):
    on_partition(6, monkeypatch)
    write(2)
    kept = operations.seal(clock.now() - timedelta(hours=1))
    write(1)
    taken = operations.seal()
    cut_off(6, 2)
    Seal.objects.filter(pk=taken.pk).delete()
    assert faults_of() == []
    assert faults_of(kept.digest, taken.digest) == [f"封存 {taken.digest} 不见了"]
    assert main(["audit", "verify", "--seal", taken.digest]) == 1
    assert f"✗ 封存 {taken.digest} 不见了" in capsys.readouterr().out
    assert main(["audit", "verify", "--seal", kept.digest]) == 0


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
def test_a_transaction_writes_to_one_partition_and_the_next_to_any():
    with transaction.atomic():
        write(10)
        with transaction.atomic():
            write(10)
    assert Entry.objects.values("partition").distinct().count() == 1
    write(40)
    assert Entry.objects.values("partition").distinct().count() > 2
    assert list(queries.verify()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.parametrize("partitions", [1, PARTITIONS])
def test_writers_at_once_never_fork_a_chain(partitions):
    """8 threads × 25 changes, on one partition (the hardest case) and spread over all."""
    with pytest.MonkeyPatch.context() as patch:
        if partitions == 1:
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
    assert Entry.objects.count() == 200
    assert Entry.objects.values("partition").distinct().count() == partitions
    assert list(queries.verify()) == []
    assert Head.objects.count() == PARTITIONS


def test_verify_of_a_running_service_is_no_false_alarm(monkeypatch):
    on_partition(3, monkeypatch)
    write(3)
    faults = queries._faults

    def write_meanwhile(entry, last):
        if entry.seq == 3 and not Entry.objects.filter(seq=4).exists():
            write(1)
        return faults(entry, last)

    monkeypatch.setattr(queries, "_faults", write_meanwhile)
    assert list(queries.verify()) == []
    assert Entry.objects.count() == 4

"""Many at once, and a process killed at the worst moment."""

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from hexi.blocks.audit.models import Entry
from hexi.blocks.documents import jobs, operations, queries, shelf
from hexi.blocks.documents.models import Blob, Document
from hexi.blocks.documents.tests import make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
THING = ("tests.thing", "7")


def together(work, many):
    """Run `work(n)` in many threads that start at the same moment; results, or the refusals' codes."""
    gate = Barrier(many)

    def one(n):
        try:
            gate.wait()
            return work(n)
        except ValidationError as error:
            return error.error_dict["file"][0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def test_the_same_content_from_many_threads_is_one_file_and_many_documents():
    body = make.make_image()
    made = together(lambda n: operations.store(io.BytesIO(body), name=f"{n}.jpg", by=make.BY).pk, 8)
    assert len(set(made)) == 8
    assert (Blob.objects.count(), Document.objects.count()) == (1, 8)
    assert [len(list(shelf.hashes(-1))), len(list(shelf.leftovers(-1)))] == [1, 0]


def test_the_same_content_into_one_slot_from_many_threads_is_one_document():
    body = make.make_image()
    made = together(lambda n: operations.store(io.BytesIO(body), name="a.jpg", by=make.BY, thing=THING, slot="s").pk, 8)
    assert made == [made[0]] * 8
    assert Document.objects.count() == 1


def test_a_slot_of_five_takes_exactly_five_of_twelve():
    bodies = [make.make_image("PNG", 20, 20, seed=n) for n in range(12)]
    made = together(
        lambda n: (
            operations.store(io.BytesIO(bodies[n]), name="a.png", by=make.BY, thing=THING, slot="s", most=5).place
        ),
        12,
    )
    assert sorted(made, key=str) == [1, 2, 3, 4, 5, *["too_many"] * 7]
    assert [one.place for one in queries.of_thing(*THING)] == [1, 2, 3, 4, 5]


def test_clearing_never_takes_a_content_that_is_being_stored():
    body = make.make_image()
    for _ in range(5):
        document = operations.store(io.BytesIO(body), name="a.jpg", by=make.BY)
        Document.objects.all().delete()
        done = together(
            lambda n: (
                operations.delete_unused(document.blob_id)
                if n % 2
                else operations.store(io.BytesIO(body), name="a.jpg", by=make.BY).pk
            ),
            6,
        )
        assert Document.objects.count() == 3
        assert shelf.path(document.blob_id).read_bytes() == body
        assert all(done[n] for n in (0, 2, 4))


def killed_at(monkeypatch, moment, work) -> None:
    """Run `work` in a process of its own that dies, as by kill -9, when it calls `shelf.<moment>`."""
    connection.close()
    child = os.fork()
    if child == 0:
        setattr(shelf.os, moment, lambda *args: os.kill(os.getpid(), 9))
        try:
            work()
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 9


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_process_killed_before_the_rename_leaves_no_row(monkeypatch, moment):
    killed_at(monkeypatch, moment, make.make_document)
    assert (Blob.objects.count(), Document.objects.count()) == (0, 0)
    assert (list(shelf.hashes(-1)), Entry.objects.count()) == ([], 0)
    left = list(shelf.leftovers(-1))
    assert len(left) == 1
    os.utime(left[0], (time.time() - 90_000,) * 2)
    jobs.clear()
    assert list(shelf.leftovers(-1)) == []
    assert make.make_document().blob_id in set(shelf.hashes(-1))


def test_a_process_killed_after_the_rename_leaves_a_file_without_a_row_that_is_cleared(monkeypatch):
    real = os.open

    def open_or_die(path, flags, *more, **named):
        if str(path).startswith(str(shelf.root())) and os.path.isdir(path):
            os.kill(os.getpid(), 9)  # the folder is synced after the rename
        return real(path, flags, *more, **named)

    connection.close()
    child = os.fork()
    if child == 0:
        os.open = open_or_die
        try:
            make.make_document()
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 9
    orphans = list(shelf.hashes(-1))
    assert (len(orphans), Blob.objects.count(), Document.objects.count()) == (1, 0, 0)
    os.utime(shelf.path(orphans[0]), (time.time() - 90_000,) * 2)
    jobs.clear()
    assert (list(shelf.hashes(-1)), Blob.objects.count()) == ([], 0)

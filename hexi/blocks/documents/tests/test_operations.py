"""Handing in, attaching again, removing, replacing, checking; what the log and the disk hold afterwards."""

import hashlib
import io
import os
import time
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.audit import queries as log
from hexi.blocks.documents import jobs, operations, previews, queries, shelf
from hexi.blocks.documents.models import Blob, Document
from hexi.blocks.documents.tests import make
from hexi.blocks.people.tests.make import acting, make_citizen, make_official, make_post
from hexi.kernel import clock
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db
THING = ("tests.thing", "7")


def code_of(error) -> str:
    return error.value.error_dict["file"][0].code


def store(body=None, name="photo.jpg", **facts):
    return operations.store(io.BytesIO(body or make.make_image()), name=name, **{"by": make.BY, **facts})


@pytest.fixture
def citizen():
    account = make_citizen()
    account.actor = acting(account)
    return account


def test_a_stored_file_lies_under_its_hash_and_is_described(citizen):
    body = make.make_image("JPEG", 300, 200)
    document = store(body, "身份证.JPG", by=citizen.actor, owner=citizen.person, thing=THING, slot="id", title="身份证")
    sha256 = hashlib.sha256(body).hexdigest()
    assert shelf.path(sha256).read_bytes() == body
    assert oct(shelf.path(sha256).stat().st_mode & 0o777) == "0o600"
    assert (document.name, document.title, document.level, document.slot, document.place) == (
        "身份证.jpg",
        "身份证",
        "C",
        "id",
        1,
    )
    blob = document.blob
    assert (blob.pk, blob.size, blob.media_type, blob.width, blob.height) == (sha256, len(body), "image/jpeg", 300, 200)
    assert (document.of_kind, document.of_ref, document.made_by) == ("tests.thing", "7", citizen.actor.key)
    assert list(shelf.root().glob("tmp/*")) == []
    entry = log.of(document).get()
    assert (entry.verb, entry.facts["sha256"], entry.actor_key) == ("documents.store", sha256, citizen.actor.key)


def test_the_same_content_twice_is_one_file_for_many_documents(citizen):
    first, second = store(by=citizen.actor, owner=citizen.person), store(name="b.jpg")
    assert first.blob_id == second.blob_id
    assert (Blob.objects.count(), Document.objects.count()) == (1, 2)
    assert len(list(shelf.hashes(-1))) == 1


def test_the_same_content_twice_in_one_slot_is_one_document():
    first = store(thing=THING, slot="id")
    again = store(thing=THING, slot="id", name="other.jpg")
    elsewhere = store(thing=THING, slot="map")
    assert (again.pk, elsewhere.pk == first.pk) == (first.pk, False)
    assert {slot: len(found) for slot, found in queries.by_slot(*THING).items()} == {"id": 1, "map": 1}


def test_a_file_over_the_limit_is_refused_with_limit_and_remedy():
    body = make.make_image()
    with override(operations.MAX_BYTES, len(body)):
        store(body)
    with override(operations.MAX_BYTES, 1_000), pytest.raises(ValidationError) as error:
        store(body)
    assert code_of(error) == "too_large"
    assert "最多 1.0 kB" in error.value.messages[0]
    assert "压缩" in error.value.messages[0]


def test_an_upload_whose_size_is_known_is_refused_unread():
    class Announced(io.BytesIO):
        size = 30_000_000

        def read(self, *_size):
            raise AssertionError("not to be read")

    with pytest.raises(ValidationError) as error:
        operations.store(Announced(), name="a.jpg", by=make.BY)
    assert "这份至少有 30.0 MB" in error.value.messages[0]


def test_a_slot_takes_only_its_kinds_and_number():
    with pytest.raises(ValidationError) as error:
        store(make.make_pdf(), thing=THING, slot="photo", accept=("image/jpeg",))
    assert code_of(error) == "not_accepted"
    for seed in (1, 2):
        store(make.make_image(seed=seed), thing=THING, slot="photo", most=2)
    with pytest.raises(ValidationError) as error:
        store(make.make_image(seed=3), thing=THING, slot="photo", most=2)
    assert code_of(error) == "too_many"
    assert "最多 2 份" in error.value.messages[0]


def test_a_refused_file_leaves_nothing(disk):
    with pytest.raises(ValidationError) as error:
        store(b"MZ" + b"\0" * 100, "身份证.jpg")
    assert error.value.message_dict == {"file": [
        "文件名写的是 .jpg，内容其实是可执行程序。请上传 PDF、JPG、PNG、WebP、Word（docx）、Excel（xlsx）或 OFD 文件。"
    ]}  # fmt: skip
    assert Blob.objects.count() == 0
    assert [path for path in disk.rglob("*") if path.is_file()] == []


def test_a_removed_place_is_filled_again_and_order_is_kept():
    papers = [store(make.make_image(seed=seed), thing=THING, slot="s") for seed in range(3)]
    operations.remove(papers[1], by=make.BY)
    new = store(make.make_image(seed=9), thing=THING, slot="s")
    assert [one.pk for one in queries.of_thing(*THING, "s")] == [papers[0].pk, new.pk, papers[2].pk]


def test_removal_can_be_undone(citizen):
    document = store(by=citizen.actor, owner=citizen.person)
    operations.remove(document, by=citizen.actor)
    assert list(queries.own(citizen.actor)) == []
    assert list(queries.removed(citizen.actor)) == [document]
    assert queries.may_read(citizen.actor, document) is False
    operations.restore(document, by=citizen.actor)
    assert list(queries.own(citizen.actor)) == [document]
    assert [entry.verb for entry in log.of(document)] == ["documents.store", "documents.remove", "documents.restore"]


def test_undoing_is_told_when_the_same_file_came_again_or_the_slot_is_full():
    first = store(thing=THING, slot="s")
    operations.remove(first, by=make.BY)
    store(thing=THING, slot="s")
    with pytest.raises(ValidationError) as error:
        operations.restore(first, by=make.BY)
    assert code_of(error) == "already"
    other = store(make.make_image(seed=2), thing=THING, slot="s")
    operations.remove(other, by=make.BY)
    with override(operations.MAX_PER_SLOT, 1), pytest.raises(ValidationError) as error:
        operations.restore(other, by=make.BY)
    assert code_of(error) == "too_many"


def test_a_replaced_file_stays_as_history(citizen):
    old = store(by=citizen.actor, owner=citizen.person, thing=THING, slot="s", title="设计书")
    new = operations.replace(old, io.BytesIO(make.make_pdf()), name="new.pdf", by=citizen.actor)
    assert [one.pk for one in queries.of_thing(*THING)] == [new.pk]
    assert (old.replaced_by_id, new.title, new.place, new.owner_id) == (new.pk, "设计书", 1, citizen.person_id)
    assert queries.may_read(citizen.actor, old) is True
    assert list(queries.removed(citizen.actor)) == []


def test_a_refused_replacement_keeps_the_old_file(citizen):
    old = store(by=citizen.actor, owner=citizen.person, thing=THING, slot="s")
    with pytest.raises(ValidationError):
        operations.replace(old, io.BytesIO(b"MZ"), name="new.pdf", by=citizen.actor)
    old.refresh_from_db()
    assert (old.removed_at, [one.pk for one in queries.of_thing(*THING)]) == (None, [old.pk])


def test_a_document_is_used_again_with_its_level_and_source(citizen):
    document = store(by=citizen.actor, owner=citizen.person, title="身份证")
    Document.objects.filter(pk=document.pk).update(level="B", source="玉门市政务服务中心")
    document.refresh_from_db()
    copy = operations.attach(document, thing=THING, slot="id", by=citizen.actor, purpose="林木采伐许可")
    assert (copy.blob_id, copy.level, copy.source, copy.title) == (
        document.blob_id,
        "B",
        "玉门市政务服务中心",
        "身份证",
    )
    assert (copy.copied_from_id, copy.of_ref, copy.purpose) == (document.pk, "7", "林木采伐许可")
    assert operations.attach(document, thing=THING, slot="id", by=citizen.actor).pk == copy.pk
    assert copy.watermark == "此件经玉门市政务服务中心与原件核对无误，仅供林木采伐许可时使用。"


def test_what_has_expired_or_is_another_persons_cannot_be_used_again(citizen):
    document = store(by=citizen.actor, owner=citizen.person, expires=clock.today() - timedelta(1))
    assert queries.reusable(citizen.actor, citizen.person_id) == []
    with pytest.raises(ValidationError) as error:
        operations.attach(document, thing=THING, slot="id", by=citizen.actor)
    assert code_of(error) == "expired"
    with pytest.raises(Denied):
        operations.attach(store(), thing=THING, slot="id", by=citizen.actor)


def test_what_may_be_used_again_is_listed_once_best_first(citizen):
    other = store(make.make_image(seed=1), by=citizen.actor, owner=citizen.person, slot="map", thing=("x.y", "1"))
    same = store(make.make_image(seed=1), by=citizen.actor, owner=citizen.person)
    checked = store(make.make_image(seed=2), by=citizen.actor, owner=citizen.person)
    Document.objects.filter(pk=checked.pk).update(level="B")
    assert [one.pk for one in queries.reusable(citizen.actor, citizen.person_id)] == [checked.pk, same.pk]
    assert [one.pk for one in queries.reusable(citizen.actor, citizen.person_id, "map")] == [other.pk, checked.pk]


def test_the_window_checks_an_original(citizen):
    document = store(by=citizen.actor, owner=citizen.person, thing=THING, slot="id")
    clerk = acting(make_official("clerk"))
    with make.reader("tests.thing", lambda actor, _document: actor.official):
        raised = operations.raise_level(document, to="B", by=clerk, source="玉门市政务服务中心")
        assert (raised.level, raised.source, raised.get_level_display()) == ("B", "玉门市政务服务中心", "窗口核对原件")
        entry = log.of(document).get(verb="documents.raise_level")
        assert (entry.facts["from"], entry.facts["to"]) == ("C", "B")
        with pytest.raises(ValidationError, match="已是 B 级"):
            operations.raise_level(document, to="B", by=clerk, source="玉门市政务服务中心")
        for wrong in ({"to": "C", "source": "x"}, {"to": "B", "source": ""}):
            with pytest.raises(ValidationError, match="A 或 B"):
                operations.raise_level(document, by=clerk, **wrong)
    with pytest.raises(Denied, match="不在您办理的事项里"):
        operations.raise_level(document, to="A", by=clerk, source="x")
    with pytest.raises(Denied):
        operations.raise_level(document, to="A", by=citizen.actor, source="x")


def test_nobody_vouches_for_his_own_document():
    account = make_citizen()
    make_post(account, "clerk")
    clerk = acting(account)
    own = store(by=clerk, owner=account.person, thing=THING, slot="id")
    with make.reader("tests.thing", lambda actor, _document: actor.official), pytest.raises(Denied, match="您自己的"):
        operations.raise_level(own, to="B", by=clerk, source="玉门市政务服务中心")
    own.refresh_from_db()
    assert own.level == "C"


@pytest.mark.parametrize(
    ("level", "source", "expires", "sentence"),
    [
        ("A", "国家林草局", None, "此件由国家林草局提供，仅供办理政务服务事项时使用。"),
        ("A", "国家林草局", date(2027, 1, 2), "此件由国家林草局提供，仅供办理政务服务事项时使用，有效期至2027-01-02。"),
        ("B", "", None, ""),
        ("C", "国家林草局", None, ""),
        ("D", "", None, ""),
    ],
)
def test_the_watermark_of_levels_a_and_b(level, source, expires, sentence):
    assert Document(level=level, source=source, expires=expires).watermark == sentence


def test_what_was_removed_long_ago_is_deleted_with_its_file_and_previews(citizen, monkeypatch):
    gone, kept = store(by=citizen.actor, owner=citizen.person), store(make.make_image(seed=2))
    paths = [shelf.path(gone.blob_id), previews.of(gone.blob, 320)]
    operations.remove(gone, by=citizen.actor)
    for path in shelf.root().glob("??/??/*"):
        os.utime(path, (time.time() - 90_000,) * 2)
    jobs.clear()
    assert Document.objects.count() == 2
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    jobs.clear()
    assert list(Document.objects.all()) == [kept]
    assert list(Blob.objects.all()) == [kept.blob]
    assert [path.exists() for path in (*paths, shelf.path(kept.blob_id))] == [False, False, True]


def test_what_crashes_left_is_cleared_after_a_day_and_running_uploads_are_not():
    kept = store()
    tmp = shelf.root() / "tmp"
    for name in ("old", "new"):
        (tmp / name).write_bytes(b"x")
    orphan = shelf.path("ab" * 32)
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"x")
    for path in (tmp / "old", orphan, shelf.path(kept.blob_id)):
        os.utime(path, (time.time() - 90_000,) * 2)
    fresh = shelf.path("cd" * 32)
    fresh.parent.mkdir(parents=True)
    fresh.write_bytes(b"x")
    jobs.clear()
    left = [path.exists() for path in (tmp / "old", tmp / "new", orphan, fresh, shelf.path(kept.blob_id))]
    assert left == [False, True, False, True, True]


def test_a_row_without_its_file_is_mended_by_the_next_upload():
    document = store()
    shelf.path(document.blob_id).unlink()
    again = store()
    assert shelf.path(again.blob_id).exists()


def test_storing_costs_a_fixed_number_of_statements(citizen, django_assert_max_num_queries):
    for seed in range(6):
        store(make.make_image(seed=seed), by=citizen.actor, owner=citizen.person, thing=THING, slot="s")
    with django_assert_max_num_queries(16):
        store(make.make_image(seed=99), by=citizen.actor, owner=citizen.person, thing=THING, slot="s")

"""The signed log: chained, counted, stamped, archived, and every altered byte found where it is."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection

from hexi.blocks.catalog import exchange_options as options
from hexi.blocks.catalog import proofs
from hexi.blocks.catalog.models import Archive, Chain, Kind, MessageLog, Side, StampBatch
from hexi.blocks.catalog.operations import archives, messages, stamps
from hexi.blocks.catalog.queries import proving
from hexi.blocks.catalog.tests.make_exchange import make_grant, make_lines, make_log, make_request
from hexi.kernel import clock
from hexi.kernel.options import override
from hexi.wire import rfc3161
from hexi.wire.tests.authority import running

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority(tmp_path):
    """A time-stamping authority, configured."""
    with (
        running(tmp_path) as found,
        override(options.TSA_URL, found.url),
        override(options.TSA_ROOTS, found.root),
    ):
        yield found


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    """Archives of this test alone; keys stay where they are."""
    keys = settings.DATA / "keys"
    settings.DATA = tmp_path
    (tmp_path / "keys").symlink_to(keys)
    return archives.folder()


def faults(folder, roots=()):
    return list(proving.verify(folder, list(roots)))


def tamper(pk, **changed):
    """Change a row as somebody with the database's password would."""
    MessageLog.objects.filter(pk=pk).update(**changed)


def test_messages_are_chained_and_hold(folder):
    make_log(3)
    rows = list(MessageLog.objects.order_by("pk"))
    assert [(row.seq, row.kind, row.issue, row.status) for row in rows[:2]] == [
        (1, "request", "case-0", None), (2, "response", "case-0", 200),
    ]  # fmt: skip
    assert [row.before for row in rows] == ["0" * 64, *[row.hash for row in rows[:-1]]]
    assert Chain.objects.get().hash == rows[-1].hash
    assert faults(folder) == []


@pytest.mark.parametrize(
    ("field", "change", "said"),
    [
        ("body", lambda row: b"Answer 1", "the body was altered"),
        ("head", lambda row: bytes(row.head).replace(b"200", b"201"), "the signature does not hold"),
        ("signature", lambda row: bytes(row.signature)[:-1] + b"\0", "the signature does not hold"),
        ("status", lambda row: 404, "its record was altered"),
        ("issue", lambda row: "case-9", "its record was altered"),
        ("at", lambda row: row.at + timedelta(seconds=1), "its record was altered"),
        ("body_digest", lambda row: b"\0" * 64, "the body was altered"),
        ("key_id", lambda row: "0" * 32, "unknown key"),
    ],
)
def test_one_altered_byte_is_found_and_named(folder, field, change, said):
    make_log(3)
    row = MessageLog.objects.get(seq=4)
    tamper(row.pk, **{field: change(row)})
    found = faults(folder)
    assert any(said in one for one in found)
    assert all(one.startswith(f"provider 4 ({row.request_id} response)") for one in found)


def test_missing_messages_are_found(folder):
    make_log(3)
    MessageLog.objects.filter(seq=3).delete()
    assert "provider 3–3: 报文不见了 / messages are missing" in faults(folder)
    MessageLog.objects.filter(seq__gte=5).delete()
    assert any("the last messages are missing" in one for one in faults(folder))
    MessageLog.objects.filter(seq=1).delete()
    assert any("the messages before it are missing" in one for one in faults(folder))


def test_a_replay_is_refused_and_the_rest_is_written():
    first, other = make_lines(1), make_lines(1)
    assert messages.write("provider", first) == [None, None]
    again = messages.write("provider", [first[0], *other])
    assert (again[0].type, again[1:]) == ("Server.ServerProxy.InvalidRequest", [None, None])
    twice = make_lines(1)[0]
    assert [bool(one) for one in messages.write("provider", [twice, twice])] == [False, True]
    assert messages.write("consumer", [twice])[0].message == "This message was received before"


def test_a_replay_counts_nothing_against_its_grant():
    grant = make_grant(quota=9)
    first, other = make_lines(1, grant=grant.pk), make_lines(1, grant=grant.pk)
    messages.write("provider", first)
    messages.write("provider", [first[0], *other])
    grant.refresh_from_db()
    assert (grant.used, grant.calls) == (2, 2)
    assert list(MessageLog.objects.order_by("pk").values_list("seq", flat=True)) == [1, 2, 3, 4]


def test_bodies_can_be_left_out(folder):
    with override(options.LOG_BODIES, False):
        make_log(1)
    assert set(MessageLog.objects.values_list("body", "body_size")) == {(None, 10), (None, 8)}
    assert faults(folder) == []


# --- time-stamps ------------------------------------------------------------------------------------------------------
def test_one_stamp_covers_a_batch(folder, authority):
    make_log(3)
    assert stamps.stamp() == 6
    assert (authority.asked, StampBatch.objects.get().size, MessageLog.objects.filter(batch=None).count()) == (1, 6, 0)
    assert stamps.stamp() == 0
    assert faults(folder, stamps.roots()) == []


def test_stamps_find_a_log_written_anew(folder, authority):
    """Whoever holds our key can sign and chain again, but not put the time-stamp's hands back."""
    make_log(2)
    stamps.stamp()
    row = MessageLog.objects.get(seq=4)
    forged = messages.sign(make_request(b"another"))
    tamper(row.pk, signature=forged.signature)
    assert any("not those that were stamped" in one for one in faults(folder, stamps.roots()))
    batch = StampBatch.objects.get()
    StampBatch.objects.filter(pk=batch.pk).update(root=b"\0" * 32)
    assert any("does not hold" in one for one in faults(folder, stamps.roots()))


def test_a_log_hashed_anew_without_some_messages_is_short_of_its_stamp(folder, authority):
    make_log(3)
    stamps.stamp()
    MessageLog.objects.filter(seq__in=(3, 4)).delete()
    before = proofs.GENESIS
    for seq, row in enumerate(MessageLog.objects.order_by("seq"), 1):
        row.seq, row.before = seq, before
        row.hash = before = proofs.chained(proofs.record(row))
        row.save()
    Chain.objects.update(seq=4, hash=before)
    (fault,) = faults(folder, stamps.roots())
    assert "2 stamped messages are missing" in fault


def test_two_messages_changed_about_and_hashed_anew_are_not_what_was_stamped(folder, authority):
    make_log(2)
    stamps.stamp()
    MessageLog.objects.filter(seq=2).update(seq=9)
    MessageLog.objects.filter(seq=3).update(seq=2)
    MessageLog.objects.filter(seq=9).update(seq=3)
    before = proofs.GENESIS
    for row in MessageLog.objects.order_by("seq"):
        row.before = before
        row.hash = before = proofs.chained(proofs.record(row))
        row.save()
    Chain.objects.update(hash=before)
    (fault,) = faults(folder, stamps.roots())
    assert "not those that were stamped" in fault


def test_which_grant_a_message_went_through_is_proved(folder):
    make_log(1)
    tamper(MessageLog.objects.get(seq=1).pk, grant=make_grant())
    assert any("its record was altered" in one for one in faults(folder))


def test_batches_have_a_limit(authority, monkeypatch):
    monkeypatch.setattr(stamps, "MOST", 4)
    make_log(5)
    assert (stamps.stamp(), list(StampBatch.objects.values_list("size", flat=True))) == (10, [4, 4, 2])


def test_a_batch_stamped_meanwhile_is_dropped(authority, monkeypatch):
    make_log(1)
    ask = rfc3161.ask

    def slow(*arguments, **more):
        found = ask(*arguments, **more)
        monkeypatch.setattr(rfc3161, "ask", ask)
        stamps.stamp()
        return found

    monkeypatch.setattr(rfc3161, "ask", slow)
    assert (stamps.stamp(), StampBatch.objects.count()) == (0, 1)


def test_refusal_when_stamps_fail_too_long(authority):
    make_log(1)
    authority.down = True
    with pytest.raises(rfc3161.Failed):
        stamps.stamp()
    with clock.told_at(clock.now() + timedelta(seconds=14_399)):
        assert messages.write("provider", make_lines(1)) == [None, None]
    with clock.told_at(clock.now() + timedelta(seconds=14_401)):
        refused = messages.write("provider", make_lines(1))
        assert {one.type for one in refused} == {"Server.ServerProxy.LoggingFailed.TimestamperFailed"}
        authority.down = False
        stamps.stamp()
        assert messages.write("provider", make_lines(1)) == [None, None]


def test_no_refusal_without_an_authority():
    make_log(1)
    with clock.told_at(clock.now() + timedelta(days=10)):
        assert messages.write("provider", make_lines(1)) == [None, None]


# --- archives ---------------------------------------------------------------------------------------------------------
def test_archives_hold_everything_and_follow_each_other(folder, authority):
    make_log(2)
    assert archives.archive() == []  # not stamped yet
    stamps.stamp()
    first = archives.archive()
    make_log(1, "consumer", side=Side.CONSUMER)
    stamps.stamp()
    second = archives.archive()
    assert [one.messages for one in (*first, *second)] == [4, 2]
    assert second[0].before == first[0].digest
    with zipfile.ZipFile(folder / first[0].name) as box:
        assert len(box.namelist()) == 5
        inner = zipfile.ZipFile(io.BytesIO(box.read(box.namelist()[1])))
        assert inner.read("mimetype") == b"application/vnd.etsi.asic-e+zip"
        assert inner.read("body.bin") == b"answer 0"
    assert faults(folder, stamps.roots()) == []
    assert archives.archive() == []


def test_archives_are_cut_by_size(folder):
    with override(options.ARCHIVE_BYTES, 600):
        make_log(4)
        made = archives.archive()
    assert len(made) > 1
    assert sum(one.messages for one in made) == 8
    assert (folder.stat().st_mode & 0o77, *{one.stat().st_mode & 0o77 for one in folder.glob("*.zip")}) == (0, 0)
    assert faults(folder) == []


def test_old_messages_live_on_in_archives_alone(folder, authority):
    make_log(2)
    stamps.stamp()
    archives.archive()
    with clock.told_at(clock.now() + timedelta(days=31)):
        assert archives.clean() == 4
        make_log(1)
    assert list(MessageLog.objects.order_by("seq").values_list("seq", flat=True)) == [5, 6]
    assert faults(folder, stamps.roots()) == []
    (folder / Archive.objects.get().name).unlink()
    assert any("cannot be read" in one for one in faults(folder))


def test_altered_archive_is_found_and_named(folder, authority):
    make_log(2)
    stamps.stamp()
    name = archives.archive()[0].name
    path = folder / name
    whole = path.read_bytes()
    for place in range(40, len(whole), 997):
        broken = bytearray(whole)
        broken[place] ^= 1
        path.write_bytes(bytes(broken))
        found = faults(folder)
        assert found, place
        assert all(one.startswith(name) for one in found)
    path.write_bytes(whole)
    assert faults(folder) == []


def test_archive_died_in_the_middle_is_made_again(folder, monkeypatch):
    make_log(1)

    def dies(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".part").write_bytes(content[:10])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(archives, "_put", dies)
        with pytest.raises(KeyboardInterrupt):
            archives.archive()
    assert [one.messages for one in archives.archive()] == [2]
    assert faults(folder) == []


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_stream_fork_no_chain(folder):
    from concurrent.futures import ThreadPoolExecutor

    lines = [make_lines(5) for _ in range(4)]

    def work(own):
        try:
            return messages.write("provider", own)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, lines)) == [[None] * 10] * 4
    assert MessageLog.objects.count() == 40
    assert faults(folder) == []


@pytest.mark.django_db(transaction=True)
def test_a_replay_at_two_gateways_at_once_passes_once():
    from concurrent.futures import ThreadPoolExecutor

    line = make_lines(1)[0]

    def work(stream):
        try:
            return messages.write(stream, [*make_lines(2), line])
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, ["a", "b", "c", "d"]))
    assert [one[:4] for one in found] == [[None] * 4] * 4
    assert sorted(bool(one[4]) for one in found) == [False, True, True, True]
    assert MessageLog.objects.filter(kind=Kind.REQUEST, request_id=line.asked.request_id).count() == 1

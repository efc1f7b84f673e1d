"""The virus scanner: over TCP and a Unix socket, what it finds, and what happens while it is down."""

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.documents import hooks, jobs, operations, queries, scanner
from hexi.blocks.documents.models import Blob, Document
from hexi.blocks.documents.tests import make
from hexi.blocks.documents.tests.clamd_server import clamd, free_port
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.tests.make import acting, make_citizen
from hexi.kernel import hooks as kernel_hooks
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db


def code_of(error) -> str:
    return error.value.error_dict["file"][0].code


@pytest.fixture
def sick() -> bytes:
    """A PDF with the test virus after its end, where the scanner sees it plainly."""
    return make.make_pdf() + make.EICAR.encode()


def test_a_file_is_scanned_over_tcp_and_a_unix_socket(tmp_path):
    body = make.make_pdf()
    path = tmp_path / "file"
    path.write_bytes(body)
    for where in (None, tmp_path / "clamd.sock"):
        with clamd(where) as (address, seen):
            assert scanner.Clamd(address, 5).scan(path) == ""
            assert seen == [len(body)]


def test_a_clean_file_is_kept_and_noted_as_clean():
    with clamd() as (address, seen), override(scanner.CLAMD, address):
        document = make.make_document()
    assert (document.blob.scan, len(seen)) == ("clean", 1)


def test_a_virus_is_named_and_nothing_is_kept(sick, disk):
    with clamd() as (address, _seen), override(scanner.CLAMD, address), pytest.raises(ValidationError) as error:
        make.make_document(content=sick, name="a.pdf")
    assert code_of(error) == "virus"
    assert "Eicar-Test-Signature" in error.value.messages[0]
    assert (Blob.objects.count(), Document.objects.count()) == (0, 0)
    assert [path for path in disk.rglob("*") if path.is_file()] == []


def test_without_a_scanner_files_are_taken_and_noted_as_not_scanned():
    assert make.make_document().blob.scan == "none"


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "/nowhere/clamd.sock", "nonsense"])
def test_a_scanner_that_is_down_refuses_files_with_what_to_do(address):
    with override(scanner.CLAMD, address.format(port=free_port())), pytest.raises(ValidationError) as error:
        make.make_document()
    assert code_of(error) == "scanner_down"
    assert "过几分钟" in error.value.messages[0]
    assert Document.objects.count() == 0


def test_a_scanner_that_only_complains_counts_as_down(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 5000)
    with clamd(most=1000) as (address, _seen), pytest.raises(scanner.ScannerDown):
        scanner.Clamd(address, 5).scan(path)


def test_by_policy_files_are_taken_now_and_scanned_when_the_scanner_is_back(sick, monkeypatch):
    owner = make_citizen()
    with override(scanner.CLAMD, f"127.0.0.1:{free_port()}"), override(scanner.POLICY, "later"):
        clean, bad = make.make_document(owner.person), make.make_document(owner.person, content=sick, name="b.pdf")
        jobs.scan_waiting()
        assert [blob.scan for blob in Blob.objects.all()] == ["waiting", "waiting"]
    told = []
    listen = kernel_hooks.Listen(hooks.virus_found, lambda document: told.append(document.pk))
    added = kernel_hooks.added
    monkeypatch.setattr(
        kernel_hooks, "added", lambda kind: (*added(kind), *([listen] if kind is kernel_hooks.Listen else []))
    )
    with clamd() as (address, _seen), override(scanner.CLAMD, address):
        jobs.scan_waiting()
        jobs.scan_waiting()
    clean.blob.refresh_from_db()
    bad.blob.refresh_from_db()
    assert (clean.blob.scan, bad.blob.scan, bad.blob.virus) == ("clean", "infected", "Eicar-Test-Signature")
    assert told == [bad.pk]
    notice = Notice.objects.get()
    assert (notice.person, notice.title_zh) == (owner.person, "您上传的“b.pdf”带有病毒")
    actor = acting(owner)
    assert (queries.may_read(actor, clean), queries.may_read(actor, bad)) == (True, False)
    assert [one.pk for one in queries.reusable(actor, owner.person_id)] == [clean.pk]


def test_the_same_content_scanned_again_is_clean_from_then_on():
    document = make.make_document()
    with clamd() as (address, _seen), override(scanner.CLAMD, address):
        again = make.make_document(name="again.jpg")
    assert (again.blob_id, again.blob.scan) == (document.blob_id, "clean")


def test_a_waiting_content_is_let_go_when_the_scanner_was_taken_out():
    with override(scanner.CLAMD, "/nowhere"), override(scanner.POLICY, "later"):
        document = make.make_document()
    jobs.scan_waiting()
    document.blob.refresh_from_db()
    assert document.blob.scan == "none"


def test_made_files_are_kept_though_the_scanner_is_down():
    with override(scanner.CLAMD, "/nowhere"):
        document = operations.keep(make.make_pdf(), name="通知书.pdf", by=make.BY)
    assert (document.level, document.blob.media_type, document.blob.scan) == ("A", "application/pdf", "none")

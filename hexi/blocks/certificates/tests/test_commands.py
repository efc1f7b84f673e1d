"""`hexi verify FILE` offline, and the change of keys."""

import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from hexi.blocks.certificates import keys
from hexi.blocks.certificates.tests.make import make_certificate, make_key
from hexi.blocks.certificates.tests.test_keys import pem_of
from hexi.blocks.documents import shelf
from hexi.blocks.documents.tests.make import make_pdf
from hexi.kernel.options import override
from hexi.site import cli


@pytest.fixture
def file(tmp_path, db):
    made = make_certificate()
    path = tmp_path / "certificate.pdf"
    path.write_bytes(shelf.path(made.document.blob_id).read_bytes())
    return path


def run(capsys, *words) -> tuple[int, str]:
    code = cli.main([str(word) for word in words])
    return code, capsys.readouterr().out


@pytest.fixture
def offline(monkeypatch):
    """No database may be asked."""

    def refuse(*_args, **_named):
        raise AssertionError("the command asked the database")

    with monkeypatch.context() as patch:
        patch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", refuse)
        yield


def test_a_good_file(capsys, file, offline):
    code, said = run(capsys, "verify", file)
    assert (code, "✓ 签名有效" in said, "林木采伐许可证" in said, "演示" in said) == (0, True, True, False)
    assert "http://localhost:8000/verify/1.2.156.3005.2." in said


def test_a_file_signed_by_the_environments_key_is_good_when_the_environment_has_another(capsys, tmp_path, db, disk):
    first, second = (pem_of(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))
    with override(keys.KEY, first):
        made = make_certificate()
    file = shelf.path(made.document.blob_id)
    assert run(capsys, "verify", file)[0] == 0
    with override(keys.KEY, second):
        assert run(capsys, "verify", file)[0] == 0
        newer = make_certificate()
    assert run(capsys, "verify", shelf.path(newer.document.blob_id))[0] == 0


def test_a_changed_file(capsys, file, offline):
    file.write_bytes(file.read_bytes().replace(b"ReportLab", b"reportLab", 1))
    code, said = run(capsys, "verify", file)
    assert (code, "内容被改动过" in said, "林木采伐许可证" in said) == (1, True, False)


def test_a_key_nobody_trusts_and_the_same_key_given(capsys, file, offline, tmp_path):
    given = tmp_path / "theirs.pub"
    next(keys.folder().glob("*.pub")).rename(given)
    code, said = run(capsys, "verify", file)
    assert (code, "不在信任名单里" in said) == (2, True)
    assert run(capsys, "verify", file, "--key", given)[0] == 0


def test_a_file_that_is_no_certificate_or_not_there(capsys, tmp_path, offline):
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf())
    assert run(capsys, "verify", path)[0] == 3
    assert run(capsys, "verify", tmp_path / "none.pdf")[0] == 4
    assert run(capsys, "verify", path, "--key", path)[0] == 4


@pytest.mark.django_db
def test_a_demo_certificate_says_so(capsys, tmp_path):
    make_key(demo=True)
    path = tmp_path / "a.pdf"
    path.write_bytes(shelf.path(make_certificate().document.blob_id).read_bytes())
    code, said = run(capsys, "verify", path)
    assert (code, "演示密钥签发，无法律效力" in said) == (0, True)


def test_a_new_key_is_in_force_at_once(capsys):
    make_key(demo=True)
    code, said = run(capsys, "certificates", "rotate")
    assert (code, keys.signer().id in said, keys.signer().demo) == (0, True, False)
    assert len(keys.trusted()) == 2
    run(capsys, "certificates", "rotate", "--demo")
    assert keys.signer().demo is True


@pytest.mark.django_db
def test_the_command_runs_as_a_program_of_its_own(file, tmp_path):
    environment = {**os.environ, "HEXI_SITE_DATA": str(tmp_path), "DATABASE_URL": "sqlite:////nowhere/none.sqlite3"}
    done = subprocess.run(
        [sys.executable, "-m", "hexi", "verify", file], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, "✓ 签名有效" in done.stdout) == (0, True), done.stderr

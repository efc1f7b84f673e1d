"""Options: environment over file over default; wrong types and unknown keys are refused."""

import pytest

from hexi.kernel import options
from hexi.kernel.options import Option, OptionError

LIMIT = Option("documents.max_bytes", int, 20, "Most bytes.")
SWITCH = Option("site.demo", bool, False, "Demo.")
NAMES = Option("site.hosts", list, ["localhost"], "Hosts.")


@pytest.fixture
def settings_file(tmp_path, monkeypatch):
    path = tmp_path / "hexi.toml"
    monkeypatch.setenv("HEXI_CONFIG", str(path))
    options.given.cache_clear()
    yield path
    options.given.cache_clear()


def test_default_file_environment(settings_file, monkeypatch):
    assert LIMIT.value == 20
    settings_file.write_text("[documents]\nmax_bytes = 30\n")
    options.given.cache_clear()
    assert LIMIT.value == 30
    monkeypatch.setenv("HEXI_DOCUMENTS_MAX_BYTES", "40")
    assert LIMIT.value == 40


@pytest.mark.parametrize(("word", "value"), [("1", True), ("true", True), ("no", False), ("", False)])
def test_truth_in_the_environment(monkeypatch, word, value):
    monkeypatch.setenv("HEXI_SITE_DEMO", word)
    assert SWITCH.value is value


def test_list_in_the_environment(monkeypatch):
    monkeypatch.setenv("HEXI_SITE_HOSTS", "a.cn, b.cn")
    assert NAMES.value == ["a.cn", "b.cn"]


def test_wrong_type_names_the_key(monkeypatch):
    monkeypatch.setenv("HEXI_DOCUMENTS_MAX_BYTES", "many")
    with pytest.raises(OptionError, match="documents.max_bytes"):
        _ = LIMIT.value


def test_unknown_keys_are_errors(settings_file, monkeypatch):
    settings_file.write_text("[site]\ncolour = 'red'\n")
    options.given.cache_clear()
    monkeypatch.setenv("HEXI_NO_SUCH", "1")
    with pytest.raises(OptionError, match=r"site\.colour, HEXI_NO_SUCH"):
        options.check()


def test_override_ends_with_the_block():
    with options.override(LIMIT, 5):
        assert LIMIT.value == 5
    assert LIMIT.value == 20


def test_reference_hides_secrets():
    assert "site.secret_key  (str, ***)" in options.reference()

"""Options: environment over file over default; wrong types and unknown keys are refused."""

from pathlib import Path

import pytest

from hexi.kernel import options
from hexi.kernel.options import Option, OptionError

LIMIT = Option("documents.max_bytes", int, 20, "Most bytes.")
SWITCH = Option("site.demo", bool, False, "Demo.")
NAMES = Option("site.hosts", list, ["localhost"], "Hosts.")


@pytest.fixture
def settings_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options.given.cache_clear()
    yield tmp_path / "hexi.toml"
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


RATE = Option("test.rate", float, 0.5, "A rate.")
PLACE = Option("test.place", Path, Path("var"), "A folder.")


@pytest.mark.parametrize(
    ("option", "line", "value"),
    [
        (LIMIT, "max_bytes = 30", 30), (LIMIT, "max_bytes = '30'", 30), (LIMIT, "max_bytes = true", None),
        (LIMIT, "max_bytes = 1.5", None), (LIMIT, "max_bytes = [1]", None), (SWITCH, "demo = true", True),
        (SWITCH, "demo = 1", None), (SWITCH, "demo = 'perhaps'", None), (NAMES, "hosts = ['a', 'b']", ["a", "b"]),
        (NAMES, "hosts = 'a, b'", ["a", "b"]), (NAMES, "hosts = [1]", None), (RATE, "rate = 1", 1.0),
        (RATE, "rate = '0.25'", 0.25), (RATE, "rate = 'x'", None), (PLACE, "place = '/srv'", Path("/srv")),
        (PLACE, "place = 3", None),
    ],
)  # fmt: skip
def test_a_value_of_the_file_has_the_declared_type_or_is_refused(settings_file, option, line, value):
    settings_file.write_text(f"[{option.key.partition('.')[0]}]\n{line}\n")
    options.given.cache_clear()
    if value is None:
        with pytest.raises(OptionError, match=option.key):
            _ = option.value
    else:
        assert (option.value, type(option.value)) == (value, type(value))


@pytest.mark.parametrize("raw", [b"[site\n", b"\xff", b"site = 3\n", None])
def test_a_file_that_cannot_be_read_is_named(settings_file, monkeypatch, raw):
    """Also one that HEXI_CONFIG names and that is not there."""
    monkeypatch.setenv("HEXI_CONFIG", str(settings_file))
    if raw is not None:
        settings_file.write_bytes(raw)
    options.given.cache_clear()
    with pytest.raises(OptionError, match="hexi.toml"):
        options.given()


def test_unknown_keys_are_errors(settings_file, monkeypatch):
    settings_file.write_text("[site]\ncolour = 'red'\n")
    options.given.cache_clear()
    monkeypatch.setenv("HEXI_NO_SUCH", "1")
    with pytest.raises(OptionError, match=r"HEXI_NO_SUCH, hexi.toml: site\.colour"):
        options.check()


def test_override_ends_with_the_block():
    with options.override(LIMIT, 5):
        assert LIMIT.value == 5
    assert LIMIT.value == 20


def test_reference_hides_secrets():
    assert "site.secret_key  (str, ***)" in options.reference()


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh", "端口。"), ("en", "The port."), ("", "端口。 / The port."), ("both", "端口。 / The port.")],
)
def test_an_option_is_told_in_one_language_or_both(language, told):
    assert Option("test.port", int, 1, "端口。 / The port.").told(language) == told


def test_a_sentence_in_one_language_is_told_to_everybody():
    assert [LIMIT.told(language) for language in ("zh", "en", "")] == ["Most bytes."] * 3

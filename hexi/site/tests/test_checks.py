"""`hexi check`: every fault once, with file and line, also of a file that another one's check reads."""

from pathlib import Path

from django.conf import settings

from hexi.site import cli

NATIONAL = Path("hexi/domains/livelihood/hall/packs/services/tree-felling.yaml")


def check(*files):
    arguments = cli.parser().parse_args(["check", *map(str, files)])
    return arguments.run(arguments)


def test_the_shipped_packs_are_good(capsys):
    assert check() == 0
    assert "，0 处要改" in capsys.readouterr().out


def test_each_fault_is_told_once_with_its_line(tmp_path, capsys):
    path = tmp_path / "services" / "tree-felling.yaml"
    path.parent.mkdir()
    text = (Path(settings.HEXI_PACKS).parent / NATIONAL).read_text("utf-8")
    lines = text.replace("\ntitle:", "\ntitel:", 1).splitlines(keepends=True)
    path.write_text("".join(lines), "utf-8")
    wrong = next(number for number, line in enumerate(lines, 1) if line.startswith("titel:"))
    assert check(path, path) == 1
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith(f"✗ {path}")]
    assert len(said) == len(set(said)) == 2
    assert any(line.startswith(f"✗ {path}:{wrong}: 没有「national.titel」") for line in said)
    assert any("缺少必填项「national.title」" in line for line in said)


def test_what_belongs_to_a_domain_is_a_fault_unless_domains_are_switched_off(tmp_path, capsys, monkeypatch):
    path = tmp_path / "services" / "moon-permit.yaml"
    path.parent.mkdir()
    text = (Path(settings.HEXI_PACKS) / "gansu" / "services" / "tree-felling.yaml").read_text("utf-8")
    path.write_text(text.replace("item: tree-felling", "item: moon-permit"), "utf-8")
    assert check(path) == 1
    assert f"✗ {path}:2: 没有国家事项「moon-permit」" in capsys.readouterr().out
    monkeypatch.setenv("HEXI_SITE_DOMAINS_OFF", "livelihood.hall")
    assert check(path) == 0
    assert f"– {path}:2: 没有国家事项「moon-permit」" in capsys.readouterr().out


def test_a_file_that_is_in_no_pack_and_one_that_is_not_there(tmp_path, capsys):
    (tmp_path / "notes.yaml").write_text("a: 1\n", "utf-8")
    assert check(tmp_path / "notes.yaml", tmp_path / "services" / "gone.yaml") == 1
    said = capsys.readouterr().out
    assert f"✗ {tmp_path / 'notes.yaml'}: 不在包的文件夹里" in said
    assert f"✗ {tmp_path / 'services' / 'gone.yaml'}:1: 没有这个文件" in said

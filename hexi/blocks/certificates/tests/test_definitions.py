"""The pack of certificate types: its lint, loading, and a changed definition."""

from pathlib import Path

import pytest

from hexi.blocks.certificates import definitions
from hexi.blocks.certificates.models import CertificateType
from hexi.blocks.certificates.tests.make import AUTHORITY, PACK, make_type
from hexi.kernel.packs import PackError, parse

PATH = Path("felling.yaml")


def faults(text: str) -> list[str]:
    return [fault.sentence for fault in definitions.check(PATH, parse(text, definitions.Licences, PATH))]


def test_the_sample_is_sound():
    assert faults(PACK) == []


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (AUTHORITY, AUTHORITY[:-1] + ("0" if AUTHORITY[-1] != "0" else "1"), "不是有效的统一社会信用代码"),
        ("key: volume", "key: place", "字段 place 重复"),
        ("{place}", "{where}", "text 里没有 {where}"),
        ("authority:", 'number: "{year}{serial}{month}"\n    authority:', "number 里没有 {month}"),
        ("authority:", 'number: "{year}"\n    authority:', "number 里要有 {serial}"),
        ("authority:", 'number: "JY{serial}"\n    authority:', "number 里要有 {office}、{region} 或 {year}"),
    ],
)
def test_what_cannot_work_is_found(before, after, sentence):
    (found,) = faults(PACK.replace(before, after, 1))
    assert sentence in found


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [("wide: true", "broad: true", 12), ('011"\n', '11"\n', 4), ("felling_permit", "Felling", 3)],
)
def test_a_fault_of_form_names_its_line(before, after, line):
    with pytest.raises(PackError) as error:
        parse(PACK.replace(before, after, 1), definitions.Licences, PATH)
    assert [fault.line for fault in error.value.faults] == [line]


@pytest.mark.django_db
def test_loading_again_changes_the_type_it_does_not_double_it():
    first = make_type()
    second = make_type(PACK.replace("林木采伐许可证", "采伐证"))
    assert (first.pk, str(second), CertificateType.objects.count()) == (second.pk, "采伐证", 1)
    assert first.digest != second.digest
    assert definitions.of(second).fields[0].wide is True

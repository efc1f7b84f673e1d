"""Official documents: the same bytes each time, the text in them, margins, pages, seal, demo marks, line breaking."""

import io
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import stringWidth

from hexi.blocks.documents import content, fonts, pdf, seal, typeset
from hexi.blocks.documents.kinds import Kind, Limits
from hexi.blocks.notices.operations import SITE_URL
from hexi.kernel.options import override

BODY = [
    "您于2026年11月24日提交的林木采伐许可申请收悉。经审查，材料齐全、符合法定形式。",
    pdf.Heading("收到的材料"),
    pdf.Table([["材料", "份数"], ["林权证 <附图> & 表", "1"]], widths=(4, 1)),
    "本机关将自受理之日起1个工作日内作出决定。",
]
RED = ".701961 .215686 .168627 rg"


def make(**changes) -> bytes:
    facts = {
        "title": "行政许可受理通知书", "number": "玉林草受〔2026〕0001号", "to": "石建国", "body": BODY,
        "office": "玉门市林业和草原局", "day": date(2026, 11, 24), "qr_url": "/progress/?number=1", "demo": False,
    }  # fmt: skip
    return pdf.official(**{**facts, **changes})


def read(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def text(made: bytes, page: int = 0) -> str:
    return re.sub(r"\s+", "", read(made).pages[page].extract_text())


def marks(made: bytes) -> str:
    return read(made).pages[0].get_contents().get_data().decode("latin-1")


def test_the_same_facts_give_the_same_bytes_and_other_facts_others():
    assert make() == make()
    assert make() != make(day=date(2026, 11, 25))


def test_everything_stands_in_it_as_text():
    found = text(make())
    for words in (
        "行政许可受理通知书", "玉林草受〔2026〕0001号", "石建国：", "材料齐全、符合法定形式。", "收到的材料",
        "林权证<附图>&表", "玉门市林业和草原局", "2026年11月24日", "—1—", "扫描二维码可核对本文书",
    ):  # fmt: skip
        assert words in found


def test_fonts_are_embedded_subsets_and_the_document_names_itself():
    reader = read(make())
    assert (reader.metadata.title, reader.metadata.author) == (
        "行政许可受理通知书 玉林草受〔2026〕0001号",
        "玉门市林业和草原局",
    )
    assert reader.root_object["/Lang"] == "zh-CN"
    used = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    embedded = [font for font in used if font["/BaseFont"][7:8] == "+"]
    assert len(embedded) >= 2
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)
    assert len(make()) < 120_000


def test_the_page_is_a4_with_the_margins_of_gb_t_9704():
    page = read(make()).pages[0]
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]
    places = []
    page.extract_text(visitor_text=lambda words, _cm, tm, _font, _size: places.append((words.strip(), tm[4], tm[5])))
    addressee = next(x for words, x, _y in places if words.startswith("石建国"))
    assert addressee == 0  # placed by the frame, whose corner is the margin
    assert [round(side / 72 * 25.4) for side in (pdf.TOP, pdf.LEFT, pdf.RIGHT, pdf.BOTTOM)] == [37, 28, 26, 35]
    assert round(pdf.WIDTH / pdf.SIZE) == 28
    assert int((297 - 37 - 35) / 25.4 * 72 / pdf.PITCH) == 22


def test_long_documents_have_numbered_pages_with_the_code_on_each():
    made = make(body=["请按下列要求补正材料，逐条说明如下。" * 12] * 12)
    reader = read(made)
    assert len(reader.pages) == 5
    assert [f"—{number + 1}—" in text(made, number) for number in range(5)] == [True] * 5
    assert all("玉林草受〔2026〕0001号" in text(made, number) for number in range(5))
    assert ["石建国：" in text(made, number) for number in range(5)] == [True, *[False] * 4]
    assert "".join(text(made, number) for number in range(5)).count("逐条说明如下。") == 144


def test_a_table_goes_on_over_pages_with_its_head_again():
    rows = [["序号", "材料"], *[[str(number), f"第{number}项材料"] for number in range(80)]]
    made = make(body=[pdf.Table(rows)])
    pages = len(read(made).pages)
    assert pages > 2
    assert ["序号材料" in text(made, number) for number in range(pages - 1)] == [True] * (pages - 1)
    assert "第79项材料" in "".join(text(made, number) for number in range(pages))


def test_the_seal_is_cinnabar_and_a_demo_says_so():
    plain, demo = make(), make(demo=True)
    assert (RED in marks(plain), RED in marks(demo)) == (True, True)
    assert ("演示" in text(plain), "演示专用" in text(demo)) == (False, True)


def test_a_path_becomes_a_whole_address_in_the_code():
    with override(SITE_URL, "https://zwfw.example.gov.cn/"):
        assert pdf.whole("/verify/1/") == "https://zwfw.example.gov.cn/verify/1/"
    assert pdf.whole("https://x.cn/1") == "https://x.cn/1"


def test_without_number_addressee_and_code_nothing_takes_their_place():
    found = text(make(number="", to="", qr_url="", body=["正文。"]))
    assert ("：" in found, "扫描" in found, "正文。" in found) == (False, False, True)


def test_what_the_house_makes_the_house_would_accept(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(make(demo=True))
    assert content.kind_of(path, "a.pdf", Limits(1)) == Kind("application/pdf", pages=1)


@pytest.mark.parametrize("office", ["局", "玉门市林业和草原局", "积石山保安族东乡族撒拉族自治县人力资源和社会保障局"])
def test_the_name_stays_inside_the_ring_however_long(office):
    drawn = []

    class Recorder:
        def __getattr__(self, name):
            return lambda *facts: drawn.append((name, facts))

    seal._name(Recorder(), office)
    spots = [facts for name, facts in drawn if name == "translate"]
    sizes = [facts[1] for name, facts in drawn if name == "setFont"]
    assert len(spots) == len(office)
    assert all((x * x + y * y) ** 0.5 + sizes[0] < seal.DIAMETER / 2 - 2 for x, y in spots)
    turns = [facts[0] for name, facts in drawn if name == "rotate"]
    assert turns == sorted(turns, reverse=True)
    assert (round(turns[0] + turns[-1], 6), turns[0] <= 125) == (0, True)


FACE = typeset.Face(15, 28, indent=30)
WIDTH = 300.0


@given(st.text(st.sampled_from("林木采伐许可证，。、；：？！（）《》“”【】〔〕ABC123./- "), max_size=200))
def test_lines_hold_all_signs_fit_and_follow_the_rules(words):
    fonts.register()
    lines = typeset.break_lines(words, FACE, WIDTH)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", words)
    wide = [line for line in lines if stringWidth(line, FACE.font, FACE.size) > WIDTH + 1]
    assert all(_only_marks(line) for line in wide)
    for before, after in zip(lines, lines[1:], strict=False):
        if _usual(words):
            assert after[:1] not in typeset._CLOSERS
            assert before[-1:] not in typeset._OPENERS


def _usual(words: str) -> bool:
    """No more than a few marks beside each other, as people write."""
    return not re.search(
        rf"[{re.escape(typeset._OPENERS + typeset._CLOSERS)}\s]{{3,}}", words
    ) and not words.startswith(tuple(typeset._CLOSERS + " "))


def _only_marks(line: str) -> bool:
    return bool(re.search(rf"[{re.escape(typeset._OPENERS + typeset._CLOSERS)}]{{3,}}", line))


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("", [""]),
        ("甲\n乙", ["甲", "乙"]),
        ("甲" * 40, ["甲" * 18, "甲" * 20, "甲甲"]),
        ("甲" * 17 + "（乙）" + "丙" * 3, ["甲" * 17, "（乙）丙丙丙"]),
        ("甲" * 18 + "。乙", ["甲" * 17, "甲。乙"]),
        ("甲" * 16 + "word乙", ["甲" * 16, "word乙"]),
    ],
)
def test_lines_of_known_texts(words, lines):
    fonts.register()
    assert typeset.break_lines(words, FACE, WIDTH) == lines


def test_a_long_number_is_broken_and_no_part_is_lost():
    fonts.register()
    lines = typeset.break_lines("（" + "1" * 60 + "）。", FACE, WIDTH)
    assert (len(lines) > 1, "".join(lines), lines[-1][-3:]) == (True, "（" + "1" * 60 + "）。", "1）。")

"""The few marks of a text, and that nothing else ever becomes markup."""

import pytest
from django.template.loader import render_to_string

from hexi.blocks.articles import markup
from hexi.blocks.articles.markup import Block


def test_headings_lists_steps_and_paragraphs():
    text = "第一段。\n同一段。\n\n## 带什么\n- 身份证\n- 照片\n1. 先来\n2、再去\n\n### 小字\n完。"
    assert markup.parse(text) == [
        Block("p", ((("第一段。", ""),), (("同一段。", ""),))),
        Block("h2", ((("带什么", ""),),)),
        Block("ul", ((("身份证", ""),), (("照片", ""),))),
        Block("ol", ((("先来", ""),), (("再去", ""),))),
        Block("h3", ((("小字", ""),),)),
        Block("p", ((("完。", ""),),)),
    ]


def test_a_line_that_begins_with_a_decimal_keeps_its_number():
    lines = "3.15 是消费者权益日。\n0.5 元一份。\n1.1 总则\n1.先来\n2．不是步骤"
    assert [(one.kind, [line[0][0] for line in one.lines]) for one in markup.parse(lines)] == [
        ("p", ["3.15 是消费者权益日。", "0.5 元一份。", "1.1 总则"]), ("ol", ["先来"]), ("p", ["2．不是步骤"]),
    ]  # fmt: skip


def test_steps_go_on_after_a_paragraph():
    blocks = markup.parse("1. 先来\n2. 填表\n\n等通知。\n\n3. 领证")
    assert [(one.kind, len(one.lines), one.first) for one in blocks] == [("ol", 2, 1), ("p", 1, 1), ("ol", 1, 3)]
    html = render_to_string("articles/content.html", {"blocks": blocks, "rows": [], "guides": [], "version": None})
    assert (html.count("<ol>"), html.count('<ol start="3">')) == (1, 1)


def test_an_address_is_a_link_up_to_the_chinese_mark():
    assert markup.pieces("见 https://www.gov.cn/a?b=1，或 http://x.cn/。") == (
        ("见 ", ""), ("https://www.gov.cn/a?b=1", "https://www.gov.cn/a?b=1"), ("，或 ", ""),
        ("http://x.cn/", "http://x.cn/"), ("。", ""),
    )  # fmt: skip


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "[a](javascript:alert(1))",
    '"><svg onload=alert(1)>', 'https://a.cn/"onmouseover="alert(1)', "data:text/html,<b>x</b>", "{{ 7*7 }}{% raw %}",
    "## <b>x</b>", "- <iframe src=//x.cn>", "&lt;b&gt;",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text):
    """Written by the template as the pages write it: no tag, attribute or scheme but our own."""
    html = render_to_string(
        "articles/content.html", {"blocks": markup.parse(text), "rows": [], "guides": [], "version": None}
    )
    import re

    tags = set(re.findall(r"<\s*([a-zA-Z0-9]+)", html))
    assert tags <= {"section", "p", "h2", "h3", "ul", "ol", "li", "br", "a", "dl"}
    assert not re.search(r"<[^>]*\son\w+\s*=", html)
    assert set(re.findall(r'href="([^"]*)"', html)) <= {"https://a.cn/"}
    assert "49" not in html


def test_in_short_and_plain():
    text = "## 头\n" + "一句话。" * 40 + "\n- 末"
    assert markup.short(text, 50) == "一句话。" * 12
    assert markup.short("短。") == "短。"
    assert markup.plain("## 头\n- 甲\n- 乙") == "头\n甲\n乙"

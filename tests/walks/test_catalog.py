"""The data catalogue: an entry written without JavaScript, published by another, followed by a third on a phone."""

import re

import pytest

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]


def test_written_published_found_and_followed(visit):
    steward, head, other = visit("steward", js=False), visit("data-head"), visit("hrss", phone=True)
    steward.goto("/work/catalog/new/")
    for name, words in (
        ("title", "饮用水源监测（走查）"), ("classification", "211009"), ("summary", "水源地每月的水质监测结果。"),
    ):  # fmt: skip
        steward.fill(f"#id_{name}", words)
    steward.check("input[name=sharing][value=unconditional]")
    steward.fill("#id_items-0-name", "site")
    steward.fill("#id_items-0-title", "水源地")
    steward.click("button[name=more]")
    assert steward.input_value("#id_items-0-title") == "水源地"
    steward.fill("#id_items-1-name", "ph")
    steward.fill("#id_items-1-title", "酸碱度")
    steward.click("button[name=preview]")
    assert "酸碱度" in steward.locator("#preview").inner_text()
    steward.click("main button:has-text('保存草稿')")
    steward.wait_for_url(re.compile(r"/work/catalog/\d+/$"))
    where = steward.url
    steward.click("main button:has-text('提交审核')")
    assert "审核人已收到通知" in steward.locator("body").inner_text()

    other.goto("/work/catalog/?q=饮用水源")
    assert "饮用水源" not in other.locator("#list").inner_text()
    head.goto("/work/catalog/?view=waiting")
    head.click("main a:has-text('饮用水源监测')")
    head.click("main button:has-text('发布条目')")
    head.locator("body", has_text="已发布。").wait_for()

    other.goto("/work/catalog/?q=饮用水源")
    other.click("main a:has-text('饮用水源监测')")
    assert other.url == where
    other.click("main button:has-text('订阅')")
    other.locator("body", has_text="已订阅").wait_for()
    head.goto(where)
    assert "卫人社" in head.locator("main").inner_text()
    for page in (steward, head, other):
        assert page.problems == []

"""One list page of 20 rows, rendered by Jinja2 and by Django's template language."""

import json
import re
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from benchmarks import report
from benchmarks.installation import Installation

ROWS, TIMES = 20, 2_000 if report.FULL else 400
MENU = ("首页", "待办", "全部办件", "事项目录", "证照", "公告", "统计", "人员", "日志", "我的")

#: what both share: a layout with a menu, a heading, a table of seven columns, a line of pages
LAYOUT = """<!doctype html><html lang="zh-hans"><head><title>{{ title }} · 河西</title></head><body>
<nav>{% for word in menu %}<a href="/work/{{ LOOP }}/">{{ word }}</a>{% endfor %}</nav>
<main id="main">{% block main %}{% endblock %}</main></body></html>"""
PAGE = """{% extends "layout" %}{% block main %}<h1>{{ title }}</h1><table><thead><tr>
{% for word in heads %}<th scope="col">{{ word }}</th>{% endfor %}</tr></thead><tbody>
{% for case in cases %}<tr><td><a href="/work/cases/{{ case.number }}/">{{ case.title }}</a></td>
<td>{{ case.applicant }}</td><td>TAG(state)</td><td>TAG(due)</td>
<td>{% if case.holder %}{{ case.holder }}{% else %}—{% endif %}</td><td>MOMENT</td><td>{{ case.number }}</td></tr>
{% endfor %}</tbody></table><p>{% for n in pages %}<a href="?page={{ n }}">{{ n }}</a>{% endfor %}</p>{% endblock %}"""
TAG = '<span class="tag tag-{{ state }}"><svg aria-hidden="true"><use href="#{{ state }}"/></svg>{{ word }}</span>'


@dataclass(frozen=True)
class Case:
    """A row."""

    number: str
    title: str
    applicant: str
    state: tuple[str, str]
    due: tuple[str, str]
    holder: str
    submitted: datetime


def measure() -> report.Result:
    """The page with its tags as components, and written out; milliseconds of one rendering."""
    with Installation("templates") as house:
        found = house.ask("benchmarks.templates", str(TIMES))
    report.table(
        ("20 rows, 7 columns", "Jinja2 ms", "Django ms", "Django ÷ Jinja2"),
        ([name, *times, times[1] / times[0]] for name, times in found.items()),
    )
    jinja, django = found["tags as components"]
    return report.Result("templates", jinja, "ms/page", django, "Django's template language")


def compare(times: int) -> dict[str, tuple[float, float]]:
    """Runs inside the installation: both engines give the same page, and so many milliseconds each."""
    facts, found = context(), {}
    for name, parts in (("tags as components", True), ("tags written out", False)):
        pages = jinja_page(parts), django_page(parts)
        made = [" ".join(re.sub(r">\s+<", "><", page(facts)).split()) for page in pages]
        assert made[0] == made[1], made
        found[name] = tuple(milliseconds(lambda page=page: page(facts), times) for page in pages)
    return found


def jinja_page(parts: bool) -> Any:
    """The page in Jinja2, in the environment of our own templates; `parts`: a tag is a macro."""
    from jinja2 import DictLoader

    from hexi.site.jinja import environment

    page = PAGE.replace("MOMENT", '{{ case.submitted.strftime("%Y-%m-%d %H:%M") }}')
    for one in ("state", "due"):
        plain = TAG.replace("{{ state }}", f"{{{{ case.{one}[0] }}}}").replace("{{ word }}", f"{{{{ case.{one}[1] }}}}")
        page = page.replace(f"TAG({one})", f"{{{{ ui.tag(*case.{one}) }}}}" if parts else plain)
    page = page.replace("%}<h1>", '%}{% import "parts" as ui %}<h1>', 1)
    loader = DictLoader({
        "layout": LAYOUT.replace("LOOP", "loop.index"), "page": page,
        "parts": f"{{% macro tag(state, word) -%}}{TAG}{{%- endmacro %}}",
    })  # fmt: skip
    return environment(loader=loader).get_template("page").render


def django_page(parts: bool) -> Any:
    """The page in Django's language; `parts`: a tag is an included template, its way to have a component."""
    from django.template import Context, Engine

    page = PAGE.replace("MOMENT", '{{ case.submitted|date:"Y-m-d H:i" }}')
    for one in ("state", "due"):
        plain = TAG.replace("{{ state }}", f"{{{{ case.{one}.0 }}}}").replace("{{ word }}", f"{{{{ case.{one}.1 }}}}")
        include = f'{{% include "tag" with state=case.{one}.0 word=case.{one}.1 only %}}'
        page = page.replace(f"TAG({one})", include if parts else plain)
    sources = {"layout": LAYOUT.replace("LOOP", "forloop.counter"), "page": page, "tag": TAG}
    made = Engine(loaders=[("django.template.loaders.cached.Loader", [
        ("django.template.loaders.locmem.Loader", sources)])]).get_template("page")  # fmt: skip
    return lambda facts: made.render(Context(facts))


def context() -> dict[str, Any]:
    """Twenty rows with a name that must be escaped among them."""
    at = datetime(2026, 11, 29, 9, 30)  # noqa: DTZ001 - shown as it is
    cases = [
        Case(
            f"11629999000000182U40007990080002026112900{n:02}", "居住证申领", "石建国" if n else "A&B <有限公司>",
            ("done", "已受理"), ("near", "还剩 1 个工作日"), "李秀英" if n % 2 else "", at - timedelta(hours=n),
        )
        for n in range(ROWS)
    ]  # fmt: skip
    heads = ("事项", "申请人", "环节", "最近期限", "经办人", "收件", "编号")
    return {"title": "待办", "menu": MENU, "heads": heads, "cases": cases, "pages": list(range(1, 8))}


def milliseconds(work: Any, times: int) -> float:
    """CPU milliseconds of one call: the median of ten rounds, after a warm-up."""
    work()
    rounds = []
    for _ in range(10):
        began = time.process_time()
        for _ in range(times // 10):
            work()
        rounds.append((time.process_time() - began) * 10_000 / times)
    return median(rounds)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(compare(int(sys.argv[1]))))

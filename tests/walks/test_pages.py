"""Every page of the site once in a browser, as somebody who may see it; one page of each kind in all its variants.

The pages are those of the URL resolver. A route with parameters needs a line in EXAMPLES (addresses.py), one that shows no
page a line with the reason in NO_PAGE (no_pages.py); `test_each_route_is_known` fails for a new one that has neither.
"""

import re
from pathlib import Path

import pytest
from django.urls import URLPattern, get_resolver

from hexi.kernel.manifest import added_by
from hexi.ui import doors
from tests.walks.addresses import DISPATCHER, DUTY, EXAMPLES, PETITIONER, WARNER
from tests.walks.conftest import DESK
from tests.walks.lookers import ADMIN, CITIZEN, HERE, People
from tests.walks.measures import HEAVIEST, HEAVIEST_MAP, NARROW, chinese, overflow, untranslated, violations, weight
from tests.walks.no_pages import NO_PAGE, POST, WALKED

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walked_pages")]


# --- which pages there are --------------------------------------------------------------------------------------------
def routes(patterns=None, before=""):
    """(name, route) of every address the site answers."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield one.name or route, route
        else:
            yield from routes(one.url_patterns, route)


ROUTES = dict(routes())
DECLARED = {doors.url_name(manifest, page): page for manifest, page in added_by(doors.Page)}

#: pages that answer with another status than 200
STATUS = {"/accounts/3rdparty/login/error/": 401}


def examples(name):
    """(who, where) for a route."""
    if name in EXAMPLES:
        return EXAMPLES[name]
    page = DECLARED.get(name)
    return [(ADMIN if page and page.verb else CITIZEN if page and page.signed_in else "", None)]


VISITS = [(name, who, where) for name in ROUTES if name not in NO_PAGE for who, where in examples(name)]


@pytest.fixture(scope="module")
def people(chromium, site):
    return People(chromium, site)


# --- the tests --------------------------------------------------------------------------------------------------------
def test_each_route_is_known():
    unknown = [name for name, route in ROUTES.items() if "<" in route + route.replace("(?P<", "<")
               and name not in NO_PAGE and name not in EXAMPLES]  # fmt: skip
    assert unknown == [], "give each an example, or a reason why it is no page"
    assert [name for name in (*NO_PAGE, *EXAMPLES) if name not in ROUTES] == [], "routes that are no more"


@pytest.mark.parametrize(("name", "who", "where"), VISITS, ids=lambda part: part if isinstance(part, str) else "")
def test_a_page(people, name, who, where):
    page = people(who)
    address = "/" + ROUTES[name] if where is None else where(page) if callable(where) else where
    if address != HERE:
        page.faults.clear()
        assert page.goto(address).status == STATUS.get(address, 200)
        assert where is not None or page.url.endswith(address), f"sent on to {page.url}"
    heavy = weight(page)
    assert violations(page) + overflow(page) + page.faults == []
    assert heavy <= (HEAVIEST_MAP if page.locator("figure.map").count() else HEAVIEST)


#: who might be let in, and is then told that the address answers to POST alone
OFFICIALS = [
    ADMIN, "clerk", "editor", WARNER, DISPATCHER, "gridworker", "gridhead", "housing", PETITIONER, DUTY, "steward", "bureau",
    "police", CITIZEN,
]  # fmt: skip


@pytest.mark.parametrize("name", [name for name, why in NO_PAGE.items() if why == POST])
def test_what_answers_post_alone(people, name):
    """So that no page hides among them; who was let in the last time is asked first."""
    address = "/" + re.sub("<str:number>", "0" * 43, re.sub("<(int|str|slug):[a-z]+>", "1", ROUTES[name]))
    for who in OFFICIALS:
        status = people(who).request.get(address, max_redirects=0).status
        assert status != 200
        if status == 405:
            OFFICIALS.remove(who)
            OFFICIALS.insert(0, who)
            return
    pytest.fail("nobody was let in")


def test_what_walks_come_by_is_measured_there():
    walks = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    measured = set(re.findall(r'sound\(\w+, "([a-z_.]+)"\)', walks))
    assert {name for name, why in NO_PAGE.items() if why == WALKED} == measured


def test_faults_are_seen(people):
    page = people("")
    page.goto("/sites/")
    page.evaluate("""() => {
        document.querySelector('h1').insertAdjacentHTML('afterend', '<img src="/nowhere.png"><button>关闭</button>玉门市公安局');
        document.querySelector('h1').style.width = '900px';
        document.querySelector('h1').style.color = '#ddd';
    }""")
    page.wait_for_timeout(200)
    assert [fault for fault in page.faults if fault.startswith("404: ")]
    told = violations(page)
    assert {fault.split(":")[0] for fault in told} >= {"axe image-alt", "axe color-contrast"}
    assert "overflow" in overflow(page)
    assert "关闭" in chinese(page)
    assert "玉门市公安局" in untranslated(page)


#: one page of each kind
KINDS = {
    "home": ("citizen.home", ""), "guide": ("hall.guide", ""),
    "list": ("cases.cases", "clerk"), "detail": ("regions.department", ADMIN), "form": ("people.edit", CITIZEN),
    "steps": ("cases.section", CITIZEN), "board": ("cases.statistics", ""), "timeline": ("cases.mine", CITIZEN),
}  # fmt: skip


@pytest.mark.parametrize("edition", ["normal", "elder"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_page_in_all_variants(people, kind, language, edition):
    name, who = KINDS[kind]
    page = people(who, django_language=language, hexi_edition=edition)
    where = dict(examples(name))[who]
    page.faults.clear()
    page.goto("/" + ROUTES[name] if where is None else where(page) if callable(where) else where)
    faults = violations(page) + overflow(page)
    page.set_viewport_size(NARROW)
    faults += violations(page)
    page.set_viewport_size(DESK["viewport"])
    assert faults + page.faults == []
    assert page.get_attribute("html", "data-edition") == edition
    if language == "en":
        assert chinese(page) + untranslated(page) == []

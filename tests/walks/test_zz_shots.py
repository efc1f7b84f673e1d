import pytest

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
OUT = "/tmp/work/house/"


def shot(page, name, url, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(url)
    page.wait_for_timeout(500)
    page.screenshot(path=f"{OUT}{name}-{width}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    print(name, width, wide)


def test_shots(visit):
    page = visit()
    for width in (390, 1280):
        shot(page, "home", "/", width)
        shot(page, "guide", "/items/tree-felling/", width)
        shot(page, "year", "/calendar/2026/?with=2025", width)
        shot(page, "across", "/items/?reach=across", width)
    admin = visit("admin")
    for width in (390, 1280):
        shot(admin, "sites", "/work/sites/", width)
        shot(admin, "site", "/work/sites/yumen/", width)
        shot(admin, "dept", "/work/departments/yumen-forestry/edit/", width)
    shi = visit("shi")
    for width in (390, 1280):
        shot(shi, "shihome", "/", width)
        shot(shi, "decisions", "/decisions/", width)
    clerk = visit("clerk")
    for width in (390, 1280):
        shot(clerk, "inbox", "/work/inbox/", width)
        shot(clerk, "workhome", "/work/", width)

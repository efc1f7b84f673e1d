"""What is measured of a page in the browser: access faults, width, weight, and Chinese left in an English page."""

import re
from urllib.parse import urlsplit

from django.urls import resolve

from hexi.kernel import packs
from hexi.ui.assets import HOME

AXE = HOME / "node_modules/axe-core/axe.min.js"
#: a text page weighs at most so much as it crosses the wire; pictures of materials not counted
HEAVIEST = 180_000
#: one that draws a map carries MapLibre and its worker too
HEAVIEST_MAP = 600_000
NARROW = {"width": 390, "height": 844}


#: how each element with words is drawn, as a number: its tag, its classes and its state, and those of all it stands in
DRAWN = """() => {
    const state = /^(class|style|type|disabled|fill|lang|data-.*|aria-(current|selected|disabled|pressed|expanded|invalid))$/;
    const own = (one) => one.localName + [...one.attributes]
        .filter((had) => state.test(had.name) && !had.value.includes('/')).map((had) => had.name + had.value).join(' ');
    const words = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const number = (text) => [...text].reduce((sum, letter) => (Math.imul(sum, 31) + letter.codePointAt(0)) | 0, 0);
    window.drawn = new Map();
    for (const one of document.body.querySelectorAll('*')) {
        if (!words(one) && !one.matches('input, select, textarea')) continue;
        if (!one.checkVisibility({visibilityProperty: true})) continue;  // axe passes over it: it would count as measured
        const way = [String(innerWidth)];
        for (let at = one; at; at = at.parentElement) way.push(own(at));
        drawn.set(number(way.join(' < ')), one);
    }
    return [...drawn.keys()];
}"""
#: what was measured already: words drawn the same way have the same contrast
SEEN: set[int] = set()
CONTRAST = """(fresh) => axe.run({include: fresh.map((one) => drawn.get(one))},
    {runOnly: ['color-contrast'], resultTypes: ['violations']}).then((said) => said.violations)"""
OTHERS = """axe.run(document, {resultTypes: ['violations'], rules: {'color-contrast': {enabled: false}}})
    .then((said) => said.violations)"""


def violations(page):
    """What axe finds. Contrast, which takes half the time, is measured of words drawn in a way not seen before."""
    page.evaluate(AXE.read_text("utf-8"))
    # violations alone: all that passed is a megabyte to carry over, and twice the time
    found = page.evaluate(OTHERS)
    fresh = [one for one in page.evaluate(DRAWN) if one not in SEEN]
    faults = page.evaluate(CONTRAST, fresh) if fresh else []
    if not faults:
        SEEN.update(fresh)
    return [f"axe {one['id']}: {node['html'][:160]}" for one in found + faults for node in one["nodes"]]


#: pages measured where a walk came by
SOUND: set[str] = set()


def sound(page, name):
    """Measure a page that only a walk comes to; once, however many come by. Fails for what it finds.

    In a browser without JavaScript axe never answers: come with another.
    """
    if name in SOUND:
        return
    SOUND.add(name)
    assert resolve(urlsplit(page.url).path).url_name == name
    assert violations(page) + overflow(page) == []


def overflow(page, size=NARROW):
    """What sticks out at this width."""
    before = page.viewport_size
    page.set_viewport_size(size)
    found = page.evaluate("""() => {
        const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return [];
        return [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > wide + 0.5
            && !one.closest('.side, .tabs'))
          .slice(0, 4).map((one) => `wider than ${wide}: ${one.outerHTML.slice(0, 120)}`).concat('overflow');
    }""")
    page.set_viewport_size(before)
    return found


def weight(page):
    """Bytes of a page as they cross the wire, without pictures."""
    return page.evaluate("""() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter((one) => one.initiatorType !== 'img').reduce((sum, one) => sum + one.encodedBodySize, 0)""")


#: what is data in a heading, a label or a head: names of people and of files
DATA = re.compile(r"石建国|赵窗口|杨系统|\S+\.(jpg|pdf)")
#: titles of services and names of offices that have an English form, by their Chinese one
TITLES = {
    found[1]
    for folder in ("services", "departments")
    for path in packs.files(folder)
    for found in re.finditer(r"^(?:title|    name): \{zh: ([^,]+), en: ", path.read_text("utf-8"), re.MULTILINE)
}


def chinese(page):
    """Headings, buttons, labels and heads of columns that hold Chinese; not the strip of the demo, not data."""
    found = page.evaluate("""() => [
      ...[...document.querySelectorAll('h1, h2, h3, h4, button, .btn, label, legend, th, dt, summary, caption, nav a')]
        .map((one) => [one, one.innerText]),
      ...[...document.querySelectorAll('[aria-label]')].map((one) => [one, one.getAttribute('aria-label')]),
    ].filter(([one, said]) => !one.closest('.demo-strip')).map(([one, said]) => said)""")
    return [said for said in found if re.search("[\u4e00-\u9fff]", DATA.sub("", said))]


def untranslated(page):
    """Titles shown in Chinese although they have an English form; the number of a letter is in Chinese always."""
    said = re.sub(r"\S+〔\d+〕\d+号", "", page.locator("main").inner_text())
    return [title for title in TITLES if title in said]

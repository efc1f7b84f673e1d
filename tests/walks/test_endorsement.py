"""往来港澳通行证签注 in the browser: at most three screens and eight answers after prefill, from the guide to the number."""

import pytest

from tests.walks import steps

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
ANSWERS = {
    "permit_number": "C00000001", "permit_until": "2030-01-01", "destination": "hong_kong", "endorsement": "group",
    "trips": "once3m", "collect_when": "morning",
}  # fmt: skip
MOST_SCREENS, MOST_ANSWERS = 3, 8


def empty(page):
    """Questions of the screen that are asked and not answered yet: one a group of buttons, one an address."""
    return page.eval_on_selector_all(
        "main form [name]:not([type=hidden]):not([type=submit]):not([name^=_])",
        """all => {
            const asked = new Map();
            for (const one of all) {
                if (!one.offsetParent && one.type !== 'radio' && one.type !== 'checkbox' && one.type !== 'file') continue;
                const name = one.name.split('.')[0];
                const given = ['radio', 'checkbox'].includes(one.type) ? one.checked : one.value !== '';
                asked.set(name, (asked.get(name) || false) || given);
            }
            return [...asked].filter(([name, given]) => !given).map(([name]) => name);
        }""",
    )


def test_three_screens_and_eight_answers_from_the_guide_to_the_number(visit):
    page = visit("shi", phone=True)
    page.goto("/items/hk-macao-endorsement/")
    page.click("text=在线申请")
    page.wait_for_url(lambda url: "/items/" not in url)
    screens, answers = [], []
    while not page.url.endswith("/sent/"):
        here = page.url
        screens.append(here.partition("/drafts/")[2].partition("/")[2])
        answers += empty(page)
        if here.endswith("/check/"):
            steps.send(page)
            break
        steps.fill_section(page, ANSWERS)
        if here.endswith("/materials/"):
            steps.hand_in(page)
        page.click(steps.NEXT)
        page.wait_for_url(lambda url, before=here: url != before)
        assert len(screens) <= MOST_SCREENS, screens
    assert screens == ["form/endorsement/", "materials/", "check/"]
    assert set(ANSWERS) <= set(answers), "what is not prefilled is asked"
    assert len(answers) <= MOST_ANSWERS, answers
    assert page.problems == []

"""What a walker does again and again: fill a section, hand in papers, find the task, take an action."""

import io
import re

from PIL import Image

ANSWERS = {
    "spot": "渠东林带", "land": "contracted", "forest": "timber", "species": "杨树", "area": "2.5", "volume": "9.8",
    "trees": "36", "method": "selective", "purpose": "renewal", "period.from": "2027-03-01", "period.to": "2027-03-20",
    "felled_before": "no", "replant_species": "新疆杨", "replant_area": "2.5", "replant_method": "planting",
    "replant_by": "2027-04-30", "pledge": "truth",
}  # fmt: skip
#: of everybody in the demo
PASSWORD = "hexi-demo-2026"
NEXT = "main button:has-text('保存并继续')"


def sign_in(page, username):
    """As anybody does, with the password."""
    page.goto("/accounts/login/")
    sign_in_here(page, username)


def sign_in_here(page, username):
    """The same where the page to sign in stands already."""
    page.fill("[name=login]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


def picture(colour="darkgreen", kind="JPEG"):
    """A small photograph, different for each colour."""
    file = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(file, kind)
    return file.getvalue()


def fill_section(page, answers):
    """Answer the empty questions of the screen."""
    for name in page.eval_on_selector_all("main [name]", "all => [...new Set(all.map(one => one.name))]"):
        if name not in answers:
            continue
        control = page.locator(f"main [name='{name}']:not([type=hidden])")
        kind = control.first.get_attribute("type") or control.first.evaluate("one => one.tagName.toLowerCase()")
        if kind in ("radio", "checkbox"):
            control.and_(page.locator(f"[value='{answers[name]}']")).check()
        elif kind == "select":
            control.first.select_option(answers[name])
        else:
            control.first.fill(answers[name])


def fill_form(page, answers=ANSWERS):
    """Section after section, until the materials."""
    for _ in range(10):
        if "/form/" not in page.url:
            return
        here = page.url
        fill_section(page, answers)
        page.click(NEXT)
        page.wait_for_url(lambda url, before=here: url != before)


def hand_in(page):
    """A picture for every required material that is still empty, each its own."""
    for number, slot in enumerate(page.locator("main input[type=file]").all()):
        name = slot.get_attribute("name")
        page.locator(f"main input[type=file][name='{name}']").set_input_files(
            {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": picture((10 * number, 90, 40))}
        )


def apply(page, item="tree-felling", answers=ANSWERS, *, name="石建国"):
    """From the guide to the number: returns it."""
    page.goto(f"/items/{item}/")
    page.click("text=在线申请")
    page.wait_for_url(lambda url: "/items/" not in url)
    if page.locator("main input[name=person]").count():
        page.locator("main label", has_text=name).first.click()
        page.click("main button:has-text('继续')")
    page.wait_for_url("**/drafts/**")
    fill_form(page, answers)
    if "/materials/" in page.url:  # some items want no paper at all
        hand_in(page)
        page.click(NEXT)
    page.wait_for_url("**/check/")
    return send(page)


def send(page):
    """From the check page to the number."""
    page.check("main [name=_declared]")
    page.click("main button:has-text('提交')")
    page.wait_for_url("**/sent/")
    return re.search(r"/my/cases/([^/]+)/", page.url)[1]


def act(page, number, action, **fields):
    """An official's step on a case; returns the page's text."""
    page.goto(f"/work/cases/{number}/")
    return act_here(page, action, **fields)


def act_here(page, action, **fields):
    """The same on the page as it stands, with what was chosen on it before."""
    form = page.locator(f"form[action$='/{action}/']")
    if not form.is_visible():
        page.locator("details.action", has=form).locator("summary").click()
    for name, value in fields.items():
        form.locator(f"[name='{action}__{name}']").fill(value)
    form.locator("button").last.click()
    page.wait_for_load_state()
    return page.locator("main").inner_text()

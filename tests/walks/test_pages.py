"""Every page of the site once in a browser, as somebody who may see it; one page of each kind in all its variants.

The pages are those of the URL resolver. A route with parameters needs a line in EXAMPLES, one that shows no page a line
with the reason in NO_PAGE; `test_each_route_is_known` fails for a new one that has neither.
"""

import re
import time
from functools import cached_property

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.urls import URLPattern, get_resolver

from hexi.kernel import packs
from hexi.kernel.manifest import added_by
from hexi.ui import doors
from hexi.ui.assets import HOME
from tests.walks import steps
from tests.walks.conftest import DESK, become
from tests.walks.steps import sign_in, sign_in_here

pytestmark = [pytest.mark.walk, pytest.mark.xdist_group("walks")]
AXE = HOME / "node_modules/axe-core/axe.min.js"
#: a text page weighs at most so much as it crosses the wire; pictures of materials not counted
HEAVIEST = 180_000
NARROW = {"width": 390, "height": 844}


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

POST = "answers POST alone"
FILE = "the content of a file"
PIECE = "a piece that a page fetches"
MOVES = "leads on to another page"
NONE = "the demo has none; its own tests and walks open it"
NO_PAGE = {
    "audit.seals": "digests as plain text, for programs",
    "ui.prefer": MOVES, "regions.here": MOVES, "regions.site": MOVES, "cases.open_case": MOVES, "forms.parked": MOVES,
    "account_set_password": MOVES + ": every account has a password",
    "socialaccount_signup": MOVES + " unless somebody comes from an outside provider (people/tests/test_outside.py)",
    "openid_connect_login": "there is no outside provider in the demo", "openid_connect_callback": MOVES,
    "regions.children": PIECE, "search.suggest": PIECE, "mfa_login_webauthn": PIECE,
    "site.health": "for monitors", "documents.show": FILE, "documents.download": FILE, "documents.preview": FILE,
    "documents.thumb": FILE, "mfa_download_recovery_codes": FILE,
    **{f"accounts/social/{old}/": MOVES + ": the address of older versions" for old in
       ("login/cancelled", "login/error", "signup", "connections")},
    **dict.fromkeys((
        "people.verify", "notices.read_all", "notices.unread", "notices.try_out", "documents.remove", "documents.restore",
        "documents.withdraw_copy",
        "forms.discard", "forms.take_back", "cases.mend", "cases.withdraw", "cases.answer", "cases.claim", "cases.say",
        "cases.verify", "cases.act", "cases.stop_item", "site.switch_role", "site.move_clock",
        "people.end_mandate", "people.withdraw_api_key", "people.withdraw_client", "notices.stop", "certificates.answer",
        "money.check", "money.notify", "parcels.new_code", "parcels.events", "parcels.send", "market.cancel", "market.sit", "market.call_next", "market.step", "cases.hand_in", "cases.take_in",
        "cases.rate", "cases.handle_rating", "cases.act_on_order", "cases.edit", "cases.publish_draft",
        "cases.discard_draft",
    ), POST),
    **dict.fromkeys((
        "money.take", "parcels.again", "parcels.hand_known", "parcels.cancel",
        "market.know", "market.hand_on", "market.close_day", "market.open_day",
    ), POST + ", about a thing that must be there first"),
    **dict.fromkeys(("market.calendar_file", "parcels.label_of", "cases.items_sheet", "cases.import_report", "cases.export"), FILE),
    **dict.fromkeys((
        "openapi-json", "items", "item", "apply", "cases", "apply_form", "supplement", "case", "decision", "decision_pdf",
        "certificate", "certificate_pdf", "api-root", "api/v1/<path:rest>", "configuration", "jwks", "token", "revoke",
        "device_code", "userinfo", "identity/o/authorize", "authorization", "device_authorization", "logout",
    ), "for other systems (site/tests/test_schema.py, test_identity.py)"),
    **dict.fromkeys((
        "money.mine", "money.pay", "money.charge", "money.refund", "money.statement", "cases.rating", "cases.order",
        "cases.verification", "cases.begin_again", "cases.procedure", "cases.minutes", "cases.ask", "cases.view",
        "cases.joint_review", "cases.bundle_check", "cases.my_bundle", "cases.behind", "cases.done_steps", "cases.because",
        "cases.compare", "cases.item_draft", "cases.draft_questions", "cases.preview_draft", "market.mine_one",
        "market.ticket", "market.take_here", "market.kiosk", "people.api_key", "notices.subscribe", "certificates.ask",
        "certificates.correct", "cases.item_import",
    ), NONE),
}  # fmt: skip


# --- how each is reached ----------------------------------------------------------------------------------------------
class Found:
    """An address found by following links: from a page to the first that matches, and so on; `then` is put behind."""

    def __init__(self, start, *links, then=""):
        self.start, self.links, self.then = start, links, then

    def __call__(self, page):
        here = self.start
        for link in self.links:
            said = page.request.get(here).text().replace("&amp;", "&")
            match = re.search(rf'(?:href|action|src|hx-get)="({link})', said)
            assert match, f"no link {link} on {here}"
            here = match[1]
        return here + self.then


KEY = '[^/"?]+'
CASE = "[0-9A-Z]{40,}"
#: who sees what needs a right, a sign-in; the others are looked at by nobody in particular
ADMIN, CITIZEN = "admin", "shi"
#: accounts that sign in with their password: a plain one, one with a code generator and a passkey, one half signed in
PLAIN, KEYED, HALF = "li by password", "tax with keys", "tax at the second step"
#: somebody whose session ended in mid-form, just signed in again: the page he is led to is looked at
KEPT, HERE = "wang with a form kept", "here"
OFFICIALS = ("clerk", "examiner", "head", "supervisor")
COPIED = Found("/my/documents/", "/my/documents/[0-9]+/", then="copy/")
CERTIFICATE = Found("/my/certificates/", f"/my/certificates/{KEY}/")
NOTICE = Found("/my/notices/", "/my/notices/[0-9]+/")
DRAFT = Found("/my/drafts/", f"/drafts/{KEY}/form/{KEY}/")
YEAR = "/work/calendars/000000000000/2026/"
TOWN = "/work/divisions/620981106000/"


def materials(page, then=""):
    """The materials of a draft."""
    return DRAFT(page).partition("form/")[0] + "materials/" + then


def handed(page):
    """The page on which the computer shows what the phone has sent."""
    return Found(materials(page, "?phone=photos"), f"/documents/handed/{KEY}/")(page)


def copied(page):
    """The page of an annotated copy, made of the first document one has."""
    page.goto(COPIED(page))
    page.fill("[name=purpose]", "申请助学贷款")
    page.fill("[name=recipient]", "玉门市第一中学")
    page.click("main form[method=post] button")
    page.wait_for_url("**/my/copies/**")
    return page.url


def of(who, where):
    """The address that somebody else's page finds."""
    return lambda page: where(page.people(who))


#: route → who looks, and at which address (None: that of the route); several where it differs by person
EXAMPLES = {
    "ui.gallery_row": [("", "/ui/list/1/")],
    "ui.gallery_steps": [("", "/ui/steps/2/")],
    "ui.gallery_error": [("", "/ui/error/404/"), ("", "/ui/error/500/")],
    "ui.kept": [(KEPT, HERE)],
    "regions.department": [(ADMIN, Found("/work/departments/", f"/work/departments/{KEY}/"))],
    "regions.division": [(ADMIN, TOWN)],
    "regions.rename": [(ADMIN, TOWN + "rename/")],
    "regions.merge": [(ADMIN, TOWN + "merge/")],
    "calendars.year": [(ADMIN, YEAR)],
    "calendars.announce_year": [(ADMIN, "/work/calendars/000000000000/2027/announced/")],
    "calendars.change_day": [(ADMIN, "/work/calendars/000000000000/day/")],
    "calendars.import_days": [(ADMIN, "/work/calendars/000000000000/import/")],
    "calendars.office_hours": [(ADMIN, "/work/calendars/000000000000/hours/")],
    "calendars.public_year": [("", "/calendar/2026/")],
    "people.bind": [("supervisor", None)],
    "people.person": [(ADMIN, lambda page: page.seen["man"]), (ADMIN, lambda page: page.seen["body"])],
    "people.release": [(ADMIN, lambda page: page.seen["man"] + "release/")],
    "people.tie": [(ADMIN, lambda page: page.seen["body"] + "bind/")],
    "people.representative": [(ADMIN, lambda page: page.seen["body"] + "representative/")],
    "people.unmask": [(ADMIN, lambda page: Found(page.seen["man"], "/work/people/find/numbers/[0-9]+/")(page))],
    "people.dismiss": [(ADMIN, Found("/work/people/posts/", "/work/people/posts/[0-9]+/dismiss/"))],
    "notices.notice": [(CITIZEN, NOTICE)],
    "notices.bell": [("clerk", None)],
    "notices.rung": [(CITIZEN, lambda page: NOTICE(page).replace("/my/", "/work/"))],
    "search.search": [("", None), ("", "/search/?q=采伐"), (CITIZEN, "/search/?q=caifa")],
    "documents.document": [(CITIZEN, Found("/my/documents/", "/my/documents/[0-9]+/"))],
    "documents.handoff": [("", of(CITIZEN, lambda page: handed(page).replace("handed", "handoff")))],
    "documents.handed": [(CITIZEN, handed)],
    "documents.make_copy": [(CITIZEN, COPIED)],
    "documents.copy": [(CITIZEN, copied)],
    "documents.copy_check": [("", of(CITIZEN, lambda page: copied(page).replace("/my/", "/")))],
    "certificates.own": [(CITIZEN, CERTIFICATE)],
    "certificates.verified": [("", of(CITIZEN, lambda page: CERTIFICATE(page).replace("/my/certificates/", "/verify/")))],
    "certificates.certificates": [("head", None)],
    "certificates.certificate": [("head", Found("/work/certificates/", "/work/certificates/[0-9]+/"))],
    "certificates.change": [("head", Found("/work/certificates/", "/work/certificates/[0-9]+/", then="change/"))],
    "cases.begin": [(CITIZEN, Found("/items/tree-felling/", "/apply/[0-9]+/"))],
    "cases.section": [(CITIZEN, DRAFT)],
    "cases.materials": [(CITIZEN, materials), (CITIZEN, lambda page: materials(page, "?phone=photos"))],
    "cases.check": [(CITIZEN, lambda page: DRAFT(page).partition("form/")[0] + "check/")],
    "cases.mine": [(CITIZEN, Found("/my/cases/", f"/my/cases/{CASE}/"))],
    "cases.sent": [(CITIZEN, Found("/my/cases/", f"/my/cases/{CASE}/", then="sent/"))],
    "cases.inbox": [(who, None) for who in OFFICIALS],
    "cases.cases": [(who, None) for who in OFFICIALS],
    "cases.case": [(who, Found("/work/cases/", f"/work/cases/{CASE}/")) for who in OFFICIALS],
    "cases.items": [("editor", None)],
    "cases.item": [("editor", Found("/work/items/", "/work/items/[0-9]+/"))],
    **{name: [("clerk", None)] for name in (
        "money.cashier", "money.receipts", "parcels.parcels", "parcels.hand", "market.window", "market.bookings", "cases.enter",
    )},
    **{name: [("head", None)] for name in ("money.reconciliation", "money.hand_in", "market.days", "cases.rating_list")},
    **{name: [("supervisor", None)] for name in (
        "cases.watch", "cases.lit", "cases.orders", "cases.spent", "cases.reasons", "indicators.work_indicators",
    )},
    **{name: [("editor", None)] for name in ("cases.self_check", "cases.take_items", "cases.bring")},
    "cases.verifications": [("market", None)],
    "cases.issue": [("supervisor", Found("/work/supervision/cases/", f"/work/supervision/issue/{CASE}/"))],
    "cases.power_list": [("", Found("/powers/", f"/powers/{KEY}/"))],
    "cases.bundle_guide": [("", "/bundles/starting-a-company/")],
    "cases.begin_bundle": [("li", "/bundles/starting-a-company/apply/")],
    "indicators.figure": [("", Found("/indicators/", "/indicators/[a-z_.]+/"))],
    "indicators.work_figure": [("supervisor", Found("/work/indicators/", "/work/indicators/[a-z_.]+/"))],
    "parcels.mine_one": [(CITIZEN, Found("/my/parcels/", f"/my/parcels/{KEY}/"))],
    "parcels.parcel": [("clerk", Found("/work/parcels/", "/work/parcels/P[0-9]+/"))],
    "market.book": [(CITIZEN, "/appointments/?for=item:tree-felling")],
    "market.book_time": [(CITIZEN, Found("/appointments/?for=item:tree-felling", f"/appointments/{KEY}/{KEY}/[^\"]*"))],
    "market.screen": [("", "/screen/yumen/")],
    "citizen.home": [("", None), (CITIZEN, None)],
    "workbench.home": [(who, None) for who in (*OFFICIALS, ADMIN)],
    "hall.guide": [("", "/items/tree-felling/")],
    "hall.blank": [("", "/items/tree-felling/papers/application/"), ("", "/items/tree-felling/papers/photos/?kind=sample")],
    "account_confirm_email": [("", lambda page: f"/accounts/confirm-email/{page.people.mailed[0]}/")],
    "account_reset_password_from_key": [("", lambda page: f"/accounts/password/reset/key/{page.people.mailed[1]}/"), ("", "/accounts/password/reset/key/1-none/")],
    **{name: [(PLAIN, None)] for name in (
        "account_logout", "account_email", "account_change_password", "account_reauthenticate", "mfa_index",
        "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn", "socialaccount_connections",
    )},
    **{name: [(KEYED, None)] for name in (
        "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    )},
    "mfa_edit_webauthn": [(KEYED, Found("/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/keys/[0-9]+/edit/"))],
    "mfa_remove_webauthn": [(KEYED, Found("/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/keys/[0-9]+/remove/"))],
    "mfa_authenticate": [(HALF, None)],
    "account_confirm_login_code": [],
}  # fmt: skip
#: pages that answer with another status than 200
STATUS = {"/accounts/3rdparty/login/error/": 401}


def examples(name):
    """(who, where) for a route."""
    if name in EXAMPLES:
        return EXAMPLES[name]
    page = DECLARED.get(name)
    return [(ADMIN if page and page.verb else CITIZEN if page and page.signed_in else "", None)]


VISITS = [(name, who, where) for name in ROUTES if name not in NO_PAGE for who, where in examples(name)]


#: prints the keys of mails to an official
MAILED = """
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth import get_user_model

user = get_user_model().objects.get(username="market")
address, made = EmailAddress.objects.get_or_create(user=user, email="market@example.org")
print(EmailConfirmationHMAC(address).key, user_pk_to_url_str(user) + "-" + default_token_generator.make_token(user))
"""


# --- the people who look ----------------------------------------------------------------------------------------------
class People:
    """The browsers of those who look: one context each, made when first asked for."""

    def __init__(self, browser, site):
        self.browser, self.site, self.pages = browser, site, {}

    def __call__(self, who, **variant):
        key = (who, *variant.values())
        if key not in self.pages:
            self.pages[key] = None  # what fails once is not tried for every page
            self.pages[key] = self.open(who, **variant)
        assert self.pages[key], f"{who} did not come in: see the first failure"
        return self.pages[key]

    @cached_property
    def mailed(self):
        """The keys that stand in mails: to confirm an address, to set a new password."""
        return self.site.run("shell", "-v", "0", "-c", MAILED, program="django").split()

    def open(self, who, **variant):
        context = self.browser.new_context(base_url=self.site.url, locale="zh-CN", **DESK)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.people, page.faults = self, []
        page.on("pageerror", lambda error: page.faults.append(f"script: {error}"))
        page.on("console", lambda line: page.faults.append(f"console: {line.text}") if _is_fault(line) else None)
        page.on("requestfailed", lambda asked: page.faults.append(f"failed: {asked.url}") if _is_lost(asked) else None)
        page.on("response", lambda got: page.faults.append(f"{got.status}: {got.url}") if _is_missing(got) else None)
        if who in ARRIVALS:
            ARRIVALS[who](page)
        elif who:
            become(page, who)
        context.add_cookies([{"name": name, "value": value, "url": self.site.url} for name, value in variant.items()])
        return page


def _is_fault(line):
    """The browser itself reports an answer of status 404 as an error: those are told by `_is_missing`."""
    return line.type in ("error", "warning") and "Failed to load resource" not in line.text


def _is_lost(request):
    """The stream of live facts ends when its page is left; that is no fault."""
    ended = request.resource_type == "eventsource" and request.failure == "net::ERR_ABORTED"
    return not ended and not request.url.startswith(("chrome-extension://", "chrome://"))  # the viewer of PDFs


def _is_missing(response):
    return response.status >= 400 and not response.request.is_navigation_request()


def confirmed(page, username):
    """Sign in and give the password once more, as the pages of keys ask for."""
    sign_in(page, username)
    page.goto("/accounts/reauthenticate/?next=/accounts/2fa/")
    page.fill("[name=password]", steps.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/2fa/")


def code_for(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_keys(page):
    """Somebody who has set up a code generator and a passkey."""
    device = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    confirmed(page, "tax")
    page.goto("/accounts/2fa/totp/activate/")
    page.fill("[name=code]", code_for(re.search("[A-Z2-7]{32}", page.locator("main").inner_text())[0]))
    page.press("[name=code]", "Enter")
    page.wait_for_url(lambda url: "/activate/" not in url)
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="添加").click()
    page.wait_for_url(lambda url: "/add/" not in url)


def half_signed_in(page):
    """Somebody whose password was right and who is now asked for the code."""
    page.people(KEYED)
    sign_in(page, "tax")


def mender(page):
    """The villager, with the draft in which a case of his is to be mended."""
    become(page, "shi")
    for number in re.findall(rf'/my/cases/({CASE})/"', page.request.get("/my/cases/").text()):
        if f"/my/cases/{number}/mend/" in page.request.get(f"/my/cases/{number}/").text():
            page.goto(f"/my/cases/{number}/")
            page.click(f"form[action$='/{number}/mend/'] button")
            page.wait_for_url("**/drafts/**")
            return
    raise AssertionError("the story has no case to mend")


def finder(page):
    """The administrator, who has found a man and a body by their numbers."""
    become(page, "admin")
    page.seen = {}
    for key, kind, number in (
        ("man", "公民身份号码", "629999196805120117"),
        ("body", "统一社会信用代码", "91629999MA0002029Y"),
    ):
        page.goto("/work/people/find/")
        page.select_option("[name=type]", label=kind)
        page.fill("[name=number]", number)
        page.fill("[name=purpose]", "核对登记")
        page.press("[name=purpose]", "Enter")
        page.wait_for_url(re.compile("/find/[0-9]+/"))
        page.seen[key] = re.sub("https?://[^/]+", "", page.url)


def kept(page):
    """Somebody whose session ended while he filled in a form, signed in again."""
    become(page, "wang")
    page.goto("/my/account/edit/")
    page.context.clear_cookies(name="sessionid")
    page.click("main form button[type=submit]")
    sign_in_here(page, "wang")
    page.wait_for_url("**/kept/")


ARRIVALS = {
    PLAIN: lambda page: confirmed(page, "li"), KEYED: with_keys, HALF: half_signed_in, KEPT: kept, CITIZEN: mender, ADMIN: finder,
}  # fmt: skip


@pytest.fixture(scope="module")
def people(chromium, site):
    return People(chromium, site)


# --- what is measured -------------------------------------------------------------------------------------------------
def violations(page):
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], elementRef: false})")["violations"]
    return [f"axe {one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


def overflow(page, size=NARROW):
    """What sticks out at this width."""
    page.set_viewport_size(size)
    found = page.evaluate("""() => {
        const wide = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= wide) return [];
        return [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > wide + 0.5
            && !one.closest('.side, .tabs'))
          .slice(0, 4).map((one) => `wider than ${wide}: ${one.outerHTML.slice(0, 120)}`).concat('overflow');
    }""")
    page.set_viewport_size(DESK["viewport"])
    return found


def weight(page):
    """Bytes of a page as they cross the wire, without pictures."""
    return page.evaluate("""() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .filter((one) => one.initiatorType !== 'img').reduce((sum, one) => sum + one.encodedBodySize, 0)""")


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
    assert heavy <= HEAVIEST


@pytest.mark.parametrize("name", [name for name, why in NO_PAGE.items() if why == POST])
def test_what_answers_post_alone(people, name):
    """So that no page hides among them."""
    address = "/" + re.sub("<str:number>", "0" * 43, re.sub("<(int|str|slug):[a-z]+>", "1", ROUTES[name]))
    answers = [people(who).request.get(address, max_redirects=0).status for who in (ADMIN, "clerk", "editor", CITIZEN)]
    assert 405 in answers
    assert 200 not in answers


def test_faults_are_seen(people):
    page = people("")
    page.goto("/sites/")
    page.evaluate("""() => {
        document.querySelector('h1').insertAdjacentHTML('afterend', '<img src="/nowhere.png"><button>关闭</button>玉门市公安局');
        document.querySelector('h1').style.width = '900px';
    }""")
    page.wait_for_timeout(200)
    assert [fault for fault in page.faults if fault.startswith("404: ")]
    assert any(fault.startswith("axe image-alt") for fault in violations(page))
    assert "overflow" in overflow(page)
    assert "关闭" in chinese(page)
    assert "玉门市公安局" in untranslated(page)


#: one page of each kind
KINDS = {
    "list": ("cases.cases", "clerk"), "detail": ("regions.department", ADMIN), "form": ("people.edit", CITIZEN),
    "steps": ("cases.section", CITIZEN), "board": ("cases.statistics", ""), "timeline": ("cases.mine", CITIZEN),
}  # fmt: skip


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


@pytest.mark.parametrize("edition", ["normal", "elder"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_page_in_all_variants(people, kind, language, edition):
    name, who = KINDS[kind]
    page = people(who, django_language=language, hexi_edition=edition)
    where = dict(examples(name))[who]
    page.faults.clear()
    page.goto("/" + ROUTES[name] if where is None else where(page))
    faults = violations(page) + overflow(page)
    page.set_viewport_size(NARROW)
    faults += violations(page)
    page.set_viewport_size(DESK["viewport"])
    assert faults + page.faults == []
    assert page.get_attribute("html", "data-edition") == edition
    if language == "en":
        assert chinese(page) + untranslated(page) == []

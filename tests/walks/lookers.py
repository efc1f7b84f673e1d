"""Those who look at every page: a browser for each, signed in the way he comes; addresses found by following links."""

import re
import time
from functools import cached_property

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.walks import steps
from tests.walks.conftest import DESK, become
from tests.walks.steps import sign_in, sign_in_here

#: who sees what needs a right, a sign-in; the others are looked at by nobody in particular
ADMIN, CITIZEN = "admin", "shi"
#: accounts that sign in with their password: a plain one, one with a code generator and a passkey, one half signed in
PLAIN, KEYED, HALF = "li by password", "tax with keys", "tax at the second step"
#: somebody whose session ended in mid-form, just signed in again: the page he is led to is looked at
KEPT, HERE = "wang with a form kept", "here"


#: the number of a case in an address
CASE = "[0-9A-Z]{40,}"


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
        page.set_default_timeout(15_000)
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
    """The browser itself reports an answer of status 404 as an error: those are told by `_is_missing`.

    That a map is drawn slowly without a card is no fault of the page.
    """
    told = ("Failed to load resource", "GL Driver Message")
    return line.type in ("error", "warning") and not any(one in line.text for one in told)


def _is_lost(request):
    """What a page keeps asking in the background (live facts, the calling screen, icon, map) ends when it is left."""
    behind = request.resource_type in ("eventsource", "fetch", "xhr")
    behind = behind or request.url.endswith("/seal.svg") or "/maplibre-gl-worker" in request.url
    behind = behind or request.url.endswith("/account/js/onload.js")  # it sends the form as soon as it runs
    ended = behind and request.failure == "net::ERR_ABORTED"
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
    page.faults.clear()  # the live facts of the page that was left end with the session
    sign_in_here(page, "wang")
    page.wait_for_url("**/kept/")


ARRIVALS = {
    PLAIN: lambda page: confirmed(page, "li"), KEYED: with_keys, HALF: half_signed_in, KEPT: kept, CITIZEN: mender, ADMIN: finder,
}  # fmt: skip

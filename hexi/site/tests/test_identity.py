"""This house as identity provider: a client made in the workbench, the code flow over HTTP, and Hexi signing in at Hexi."""

import base64
import hashlib
import re
import secrets
from html import unescape
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.idp.oidc.models import Client, Token
from django.core.exceptions import ValidationError
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.people import adapters, provider
from hexi.blocks.people.models import Account
from hexi.blocks.people.tests import make as people
from hexi.kernel.actors import Denied
from hexi.kernel.options import override

BY = people.BY
BACK = "https://water.example.org/callback"
PASSWORD = "hexi-demo-2026"


def make_client(**facts):
    given = {"name": "水权系统", "department": people.make_department(), "redirect_uris": [BACK], "by": BY}
    return provider.make(**(given | {"scopes": ["profile", "phone", "identity"]} | facts))


def asked(client, **more):
    """What a client asks for; the verifier of its challenge."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    given = {"client_id": client.pk, "redirect_uri": BACK, "response_type": "code", "state": "s-1", "nonce": "n-1",
             "scope": "openid profile phone identity", "code_challenge": challenge,
             "code_challenge_method": "S256"}  # fmt: skip
    return given | more, verifier


def hidden(page):
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)}


@pytest.mark.django_db
def test_the_consent_page_leads_back_to_the_client_alone(client):
    made, _secret = make_client()
    client.force_login(people.make_citizen())
    page = client.get("/identity/o/authorize", asked(made)[0])
    policy = page["Content-Security-Policy"]
    assert "form-action 'self' https://water.example.org;" in policy
    assert ("水权系统" in page.content.decode(), "您的公民身份号码和核验级别" in page.content.decode()) == (True, True)
    assert "form-action 'self';" in client.get("/")["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_client_does_not_lead_anywhere_else(client):
    made, _secret = make_client()
    client.force_login(people.make_citizen())
    page = client.get("/identity/o/authorize", asked(made, redirect_uri="https://evil.example.org/")[0])
    assert "evil" not in page["Content-Security-Policy"]
    assert "不能登录" in page.content.decode()


@pytest.mark.django_db
def test_who_says_no_is_taken_back_with_nothing(client):
    made, _secret = make_client()
    client.force_login(people.make_citizen())
    page = client.get("/identity/o/authorize", asked(made)[0]).content.decode()
    answer = client.post("/identity/o/authorize", {**hidden(page), "action": "cancel"})
    assert answer["Location"] == f"{BACK}?error=access_denied&state=s-1"
    assert Token.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_whole_way_over_http(live_server):
    """As a department's system does it: discovery, consent, code, tokens, claims; the id token proved by our key."""
    number = people.resident_number()
    account = people.make_citizen("shi", password=PASSWORD, number=number)
    made, secret = make_client()
    known = requests.get(f"{live_server.url}/.well-known/openid-configuration").json()
    asks, verifier = asked(made)
    with requests.Session() as browser:
        page = browser.get(known["authorization_endpoint"], params=asks)
        assert "/accounts/login/" in page.url
        page = browser.post(page.url, {**hidden(page.text), "login": "shi", "password": PASSWORD})
        answer = browser.post(
            page.url.partition("?")[0], allow_redirects=False,
            data={**hidden(page.text), "scopes": ["openid", "profile", "phone", "identity"], "action": "grant"},
        )  # fmt: skip
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (answer.headers["Location"].startswith(BACK), back["state"]) == (True, ["s-1"])
    given = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": BACK,
             "code_verifier": verifier}  # fmt: skip
    assert requests.post(known["token_endpoint"], given, auth=(made.pk, "wrong")).status_code == 401
    tokens = requests.post(known["token_endpoint"], given, auth=(made.pk, secret)).json()
    signer = jwt.PyJWKClient(known["jwks_uri"]).get_signing_key_from_jwt(tokens["id_token"])
    said = jwt.decode(tokens["id_token"], signer.key, ["RS256"], audience=made.pk, issuer=live_server.url)
    assert (said["sub"], said["nonce"]) == (str(account.pk), "n-1")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    claims = requests.get(known["userinfo_endpoint"], headers=bearer).json()
    assert (claims["name"], claims["id_number"], claims["phone_number"]) == ("石建国", number, account.phone)
    look = Entry.objects.get(verb="look", about_person=account.person_id)
    assert look.facts["purpose"] == "登录“水权系统”"
    again = requests.post(known["token_endpoint"], given, auth=(made.pk, secret))
    assert again.status_code == 400
    provider.withdraw(made, by=BY)
    assert requests.get(known["userinfo_endpoint"], headers=bearer).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_hexi_signs_in_at_hexi(live_server, client):
    """Relying party and provider are this very program: somebody known there opens an account here."""
    number = people.resident_number()
    people.make_citizen("there", password=PASSWORD, number=number)
    callback = "http://localhost/accounts/oidc/unified/login/callback/"
    made, secret = make_client(redirect_uris=[callback], scopes=["profile", "email", "identity"])
    with (
        override(adapters.OIDC_URL, live_server.url), override(adapters.OIDC_ID, made.pk),
        override(adapters.OIDC_SECRET, secret),
    ):  # fmt: skip
        start = client.get(reverse("openid_connect_login", args=["unified"]), headers={"host": "localhost"})
        with requests.Session() as browser:
            page = browser.get(start["Location"])
            page = browser.post(page.url, {**hidden(page.text), "login": "there", "password": PASSWORD})
            answer = browser.post(
                page.url.partition("?")[0], {**hidden(page.text), "scopes": ["openid", "profile"], "action": "grant"},
                allow_redirects=False,
            )  # fmt: skip
        back = urlsplit(answer.headers["Location"])
        assert answer.headers["Location"].startswith(callback)
        landed = client.get(f"{back.path}?{back.query}", headers={"host": "localhost"})
    assert landed.status_code == 302
    assert "error" not in landed["Location"]


# --- clients ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    "facts",
    [{"redirect_uris": []}, {"redirect_uris": ["http://water.example.org/"]}, {"redirect_uris": ["https://a/#b"]},
     {"scopes": ["everything"]}, {"name": " "}],
)  # fmt: skip
def test_what_a_client_cannot_be(facts):
    with pytest.raises(ValidationError, match="请|回调地址"):
        make_client(**facts)


@pytest.mark.django_db
def test_who_may_make_and_end_clients():
    office, other = people.make_department(), people.make_department("dunhuang-water", "620982000000")
    admin = people.acting(people.make_official("region_admin", department=office))
    made, _secret = make_client(by=admin)
    elsewhere, _secret = make_client(name="别处", department=other)
    assert provider.within_reach(admin) == [made]
    for wrong in (lambda: make_client(department=other, by=admin), lambda: provider.withdraw(elsewhere, by=admin)):
        with pytest.raises(Denied):
            wrong()


@pytest.mark.django_db
def test_clients_in_the_workbench(client):
    office = people.make_department()
    client.force_login(people.make_official("region_admin", department=office))
    given = {"name": "水权系统", "department": office.pk, "redirect_uris": BACK, "scopes": ["openid", "profile"]}
    page = client.post(reverse("people.new_client"), given).content.decode()
    made = Client.objects.get()
    shown = re.findall(r"<code>([^<]+)</code>", page)
    assert (shown[0], made.check_secret(unescape(shown[1]))) == (made.pk, True)
    listed = client.get(reverse("people.clients")).content.decode()
    assert ("水权系统" in listed, "/.well-known/openid-configuration" in listed) == (True, True)
    client.post(reverse("people.withdraw_client", args=[made.pk]))
    assert (Client.objects.count(), Account.objects.filter(is_active=True).count()) == (0, 1)


@pytest.mark.django_db
def test_pages_of_clients_are_closed_to_others(client):
    client.force_login(people.make_official("examiner", department=people.make_department()))
    assert [client.get(reverse(f"people.{name}")).status_code for name in ("clients", "new_client")] == [403, 403]

"""What a stranger gets from the site: headers, cookies, hosts, limits, and nothing about the machine."""

import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from hexi.blocks.cases.pages.public import GUESSES, GUESSES_A_DAY
from hexi.blocks.people.tests.make import make_citizen
from hexi.kernel.jobs import enqueue
from hexi.site import secret
from hexi.site.tests.running import ROOT, environment, noted

pytestmark = pytest.mark.django_db
PAGES = ["/", "/accounts/login/", "/progress/", "/search/?q=采伐", "/no/such/page/"]
PRINTED = """
import django
django.setup()
from django.conf import settings
from django.test import Client
answer = Client(HTTP_HOST="localhost").get("/accounts/login/", secure={secure}, **{more})
print(answer.status_code, answer.headers.get("Location", ""), answer.headers.get("Strict-Transport-Security", ""))
print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.DEBUG)
"""


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_has_the_strict_policy(client, path):
    headers = client.get(path, headers={"host": "localhost"}).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["default-src"] == "'self'"
    assert (policy["base-uri"], policy["form-action"], policy["frame-ancestors"]) == ("'none'", "'self'", "'self'")
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=(self)" in headers["Permissions-Policy"]


def test_cookies_are_kept_from_scripts_and_other_sites(client):
    make_citizen("shi", password="Long-enough-2026")
    given = {"login": "shi", "password": "Long-enough-2026"}
    client.get("/accounts/login/", headers={"host": "localhost"})
    assert client.post("/accounts/login/", given, headers={"host": "localhost"}).status_code == 302
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (session["httponly"], session["samesite"]) == (True, "Lax")
    assert client.cookies[settings.CSRF_COOKIE_NAME]["samesite"] == "Lax"


def printed(secure, more="{}", **given):
    code = PRINTED.format(secure=secure, more=more)
    chosen = environment(DJANGO_SETTINGS_MODULE="hexi.site.settings", DATABASE_URL="sqlite://:memory:", **given)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=chosen, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.splitlines(), done.stderr


def test_behind_https_cookies_are_secure_and_http_is_sent_on():
    (answer, kept), _said = printed(False, HEXI_SITE_HTTPS="true")
    assert answer.startswith("301 https://localhost/accounts/login/")
    assert kept == "True True False"


def test_debug_and_demo_are_off_unless_asked_for(settings):
    assert (settings.DEBUG, settings.DEMO) == (False, False)


@pytest.mark.parametrize("demo", [False, True])
def test_roles_are_switched_in_a_demo_and_only_to_its_people(client, settings, demo):
    settings.DEMO = demo
    make_citizen("shi")
    make_citizen("somebody")
    tried = {name: client.post("/demo/role/", {"username": name}).status_code for name in ("somebody", "nobody", "shi")}
    assert tried == {"somebody": 404, "nobody": 404, "shi": 302 if demo else 404}
    assert ("_auth_user_id" in client.session) == demo
    assert ("demo-strip" in client.get("/").content.decode()) == demo


@pytest.mark.parametrize("demo", [False, True])
def test_the_clock_is_moved_in_a_demo_only(client, settings, monkeypatch, demo):
    settings.DEMO, moved = demo, []
    monkeypatch.setattr("hexi.kernel.clock.move", moved.append)
    assert client.post("/demo/clock/", {"move": "hour"}).status_code == (302 if demo else 404)
    assert len(moved) == demo


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("evil.example", "/"), ("evil.example", "/no/such/"), ("evil.example", "/health/"), ("evil.example", "/static/x"),
        ("localhost.evil.example", "/"), ("localhost:8000@evil.example", "/"), ("a b", "/"), ("", "/"),
    ],
)  # fmt: skip
def test_another_host_gets_one_short_line(client, host, path, caplog):
    answer = client.get(path, headers={"host": host})
    assert (answer.status_code, answer.content.decode()) == (400, "没有这个网站 / no such site\n")
    assert [(one.levelname, one.exc_info) for one in caplog.records] == [("WARNING", None)]


def test_a_host_a_proxy_claims_is_not_believed(client):
    answer = client.get("/", headers={"host": "localhost", "x-forwarded-host": "evil.example"})
    assert (answer.status_code, "evil.example" in answer.content.decode()) == (200, False)


def test_errors_tell_nothing_about_the_machine(client):
    text = client.get("/no/such/page/", headers={"host": "localhost"}).content.decode()
    assert not re.search(r"Traceback|Django|/work/|site-packages|urlpatterns|Using the URLconf", text)


def test_a_fault_leaves_no_secret_in_the_log_and_tells_none(client, monkeypatch, caplog):
    def broken(number, last_four):
        raise RuntimeError("broken")

    monkeypatch.setattr("hexi.blocks.cases.queries.progress", broken)
    client.raise_request_exception = False
    given = {"number": "1" * 43, "last": "8866"}
    cookies = f"{settings.SESSION_COOKIE_NAME}=secret-session; other=secret-cookie"
    headers = {"host": "localhost", "authorization": "Bearer secret-token", "cookie": cookies}
    answer = client.post("/progress/", given, headers=headers)
    assert (answer.status_code, "RuntimeError: broken" in caplog.text) == (500, True)
    for text in (caplog.text, answer.content.decode()):
        assert [one for one in ("secret-session", "secret-token", "secret-cookie", "8866") if one in text] == []


def test_a_form_that_is_too_large_is_refused(client):
    body = "a=" + "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    answer = client.post(
        "/progress/", body, content_type="application/x-www-form-urlencoded", headers={"host": "localhost"}
    )
    assert answer.status_code == 400


def test_the_last_four_signs_cannot_be_tried_through(client):
    """The eleventh guess from one address is refused, another address is not."""
    guess = {"number": "000164108000116299990000000196-20261102-0001", "last": "0000"}
    first = [client.post("/progress/", guess, headers={"host": "localhost"}).status_code for _ in range(GUESSES + 1)]
    other = client.post("/progress/", guess, headers={"host": "localhost"}, REMOTE_ADDR="192.0.2.9").status_code
    assert (429 in first[:-1], first[-1], other) == (False, 429, first[0])


def test_the_last_four_signs_cannot_be_tried_through_from_many_addresses(client):
    """One number bears so many guesses a day, from wherever they come; another number is not shut."""
    number = "000164108000116299990000000196-20261102-000"

    def guess(place, end="1"):
        sent = {"number": number + end, "last": "0000"}
        where = {"headers": {"host": "localhost"}, "REMOTE_ADDR": f"192.0.2.{place}"}
        return client.post("/progress/", sent, **where).status_code

    assert [guess(place) for place in range(GUESSES_A_DAY + 1)] == [404] * GUESSES_A_DAY + [429]
    assert guess(99, "2") == 404


def test_passwords_cannot_be_tried_through(client):
    make_citizen("shi", password="Long-enough-2026")
    wrong = {"login": "shi", "password": "not-it"}
    answers = [client.post("/accounts/login/", wrong, headers={"host": "localhost"}) for _ in range(8)]
    right = client.post(
        "/accounts/login/", {"login": "shi", "password": "Long-enough-2026"}, headers={"host": "localhost"}
    )
    assert answers[0].status_code == 200
    assert right.status_code != 302


def test_secrets_are_whole_and_readable_by_the_owner_alone(tmp_path):
    path = tmp_path / "secret"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: secret.keep_secret(path, f"secret {number}"), range(8)))
    assert re.fullmatch(r"secret \d", path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["secret"]


def test_health_is_one_word(client):
    answer = client.get("/health/", headers={"host": "localhost"})
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"ok\n", "text/plain")
    assert "no-store" in answer.headers["Cache-Control"]


def test_health_tells_when_no_worker_takes_up_the_work(client):
    enqueue(noted, path="/nowhere", word="never run")
    assert client.get("/health/", headers={"host": "localhost"}).status_code == 200
    OrmQ.objects.update(lock=timezone.now() - timedelta(minutes=16))
    answer = client.get("/health/", headers={"host": "localhost"})
    assert (answer.status_code, answer.content) == (503, b"jobs\n")


@pytest.mark.parametrize("address", ["postgres://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.sqlite3"])
def test_health_tells_that_the_database_does_not_answer(address):
    code = (
        "import django; django.setup()\nfrom django.test import Client\n"
        "answer = Client(HTTP_HOST='localhost').get('/health/')\nprint(answer.status_code, answer.content)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env=environment(DJANGO_SETTINGS_MODULE="hexi.site.settings", DATABASE_URL=address),
    )  # fmt: skip
    assert done.stdout == "503 b'database\\n'\n", done.stderr[-2000:]

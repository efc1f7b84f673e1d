"""The public seals, and the log for those who run the whole installation."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hexi.blocks.audit import operations
from hexi.blocks.audit.models import Entry
from hexi.blocks.people.tests.make import make_citizen, make_official
from hexi.kernel.actors import System

pytestmark = pytest.mark.django_db


def write(many=1):
    for number in range(many):
        with operations.change(System("test"), "test.do", f"thing:{number}"):
            pass


def queries_of(client, address) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def test_anybody_may_copy_the_seals_whole(client):
    write()
    seal = operations.seal()
    page = client.get("/seals/").content.decode()
    assert (seal.digest in page, "hexi audit" in page, "没有被改过" in page) == (True, False, True)


@pytest.mark.parametrize(("role", "status"), [("system_admin", 200), ("region_admin", 403), ("head", 403)])
def test_the_log_is_open_to_who_runs_the_installation(client, role, status):
    client.force_login(make_official(role))
    assert client.get(reverse("audit.entries")).status_code == status


def test_the_log_is_closed_to_citizens_and_strangers(client):
    assert client.get(reverse("audit.entries")).status_code == 302
    client.force_login(make_citizen())
    assert client.get(reverse("audit.entries")).status_code == 403


def test_the_log_is_filtered_by_who_and_what(client):
    write(2)
    client.force_login(make_official("system_admin", name="杨系统"))
    found = [client.get(reverse("audit.entries"), {"verb": verb}).content.decode() for verb in ("test.do", "nothing")]
    assert ["thing:1" in page for page in found] == [True, False]


def test_the_log_costs_the_same_with_one_row_and_with_three(client):
    client.force_login(make_official("system_admin"))
    address = reverse("audit.entries") + "?verb=test.do"
    write()
    one = queries_of(client, address)
    write(2)
    assert queries_of(client, address) == one


def test_saving_the_log_is_in_the_log(client):
    write(3)
    account = make_official("system_admin")
    client.force_login(account)
    answer = client.get(reverse("audit.entries"), {"verb": "test.do", "export": "csv"})
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert (len(rows), rows[1][2]) == (4, "test.do")
    entry = Entry.objects.get(verb="audit.export")
    assert (entry.actor_key, entry.facts) == (f"account:{account.pk}", {"count": 3})

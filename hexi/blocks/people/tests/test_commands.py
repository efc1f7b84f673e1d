"""`hexi people admin`: the account is made once, the post given, a weak password or a wrong department refused."""

import io
from argparse import Namespace

import pytest
from django.core.exceptions import ValidationError

from hexi.blocks.people import commands
from hexi.blocks.people.models import Account, Post
from hexi.blocks.people.queries import actor_for
from hexi.blocks.people.tests import make
from hexi.blocks.regions.tests import make as regions

pytestmark = pytest.mark.django_db


def given(**more):
    words = {"username": "yang", "name": "杨系统", "title": "系统管理员", "roles": "system_admin,region_admin"}
    return Namespace(**{**words, "department": "office", **more})


@pytest.fixture
def office():
    make.make_roles()
    return regions.make_department("office")


def typed(monkeypatch, password):
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))


def test_the_first_administrator_can_appoint_others(office, monkeypatch, capsys):
    typed(monkeypatch, "guazhou-2026-melon")
    assert commands.admin(given()) == 0
    account = Account.objects.get(username="yang")
    assert (account.name, account.check_password("guazhou-2026-melon")) == ("杨系统", True)
    assert actor_for(account).may("people.posts", office.pk, office.region_code)
    assert "✓ yang" in capsys.readouterr().out


def test_an_account_that_is_there_keeps_its_password_and_gets_the_post(office, monkeypatch):
    account = make.make_account("yang")
    before = account.password
    typed(monkeypatch, "never-read")
    assert commands.admin(given(roles="supervisor", title="监察员")) == 0
    account.refresh_from_db()
    assert (account.password, [post.title for post in Post.objects.filter(account=account)]) == (before, ["监察员"])


@pytest.mark.parametrize("password", ["", "short", "password"])
def test_a_weak_password_is_refused_and_nothing_is_made(office, monkeypatch, password):
    typed(monkeypatch, password)
    with pytest.raises(ValidationError):
        commands.admin(given())
    assert Account.objects.count() == 0


def test_an_unknown_role_leaves_no_account(office, monkeypatch):
    typed(monkeypatch, "guazhou-2026-melon")
    with pytest.raises(ValidationError):
        commands.admin(given(roles="king"))
    assert Account.objects.count() == 0


def test_an_unknown_department_names_those_there_are(office, capsys):
    assert commands.admin(given(department="nowhere")) == 1
    assert "office" in capsys.readouterr().err

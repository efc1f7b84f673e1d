"""Runs inside a benchmark's installation: citizens, the officials of an office, their sessions, a key; as JSON.

`python -m benchmarks.people 40`: forty citizens of their own. Nobody needs a password: the sessions are made here.
"""

import json
import os
import sys
from importlib import import_module
from typing import Any

import django


def main(citizens: int) -> None:
    """Make everybody and print who they are."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    django.setup()
    print(json.dumps(made(citizens)))


def made(citizens: int) -> dict[str, Any]:
    """Everybody: item and key, sessions and numbers."""
    from benchmarks.life import ITEM
    from hexi.blocks.cases.models import Item
    from hexi.blocks.people.tests import make

    item = Item.objects.select_related("department").get(key=ITEM)
    officials = {
        role: session(make.make_official(role, department=item.department, region_code=item.region_code))
        for role in ("clerk", "examiner", "head")
    }
    found = []
    for n in range(1, citizens + 1):
        number = make.resident_number(n)
        account = make.make_citizen(f"citizen{n}", number=number)
        make.verify(account.person)  # by an API one applies only for whom somebody has identified
        found.append({"session": session(account), "number": number})
    return {"item": item.pk, "officials": officials, "citizens": found, "key": key(item.department)}


def key(department) -> str:
    """The text of a key by which a system of this office may apply and read."""
    from hexi.blocks.people import keys
    from hexi.kernel.actors import System

    verbs = ("cases.submit", "cases.view", "certificates.view")
    return keys.make("bench", department=department, verbs=verbs, by=System("make"))[1]


def session(account) -> str:
    """A session in which the account has signed in; its key."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    made = import_module(settings.SESSION_ENGINE).SessionStore()
    made[SESSION_KEY] = str(account.pk)
    made[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    made[HASH_SESSION_KEY] = account.get_session_auth_hash()
    made.create()
    return str(made.session_key)


if __name__ == "__main__":
    main(int(sys.argv[1]))

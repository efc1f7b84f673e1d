"""Runs inside the installation of `test_kill`: makes drafts ready for their files, and afterwards looks at every case.

`python -m tests.races.drafts make 1000` prints what a client needs of each; `… look FILE` what is wrong with the cases
of `{draft's key: number}` in the file. Both as JSON.
"""

import io
import json
import os
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import life  # noqa: E402
from hexi.blocks.audit.models import Entry  # noqa: E402
from hexi.blocks.cases import intake, queries  # noqa: E402
from hexi.blocks.cases.models import Case, Clock, Event, Item, Task  # noqa: E402
from hexi.blocks.documents import operations as documents  # noqa: E402
from hexi.blocks.documents import shelf  # noqa: E402
from hexi.blocks.documents.models import Document  # noqa: E402
from hexi.blocks.forms.models import Draft  # noqa: E402
from hexi.blocks.notices.models import Notice  # noqa: E402
from hexi.blocks.people.models import Account, Person  # noqa: E402
from hexi.blocks.people.tests.make import resident_number  # noqa: E402
from hexi.blocks.search.models import Entry as Found  # noqa: E402
from hexi.kernel import clock  # noqa: E402
from hexi.kernel.actors import System  # noqa: E402

#: of so many citizens one hands in the files as well, so that uploads are killed too
UPLOADING = 10


def make(many: int) -> list[dict[str, Any]]:
    """So many citizens, each signed in and with a draft that is filled in; every tenth still lacks its files."""
    item = Item.objects.select_related("version").get(key=life.ITEM)
    persons = Person.objects.bulk_create(Person(name="石建国", region_code=item.region_code) for _ in range(many))
    accounts = Account.objects.bulk_create(
        Account(username=f"kill{n}", name="石建国", person=person, password="!") for n, person in enumerate(persons)
    )
    drafts = Draft.objects.bulk_create(
        Draft(
            key=f"kill{n}", definition_kind=intake.ITEM, definition_ref=str(item.pk),
            definition_digest=item.version.digest, title_zh=item.title, title_en=item.title_en, account=account,
            person=account.person, region_code=item.region_code, step="materials", answers=answers(n + 1),
        )
        for n, account in enumerate(accounts)
    )  # fmt: skip
    own = drafts[::UPLOADING]
    kept = {slot: content(slot) for slot in life.SLOTS}
    Document.objects.bulk_create(
        Document(
            blob_id=kept[slot], name=f"{slot}.jpg", owner_id=draft.person_id, made_by=f"account:{draft.account_id}",
            of_kind=intake.DRAFT, of_ref=str(draft.pk), slot=slot,
        )
        for draft in drafts
        if draft not in own
        for slot in life.SLOTS
    )  # fmt: skip
    sessions = Session.objects.bulk_create(map(session, accounts))
    return [
        {"draft": draft.key, "session": one.pk, "uploads": draft in own}
        for draft, one in zip(drafts, sessions, strict=True)
    ]


def content(slot: str) -> str:
    """A photograph on the shelf; its hash."""
    return str(documents.store(io.BytesIO(life.photograph()), name=f"{slot}.jpg", by=System("kill")).blob_id)


def answers(n: int) -> dict[str, object]:
    """The answers of `life`, as they rest in a draft."""
    found: dict[str, object] = {"applicant_identity": resident_number(n)}
    for name, value in (life.WHO | life.LIVING).items():
        field, _dot, part = name.partition(".")
        if part:
            found.setdefault(field, {})[part] = value
        else:
            found[field] = value
    return found


def session(account: Account) -> Session:
    """A session in which the account has signed in, not yet written."""
    store = SessionStore()
    facts = {
        SESSION_KEY: str(account.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: account.get_session_auth_hash(),
    }
    until = timezone.now() + timedelta(hours=8)
    return Session(session_key=f"kill{account.pk:028}", session_data=store.encode(facts), expire_date=until)


def look(acknowledged: dict[str, str]) -> list[str]:
    """What is missing of the acknowledged submissions, what is there twice, and cases nobody knows of."""
    cases = {case.submission: case for case in Case.objects.select_related("applicant__account")}
    faults = [f"{key} has become no case" for key in acknowledged if f"draft:{key}" not in cases]
    faults += [f"nobody knows of {one.number}" for name, one in cases.items() if name[6:] not in acknowledged]
    owners = dict(Draft.objects.values_list("key", "person_id"))
    parts = {name: Counter(of) for name, of in whole().items()}
    for name, case in cases.items():
        key = name.removeprefix("draft:")
        if (case.number, case.applicant_id) != (acknowledged.get(key), owners[key]):
            faults.append(f"{key} became {case.number}, not {acknowledged.get(key)}")
        for part, counted in parts.items():
            wanted = len(life.SLOTS) if part == "files" else 1
            if counted[str(case.pk)] != wanted:
                faults.append(f"{case.number}: {counted[str(case.pk)]} {part}")
    lost = [one.pk for one in Document.objects.all() if not shelf.path(one.blob_id).is_file()]
    faults += [f"document {pk} has no content" for pk in lost]
    received = queries.figures("", clock.today() - timedelta(1), clock.today()).received
    if received != len(cases):
        faults.append(f"{received} counted as received, not {len(cases)}")
    return faults + gaps(sorted(case.number for case in cases.values()))


def whole() -> dict[str, list[str]]:
    """Every part that a submission leaves, by the primary key of its case."""
    ours = {"kind": "cases.case", "verb": "cases.submit"}
    return {
        "letters": texts(Notice.objects.filter(about_kind="cases.case", key="cases.submitted"), "about_ref"),
        "clocks": texts(Clock.objects.filter(kind=Clock.Kind.NOTICE, stopped_at=None), "case_id"),
        "tasks": texts(Task.objects.filter(done_at=None), "case_id"),
        "events": texts(Event.objects.filter(action="submit"), "case_id"),
        "audit entries": texts(Entry.objects.filter(**ours), "ref"),
        "entries to find it by": texts(Found.objects.filter(kind="case"), "ref"),
        "files": texts(Document.objects.present().filter(of_kind="cases.case"), "of_ref"),
    }


def texts(rows, column: str) -> list[str]:
    """One column, as text."""
    return [str(value) for value in rows.values_list(column, flat=True)]


def gaps(numbers: list[str]) -> list[str]:
    """Serials that are missing, day by day."""
    found = []
    for day in sorted({number[:-4] for number in numbers}):
        serials = sorted(int(number[-4:]) for number in numbers if number[:-4] == day)
        if serials != list(range(1, len(serials) + 1)):
            found.append(f"{day}: the serials are not 1 to {len(serials)}")
    return found


if __name__ == "__main__":
    command, given = sys.argv[1:]
    print(json.dumps(make(int(given)) if command == "make" else look(json.loads(Path(given).read_text()))))

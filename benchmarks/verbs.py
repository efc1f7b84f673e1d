"""The lives of the issues as their verbs alone: each verb one request, as a programme sends it, and its whole work.

A permit: submitted through the JSON API in one call with ten fields and two files, accepted, examined, granted (the
officials' own forms), certified by the worker, read. An order: taken in with its place, dispatched, noted, finished,
called back, read. No page is opened on the way and no redirect followed.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from benchmarks.browser import Browser, Unexpected
from benchmarks.life import LIVING, SLOTS, WHO, Office, photograph

CASES = "/api/v1/cases"
#: the installation's clock is the real one
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
PLACE, CLASS = "620981106203", "010203"
NUMBER = re.compile(r"/work/requests/(H[0-9]+)/")
_serial = count(1)


# --- a permit ---------------------------------------------------------------------------------------------------------
def submit(system: Browser, key: str, item: int, identity: str) -> str:
    """Hand in ten fields and two files for somebody; the number of the case."""
    given = {**WHO, **LIVING, "applicant_identity": identity}
    application = {
        "item": item, "answers": _nested(given), "delivery": "online",
        "applicant": {"name": given["applicant_name"], "number": identity, "phone": given["applicant_phone"]},
    }  # fmt: skip
    files = {slot: (f"{slot}.jpg", photograph()) for slot in SLOTS}
    once = {"Idempotency-Key": f"bench-{identity}-{next(_serial)}"}
    answer = system.call(
        "POST", f"{CASES}/form", {"application": json.dumps(application)}, files, **once, **bearer(key)
    )
    return str(json.loads(answer.body)["number"])


def decide(office: Office, number: str) -> None:
    """Accept, examine, grant: one form each, sent by whoever has the case."""
    office.clerk.post(f"/work/cases/{number}/accept/", {"revision": "2"})
    office.examiner.post(
        f"/work/cases/{number}/examine/", {"revision": "3", "examine__opinion": "材料属实，住满半年。"}
    )
    office.head.post(f"/work/cases/{number}/grant/", {"revision": "4", "grant__opinion": "同意。"})


def ended(system: Browser, key: str, number: str) -> bool:
    """Read the case with its course and its certificate's record; True if it is over."""
    shown = json.loads(system.call("GET", f"{CASES}/{number}?expand=events,certificate", {}, **bearer(key)).body)
    return bool(shown["ended_at"] and shown["certificate"])


def read(system: Browser, key: str, number: str) -> None:
    """The certificate's file."""
    answer = system.call("GET", f"{CASES}/{number}/certificate.pdf", {}, **bearer(key))
    if not answer.body.startswith(b"%PDF-"):
        raise Unexpected(f"{number}: the certificate is no PDF")


def bearer(key: str) -> dict[str, str]:
    """The header by which a system speaks."""
    return {"Authorization": f"Bearer {key}"}


def _nested(fields: dict[str, str]) -> dict[str, object]:
    """The names of a form ("home_address.region") as the objects of the JSON."""
    found: dict[str, object] = {}
    for name, value in fields.items():
        key, _dot, inner = name.partition(".")
        if inner:
            group = found.setdefault(key, {})
            assert isinstance(group, dict)
            group[inner] = value
        else:
            found[key] = value
    return found


# --- an order ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Desk:
    """The three who lead an order, each at a browser, and the key of the office it is sent to."""

    operator: Browser
    dispatcher: Browser
    office: Browser
    key: str

    @property
    def sent(self) -> int:
        """Requests so far."""
        return self.operator.sent + self.dispatcher.sent + self.office.sent


def order(desk: Desk, phone: str) -> None:
    """One order from the call to its end; the page that everybody reads must say that it is over."""
    number = numbered(desk.operator.post("/work/requests/intake/", said(phone, f"{next(_serial):024}")))
    work = f"/work/requests/{number}"
    desk.dispatcher.post(
        f"{work}/dispatch/", {"revision": "2", "dispatch__office": desk.key, "dispatch__subject": CLASS}
    )
    desk.office.post(
        f"{work}/note/", {"revision": "3", "note__opinion": "已派路灯维修队。", "note__promised": TOMORROW}
    )
    desk.office.post(f"{work}/reply/", {"revision": "4", "reply__opinion": "两盏灯已更换，当晚恢复照明。"})
    rated = {"call__reached": "yes", "call__solved": "yes", "call__satisfied": "5"}
    desk.operator.post(f"{work}/call/", {"revision": "5", **rated})
    over(desk.operator, number)


def said(phone: str, key: str) -> dict[str, str]:
    """What an operator types; `key` names this order, so that sent twice it is one."""
    return {
        "key": key, "phone": phone, "name": "石建国", "type": "help", "subject": CLASS, "place": PLACE,
        "text": "村口小卖部门前两盏路灯不亮，已经三天了，老人晚上看不见路。", "address": "小卖部门前",
        "may_publish": "1", "then": "open",
    }  # fmt: skip


def numbered(where: str) -> str:
    """The number in the address that an order leads to. Raises `Unexpected` if it leads elsewhere."""
    found = NUMBER.search(where)
    if found is None:
        raise Unexpected(f"the order led to {where}")
    return found[1]


def over(reader: Browser, number: str) -> None:
    """Read the page that everybody may; it must say that the order is over."""
    if "办结" not in reader.get(f"/requests/{number}/").text:
        raise Unexpected(f"{number} is not over")

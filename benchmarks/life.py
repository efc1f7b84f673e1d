"""One case's whole life as its people walk through it in browsers: 居住证 (10 fields, 2 files), every page on the way.

Who applies and who decides has signed in beforehand (`cast`). Pictures, styles and scripts are not loaded.
"""

import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count

from PIL import Image, ImageDraw

from benchmarks.browser import Answer, Browser, Files, Unexpected

ITEM = "residence-permit"
#: what is typed: nine questions in eleven controls; two for employer and school stay hidden
WHO = {
    "applicant_name": "石建国", "applicant_phone": "10000000011", "issue": "first", "by_agent": "no",
    "home_address.region": "620981000000", "home_address.detail": "演示路 11 号",
}  # fmt: skip
LIVING = {
    "live_address.region": "620981106203", "live_address.detail": "石河子村一组 11 号", "ground": "home",
    "since": (date.today() - timedelta(400)).isoformat(),  # noqa: DTZ011 - the installation's clock is the real one
}  # fmt: skip
SLOTS = ("portrait", "address_proof")
_serial = count(1)


@dataclass(frozen=True)
class Office:
    """The three officials a case passes, each with a browser."""

    clerk: Browser
    examiner: Browser
    head: Browser

    @property
    def browsers(self) -> tuple[Browser, ...]:
        """All three."""
        return self.clerk, self.examiner, self.head


def apply(citizen: Browser, item: int, identity: str) -> str:
    """From the guide's button to the number of the case. Ten requests."""
    page = citizen.get(f"/apply/{item}/")
    page = _fill(citizen, page, {**WHO, "applicant_identity": identity})
    page = _fill(citizen, page, LIVING)
    page = _fill(citizen, page, {}, {f"file.{slot}": (f"{slot}.jpg", photograph()) for slot in SLOTS})
    return send(citizen, page)


def send(citizen: Browser, check: Answer) -> str:
    """From the check page to the page that confirms; the number on it."""
    fields = {"_version": check.hidden("_version"), "_declared": "1", "delivery": "online", "_action": "submit"}
    sent = citizen.post(check.where, fields)
    citizen.get(sent)
    return number_in(sent)


def number_in(sent: str) -> str:
    """The number in the address that a submission leads to. Raises `Unexpected` if it leads elsewhere."""
    found = re.fullmatch(r"/my/cases/([^/]+)/sent/", sent)
    if not found:
        raise Unexpected(f"submission led to {sent}")
    return found[1]


def _fill(citizen: Browser, page: Answer, answers: dict[str, str], files: Files | None = None) -> Answer:
    """Fill in a step and go on; the page after it."""
    fields = {"_version": page.hidden("_version"), **answers, "_action": "next"}
    return citizen.get(citizen.post(page.where, fields, files))


def decide(office: Office, number: str) -> None:
    """Window, examiner and head, one after the other. Nine requests."""
    _act(office.clerk, number, "accept")
    _act(office.examiner, number, "examine", "材料属实，住满半年。")
    _act(office.head, number, "grant", "同意。")


def _act(official: Browser, number: str, action: str, opinion: str = "") -> None:
    """Open the case, take an action, see where it has led."""
    page = official.get(f"/work/cases/{number}/")
    fields = {"revision": page.hidden("revision"), f"{action}__opinion": opinion}
    official.get(official.post(f"/work/cases/{number}/{action}/", fields))


def read(citizen: Browser, number: str) -> None:
    """The page of the ended case, the certificate and its PDF. Four requests."""
    if not ended(citizen, number):
        raise Unexpected(f"{number} is not ended")
    shown = citizen.get(_link(citizen.get("/my/certificates/"), r"/my/certificates/[^/\"]+/"))
    if not citizen.get(_link(shown, r"/documents/\d+/download/")).body.startswith(b"%PDF-"):
        raise Unexpected(f"{number}: the certificate is no PDF")


def ended(citizen: Browser, number: str) -> bool:
    """True if the applicant's page says so."""
    return "已经办结" in citizen.get(f"/my/cases/{number}/").text


def _link(page: Answer, pattern: str) -> str:
    found = re.search(f'href="({pattern})"', page.text.partition("<main")[2])
    if not found:
        raise Unexpected(f"{page.where}: no link {pattern}")
    return found[1]


@cache
def _picture() -> bytes:
    image = Image.new("RGB", (800, 600), "white")
    brush = ImageDraw.Draw(image)
    for place in range(60):
        left, top = place * 97 % 760, place * 61 % 560
        brush.rectangle((left, top, left + 130, top + 70), fill=(place * 4, 255 - place * 3, place * 7 % 256))
    made = io.BytesIO()
    image.save(made, "JPEG", quality=90)
    return made.getvalue()


def photograph() -> bytes:
    """A photograph of 800 × 600; each call gives another content (a comment in the file)."""
    note = f"bench {next(_serial)}".encode()
    return b"\xff\xd8\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + _picture()[2:]

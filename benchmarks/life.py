"""One case's whole life as its people walk through it in browsers: 居住证 (10 fields, 2 files), every page on the way.

Who applies and who decides is signed in beforehand (`sign_in`). Pictures, styles and scripts are not loaded.
"""

import io
import random
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from PIL import Image, ImageDraw

from benchmarks.browser import Browser, Unexpected

ADDRESS = "620981106203"
#: what a villager types: eight questions in ten controls; the two for employer and school stay hidden
WHO = {
    "applicant_name": "石建国", "applicant_phone": "10000000011", "by_agent": "no",
    "home_address.region": "620981000000", "home_address.detail": "演示路 11 号",
}  # fmt: skip
LIVING = {
    "live_address.region": ADDRESS, "live_address.detail": "石河子村一组 11 号", "ground": "home",
    "since": (date.today() - timedelta(400)).isoformat(),  # noqa: DTZ011 - the bench has no demo clock
}  # fmt: skip
_serial = count(1)


@dataclass
class Cast:
    """The four who take part in a case, each with a browser."""

    item: int
    number: str
    citizen: Browser
    clerk: Browser
    examiner: Browser
    head: Browser
    lived: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """Requests so far."""
        return sum(one.sent for one in (self.citizen, self.clerk, self.examiner, self.head))

    def close(self) -> None:
        """All hang up."""
        for one in (self.citizen, self.clerk, self.examiner, self.head):
            one.close()


def apply(cast: Cast) -> str:
    """From the guide's button to the number."""
    page = cast.citizen.get(f"/apply/{cast.item}/")
    who = {**WHO, "applicant_identity": cast.number}
    page = _step(cast.citizen, page.where, who)
    page = _step(cast.citizen, page.where, LIVING)
    files = {f"file.{slot}": (f"{slot}.jpg", photo()) for slot in ("portrait", "address_proof")}
    page = _step(cast.citizen, page.where, {}, files)
    sent = cast.citizen.post(page.where, {"_version": page.hidden("_version"), "_declared": "1", "_action": "submit", "delivery": "online"})
    cast.citizen.get(sent)
    return re.findall(r"/my/cases/([^/]+)/sent/", sent)[0]


def _step(browser: Browser, where: str, answers: dict[str, str], files=None):
    """Read a step's page, fill it in, go on; the page after it."""
    page = browser.get(where)
    return browser.get(browser.post(where, {**answers, "_action": "next"}, files))


def act(official: Browser, number: str, action: str, opinion: str = "") -> None:
    """Open a case, take an action, see what it led to."""
    page = official.get(f"/work/cases/{number}/")
    fields = {"revision": page.hidden("revision"), f"{action}__opinion": opinion}
    official.get(official.post(f"/work/cases/{number}/{action}/", fields))


def decide(cast: Cast, number: str) -> None:
    """Window, examiner and head, one after the other."""
    act(cast.clerk, number, "accept")
    act(cast.examiner, number, "examine", "材料属实，住满半年。")
    act(cast.head, number, "grant", "同意。")


def read(cast: Cast, number: str) -> None:
    """The applicant's page of the ended case, and the certificate itself."""
    page = cast.citizen.get(f"/my/cases/{number}/").text
    if "已经办结" not in page:
        raise Unexpected(f"{number} is not ended")


_PHOTO = b""


def photo() -> bytes:
    """A photograph of 800 × 600; every call gives another content."""
    return _photograph()

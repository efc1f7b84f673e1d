"""`kill -9` of server and worker in the midst of submissions: what was acknowledged is there, whole and once."""

import io
import json
import os
import re
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from itertools import count
from typing import Any

import pytest
from PIL import Image

from benchmarks import life
from benchmarks.browser import Browser, Unexpected
from benchmarks.installation import POSTGRES, SQLITE, Installation
from tests.template import migrated

pytestmark = pytest.mark.race
#: in CI fewer, for the sake of its twenty minutes
SUBMISSIONS, CLIENTS, KILLS = 240 if os.environ.get("CI") else 1000, 6, 3
#: seconds after which a client gives up
PATIENCE = 180
#: implementation code, day, serial (services.md §2.7)
NUMBER = re.compile(r"[0-9A-Z]{31}\d{8}\d{4,}")


class Clients:
    """Six people at browsers who hand in one draft after the other, and again whatever was not answered."""

    def __init__(self, house: Installation, drafts: list[dict[str, Any]]):
        self.house, self.drafts = house, iter(drafts)
        self.numbers: dict[str, str] = {}
        self.unanswered = 0
        self._content = count(1)

    def work(self) -> None:
        """Until no draft is left."""
        for one in self.drafts:
            browser, step = Browser(self.house.url, one["session"]), f"/drafts/{one['draft']}/"
            if one["uploads"]:
                files = {f"file.{slot}": (f"{slot}.png", self.picture()) for slot in life.SLOTS}
                self.until_answered(browser, f"{step}materials/", {"_action": "next"}, files)
            sent = {"_version": "1", "_declared": "1", "delivery": "online", "_action": "submit"}
            number = self.until_answered(browser, f"{step}check/", sent)
            if one["uploads"]:  # as if the answer had been lost on its way
                assert self.until_answered(browser, f"{step}check/", sent) == number
            self.numbers[one["draft"]] = number
            browser.close()

    def until_answered(self, browser: Browser, *form) -> str:
        """The number in the address it leads to, or on the page that says that it had come through before."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return _number(browser.post(*form))
            except (OSError, HTTPException):
                if time.monotonic() > end:
                    raise
                browser.close()
                self.unanswered += 1
                time.sleep(0.2)
            except Unexpected as error:
                if "不会重复提交" not in str(error):
                    raise
                return _number(str(error))

    def picture(self) -> bytes:
        """A small picture like no other."""
        made, n = io.BytesIO(), next(self._content)
        Image.new("RGB", (40, 50), (n % 256, n // 256 % 256, 90)).save(made, "PNG")
        return made.getvalue()


def _number(text: str) -> str:
    """The case number in a text; "" if there is none."""
    found = NUMBER.search(text)
    return found[0] if found else ""


def kill_now_and_then(house: Installation, clients: Clients, hands: list) -> None:
    """Kill everything each time another quarter is acknowledged, and start it again."""
    for killed in range(1, KILLS + 1):
        while len(clients.numbers) < SUBMISSIONS * killed // (KILLS + 1):
            assert not all(hand.done() for hand in hands)
            time.sleep(0.02)
        house.kill()
        house.start()


@pytest.mark.long
def test_every_acknowledged_submission_is_there_whole_and_once():
    database = POSTGRES if os.environ.get("DATABASE_URL", "").startswith("postgres") else SQLITE
    with Installation("kill", database) as house:
        if database == SQLITE:
            shutil.copyfile(migrated(), house.folder / "hexi.sqlite3")
        house.run("setup", "--no-assets")
        clients = Clients(house, house.ask("tests.races.drafts", "make", str(SUBMISSIONS)))
        house.start()
        with ThreadPoolExecutor(CLIENTS) as pool:
            hands = [pool.submit(clients.work) for _ in range(CLIENTS)]
            kill_now_and_then(house, clients, hands)
            for hand in hands:
                hand.result()
        told = house.folder / "acknowledged.json"
        told.write_text(json.dumps(clients.numbers))
        assert clients.unanswered >= KILLS
        assert len(clients.numbers) == len(set(clients.numbers.values())) == SUBMISSIONS
        assert house.ask("tests.races.drafts", "look", str(told)) == []
        assert "✓" in house.run("audit", "verify")

"""One headless Chromium for every test that needs a browser (pytest plugin of the root conftest)."""

import os
from pathlib import Path

import pytest

#: Debian's: the shell without windows takes half the processor time of the whole browser
DEBIAN = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = Path(os.environ.get("CHROMIUM") or next(filter(Path.exists, DEBIAN), DEBIAN[-1]))
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader",  # maps are drawn without a card
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium():
    """The browser, for one module: Playwright's loop runs in this thread, and the next module may want its own."""
    if not CHROMIUM.exists():
        said = f"no browser at {CHROMIUM} (Debian: apt install chromium-headless-shell; elsewhere: CHROMIUM=path)"
        pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
    from playwright.sync_api import sync_playwright

    # Django's guard would take the thread of that loop for asynchronous code
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]

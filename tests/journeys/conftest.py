"""A real browser on a real server; mails through a real mail server; nothing here is faked."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.dev.places import VAR

SHOTS = VAR / "journeys"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def a_chromium() -> str:
    """The browser of this machine, or an empty text."""
    return (
        os.environ.get("CHROMIUM", "")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
        or ""
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Headless Chromium, one for the journeys of a file. Where there is none the journey is passed over, loudly: it proves nothing there."""
    where = a_chromium()
    if not where:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: the journeys through the pages are NOT proven here. Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's driver keeps an event loop in this thread; the test itself is not async
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=where, args=["--no-sandbox", "--disable-dev-shm-usage"])
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def shots() -> Path:
    """Where pictures of the pages are left for people to look at: var/journeys."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS

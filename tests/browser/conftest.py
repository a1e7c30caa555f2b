"""A real lender and a real browser: the demo in a folder of its own, driven by Debian's Chromium.

Nothing is faked in between: forms, workers, signed callbacks and text messages go the way they go for a customer.
LENDER_FOLDER=folder keeps the book between runs while journeys are being written; SCREENSHOTS=folder saves pictures.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.lender import Lender, running_lender
from tests.browser.seat import PHONE, Seat, Size

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
FAILED = pytest.StashKey[bool]()
Sit = Callable[..., Seat]


@pytest.fixture(scope="session")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine (Debian: apt install chromium)")
    kept = os.environ.get("LENDER_FOLDER")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("lender")
    folder.mkdir(parents=True, exist_ok=True)
    with running_lender(folder) as running:
        yield running


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed


@pytest.fixture
def sit(lender: Lender, request: pytest.FixtureRequest) -> Iterator[Sit]:
    """Open a browser window for one person: `sit()` on a phone in Chinese, `sit(DESK, "en-US")` at the desk.

    When the test is over no window may have shown an error on its console, been answered 5xx, asked another host for
    anything, or held a page too wide for its phone.
    """
    from playwright.sync_api import sync_playwright

    seats: list[Seat] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)

        def open_seat(size: Size = PHONE, language: str = "zh-CN") -> Seat:
            seats.append(Seat(browser, lender, size, language))
            return seats[-1]

        yield open_seat
        if request.node.stash.get(FAILED, False):
            for seat in seats:  # what everybody saw when it failed
                print(f"--- {seat.page.url}\n{seat.text('body')[:3000]}")
        problems = [problem for seat in seats for problem in seat.problems()]
        browser.close()
    assert not problems, "\n".join(problems)

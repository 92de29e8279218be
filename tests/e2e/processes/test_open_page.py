"""A page that is open in a browser while parts are killed: it goes on by itself, nobody loads it again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from backend_services.kernel.embedded.process import wait_until
from tests.e2e.pages.conftest import CHROMIUM
from tests.e2e.processes.running import PROGRAMS, Running, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
RECOVERY_MS = 60_000
RETYPE_MS = 5_000


@pytest.fixture(scope="module")
def omni(install: Path) -> Iterator[Running]:
    """Return the running demonstration."""
    with running(install, "--demo") as started:
        started.wait_for("dev-key-123")
        yield started


@pytest.fixture(scope="module")
def page(omni: Running) -> Iterator[Page]:
    """Return the page of datasets, signed in and marked, so that a load would be seen."""
    named = os.environ.get("OMNI_TEST_CHROMIUM", "")  # noqa: TID251 - a setting of the tests alone
    path = named or next((path for path in CHROMIUM if Path(path).exists()), None)
    password = next(line for line in omni.printed.splitlines() if "password" in line).rsplit(" ", maxsplit=1)[-1]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_page(locale="en-GB")
        page.goto(f"http://localhost:{omni.port}/sign-in")
        page.locator("#omni[data-ready=true]").wait_for(state="attached")
        page.fill("#email", "owner@omni.example")
        page.fill("#password", password)
        page.locator("form[action='/auth/sign-in'] button[type=submit]").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto(f"http://localhost:{omni.port}/datasets")
        page.locator("#omni[data-ready=true]").wait_for(state="attached")
        page.evaluate("window.neverLoadedAgain = true")
        yield page
        browser.close()


def _find(page: Page, wanted: str, *, is_there: bool) -> None:
    """Search until the table is there or gone. What is typed while the page connects again may have to be retyped."""
    table = page.get_by_role("cell", name="Weather in Seattle")
    search = page.locator("input[type=search]").first

    def follows() -> bool:
        search.fill("w")
        search.fill(wanted)
        try:
            expect(table).to_be_visible(visible=is_there, timeout=RETYPE_MS)
        except AssertionError:
            return False
        return True

    assert wait_until(follows, RECOVERY_MS / 1000)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_open_page_recovers_by_itself(omni: Running, page: Page, name: str) -> None:
    _find(page, "", is_there=True)
    omni.kill_and_wait(name, lambda: omni.answers("/api/health/ready"))
    _find(page, "no table has this name", is_there=False)
    _find(page, "", is_there=True)
    assert page.evaluate("window.neverLoadedAgain") is True

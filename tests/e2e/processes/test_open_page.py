"""A page that is open in a browser while parts are killed: it goes on by itself, nobody loads it again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.e2e.pages.conftest import CHROMIUM
from tests.e2e.processes.running import PROGRAMS, Running, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
RECOVERY_MS = 60_000


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


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_open_page_recovers_by_itself(omni: Running, page: Page, name: str) -> None:
    table = page.get_by_role("rowheader", name="Weather in Seattle")
    search = page.locator("input[type=search]").first
    expect(table).to_be_visible(timeout=RECOVERY_MS)
    omni.kill_and_wait(name, lambda: omni.answers("/api/health/ready"))
    search.fill("no table has this name")
    expect(table).to_be_hidden(timeout=RECOVERY_MS)
    search.fill("")
    expect(table).to_be_visible(timeout=RECOVERY_MS)
    assert page.evaluate("window.neverLoadedAgain") is True

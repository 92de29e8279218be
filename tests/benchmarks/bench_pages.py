"""What a person waits for in Chromium: a click until it shows, a cold page until it can be used, bytes of scripts."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from backend_services.kernel.clock import monotonic_s
from omni_app.commands.measured import Row
from omni_app.commands.testing import find_chromium
from tests.benchmarks.house import COOKIE, House, demonstration, percentile

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

CLICKS = 40
LOADS = 7
CLICK_GOAL_MS = 25.0
COLD_GOAL_S = 1.0
SCRIPT_GOAL_KB = 300.0
READY = "#omni[data-ready=true]"
PAGE = "/jobs"
SHOWN = """async ([press, selector, shown]) => {
  const began = performance.now();
  press.click();
  while ((document.querySelector(selector)?.checkVisibility() ?? false) !== shown) {
    if (performance.now() - began > 10000) throw new Error("nothing showed: " + selector);
    await new Promise((done) => requestAnimationFrame(done));
  }
  return performance.now() - began;
}"""


def _context(browser: Browser, house: House, cookie: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", bypass_csp=True)
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": house.url}])
    return context


def _ready(page: Page, address: str) -> None:
    page.goto(address, wait_until="commit")
    page.locator(READY).wait_for(state="attached")


def _keep(answers: list[Response]) -> Callable[[Response], None]:
    """Return a listener; Playwright marks it, which it cannot do with a list's own method."""

    def keep(answer: Response) -> None:
        answers.append(answer)

    return keep


def _cold(browser: Browser, house: House, cookie: str) -> tuple[list[float], int, int]:
    """Return the seconds until a page in an empty browser can be used, its script bytes as sent, and as they are."""
    seconds = []
    sent = plain = 0
    for _ in range(LOADS):
        context = _context(browser, house, cookie)
        page = context.new_page()
        answers: list[Response] = []
        page.on("response", _keep(answers))
        began_s = monotonic_s()
        _ready(page, f"{house.url}{PAGE}")
        seconds.append(monotonic_s() - began_s)
        page.wait_for_load_state("load")
        scripts = [one for one in answers if one.request.resource_type == "script"]
        sent = sum(one.request.sizes()["responseBodySize"] for one in scripts)
        plain = sum(len(one.body()) for one in scripts)
        context.close()
    return seconds, sent, plain


def _dialog(browser: Browser, house: House, cookie: str) -> list[float]:
    """Return the milliseconds from a click on "Create key", which the server answers, until the dialog shows."""
    context = _context(browser, house, cookie)
    page = context.new_page()
    _ready(page, f"{house.url}/keys")
    press = page.get_by_role("button", name="Create key").first.element_handle()
    times = []
    for _ in range(CLICKS):
        times.append(float(page.evaluate(SHOWN, [press, "#new-key", True])))
        close = page.locator("#new-key [data-dismiss]").element_handle()
        page.evaluate(SHOWN, [close, "#new-key", False])
    context.close()
    return times


def measure() -> Iterator[Row]:
    """Open a Chromium beside a demonstration."""
    with demonstration() as house, sync_playwright() as playwright:
        chromium = find_chromium(os.environ)  # noqa: TID251 - a setting of the tests alone
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        cookie = house.cookie()
        clicks = _dialog(browser, house, cookie)
        seconds, sent, plain = _cold(browser, house, cookie)
        browser.close()
    click_ms, cold_s, sent_kb = statistics.median(clicks), statistics.median(seconds), sent / 1000
    worst = f"p95 {percentile(clicks, 0.95):.0f} ms"
    yield Row(
        f"click → answer of the server visible, p50 ({worst})",
        click_ms,
        "ms",
        "≤ 25 ms",
        is_reached=click_ms <= CLICK_GOAL_MS,
    )
    yield Row("page cold (empty browser) → usable, p50", cold_s, "s", "≤ 1 s", is_reached=cold_s <= COLD_GOAL_S)
    yield Row(
        f"scripts of a page without charts, gzipped ({plain / 1000:,.0f} kB unpacked)",
        sent_kb,
        "kB",
        "≤ 300 kB",
        is_reached=sent_kb <= SCRIPT_GOAL_KB,
    )

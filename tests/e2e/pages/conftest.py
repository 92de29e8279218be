"""The whole product for the browser: front end built, demonstration running, Chromium beside it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from omni_app.commands import frontend

ROOT = Path(__file__).resolve().parents[3]
SHOTS = ROOT / "tests" / "e2e" / "shots"
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
START_TIMEOUT_S = 240.0
DEV_KEY = "dev-key-123"


def until(found: Callable[[], Any], *, timeout_s: float = 30.0, why: str) -> Any:
    """Ask again until there is an answer.

    Raises:
        AssertionError: There is none in time.
    """
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(why)


@dataclass(frozen=True, slots=True)
class Product:
    """The running product: where it answers, and what it said about its accounts."""

    url: str
    password: str

    def rest(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the REST door with the demonstration's key."""
        return httpx.request(method, f"{self.url}{path}", headers={"X-API-Key": DEV_KEY}, timeout=30, **options)


@dataclass(slots=True)
class Watched:
    """A page and what went wrong on it."""

    page: Page
    problems: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note every console error, script error and failed request from now on."""
        page = self.page
        page.on("console", lambda message: self._note("console", message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self._note("script", str(error)))
        page.on("response", lambda answer: self._note(str(answer.status), answer.url) if answer.status >= 400 else None)

    def _note(self, kind: str, text: str) -> None:
        self.problems.append(f"{kind}: {text}")

    def open(self, address: str) -> Page:
        """Load an address and wait until the page has its reader and its texts."""
        self.page.goto(address)
        self.page.locator("#omni[data-ready=true]").wait_for(state="attached")
        return self.page


def speak(page: Page, language: str) -> None:
    """Have the page, and so the account, in a language; journeys that read words begin with it."""
    if page.evaluate("document.documentElement.lang") != language:
        page.evaluate(f"document.querySelector('button[lang={language}]').click()")
        page.locator(f"html[lang={language}]").wait_for(state="attached")


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    """Build the front end if needed, and start the demonstration on a free port with a data folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="omni-pages-"))
    port = _free_port()
    log = folder.with_suffix(".log")
    surroundings = own_surroundings() | {"OMNI_DATASETS_CONNECTIONS_NETWORKS": "127.0.0.0/8"}
    frontend.build({**surroundings}, log=folder.with_suffix(".build.log"))
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "omni_app.cli", "run", "--demo", "--port", str(port), "--data-dir", str(folder)],
            cwd=ROOT,
            env=surroundings,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://localhost:{port}"
        until(lambda: _answers(url, process, log), timeout_s=START_TIMEOUT_S, why=f"no answer: {log}")
        yield Product(url=url, password=_password(log))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def own_surroundings() -> dict[str, str]:
    """Return the environment without what other tests set for their own servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OMNI_")}  # noqa: TID251 - handed on


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        return httpx.get(f"{url}/api/health/ready", timeout=5).status_code == 200 and "password" in log.read_text()
    except httpx.TransportError:
        return False


def _password(log: Path) -> str:
    line = next(line for line in log.read_text().splitlines() if "password" in line)
    return line.rsplit(" ", maxsplit=1)[-1]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start Playwright."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start Chromium: the one named, the one present, or Playwright's own."""
    named = os.environ.get("OMNI_TEST_CHROMIUM", "")  # noqa: TID251 - a setting of the tests alone
    path = named or next((path for path in CHROMIUM if Path(path).exists()), None)
    started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
    yield started
    started.close()


@pytest.fixture(scope="session")
def signed_in(product: Product, browser: Browser) -> Callable[[str], list[Any]]:
    """Return the cookies of an account, signed in once through the form."""
    kept: dict[str, list[Any]] = {}

    def cookies(email: str) -> list[Any]:
        if email not in kept:
            context = browser.new_context()
            sign_in(Watched(context.new_page()), product, email)
            kept[email] = context.cookies()
            context.close()
        return kept[email]

    return cookies


def sign_in(watched: Watched, product: Product, email: str) -> None:
    """Sign in through the form and wait for the first page."""
    page = watched.open(f"{product.url}/sign-in")
    page.fill("#email", email)
    page.fill("#password", product.password)
    page.locator("form[action='/auth/sign-in'] button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.locator("#omni[data-ready=true]").wait_for(state="attached")


@pytest.fixture
def open_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Return a maker of browser contexts that are closed after the test."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**options)
        context.set_default_timeout(20_000)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def owner(
    product: Product, open_context: Callable[..., BrowserContext], signed_in: Callable[[str], list[Any]]
) -> Watched:
    """Return a page of the operator's owner, watched."""
    context = open_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_cookies(signed_in("owner@omni.example"))
    watched = Watched(context.new_page())
    watched.watch()
    del product
    return watched


@pytest.fixture(scope="session")
def dataset_id(product: Product, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return an uploaded dataset of three regions and twelve months, ready to be asked."""
    rows = ["ordered_on,region,channel,revenue,items"]
    rows += [
        f"2025-{month:02d}-{day:02d},{region},{'web' if day % 2 else 'shop'},{month * len(region) * 20 + day}.50,{day}"
        for month in range(1, 13)
        for day in (3, 10, 17, 24)
        for region in ("North", "South", "West")
    ]
    path = tmp_path_factory.mktemp("upload") / "orders.csv"
    path.write_text("\n".join(rows) + "\n")
    with path.open("rb") as file:
        answer = product.rest("POST", "/api/v1/ingestion/uploads", data={"name": "Orders"}, files={"file": file})
    assert answer.status_code == 202, answer.text
    started = answer.json()
    until(lambda: _loaded(product, started["job_id"]), timeout_s=60, why="the upload did not end")
    return str(started["dataset_id"])


def _loaded(product: Product, job_id: str) -> bool:
    view = product.rest("GET", f"/api/v1/ingestion/jobs/{job_id}").json()
    assert view["status"] != "failed", view
    return bool(view["status"] == "succeeded")


@pytest.fixture(scope="session")
def dashboard_id(product: Product, dataset_id: str) -> str:
    """Return a dashboard of a number, a line, a bar chart and a table over the dataset."""
    catalogue = product.rest("GET", f"/api/v1/datasets/{dataset_id}/catalogue").json()
    measure = next(one["id"] for one in catalogue["measures"] if one["column"] == "revenue")
    region = next(one["id"] for one in catalogue["dimensions"] if one["column"] == "region")
    time_field = next(one["id"] for one in catalogue["dimensions"] if one["column"] == "ordered_on")

    def tile(identity: str, chart: str, *dimensions: dict[str, str], width: int = 6) -> dict[str, Any]:
        query = {"dataset_id": dataset_id, "measures": [measure], "dimensions": list(dimensions)}
        source = {"kind": "metric", "query": query}
        return {"id": identity, "title": f"Revenue {identity}", "chart": chart, "source": source, "width": width}

    spec = {
        "title": "Sales",
        "tiles": [
            tile("total", "number", width=3),
            tile("months", "line", {"field": time_field, "grain": "month"}, width=9),
            tile("regions", "bar", {"field": region}),
            tile("list", "table", {"field": region}),
        ],
    }
    answer = product.rest(
        "POST",
        "/api/v1/dashboards",
        json={"spec": spec},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])

"""Every page of ROUTES: it opens, nothing fails, axe finds nothing serious, nothing is wider than the screen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from omni_app.routes import ROUTES, Face, Route
from tests.e2e.pages.conftest import SHOTS, Product, Watched, until

VARIANTS = {
    "en-light-wide": {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "en-dark-phone": {"locale": "en-GB", "color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
    "sl-light-wide": {"locale": "sl-SI", "color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "sl-dark-phone": {"locale": "sl-SI", "color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}
SERIOUS = {"serious", "critical"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180, func_only=True)]


@pytest.fixture(scope="session")
def addresses(
    product: Product, dataset_id: str, dashboard_id: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Return what stands for the parameters of addresses."""
    job = product.rest("GET", "/api/v1/jobs").json()["items"][0]["id"]
    return {
        "dataset_id": dataset_id,
        "dashboard_id": dashboard_id,
        "job_id": job,
        "alert_id": _alert(product, dataset_id),
        "connection_id": _connection(product, tmp_path_factory.mktemp("sqlite") / "shop.sqlite"),
    }


def _alert(product: Product, dataset_id: str) -> str:
    """Return an alert on the rows of a dataset, evaluated."""
    watched = {"kind": "metric", "dataset_id": dataset_id, "measure": "rows__count"}
    body = {"title": "Rows", "watched": watched, "condition": {"kind": "threshold", "side": "above", "value": 1}}
    made = product.rest("POST", "/api/v1/alerts", json=body)
    assert made.status_code == 201, made.text
    address = made.headers["location"]
    until(lambda: product.rest("GET", address).json()["last_at"], timeout_s=90, why="the alert was not evaluated")
    return str(made.json()["id"])


def _connection(product: Product, path: Path) -> str:
    """Return a connection to a SQLite file, which needs no server."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, city TEXT)")
    connection.close()
    with path.open("rb") as file:
        answer = product.rest("POST", "/api/v1/connections/sqlite", files={"file": file})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def address_of(route: Route, addresses: dict[str, str]) -> str:
    path = route.path
    for name, value in addresses.items():
        path = path.replace(f"[{name}]", value)
    return path


def settled(page: Page) -> bool:
    return page.locator(".o-skels:visible").count() == 0


@pytest.fixture(scope="module")
def contexts(browser: Browser, signed_in: Callable[[str], list[Any]]) -> Iterator[Callable[..., BrowserContext]]:
    """Return a maker of one browser context for each variant, signed in or not; its cache is warm from page to page."""
    made: dict[tuple[str, bool], BrowserContext] = {}

    def context(variant: str, *, known: bool) -> BrowserContext:
        if (variant, known) not in made:
            made[variant, known] = browser.new_context(**VARIANTS[variant])
            made[variant, known].set_default_timeout(20_000)
            if known:
                made[variant, known].add_cookies(signed_in("owner@omni.example"))
        return made[variant, known]

    yield context
    for one in made.values():
        one.close()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.page)
def test_page_opens_whole(
    route: Route,
    variant: str,
    product: Product,
    addresses: dict[str, str],
    contexts: Callable[..., BrowserContext],
) -> None:
    watched = Watched(contexts(variant, known=route.face is not Face.OPEN).new_page())
    watched.watch()
    page = watched.open(product.url + address_of(route, addresses))
    language = variant[:2]
    if route.face is not Face.OPEN and language == "sl":
        page.evaluate("document.querySelector('button[lang=sl]').click()")
    until(lambda: page.evaluate("document.documentElement.lang") == language, why="the language did not settle")
    until(lambda: settled(page), why=f"{route.path} is still loading")
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{route.page}-{variant}.png", full_page=True)

    found = Axe().run(page).response["violations"]
    serious = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in SERIOUS]
    assert serious == []
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert watched.problems == []
    if route.face is not Face.OPEN and language == "sl":
        page.evaluate("document.querySelector('button[lang=en]').click()")
        until(lambda: page.evaluate("document.documentElement.lang") == "en", why="the language did not go back")
    page.close()


def test_language_of_a_returning_reader_is_there_before_anything_is_painted(product: Product, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    context.add_cookies([{"name": "omni_language", "value": "sl", "url": product.url}])
    page = context.new_page()
    page.route("**/assets/*.js", lambda route: route.abort())  # the page as it is before its program runs
    page.goto(f"{product.url}/sign-in", wait_until="domcontentloaded")
    assert page.evaluate("document.documentElement.lang") == "sl"
    assert page.evaluate("getComputedStyle(document.querySelector('#omni')).visibility") == "hidden"
    until(lambda: page.locator("#omni").is_visible(), why="the page stayed hidden without its program")
    context.close()

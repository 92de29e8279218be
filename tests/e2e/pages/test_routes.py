"""Every page of ROUTES: it opens, nothing fails, axe finds nothing serious, nothing is wider than the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from omni_app.routes import ROUTES, Face, Route
from tests.e2e.pages.conftest import SHOTS, Product, Watched, until

VARIANTS = {
    "en-light-wide": {"locale": "en-GB", "color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "sl-dark-phone": {"locale": "sl-SI", "color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}
SERIOUS = {"serious", "critical"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180, func_only=True)]


@pytest.fixture(scope="session")
def addresses(product: Product, dataset_id: str, dashboard_id: str) -> dict[str, str]:
    """Return what stands for the parameters of addresses."""
    job = product.rest("GET", "/api/v1/jobs").json()["items"][0]["id"]
    return {"dataset_id": dataset_id, "dashboard_id": dashboard_id, "job_id": job}


def address_of(route: Route, addresses: dict[str, str]) -> str:
    path = route.path
    for name, value in addresses.items():
        path = path.replace(f"[{name}]", value)
    return path


def settled(page: Page) -> bool:
    return page.locator(".o-skels:visible").count() == 0


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.page)
def test_page_opens_whole(
    route: Route,
    variant: str,
    product: Product,
    addresses: dict[str, str],
    open_context: Callable[..., BrowserContext],
    signed_in: Callable[[str], list[Any]],
) -> None:
    context = open_context(**VARIANTS[variant])
    if route.face is not Face.OPEN:
        context.add_cookies(signed_in("owner@omni.example"))
    watched = Watched(context.new_page())
    watched.watch()
    page = watched.open(product.url + address_of(route, addresses))
    language = variant[:2]
    if route.face is not Face.OPEN and language == "sl":
        page.evaluate("document.querySelector('[data-menu-item][lang=sl]')?.click()")
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
        page.evaluate("document.querySelector('[data-menu-item][lang=en]')?.click()")
        until(lambda: page.evaluate("document.documentElement.lang") == "en", why="the language did not go back")

"""What can be read and reached: values in heat maps, a dashboard's tools on a phone, an embed left open."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from backend_services.kernel.clock import now
from backend_services.kernel.colours import LEAST_CONTRAST, contrast
from tests.e2e.pages.conftest import DEV_KEY, Product, Watched

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180, func_only=True)]
CELLS = """() => [...document.querySelectorAll(".o-plot .point:has(text)")].map((one) => [
    getComputedStyle(one.querySelector("path")).fill, getComputedStyle(one.querySelector("text")).fill])"""


@pytest.fixture(scope="session")
def heat_map_id(product: Product, dataset_id: str) -> str:
    """Return a dashboard of a heat map of many tones."""
    catalogue = product.rest("GET", f"/api/v1/datasets/{dataset_id}/catalogue").json()
    named = {one["column"]: one["id"] for one in (*catalogue["measures"], *catalogue["dimensions"]) if one["column"]}
    by = [{"field": named["ordered_on"], "grain": "month"}, {"field": named["region"]}]
    query = {"dataset_id": dataset_id, "measures": [named["revenue"]], "dimensions": by}
    tile = {
        "id": "heat",
        "title": "Warm",
        "chart": "heatmap",
        "source": {"kind": "metric", "query": query},
        "width": 12,
    }
    answer = product.rest("POST", "/api/v1/dashboards", json={"spec": {"title": "Warm", "tiles": [tile]}})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _embed(product: Product, dashboard_id: str, **chosen: Any) -> str:
    """Return the address that opens a new embed of a dashboard."""
    ends = (now() + timedelta(days=1)).isoformat()
    asked = {"dashboard_id": dashboard_id, "title": "Left open", "expires_at": ends, **chosen}
    answer = product.rest("POST", "/api/v1/embeds", json=asked)
    assert answer.status_code == 201, answer.text
    return f"{product.url}/embed/{answer.json()['embed']['id']}#key={answer.json()['secret']}"


def _hex(written: str) -> str:
    return "#" + "".join(f"{int(part):02X}" for part in re.findall(r"\d+", written)[:3])


def _can_be_read(page: Page) -> set[str]:
    """Look at each cell with a value in it; return the inks."""
    expect(page.locator(".o-plot .point text").first).to_be_visible(timeout=30_000)
    cells = [(_hex(ground), _hex(ink)) for ground, ink in page.evaluate(CELLS)]
    assert len(cells) == 36
    assert [pair for pair in cells if contrast(*pair) < LEAST_CONTRAST] == []
    return {ink for _, ink in cells}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_values_in_a_heat_map_can_be_read(
    product: Product,
    open_context: Callable[..., BrowserContext],
    signed_in: Callable[[str], list[Any]],
    heat_map_id: str,
    mode: str,
) -> None:
    context = open_context(viewport={"width": 1440, "height": 900}, locale="en-GB", color_scheme=mode)
    context.add_cookies(signed_in("owner@omni.example"))
    watched = Watched(context.new_page())
    watched.watch()
    page = watched.open(f"{product.url}/dashboards/{heat_map_id}")
    assert len(_can_be_read(page)) > 1
    page.goto(_embed(product, heat_map_id, theme=mode))
    assert len(_can_be_read(page)) > 1
    assert watched.problems == []


def test_on_a_phone_the_menu_renews_and_fills_the_screen(
    product: Product,
    open_context: Callable[..., BrowserContext],
    signed_in: Callable[[str], list[Any]],
    heat_map_id: str,
) -> None:
    context = open_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    context.add_cookies(signed_in("owner@omni.example"))
    watched = Watched(context.new_page())
    watched.watch()
    with watched.page.expect_websocket() as socket:
        page = watched.open(f"{product.url}/dashboards/{heat_map_id}")
    menu = page.get_by_role("button", name="More", exact=True)
    expect(menu).to_be_in_viewport(timeout=30_000)
    expect(page.locator(".o-toolbar [data-every]")).to_be_hidden()
    menu.click()
    expect(page.locator("#dashboard-more")).to_be_visible()
    with socket.value.expect_event("framesent", lambda frame: "view_state.refresh" in str(frame)):
        page.locator("#dashboard-more").get_by_role("button", name="Refresh").click()
    expect(page.locator("#dashboard-more")).to_be_hidden()
    menu.click()
    page.locator("#dashboard-more").get_by_role("button", name="Fill the screen").click()
    expect(page.locator(".o-full h1")).to_have_text("Warm", timeout=30_000)
    expect(page.locator(".o-full [data-every]")).to_be_in_viewport()
    assert watched.problems == []


def test_an_embed_left_open_renews_itself_and_keeps_what_it_had(
    product: Product, open_context: Callable[..., BrowserContext], dataset_id: str
) -> None:
    query = {"dataset_id": dataset_id, "measures": ["rows"], "dimensions": []}
    tile = {"id": "rows", "title": "Rows", "chart": "number", "source": {"kind": "metric", "query": query}, "width": 3}
    board = {"title": "Before", "refresh_s": 30, "tiles": [tile]}
    made = product.rest("POST", "/api/v1/dashboards", json={"spec": board}).json()
    address, path = _embed(product, made["id"]), f"/api/v1/dashboards/{made['id']}"
    page = open_context(locale="en-GB").new_page()
    page.clock.install()
    page.goto(address)
    expect(page.get_by_role("heading", level=1, name="Before")).to_be_visible(timeout=30_000)
    changed = httpx.put(
        f"{product.url}{path}",
        json={"spec": {**board, "title": "After"}},
        headers={"X-API-Key": DEV_KEY, "If-Match": product.rest("GET", path).headers["ETag"]},
    )
    assert changed.is_success, changed.text
    page.clock.run_for(59_000)
    expect(page.get_by_role("heading", level=1, name="Before")).to_be_visible()
    page.clock.run_for(2_000)
    expect(page.get_by_role("heading", level=1, name="After")).to_be_visible(timeout=30_000)

    page.context.set_offline(True)
    page.clock.run_for(61_000)
    expect(page.get_by_text("These figures could not be renewed.")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("heading", level=1, name="After")).to_be_visible()
    page.context.set_offline(False)
    page.clock.run_for(61_000)
    expect(page.get_by_text("These figures could not be renewed.")).to_be_hidden(timeout=30_000)

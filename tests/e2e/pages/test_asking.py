"""The builder by keyboard, the section of language models, the audit log in words, a search over a lost connection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.e2e.pages.conftest import SHOTS, Product, Watched, until


def _two_countries(product: Product, folder: Path) -> str:
    """Return a dataset with two columns that “country” may mean."""
    path = folder / "sales.csv"
    lines = [
        f"2026-{1 + i % 12:02d}-03,{('Italy', 'Spain')[i % 2]},{('Italy', 'Spain', 'France')[i % 3]},{i}.5"
        for i in range(40)
    ]
    path.write_text("\n".join(["sold_on,billing_country,shipping_country,revenue", *lines]) + "\n")
    with path.open("rb") as file:
        answer = product.rest("POST", "/api/v1/ingestion/uploads", data={"name": "Two sales"}, files={"file": file})
    started = answer.json()
    status = f"/api/v1/ingestion/jobs/{started['job_id']}"
    until(lambda: product.rest("GET", status).json()["status"] == "succeeded", timeout_s=90, why="not loaded")
    return str(started["dataset_id"])


def test_a_question_back_is_answered_by_a_digit(product: Product, owner: Watched, tmp_path: Path) -> None:
    dataset_id = _two_countries(product, tmp_path)
    page = owner.open(f"{product.url}/builder?dataset={dataset_id}")
    page.fill("#question", "revenue by country")
    page.keyboard.press("Enter")
    options = page.locator("[data-options] button")
    expect(options.first).to_be_focused(timeout=60_000)
    page.screenshot(path=SHOTS / "builder-question-back.png", full_page=True)
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_be_focused()
    wanted = options.first.locator("b").inner_text()
    page.keyboard.press("1")
    expect(page.locator("[data-tile]").first).to_contain_text(f"Revenue by {wanted.lower()}", timeout=60_000)
    expect(page.locator(".o-onway")).to_have_count(0)
    page.screenshot(path=SHOTS / "builder-answered.png", full_page=True)
    name = product.rest("GET", f"/api/v1/datasets/{dataset_id}").json()["name"]
    product.rest("DELETE", f"/api/v1/datasets/{dataset_id}", json={"confirmation": name})
    assert owner.problems == []


@pytest.mark.parametrize(("language", "title"), [("en", "Ollama server"), ("sl", "Strežnik Ollama")])
def test_models_say_what_to_do_without_a_server(product: Product, owner: Watched, language: str, title: str) -> None:
    assert product.rest("PATCH", "/api/v1/auth/me", json={"language": language}).status_code == 200
    page = owner.open(f"{product.url}/settings?tab=models")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.locator("main")).to_contain_text("OMNI_OLLAMA_URL")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    page.screenshot(path=SHOTS / f"models-{language}.png", full_page=True)
    product.rest("PATCH", "/api/v1/auth/me", json={"language": "en"})
    assert owner.problems == []


def test_the_audit_log_speaks_in_words(product: Product, owner: Watched) -> None:
    page = owner.open(f"{product.url}/audit")
    expect(page.locator(".o-details li").first).to_be_visible()
    said = " ".join(page.locator(".o-details").all_inner_texts())
    assert not set(said) & {"{", "}", '"'}
    page.screenshot(path=SHOTS / "audit-words.png", full_page=True)
    assert owner.problems == []


def test_a_search_typed_while_the_connection_is_away_arrives(
    product: Product, open_context: Callable[..., BrowserContext], signed_in: Callable[[str], list[Any]]
) -> None:
    context = open_context(locale="en-GB")
    context.add_cookies(signed_in("owner@omni.example"))
    page = context.new_page()
    connections: list[WebSocketRoute] = []
    away: list[bool] = []

    def routed(connection: WebSocketRoute) -> None:
        if away:
            connection.close()
            return
        connection.connect_to_server()
        connections.append(connection)

    page.route_web_socket(lambda url: "/_event" in url, routed)
    Watched(page).open(f"{product.url}/jobs")
    box = page.locator("[data-list-search]")
    expect(box).to_be_visible()
    away.append(True)
    for one in connections:
        one.close()
    box.type("nothing-is-called-so")
    away.clear()
    until(lambda: _searched(page) == "nothing-is-called-so", timeout_s=60, why="the search did not arrive")
    expect(box).to_have_value("nothing-is-called-so")


def _searched(page: Page) -> str:
    page.wait_for_timeout(100)
    return parse_qs(urlsplit(page.url).query).get("q", [""])[0]

"""The main journeys, clicked through as a person does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, expect

from tests.e2e.pages.conftest import SHOTS, Product, Watched, sign_in, until

OWNER = "owner@omni.example"
SERIOUS = {"serious", "critical"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180, func_only=True)]


@pytest.fixture
def visitor(open_context: Callable[..., BrowserContext]) -> Watched:
    """Return a page without an account."""
    return Watched(open_context(locale="en-GB", viewport={"width": 1440, "height": 900}).new_page())


def test_wrong_password_is_told_and_the_right_one_lets_in(product: Product, visitor: Watched) -> None:
    page = visitor.open(f"{product.url}/sign-in")
    page.fill("#email", OWNER)
    page.fill("#password", "not-the-password-at-all")
    page.locator("form[action='/auth/sign-in'] button[type=submit]").click()
    expect(page.get_by_role("alert")).to_contain_text("is wrong")
    expect(page.locator("#email")).to_have_value(OWNER)
    expect(page.locator("#password")).to_have_value("")

    sign_in(visitor, product, OWNER)
    expect(page.locator("h1")).to_contain_text("Olivia")
    page.locator("[popovertarget=account]").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda url: "/sign-in" in url)
    expect(page.locator("#omni")).to_contain_text("You are signed out")


def test_visitor_of_an_inner_page_is_sent_to_sign_in_and_back(product: Product, visitor: Watched) -> None:
    page = visitor.page
    page.goto(f"{product.url}/keys")
    page.wait_for_url(lambda url: "/sign-in" in url)
    page.locator("#omni[data-ready=true]").wait_for(state="attached")
    page.fill("#email", OWNER)
    page.fill("#password", product.password)
    page.locator("form[action='/auth/sign-in'] button[type=submit]").click()
    page.wait_for_url(lambda url: "/keys" in url and "/sign-in" not in url)
    expect(page.locator("h1")).to_have_text("API keys")


def test_key_is_shown_once_opens_rest_and_is_revoked_by_its_name(product: Product, owner: Watched) -> None:
    page = owner.open(f"{product.url}/keys")
    page.get_by_role("button", name="Create key").first.click()
    page.fill("#new-key #name", "journey")
    page.locator("#new-key button[type=submit]").click()
    key = page.locator("#shown-key code").inner_text()
    assert key.startswith("prod-key-free-")
    assert httpx.get(f"{product.url}/api/v1/auth/me", headers={"X-API-Key": key}).status_code == 200
    page.get_by_role("button", name="I have saved the key").click()
    row = page.locator("tr", has_text="journey")
    expect(row).to_contain_text(key[-4:])
    assert key not in page.content()

    row.get_by_role("button", name="Actions for journey").click()
    page.get_by_role("button", name="Revoke key").first.click()
    confirm = page.locator("#revoke-key [type=submit]")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    page.fill("#revoke-key-word", "journey")
    expect(confirm).to_have_attribute("aria-disabled", "false")
    confirm.click()
    expect(row).to_contain_text("Revoked")
    answer = httpx.get(f"{product.url}/api/v1/auth/me", headers={"X-API-Key": key})
    assert answer.status_code == 401
    assert owner.problems == []


def test_file_becomes_a_saved_dashboard_that_rest_reads(product: Product, owner: Watched, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    lines = [f"2025-{month:02d}-15,{city},{month * 10}" for month in range(1, 13) for city in ("Koper", "Bled")]
    path.write_text("\n".join(["visited_on,city,visits", *lines]) + "\n")

    page = owner.open(f"{product.url}/datasets")
    page.get_by_role("button", name="Upload file").first.click()
    page.set_input_files("#upload-file", path)
    expect(page.locator("#upload-name")).to_have_value("visits")
    page.locator("[data-upload-send]").first.click()
    page.wait_for_url("**/datasets/*-*")
    expect(page.locator("h1")).to_have_text("visits")
    expect(page.locator(".o-stat").first).to_contain_text("24", timeout=60_000)
    dataset_id = page.url.rstrip("/").split("/")[-1].split("?")[0]

    page.get_by_role("link", name="Ask a question").click()
    page.wait_for_url("**/builder*")
    page.fill("#question", "visits by city")
    page.keyboard.press("Enter")
    expect(page.locator("[data-tile]").first).to_be_visible(timeout=60_000)
    expect(page.locator(".o-chips").first).to_contain_text("city", ignore_case=True)
    page.get_by_role("button", name="Save as dashboard").click()
    page.wait_for_url("**/dashboards/*")
    dashboard_id = page.url.rstrip("/").split("/")[-1]
    expect(page.locator("[data-tile]").first).to_be_visible()

    saved = product.rest("GET", f"/api/v1/dashboards/{dashboard_id}").json()
    assert saved["spec"]["tiles"][0]["source"]["query"]["dataset_id"] == dataset_id
    assert owner.problems == []


def test_file_that_cannot_be_read_needs_attention_on_home(product: Product, owner: Watched, tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    path.write_bytes(b"PAR1 this is no table PAR1")
    with path.open("rb") as file:
        started = product.rest(
            "POST", "/api/v1/ingestion/uploads", data={"name": "broken-table"}, files={"file": file}
        ).json()
    status = f"/api/v1/ingestion/jobs/{started['job_id']}"
    until(lambda: product.rest("GET", status).json()["status"] == "failed", why="the upload did not fail")

    page = owner.open(product.url)
    found = page.locator(".o-tile", has=page.get_by_role("heading", name="Needs attention"))
    expect(found).to_contain_text("broken-table could not be loaded")
    page.screenshot(path=SHOTS / "home-attention.png", full_page=True)
    found.get_by_role("link", name="broken-table could not be loaded").click()
    page.wait_for_url(f"**/datasets/{started['dataset_id']}*")
    product.rest("DELETE", f"/api/v1/datasets/{started['dataset_id']}", json={"confirmation": "broken-table"})
    assert owner.problems == []


def test_dataset_goes_only_when_its_name_is_typed(product: Product, owner: Watched, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("name,amount\na,1\nb,2\n")
    with path.open("rb") as file:
        started = product.rest(
            "POST", "/api/v1/ingestion/uploads", data={"name": "short-lived"}, files={"file": file}
        ).json()
    status = f"/api/v1/ingestion/jobs/{started['job_id']}"
    until(lambda: product.rest("GET", status).json()["status"] == "succeeded", why="the upload did not end")

    page = owner.open(f"{product.url}/datasets/{started['dataset_id']}")
    page.locator("[popovertarget=dataset-menu]").click()
    page.get_by_role("button", name="Delete dataset").first.click()
    confirm = page.locator("#delete-dataset [type=submit]")
    page.fill("#delete-dataset-word", "short")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#delete-dataset")).not_to_be_visible()
    assert product.rest("GET", f"/api/v1/datasets/{started['dataset_id']}").status_code == 200

    page.locator("[popovertarget=dataset-menu]").click()
    page.get_by_role("button", name="Delete dataset").first.click()
    page.fill("#delete-dataset-word", "short-lived")
    confirm.click()
    page.wait_for_url("**/datasets")
    assert product.rest("GET", f"/api/v1/datasets/{started['dataset_id']}").status_code == 404


def test_palette_opens_by_key_finds_and_goes(product: Product, owner: Watched) -> None:
    page = owner.open(product.url)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()
    page.keyboard.type("audit")
    expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("Audit log")
    assert [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS] == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/audit")
    expect(page.locator("h1")).to_have_text("Audit log")
    page.keyboard.press("g")
    page.keyboard.press("j")
    page.wait_for_url("**/jobs")
    expect(page.locator("h1")).to_have_text("Jobs")  # the address changes before the page, and its dialogs, are there
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).not_to_be_visible()
    assert owner.problems == []


def test_narrow_screen_has_a_drawer_that_keeps_the_focus(
    product: Product, open_context: Callable[..., BrowserContext]
) -> None:
    context = open_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    watched = Watched(context.new_page())
    sign_in(watched, product, OWNER)
    page = watched.page
    expect(page.locator(".o-side")).not_to_be_visible()
    page.get_by_role("button", name="Open navigation").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#drawer')")
    page.keyboard.press("Escape")
    expect(drawer).not_to_be_visible()
    expect(page.get_by_role("button", name="Open navigation")).to_be_focused()


def test_language_and_theme_stay_after_loading_again(
    product: Product, open_context: Callable[..., BrowserContext]
) -> None:
    watched = Watched(open_context(locale="en-GB", color_scheme="light").new_page())
    sign_in(watched, product, "owner@acme.example")
    page = watched.page
    page.wait_for_url(lambda url: "/portal" in url)
    expect(page.locator("h1")).to_have_text("Acme Demo")
    page.locator("[popovertarget=account]").click()
    page.get_by_role("button", name="Slovenščina").click()
    expect(page.locator("html")).to_have_attribute("lang", "sl")
    expect(page.locator("main")).to_contain_text("Klici API-ja")  # what the services made is read again
    page.locator("[popovertarget=account]").click()
    page.get_by_role("button", name="Temen").click()
    expect(page.locator("html")).to_contain_class("dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "sl")
    expect(page.locator("html")).to_contain_class("dark")
    watched.open(f"{product.url}/settings")
    expect(page.locator("h1")).to_have_text("Nastavitve")


def test_number_opens_its_rows_and_takes_the_focus_back(product: Product, owner: Watched, dashboard_id: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    number = page.locator("[data-tile=total] .o-drill")
    number.click()
    rows = page.locator("dialog[open]")
    expect(rows.locator("th").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(rows).to_have_count(0)
    expect(number).to_be_focused()
    assert owner.problems == []


def test_address_that_is_none_has_a_page_with_a_way_out(product: Product, owner: Watched) -> None:
    page = owner.open(f"{product.url}/no-such-page")
    expect(page.locator("h1")).to_have_text("This page does not exist")
    page.get_by_role("link", name="Go to Home").click()
    expect(page.locator("h1")).to_contain_text("Olivia")

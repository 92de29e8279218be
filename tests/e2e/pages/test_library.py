"""The library of dashboards, clicked through: favourites, folders, sharing with a person, comments, what changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, expect

from tests.e2e.pages.conftest import Product, Watched

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180, func_only=True)]


@pytest.fixture
def title(request: pytest.FixtureRequest) -> str:
    """Return a title that no other test's dashboard has."""
    return f"Walk {request.node.name.removeprefix('test_')[:40]}"


@pytest.fixture
def own_dashboard(product: Product, dashboard_id: str, title: str) -> str:
    """Return a copy of the dashboard that the test may change."""
    answer = product.rest("POST", f"/api/v1/dashboards/{dashboard_id}/duplicate", json={"title": title})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_favourite_and_folder_from_the_list(product: Product, owner: Watched, own_dashboard: str, title: str) -> None:
    page = owner.open(f"{product.url}/dashboards")
    page.get_by_role("button", name="Folders", exact=True).click()
    page.locator("#folders").get_by_role("button", name="Create folder").click()
    page.fill("#folder-name", "Weekly")
    page.get_by_role("button", name="Save folder").click()
    expect(page.get_by_text("Folder Weekly created")).to_be_visible()
    row = page.locator("tbody tr", has_text=title)
    row.get_by_role("button", name=f"Mark {title} as favourite").click()
    expect(page.locator("tbody tr").first).to_contain_text(title)
    page = owner.open(f"{product.url}/")
    expect(page.locator("section", has_text="Favourites, then changed last").locator("li").first).to_contain_text(title)
    page = owner.open(f"{product.url}/dashboards")
    row.get_by_role("checkbox", name=f"Select {title}").click()
    page.select_option("#move-folder", label="Weekly")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("1 dashboard moved")).to_be_visible()
    page.select_option("#folder", label="Weekly")
    expect(page.locator("tbody tr")).to_have_count(1)
    moved = product.rest("GET", f"/api/v1/dashboards/{own_dashboard}").json()
    assert moved["folder_id"] is not None
    page.select_option("#choice", "favourites")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Folders", exact=True).click()
    page.get_by_role("button", name="Delete folder Weekly").click()
    page.fill("#delete-folder-word", "Weekly")
    page.locator("#delete-folder").get_by_role("button", name="Delete folder").click()
    expect(page.get_by_text("Folder Weekly deleted")).to_be_visible()
    assert product.rest("GET", f"/api/v1/dashboards/{own_dashboard}").json()["folder_id"] is None
    assert owner.problems == []


def test_sharing_with_a_person_says_who_and_why(product: Product, owner: Watched, own_dashboard: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{own_dashboard}")
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.locator("#shares")
    expect(dialog).to_contain_text("You see this dashboard because you made it.")
    people = product.rest("GET", "/api/v1/dashboards/colleagues").json()
    page.fill("#share-person", people[0]["email"])
    dialog.get_by_role("button", name="Share with person").click()
    expect(dialog.locator("li", has_text=people[0]["email"])).to_be_visible()
    sharing = product.rest("GET", f"/api/v1/dashboards/{own_dashboard}/sharing").json()
    assert [one["email"] for one in sharing["people"]] == [people[0]["email"]]
    assert owner.problems == []


def test_a_comment_is_written_answered_and_resolved(product: Product, owner: Watched, own_dashboard: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{own_dashboard}")
    page.get_by_role("button", name="Comments").click()
    dialog = page.locator("#comments")
    page.fill("#comment-body", "Why did it <b>fall</b>?")
    dialog.get_by_role("button", name="Add comment").click()
    thread = dialog.locator("article", has_text="Why did it <b>fall</b>?")
    expect(thread).to_be_visible()
    dialog.get_by_role("button", name="Reply").click()
    page.fill("#reply-body", "A holiday.")
    dialog.get_by_role("button", name="Add reply").click()
    expect(dialog.locator(".reply")).to_contain_text("A holiday.")
    body = {"body": "From elsewhere"}
    assert product.rest("POST", f"/api/v1/dashboards/{own_dashboard}/comments", json=body).status_code == 201
    expect(dialog.locator("article", has_text="From elsewhere")).to_be_visible()
    dialog.get_by_role("button", name="Resolve", exact=True).last.click()
    expect(dialog.locator("article", has_text="Why did it")).to_have_count(0)
    assert owner.problems == []


def test_a_version_is_named_and_shows_what_it_changed(product: Product, owner: Watched, own_dashboard: str) -> None:
    one = f"/api/v1/dashboards/{own_dashboard}"
    spec = product.rest("GET", one).json()["spec"]
    spec["tiles"][0]["title"] = "Renamed figure"
    changed = {"X-API-Key": "dev-key-123", "If-Match": '"v1"'}
    answer = httpx.put(f"{product.url}{one}", json={"spec": spec}, headers=changed, timeout=30)
    assert answer.status_code == 200, answer.text
    page = owner.open(f"{product.url}/dashboards/{own_dashboard}")
    page.get_by_role("button", name="Versions").click()
    dialog = page.locator("#versions")
    dialog.locator("li", has_text="Version 2").get_by_role("button", name="Show changes").click()
    expect(dialog).to_contain_text("Figure Renamed figure changed")
    dialog.get_by_role("button", name="All versions").click()
    dialog.locator("li", has_text="Version 2").get_by_role("button", name="Name version").click()
    page.fill("#version-name", "As agreed")
    dialog.get_by_role("button", name="Save name").click()
    expect(dialog.locator("li", has_text="Version 2")).to_contain_text("As agreed")
    assert owner.problems == []


def test_a_file_is_exported_and_imported_as_another_dashboard(
    product: Product, owner: Watched, own_dashboard: str, title: str, tmp_path: Path
) -> None:
    file = tmp_path / "dashboard.json"
    file.write_text(product.rest("GET", f"/api/v1/dashboards/{own_dashboard}/export").text)
    page = owner.open(f"{product.url}/dashboards")
    page.get_by_role("button", name="Import file").click()
    page.set_input_files("#import-file", file)
    expect(page.locator("#import-text")).to_have_value(re.compile("omni.dashboard"))
    page.get_by_role("button", name="Read file").click()
    page.get_by_role("button", name="Import dashboard").click()
    page.wait_for_url(re.compile(r"/dashboards/[0-9a-f-]{36}"))
    expect(page.locator("h1")).to_have_text(title)
    assert own_dashboard not in page.url
    assert owner.problems == []


@pytest.mark.parametrize(("language", "scheme"), [("sl-SI", "light"), ("en-GB", "dark")])
def test_dialogs_are_accessible_in_both_languages_and_themes(
    product: Product,
    open_context: Callable[..., BrowserContext],
    signed_in: Callable[[str], list[Any]],
    own_dashboard: str,
    language: str,
    scheme: str,
) -> None:
    body = {"body": "Hello", "tile_id": None}
    assert product.rest("POST", f"/api/v1/dashboards/{own_dashboard}/comments", json=body).status_code == 201
    context = open_context(viewport={"width": 1440, "height": 900}, locale=language, color_scheme=scheme)
    context.add_cookies(signed_in("owner@omni.example"))
    page = context.new_page()
    page.goto(f"{product.url}/dashboards/{own_dashboard}?comments=1")
    for name, icon in (("comments", None), ("shares", "share-2"), ("versions", "history")):
        if icon is not None:
            page.keyboard.press("Escape")
            page.locator(f".o-phead button:has(.lucide-{icon})").click()
        dialog = page.locator(f"#{name}")
        expect(dialog).to_be_visible()
        expect(dialog.locator("h2")).not_to_be_empty()
        found = Axe().run(page).response["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
        assert serious == [], name

"""Editing, clicked through as a person does: dashboards, catalogues, rules, filters, what the builder understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.pages.conftest import Product, Watched, until

OWNER = "owner@omni.example"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180, func_only=True)]


@pytest.fixture
def own_dashboard(product: Product, dashboard_id: str) -> str:
    """Return a copy of the dashboard that the test may change."""
    answer = product.rest("POST", f"/api/v1/dashboards/{dashboard_id}/duplicate", json={"title": "Edited"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
def colleague(open_context: Callable[..., BrowserContext], signed_in: Callable[[str], list[Any]]) -> Watched:
    """Return another page, in a browser of its own."""
    context = open_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.add_cookies(signed_in(OWNER))
    return Watched(context.new_page())


def spec_of(product: Product, dashboard_id: str) -> dict[str, Any]:
    found: dict[str, Any] = product.rest("GET", f"/api/v1/dashboards/{dashboard_id}").json()
    return found


def catalogue_of(product: Product, dataset_id: str) -> dict[str, Any]:
    found: dict[str, Any] = product.rest("GET", f"/api/v1/datasets/{dataset_id}/catalogue").json()
    return found


def rename(page: Page, title: str) -> None:
    page.fill("#dashboard-title", title)
    page.locator("#dashboard-title").blur()
    expect(page.locator("h1")).to_have_text(f"Edit {title}")


def test_figure_is_added_changed_previewed_saved_and_taken_back(
    product: Product, owner: Watched, own_dashboard: str
) -> None:
    page = owner.open(f"{product.url}/dashboards/{own_dashboard}/edit?figure=total")
    figures = page.locator(".o-figures > li")
    expect(figures).to_have_count(4)
    page.get_by_role("button", name="Add figure").first.click()
    expect(figures).to_have_count(5)
    expect(page.locator(".o-figbtn[aria-current=true]")).to_contain_text("New figure")

    page.select_option("#tile-chart", "bar")
    page.select_option("#tile-dimension", label="Region")
    page.select_option("#tile-measure", label="Items")
    page.select_option("#tile-order", "most")
    preview = page.locator("[data-tile]").first
    expect(preview.locator(".o-plot")).to_be_visible()
    preview.get_by_role("button", name="Actions for").click()
    preview.get_by_role("menuitem", name="View as table").click()
    expect(preview.locator("th")).to_have_text(["Region", "Items"])
    page.fill("#tile-title", "Items by region")
    page.locator("#tile-title").blur()
    expect(page.locator(".o-figbtn[aria-current=true]")).to_contain_text("Items by region")

    page.get_by_role("button", name="Save dashboard").click()
    page.wait_for_url(lambda url: "/edit" not in url)
    tile = page.locator("[data-tile]", has_text="Items by region")
    expect(tile.locator(".o-plot")).to_be_visible()
    saved = spec_of(product, own_dashboard)
    assert saved["version"] == 2
    assert saved["spec"]["tiles"][-1]["chart"] == "bar"

    page.get_by_role("button", name="Versions").click()
    page.locator("#versions li", has_text="Version 1").get_by_role("button", name="Restore version").click()
    expect(page.locator("[data-tile]")).to_have_count(4)
    assert spec_of(product, own_dashboard)["version"] == 3
    assert owner.problems == []


def test_undo_takes_a_removal_back(product: Product, owner: Watched, own_dashboard: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{own_dashboard}/edit?figure=total")
    figures = page.locator(".o-figures > li")
    expect(figures).to_have_count(4)
    figures.nth(2).get_by_role("button", name="Actions for").click()
    figures.nth(2).get_by_role("menuitem", name="Remove figure").click()
    expect(figures).to_have_count(3)
    expect(page.locator("[role=status]", has_text="“Revenue regions” removed")).to_be_visible()
    page.get_by_role("button", name="Undo: removing “Revenue regions”").click()
    expect(figures).to_have_count(4)
    expect(figures.nth(2)).to_contain_text("Revenue regions")
    assert owner.problems == []


def order(page: Page) -> list[str]:
    found: list[str] = page.locator("[data-arrange=board] > *").evaluate_all(
        "all => all.map(one => one.dataset.arranged)"
    )
    return found


def in_order(page: Page, *names: str) -> None:
    until(lambda: order(page) == list(names), why=f"the figures do not stand as {names}")


def said(page: Page, words: str) -> None:
    expect(page.locator("[role=status]", has_text=words)).to_be_visible()


def on_board(page: Page, name: str) -> Locator:
    return page.locator(f"[data-arranged={name}]")


def pulled(page: Page, handle: Locator, to: tuple[float, float]) -> None:
    """Drag a handle to a place of the window, as a hand does: in several moves."""
    box = handle.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(*to, steps=8)
    page.mouse.up()


def height_of(shown: Locator) -> float:
    """Return a figure's height on the screen; nothing while the page is drawn anew."""
    box = shown.bounding_box()
    return 0.0 if box is None else box["height"]


def test_figures_are_arranged_by_keys_taken_back_and_saved(
    product: Product, owner: Watched, own_dashboard: str
) -> None:
    page = owner.open(f"{product.url}/dashboards/{own_dashboard}/edit")
    in_order(page, "total", "months", "regions", "list")
    handle = on_board(page, "months").locator("[data-grip]")
    handle.focus()
    page.keyboard.press("ArrowRight")
    in_order(page, "total", "regions", "months", "list")
    said(page, "“Revenue months” is now 3 of 4.")
    expect(handle).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    said(page, "“Revenue months” is 8 of 12 columns wide and as high as its content asks.")
    page.keyboard.press("Shift+ArrowDown")
    said(page, "“Revenue months” is 8 of 12 columns wide and 7 rows high.")
    expect(handle).to_be_focused()

    page.keyboard.press("Control+z")
    said(page, "Taken back: resizing “Revenue months”.")
    page.keyboard.press("Control+Shift+z")
    said(page, "Done again: resizing “Revenue months”.")
    on_board(page, "total").get_by_role("button", name="Actions for").click()
    on_board(page, "total").get_by_role("menuitem", name="Remove figure").click()
    in_order(page, "regions", "months", "list")
    expect(on_board(page, "regions").locator("[data-grip]")).to_be_focused()
    on_board(page, "list").get_by_role("button", name="Actions for").click()
    on_board(page, "list").get_by_role("menuitem", name="Copy figure").click()
    in_order(page, "regions", "months", "list", "tile-1")
    expect(on_board(page, "tile-1").locator("tbody tr")).to_have_count(3)

    page.get_by_role("button", name="Save dashboard").click()
    page.wait_for_url(lambda url: "/edit" not in url)
    saved = spec_of(product, own_dashboard)["spec"]["tiles"]
    assert [(one["id"], one["width"], one["height"]) for one in saved][:2] == [("regions", 6, None), ("months", 8, 7)]
    months = page.locator("[data-tile=months]")
    expect(months.locator(".o-plot")).to_be_visible()
    until(lambda: height_of(months) >= 7 * 68 - 16, timeout_s=20, why="the figure is not as high as asked")
    assert owner.problems == []


def test_figures_are_dragged_and_sized_by_the_pointer(product: Product, owner: Watched, own_dashboard: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{own_dashboard}/edit")
    in_order(page, "total", "months", "regions", "list")
    expect(on_board(page, "months").locator(".o-plot")).to_be_visible()
    months = on_board(page, "months").bounding_box()
    assert months is not None
    right_half = (months["x"] + months["width"] * 0.9, months["y"] + 60)
    pulled(page, on_board(page, "total").locator("[data-grip]"), right_half)
    in_order(page, "months", "total", "regions", "list")
    said(page, "“Revenue total” is now 2 of 4.")
    expect(on_board(page, "total").locator("[data-grip]")).to_be_focused()

    corner = on_board(page, "months").locator("[data-corner]")
    box = corner.bounding_box()
    assert box is not None
    pulled(page, corner, (box["x"] - 185, box["y"] + 150))
    until(
        lambda: "s7" in str(on_board(page, "months").get_attribute("class")).split(), why="it did not become narrower"
    )
    expect(on_board(page, "months")).to_have_attribute("style", "--o-rows: 8;")

    handle = on_board(page, "total").locator("[data-grip]")
    box = handle.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] - 300, box["y"] + 40, steps=6)
    expect(page.locator("[data-drop]")).to_have_count(1)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator("[data-drop]")).to_have_count(0)
    in_order(page, "months", "total", "regions", "list")

    on_board(page, "list").locator("h2").dblclick()
    expect(page.locator("#tile-title")).to_have_value("Revenue list")
    expect(page.locator("#tile-title")).to_be_focused()
    second = on_board(page, "total").bounding_box()
    assert second is not None
    pulled(page, on_board(page, "list").locator("[data-grip]"), (second["x"] + 40, second["y"] + 3))
    figures = page.locator(".o-figures > li")
    expect(figures.nth(1)).to_contain_text("Revenue list")
    figures.nth(1).locator("[data-grip]").press("ArrowUp")
    expect(figures.nth(0)).to_contain_text("Revenue list")
    assert owner.problems == []


def test_what_is_not_saved_is_not_left_unasked(product: Product, owner: Watched, own_dashboard: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{own_dashboard}")
    page.get_by_role("link", name="Edit").click()
    in_order(page, "total", "months", "regions", "list")
    on_board(page, "total").locator("[data-grip]").focus()
    page.keyboard.press("ArrowRight")
    in_order(page, "months", "total", "regions", "list")
    page.get_by_role("link", name="Cancel").click()
    question = page.locator("#leave")
    expect(question).to_be_visible()
    question.get_by_role("button", name="Go on editing").click()
    expect(question).not_to_be_visible()
    page.evaluate("history.back()")
    expect(question).to_be_visible()
    question.get_by_role("button", name="Leave without saving").click()
    expect(page.locator("[data-tile=total]")).to_be_visible()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    assert spec_of(product, own_dashboard)["spec"]["tiles"][0]["id"] == "total"

    page.get_by_role("link", name="Edit").click()
    in_order(page, "total", "months", "regions", "list")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("link", name="Edit")).to_be_visible()
    assert owner.problems == []


def test_second_to_save_is_told_and_keeps_the_changes_as_a_copy(
    product: Product, owner: Watched, colleague: Watched, own_dashboard: str
) -> None:
    address = f"{product.url}/dashboards/{own_dashboard}/edit?figure=total"
    mine, theirs = owner.open(address), colleague.open(address)
    rename(mine, "Mine")
    rename(theirs, "Theirs")
    theirs.get_by_role("button", name="Save dashboard").click()
    theirs.wait_for_url(lambda url: "/edit" not in url)
    mine.get_by_role("button", name="Save dashboard").click()
    expect(mine.locator("#conflict")).to_be_visible()
    assert spec_of(product, own_dashboard)["title"] == "Theirs"
    mine.get_by_role("button", name="Save as a copy").click()
    mine.wait_for_url(lambda url: own_dashboard not in url)
    expect(mine.locator("h1")).to_contain_text("Mine")
    assert spec_of(product, own_dashboard)["title"] == "Theirs"


def test_catalogue_is_edited_and_a_second_editor_is_told(
    product: Product, owner: Watched, colleague: Watched, dataset_id: str
) -> None:
    address = f"{product.url}/datasets/{dataset_id}?tab=catalogue"
    mine, theirs = owner.open(address), colleague.open(address)
    for page in (mine, theirs):
        page.get_by_role("button", name="Edit Channel").click()
        expect(page.locator("#label_en")).to_have_value("Channel")
    theirs.fill("#label_sl", "Prodajna pot")
    theirs.locator("#catalogue-field [type=submit]").click()
    expect(theirs.locator("#catalogue-field")).not_to_be_visible()

    mine.fill("#words_en", "sales route; outlet")
    mine.locator("#catalogue-field [type=submit]").click()
    expect(mine.get_by_role("alert")).to_contain_text("meanwhile")
    expect(mine.locator("#words_en")).to_have_value("sales route; outlet")
    mine.get_by_role("button", name="Put my entries into it").click()
    expect(mine.locator("#catalogue-field")).not_to_be_visible()
    expect(mine.locator("tr", has_text="Channel")).to_contain_text("sales route, outlet")
    channel = next(one for one in catalogue_of(product, dataset_id)["dimensions"] if one["id"] == "channel")
    assert channel["synonyms"]["en"] == ["sales route", "outlet"]

    mine.select_option("#default-measure", label="Items")
    until(
        lambda: catalogue_of(product, dataset_id)["default_measure"] == "items",
        why="the default measure did not change",
    )
    mine.get_by_role("button", name="Edit Channel").click()
    mine.fill("#label_en", "")
    mine.locator("#catalogue-field [type=submit]").click()
    expect(mine.get_by_role("alert")).to_contain_text("Enter an English name")
    assert owner.problems == []


def test_rule_is_added_explained_and_removed(product: Product, owner: Watched) -> None:
    rows = "day,region,amount\n2025-01-01,North,1\n2025-01-02,South,2\n"
    started = product.rest(
        "POST", "/api/v1/ingestion/uploads", data={"name": "ruled"}, files={"file": ("ruled.csv", rows.encode())}
    ).json()
    status = f"/api/v1/ingestion/jobs/{started['job_id']}"
    until(lambda: product.rest("GET", status).json()["status"] == "succeeded", why="the upload did not end")
    address = f"/datasets/{started['dataset_id']}"
    page = owner.open(f"{product.url}{address}?tab=rules")
    expect(page.locator("#main, main").first).to_contain_text("every reader sees everything")

    page.get_by_role("button", name="Add rule").first.click()
    page.locator("#new-rule [type=submit]").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a field and a value")
    page.select_option("#rule-field", label="Region")
    page.fill("#rule-values", "North; West")
    page.get_by_label("Amount").check()
    page.locator("#new-rule [type=submit]").click()
    row = page.locator(".o-table tr", has_text="Viewer")
    expect(row).to_contain_text("North, West")
    expect(row).to_contain_text("Amount")
    expect(page.locator("#main, main").first).to_contain_text("Only the roles listed here see anything")
    stored = product.rest("GET", f"/api/v1{address}/rules").json()["items"]
    assert [(one["role"], one["rule"]["hidden_columns"]) for one in stored] == [("viewer", ["amount"])]

    page.get_by_role("button", name="Remove rule for Viewer").click()
    page.locator("#remove-rule").get_by_role("button", name="Remove rule").click()
    expect(page.locator("#main, main").first).to_contain_text("every reader sees everything")
    assert product.rest("GET", f"/api/v1{address}/rules").json()["items"] == []
    assert owner.problems == []


def test_dashboard_is_filtered_by_form_and_from_a_figure(product: Product, owner: Watched, dashboard_id: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    expect(page.locator("[data-tile=list] tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Add filter").first.click()
    page.select_option("#field", label="Channel")
    until(
        lambda: {one.get_attribute("value") for one in page.locator("#filter-values option").all()} == {"web", "shop"},
        why="the values were not offered",
    )
    page.fill("#value", "web")
    page.locator("#add-filter [type=submit]").click()
    expect(page.locator(".o-filter.on")).to_contain_text("Channel: web")

    tile = page.locator("[data-tile=regions]")
    expect(tile.locator(".o-plot")).to_be_visible()
    tile.get_by_role("button", name="Actions for").focus()
    page.keyboard.press("Enter")
    tile.get_by_role("menuitem", name="Filter by a value").click()
    page.locator("#panel").get_by_role("button", name="North").click()
    expect(page.locator(".o-filter.on")).to_have_count(2)
    expect(page.locator("[data-tile=list] tbody tr")).to_have_count(1)
    assert owner.problems == []


def test_understood_things_are_changed_one_by_one_and_go_on_in_the_editor(
    product: Product, owner: Watched, dataset_id: str
) -> None:
    page = owner.open(f"{product.url}/builder?dataset={dataset_id}")
    page.fill("#question", "revenue by month")
    page.keyboard.press("Enter")
    expect(page.locator("[popovertarget=chip-measure]")).to_contain_text("Revenue", timeout=60_000)
    expect(page.locator("[data-tile] .o-plot")).to_be_visible()

    page.locator("[popovertarget=chip-dimension]").click()
    page.locator("#chip-dimension").get_by_role("button", name="Region").click()
    expect(page.locator("[popovertarget=chip-dimension]")).to_contain_text("Region")
    page.locator("[popovertarget=chip-chart]").click()
    page.locator("#chip-chart").get_by_role("button", name="Table", exact=True).click()
    expect(page.locator("[data-tile] tbody tr")).to_have_count(3)
    expect(page.locator("[popovertarget=chip-measure]")).to_contain_text("Revenue")

    page.get_by_role("button", name="Open in editor").click()
    page.wait_for_url(lambda url: "/edit" in url)
    expect(page.locator("#tile-chart")).to_have_value("table")
    assert owner.problems == []


def test_every_figure_of_an_overview_has_chips_of_its_own(product: Product, owner: Watched, dataset_id: str) -> None:
    page = owner.open(f"{product.url}/builder?dataset={dataset_id}")
    page.fill("#question", "overview")
    page.keyboard.press("Enter")
    expect(page.locator("[data-figure]").nth(1)).to_be_visible(timeout=60_000)
    before = page.locator("[data-tile=tile-1] h2").inner_text()

    page.locator("[data-figure=tile-2]").click()
    expect(page.locator("[data-figure=tile-2]")).to_have_attribute("aria-pressed", "true")
    page.locator("[popovertarget=chip-dimension]").click()
    page.locator("#chip-dimension").get_by_role("button", name="Region").click()
    expect(page.locator("[popovertarget=chip-dimension]")).to_contain_text("Region")
    expect(page.locator("[data-tile=tile-2]")).to_contain_text("by region")
    expect(page.locator("[data-figure=tile-2]")).to_contain_text("by region")
    expect(page.locator("[data-tile=tile-1] h2")).to_have_text(before)
    assert owner.problems == []

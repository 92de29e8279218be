"""A dashboard narrowed, widened and drilled into, clicked through as a person does."""

from __future__ import annotations

import csv
import re

from playwright.sync_api import Page, expect

from tests.e2e.pages.conftest import SHOTS, Product, Watched, until

CHIP = ".o-filter.on"


def _click_bar(page: Page, tile: str, number: int) -> None:
    """Click into the middle of a bar: Plotly listens on the layer above the bars, not on each."""
    bar = page.locator(f"[data-tile={tile}] .bars .point path").nth(number)
    expect(bar).to_be_visible()
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.mouse.click(x, y)


def test_a_click_on_a_bar_narrows_every_figure_and_a_second_one_widens(
    product: Product, owner: Watched, dashboard_id: str
) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    rows = page.locator("[data-tile=list] tbody tr")
    expect(rows).to_have_count(3)
    _click_bar(page, "regions", 0)
    expect(page.locator(CHIP)).to_have_count(1)
    expect(page.locator(CHIP)).to_contain_text(re.compile("Region: (North|South|West)"))
    expect(rows).to_have_count(1)
    page.screenshot(path=SHOTS / "dashboard-narrowed.png", full_page=True)

    page.go_back()
    expect(page.locator(CHIP)).to_have_count(0)
    expect(rows).to_have_count(3)
    page.go_forward()
    expect(rows).to_have_count(1)
    _click_bar(page, "regions", 0)
    expect(page.locator(CHIP)).to_have_count(0)
    expect(rows).to_have_count(3)
    assert owner.problems == []


def test_any_range_of_days_stands_in_the_address(product: Product, owner: Watched, dashboard_id: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    number = page.locator("[data-tile=total] .o-drill")
    expect(number).to_be_visible()
    whole = number.text_content()
    page.select_option("#period", "chosen")
    page.fill("#period-start", "2025-03-01")
    page.fill("#period-end", "2025-03-31")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**period=2025-03-01..2025-03-31*")
    expect(number).not_to_have_text(str(whole))
    expect(page.locator("#period")).to_have_value("chosen")
    expect(page.locator("#period-end")).to_have_value("2025-03-31")
    expect(page.locator("[data-tile=total]")).to_contain_text("Mar")

    page.get_by_role("button", name="As saved").click()
    page.wait_for_url(f"**/dashboards/{dashboard_id}")
    expect(number).to_have_text(str(whole))
    assert owner.problems == []


def test_rows_behind_a_figure_are_paged_and_fetched_whole(product: Product, owner: Watched, dashboard_id: str) -> None:
    page = owner.open(f'{product.url}/dashboards/{dashboard_id}?f=[["region","in","North","South"]]')
    page.locator("[data-tile=total] .o-drill").click()
    panel = page.locator("#rows")
    expect(panel.locator("tbody tr")).to_have_count(96)
    expect(panel).to_contain_text("Rows 1 to 96")
    with page.expect_download() as caught:
        panel.get_by_role("link", name="All rows as CSV").click()
    lines = list(csv.DictReader(caught.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert {line["region"] if "region" in line else line["Region"] for line in lines} == {"North", "South"}
    page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()

    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    page.locator("[data-tile=total] .o-drill").click()
    expect(panel).to_contain_text("Rows 1 to 100")
    panel.get_by_role("button", name="Next").click()
    expect(panel).to_contain_text("Rows 101 to 144")
    expect(panel.locator("tbody tr")).to_have_count(44)
    panel.get_by_role("button", name="Before").click()
    expect(panel).to_contain_text("Rows 1 to 100")
    assert owner.problems == []


def test_further_values_and_other_comparisons(product: Product, owner: Watched, dashboard_id: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    rows = page.locator("[data-tile=list] tbody tr")
    for value, count in (("North", 1), ("West", 2)):
        page.get_by_role("button", name="Add filter").first.click()
        page.select_option("#field", label="Region")
        until(lambda: page.locator("#operator option").count() == 3, why="no comparisons were offered")
        page.fill("#value", value)
        page.locator("#add-filter [type=submit]").click()
        expect(rows).to_have_count(count)
    expect(page.locator(CHIP)).to_contain_text("Region: North, West")
    page.get_by_role("button", name="As saved").click()
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Add filter").first.click()
    page.select_option("#field", label="Region")
    until(lambda: page.locator("#operator option").count() == 3, why="no comparisons were offered")
    page.select_option("#operator", "not_in")
    page.fill("#value", "West")
    page.locator("#add-filter [type=submit]").click()
    expect(rows).to_have_count(2)
    assert owner.problems == []

"""Alerts and webhooks, clicked through as a person does: from the form to the message, acknowledged and deleted."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from backend_services.dashboards.alerts.schemas import AlertCreate
from tests.e2e.pages.conftest import SHOTS, Product, Watched, speak, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240, func_only=True)]


def test_an_alert_is_tried_made_fires_and_is_looked_after(product: Product, owner: Watched, dataset_id: str) -> None:
    assert dataset_id  # something that a person asked for is among the jobs
    page = owner.open(f"{product.url}/alerts")
    page.get_by_role("link", name="New alert").first.click()
    expect(page.locator("#alert-title")).to_be_visible(timeout=30_000)
    page.locator("#alert-title").fill("Sales below plan")
    page.locator("#alert-kind").select_option("below")
    page.locator("#alert-period").select_option("")
    page.locator("#alert-value").fill("1.000.000.000.000,5")
    page.get_by_role("button", name="Save alert").click()
    expect(page.get_by_role("link", name="Enter a number")).to_be_visible(timeout=30_000)
    page.locator("#alert-value").fill("1000000000000,5")
    page.get_by_role("button", name="Try on the last 90 days").click()
    expect(page.get_by_text("It would have fired 1 time in the last 90 days.")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Save alert").click()
    expect(page.get_by_role("heading", level=1, name="Sales below plan")).to_be_visible(timeout=30_000)

    def fired() -> bool:
        items = product.rest("GET", "/api/v1/alerts").json()["items"]
        return any(one["title"] == "Sales below plan" and one["state"] == "firing" for one in items)

    until(fired, timeout_s=90, why="the alert did not fire")
    made = page.url
    _is_counted_until_opened(product, owner, made.rsplit("/", 1)[-1])
    owner.open(made)
    expect(page.get_by_role("button", name="Acknowledge")).to_be_visible(timeout=30_000)
    expect(page.locator(".o-plot .js-plotly-plot, .js-plotly-plot").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Acknowledge").click()
    form = page.locator("dialog#acknowledge-alert")
    form.locator("#note").fill("I call the shop")
    form.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("I call the shop").first).to_be_visible(timeout=30_000)

    page = owner.open(f"{product.url}/alerts")
    row = page.locator("tr", has_text="Sales below plan").first
    expect(row).to_contain_text("firing")
    row.get_by_role("link", name="Sales below plan").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete alert").click()
    confirm = page.locator("dialog#delete-alert")
    confirm.get_by_role("textbox").fill("Sales below plan")
    confirm.get_by_role("button", name="Delete alert").click()
    expect(page.get_by_text("Alert Sales below plan deleted")).to_be_visible(timeout=30_000)
    assert owner.problems == []


def _is_counted_until_opened(product: Product, owner: Watched, alert_id: str) -> None:
    """Look at home, at the jobs and at an alert that nobody has opened: the page of one reads its messages."""
    told = "/api/v1/alerts/notices/unread"
    same = product.rest("GET", f"/api/v1/alerts/{alert_id}").json()
    again = {name: same[name] for name in AlertCreate.model_fields} | {"title": "Sales below plan again"}
    copy = product.rest("POST", "/api/v1/alerts", json=again).json()
    assert product.rest("POST", f"/api/v1/alerts/{copy['id']}/evaluate").is_success
    until(lambda: product.rest("GET", told).json()["unread"], timeout_s=60, why="the owner was not told")
    page = owner.open(f"{product.url}/")
    entry = page.get_by_role("navigation").locator("a[href='/alerts']")
    expect(entry.locator(".n")).to_have_text(re.compile(r"^[1-9]"), timeout=30_000)
    expect(page.get_by_role("heading", name="Latest jobs")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Evaluate: Sales below plan")).to_have_count(0)

    owner.open(f"{product.url}/jobs")
    expect(page.locator("tr", has_text="Orders").first).to_be_visible(timeout=30_000)
    expect(page.locator("tr", has_text="Sales below plan")).to_have_count(0)
    page.get_by_label("Started by").select_option("yes")
    expect(page.locator("tr", has_text="Sales below plan").first).to_be_visible(timeout=30_000)

    owner.open(f"{product.url}/alerts/{alert_id}")
    expect(page.get_by_role("heading", level=1, name="Sales below plan")).to_be_visible(timeout=30_000)
    owner.open(f"{product.url}/alerts/{copy['id']}")
    expect(page.get_by_role("heading", level=1, name="Sales below plan again")).to_be_visible(timeout=30_000)
    expect(entry.locator(".n")).to_have_count(0, timeout=30_000)
    assert product.rest("GET", told).json()["unread"] == 0
    assert product.rest("DELETE", f"/api/v1/alerts/{copy['id']}").is_success


def test_a_number_of_a_dashboard_is_watched_from_its_menu(product: Product, owner: Watched, dashboard_id: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    page.get_by_role("button", name="Actions for Revenue total").click()
    page.get_by_role("menuitem", name="Alert me about this number").click()
    expect(page.locator("#alert-title")).to_have_value("Revenue total", timeout=30_000)
    expect(page.get_by_text("It watches the number of a dashboard’s tile")).to_be_visible()
    page.locator("#alert-kind").select_option("above")
    page.locator("#alert-value").fill("1")
    page.get_by_role("button", name="Save alert").click()
    expect(page.get_by_role("heading", level=1, name="Revenue total")).to_be_visible(timeout=30_000)
    items = product.rest("GET", "/api/v1/alerts").json()["items"]
    made = next(one for one in items if one["title"] == "Revenue total")
    assert made["watched"] == {"kind": "tile", "dashboard_id": dashboard_id, "tile_id": "total"}
    assert product.rest("DELETE", f"/api/v1/alerts/{made['id']}").is_success
    assert owner.problems == []


def _looks_whole(page: Page, name: str) -> None:
    """Hold the page to axe and to the width of a phone, in both languages; English is left behind."""
    SHOTS.mkdir(exist_ok=True)
    for language in ("sl", "en"):
        speak(page, language)
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=SHOTS / f"{name}-{language}-{width}.png", full_page=True)
            found = Axe().run(page).response["violations"]
            assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_an_alert_for_others_on_part_of_the_rows_is_made_and_opened_as_it_stands(
    product: Product, owner: Watched, dataset_id: str
) -> None:
    person = product.rest("GET", "/api/v1/dashboards/colleagues").json()[0]
    speak(owner.open(f"{product.url}/alerts"), "en")
    page = owner.open(f"{product.url}/alerts/new/edit?dataset={dataset_id}")
    expect(page.locator("#alert-dataset")).to_have_value(dataset_id, timeout=30_000)
    page.locator("#alert-title").fill("North falls")
    page.locator("#alert-period").select_option("")
    page.locator("#alert-value").fill("1")
    page.locator("#where-field").select_option("region")
    expect(page.locator("#where-values option")).to_have_count(3, timeout=30_000)
    page.locator("#where-value").fill("North")
    page.get_by_role("button", name="Add filter").click()
    expect(page.get_by_role("button", name="Region: North")).to_be_visible(timeout=30_000)
    page.locator("#told-person").fill(person["email"])
    page.get_by_role("button", name="Add person").click()
    expect(page.get_by_role("button", name=person["email"])).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Save alert").click()
    expect(page.get_by_role("heading", level=1, name="North falls")).to_be_visible(timeout=30_000)

    alert_id = page.url.rsplit("/", maxsplit=1)[-1]
    made = product.rest("GET", f"/api/v1/alerts/{alert_id}").json()
    assert made["recipients"]["user_ids"] == [person["user_id"]]
    assert made["watched"]["filters"] == [{"field": "region", "operator": "in", "values": ["North"]}]

    page = owner.open(f"{product.url}/alerts/{alert_id}/edit")
    expect(page.get_by_role("button", name="Region: North")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name=person["email"])).to_be_visible()
    _looks_whole(page, "alert-form")
    page.get_by_role("button", name="Region: North").click()
    expect(page.get_by_text("All rows count.")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Add role").click()
    expect(page.get_by_role("button", name="Everybody with the role Viewer")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Save alert").click()
    expect(page.get_by_role("heading", level=1, name="North falls")).to_be_visible(timeout=30_000)
    changed = product.rest("GET", f"/api/v1/alerts/{alert_id}").json()
    assert (changed["recipients"]["user_ids"], changed["recipients"]["roles"]) == ([person["user_id"]], ["viewer"])
    assert changed["watched"]["filters"] == []
    assert product.rest("DELETE", f"/api/v1/alerts/{alert_id}").is_success
    assert owner.problems == []


def test_a_webhook_is_added_and_its_secret_shown_once(product: Product, owner: Watched) -> None:
    page = owner.open(f"{product.url}/webhooks")
    page.get_by_role("button", name="Add webhook").first.click()
    form = page.locator("dialog#webhook-form")
    expect(form).to_be_visible(timeout=30_000)
    form.locator("#name").fill("Shop bot")
    form.locator("#url").fill("https://hooks.example.org/omni")
    form.get_by_role("button", name="Add webhook").click()
    secret = page.locator("dialog#webhook-secret")
    expect(secret).to_contain_text("whsec_", timeout=30_000)
    secret.get_by_role("button", name="I have saved the secret").click()
    expect(secret).to_be_hidden(timeout=30_000)
    row = page.locator("tr", has_text="Shop bot")
    expect(row).to_contain_text("https://hooks.example.org/omni")
    row.get_by_role("button", name="Actions of Shop bot").click()
    page.get_by_role("button", name="Log").click()
    expect(page.locator("dialog#webhook-log")).to_contain_text("No message was sent yet.", timeout=30_000)
    assert "whsec_" not in page.content()
    assert owner.problems == []


def test_a_name_without_spaces_stays_on_the_page(product: Product, owner: Watched, dashboard_id: str) -> None:
    name = "W" * 120
    watched = {"kind": "tile", "dashboard_id": dashboard_id, "tile_id": "total"}
    asked = {"title": name, "watched": watched, "condition": {"kind": "threshold", "value": 1e30}}
    alert = product.rest("POST", "/api/v1/alerts", json=asked).json()
    sent = {"name": name, "url": f"https://example.com/{'p' * 300}"}
    webhook = product.rest("POST", "/api/v1/webhooks", json=sent).json()["webhook"]
    for width in (390, 1440):
        owner.page.set_viewport_size({"width": width, "height": 900})
        page = owner.open(f"{product.url}/alerts/{alert['id']}")
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=30_000)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    owner.page.set_viewport_size({"width": 390, "height": 900})
    page = owner.open(f"{product.url}/webhooks")
    for said in (name, sent["url"]):
        box = page.get_by_text(said).first.bounding_box(timeout=30_000)
        assert box is not None
        assert box["x"] + box["width"] <= 390, said
    assert product.rest("DELETE", f"/api/v1/alerts/{alert['id']}").is_success
    assert product.rest("DELETE", f"/api/v1/webhooks/{webhook['id']}").is_success
    assert owner.problems == []


def test_a_double_click_carries_out_once(product: Product, owner: Watched, dataset_id: str) -> None:
    assert dataset_id
    page = owner.open(f"{product.url}/webhooks")
    page.get_by_role("button", name="Add webhook").click()
    form = page.locator("dialog#webhook-form")
    form.get_by_label("Name").fill("Once")
    form.get_by_label("Address").fill("https://example.com/once")
    form.get_by_role("button", name="Add webhook").dblclick()
    expect(page.locator("dialog#webhook-secret")).to_be_visible(timeout=30_000)
    page = owner.open(f"{product.url}/webhooks")
    page.get_by_role("button", name="Add webhook").click()
    form.get_by_label("Name").fill("Once by key")
    form.get_by_label("Address").fill("https://example.com/once")
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")  # a key that is down already repeats
    page.keyboard.up("Enter")
    expect(page.locator("dialog#webhook-secret")).to_be_visible(timeout=30_000)
    owner.open(f"{product.url}/alerts")
    page.get_by_role("link", name="New alert").first.click()
    page.locator("#alert-title").fill("Once")
    page.locator("#alert-period").select_option("")
    page.locator("#alert-value").fill("900000000000")  # never reached, so it never tells anybody
    page.get_by_role("button", name="Save alert").dblclick()
    expect(page.get_by_role("heading", level=1, name="Once")).to_be_visible(timeout=30_000)
    owner.open(f"{product.url}/alerts")
    expect(page.locator("tr", has_text="Once")).to_have_count(1, timeout=30_000)
    for path, name, said in (
        ("alerts", "title", "Once"),
        ("webhooks", "name", "Once"),
        ("webhooks", "name", "Once by key"),
    ):
        made = [one for one in product.rest("GET", f"/api/v1/{path}").json()["items"] if one[name] == said]
        assert len(made) == 1, said
        assert product.rest("DELETE", f"/api/v1/{path}/{made[0]['id']}").is_success
    assert owner.problems == []

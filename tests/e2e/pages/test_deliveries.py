"""Subscribing, clicked through as a person does: from the dashboard to the file in the inbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.pages.conftest import SHOTS, Product, Watched, speak, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180, func_only=True)]


def test_a_dashboard_is_subscribed_to_sent_and_lies_in_the_inbox(
    product: Product, owner: Watched, dashboard_id: str
) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    page.get_by_role("button", name="Subscribe").click()
    form = page.locator("dialog#subscribe")
    expect(form).to_be_visible(timeout=30_000)
    form.locator("#title").fill("Every Friday")
    form.locator("#kind").select_option("weekly")
    form.get_by_role("checkbox", name="Monday").uncheck(timeout=30_000)
    form.get_by_role("checkbox", name="Friday").check()
    form.locator("#channel").select_option("inbox")
    form.get_by_role("button", name="Subscribe").click()
    expect(form).to_be_hidden(timeout=30_000)

    page = owner.open(f"{product.url}/deliveries")
    row = page.locator("tr", has_text="Every Friday")
    expect(row).to_contain_text("Every week: Friday at 07:00 (UTC)")
    expect(row).to_contain_text("active")
    row.get_by_role("button", name="Actions of Every Friday").click()
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("1 delivery is on its way.")).to_be_visible(timeout=30_000)

    def arrived() -> bool:
        items = product.rest("GET", "/api/v1/subscriptions").json()["items"]
        mine = next(one for one in items if one["title"] == "Every Friday")
        history = product.rest("GET", f"/api/v1/subscriptions/{mine['id']}/deliveries").json()["items"]
        return [one["state"] for one in history] == ["sent"]

    until(arrived, timeout_s=90, why="the delivery was not sent")
    row.get_by_role("button", name="Actions of Every Friday").click()
    page.get_by_role("button", name="History").click()
    expect(page.locator("dialog#history")).to_contain_text("sent")

    page = owner.open(f"{product.url}/inbox")
    item = page.locator("tr", has_text="Every Friday")
    expect(item).to_contain_text("new")
    expect(page.locator("aside").get_by_role("link", name=re.compile(r"Inbox\s*\d+\s*waiting"))).to_be_visible()
    with page.expect_download() as download:
        item.get_by_role("link", name="Every-Friday").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def test_the_dashboard_that_is_open_is_downloaded_as_pdf(product: Product, owner: Watched, dashboard_id: str) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    page.get_by_role("button", name="Download as a file").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


def _looks_whole(page: Page, form: Locator, name: str, *, language: str) -> None:
    """Hold the open form to axe and to the width of a phone, in the language that the page has."""
    expect(page.locator(f"html[lang={language}]")).to_be_attached(timeout=30_000)
    SHOTS.mkdir(exist_ok=True)
    for width, height in ((390, 844), (1440, 900)):
        page.set_viewport_size({"width": width, "height": height})
        form.evaluate("dialog => dialog.scrollTo(0, 0)")
        page.screenshot(path=SHOTS / f"{name}-{language}-{width}-top.png")
        form.evaluate("dialog => dialog.scrollTo(0, dialog.scrollHeight)")
        page.screenshot(path=SHOTS / f"{name}-{language}-{width}-foot.png")
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
        assert form.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") <= 0


def _mine(product: Product, title: str) -> dict[str, Any]:
    items = product.rest("GET", "/api/v1/subscriptions").json()["items"]
    return next(one for one in items if one["title"] == title)


def _subscribe_for_others(product: Product, owner: Watched, dashboard_id: str) -> str:
    """Subscribe a person, who is at first typed but not added, and a role; return the person's address."""
    page = owner.open(f'{product.url}/dashboards/{dashboard_id}?f=[["region","in","North"]]&period=30d')
    speak(page, "en")
    page.get_by_role("button", name="Subscribe").click()
    form = page.locator("dialog#subscribe")
    expect(form.get_by_role("button", name="Region: North")).to_be_visible(timeout=30_000)
    expect(form.locator("#period")).to_have_value("30d")
    form.locator("#title").fill("For the team")
    email = product.rest("GET", "/api/v1/dashboards/colleagues").json()[0]["email"]
    form.locator("#told-person").fill(email)
    form.get_by_role("button", name="Subscribe").click()
    expect(form.get_by_role("link", name="Add the person you typed")).to_be_visible(timeout=30_000)
    form.locator("#told-person").press("Enter")
    expect(form.get_by_role("button", name=email)).to_be_visible(timeout=30_000)
    form.locator("#told-role").select_option("viewer")
    form.get_by_role("button", name="Add role").click()
    expect(form.get_by_role("button", name="Everybody with the role Viewer")).to_be_visible(timeout=30_000)
    form.get_by_role("button", name="Subscribe").click()
    expect(form).to_be_hidden(timeout=30_000)
    return str(email)


def test_people_are_subscribed_by_name(product: Product, owner: Watched, dashboard_id: str) -> None:
    email = _subscribe_for_others(product, owner, dashboard_id)
    made = _mine(product, "For the team")
    people = {one["email"]: one["user_id"] for one in product.rest("GET", "/api/v1/dashboards/colleagues").json()}
    assert made["recipients"]["user_ids"] == [people[email]]
    assert made["recipients"]["roles"] == ["viewer"]
    assert made["filters"] == [{"field": "region", "operator": "in", "values": ["North"]}]
    assert made["period"] == {"kind": "last", "n": 30, "grain": "day", "start": None, "end": None}
    assert product.rest("DELETE", f"/api/v1/subscriptions/{made['id']}").is_success
    assert owner.problems == []


def _change(page: Page, form: Locator) -> None:
    """Change each part of the subscription that is open."""
    form.locator("#title").fill("For the board")
    form.locator("#kind").select_option("weekly")
    form.get_by_role("checkbox", name="Wednesday").check(timeout=30_000)
    form.locator("#time_zone").fill("Europe/Ljubljana")
    form.locator("#format").select_option("png")
    form.locator("#send_when").select_option("changed")
    form.locator("#channel").select_option("inbox")
    expect(form.locator("#addresses")).to_have_count(0, timeout=30_000)
    role = form.get_by_role("button", name="Everybody with the role Viewer")
    role.click()
    expect(role).to_have_count(0, timeout=30_000)
    form.get_by_role("button", name="Region: North").click()
    form.locator("#where-field").select_option("region")
    expect(form.locator("#where-values option")).to_have_count(3, timeout=30_000)
    form.locator("#where-operator").select_option("not_in")
    form.locator("#where-value").fill("South")
    form.locator("#where-value").press("Enter")
    expect(form.get_by_role("button", name="Region \N{NOT EQUAL TO} South")).to_be_visible(timeout=30_000)
    expect(form.get_by_role("button", name="Region: North")).to_have_count(0)
    form.get_by_role("button", name="Save").click()
    expect(page.locator("tr", has_text="For the board")).to_contain_text("Monday, Wednesday", timeout=30_000)


def test_a_subscription_is_opened_as_it_stands_and_changed(product: Product, owner: Watched, dashboard_id: str) -> None:
    person = product.rest("GET", "/api/v1/dashboards/colleagues").json()[0]
    to = {"user_ids": [person["user_id"]], "roles": ["viewer"]}
    body = {"title": "For all", "dashboard_id": dashboard_id, "recipients": to, "schedule": {"kind": "weekdays"}}
    narrowed = {"filters": [{"field": "region", "operator": "in", "values": ["North"]}]}
    made = product.rest("POST", "/api/v1/subscriptions", json=body | narrowed)
    assert made.status_code == 201, made.text

    page = owner.open(f"{product.url}/deliveries")
    speak(page, "en")
    page.locator("tr", has_text="For all").get_by_role("button", name="Actions of For all").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    form = page.locator("dialog#subscribe")
    expect(form.locator("#title")).to_have_value("For all", timeout=30_000)
    expect(form.locator("#kind")).to_have_value("weekdays")
    expect(form.get_by_role("button", name=person["email"])).to_be_visible()
    _looks_whole(page, form, "subscription-form", language="en")
    _change(page, form)

    changed = _mine(product, "For the board")
    assert changed["id"] == made.json()["id"]
    assert changed["schedule"] == {"kind": "weekly", "at": "07:00", "days": [1, 3]}
    assert (changed["format"], changed["channel"], changed["send_when"]) == ("png", "inbox", "changed")
    assert changed["time_zone"] == "Europe/Ljubljana"
    assert (changed["recipients"]["user_ids"], changed["recipients"]["roles"]) == (to["user_ids"], [])
    assert changed["filters"] == [{"field": "region", "operator": "not_in", "values": ["South"]}]
    assert product.rest("DELETE", f"/api/v1/subscriptions/{changed['id']}").is_success
    assert owner.problems == []


def test_a_customer_changes_a_subscription_in_the_portal_in_slovenian(
    product: Product, open_context: Callable[..., BrowserContext], signed_in: Callable[[str], list[Any]]
) -> None:
    context = open_context(viewport={"width": 1440, "height": 900}, locale="sl-SI", color_scheme="dark")
    context.add_cookies(signed_in("owner@acme.example"))
    watched = Watched(context.new_page())
    watched.watch()
    page = watched.open(f"{product.url}/portal/dashboards")
    speak(page, "sl")
    page.locator("main a[href^='/portal/dashboards/']").first.click()
    page.get_by_role("button", name="Naroči se").click()
    form = page.locator("dialog#subscribe")
    form.locator("#title").fill("Jutranji pregled")
    form.locator("#channel").select_option("inbox")
    form.get_by_role("button", name="Naroči se").click()
    expect(form).to_be_hidden(timeout=30_000)
    page = watched.open(f"{product.url}/deliveries")
    page.wait_for_url(f"{product.url}/portal/deliveries")
    page.get_by_role("button", name="Dejanja za Jutranji pregled").click()
    page.get_by_role("button", name="Uredi", exact=True).click()
    expect(form.locator("#title")).to_have_value("Jutranji pregled", timeout=30_000)
    expect(form.locator("#channel")).to_have_value("inbox")
    _looks_whole(page, form, "subscription-form", language="sl")
    form.locator("#kind").select_option("monthly")
    form.locator("#date").select_option("0", timeout=30_000)
    form.get_by_role("button", name="Shrani").click()
    expect(page.locator("tr", has_text="Jutranji pregled")).to_contain_text("Vsak mesec, dan zadnji", timeout=30_000)
    speak(page, "en")
    assert watched.problems == []

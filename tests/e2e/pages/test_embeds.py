"""An embed, from the button on a dashboard to the frame on another site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend_services.kernel.clock import now
from tests.e2e.pages.conftest import Product, Watched

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180, func_only=True)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Serve the files of ``tmp_path`` as another site and return its origin."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_embed_is_made_shown_on_another_site_and_revoked(
    product: Product, owner: Watched, dashboard_id: str, site: str, tmp_path: Path
) -> None:
    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    page.get_by_role("button", name="Embed", exact=True).click()
    form = page.locator("dialog#embed")
    expect(form.locator("#embed_title")).to_be_visible(timeout=30_000)
    form.locator("#embed_title").fill("On our site")
    form.locator("#origins").fill(site)
    form.locator("#allow_csv").select_option("yes")
    form.get_by_role("button", name="Create embed").click()
    code = form.locator(".o-code code")
    expect(code).to_contain_text("<iframe", timeout=30_000)
    made = product.rest("GET", f"/api/v1/embeds?dashboard_id={dashboard_id}").json()["items"][0]
    assert made["title"] == "On our site"
    frame_line = code.inner_text().replace(made["address"].partition("/embed/")[0], product.url)
    (tmp_path / "index.html").write_text(
        f'<!doctype html><html lang="en"><title>Acme</title><link rel="icon" href="data:,">{frame_line}</html>',
        encoding="utf-8",
    )

    page.goto(f"{site}/index.html")
    shown = page.frame_locator("iframe")
    expect(shown.locator("section.o-tile").first).to_be_visible(timeout=30_000)
    expect(shown.locator(".main-svg").first).to_be_visible(timeout=30_000)
    shown.get_by_role("button", name="Table").first.click()
    expect(shown.locator("table").first).to_be_visible()

    page = owner.open(f"{product.url}/dashboards/{dashboard_id}")
    page.get_by_role("button", name="Embed", exact=True).click()
    row = page.locator("dialog#embed tr", has_text="On our site")
    expect(row).to_contain_text("Active", timeout=30_000)
    row.get_by_role("button", name="Actions for On our site").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    page.locator("dialog#embed [role=alert]").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked", timeout=30_000)
    assert product.rest("GET", f"/api/v1/embeds/{made['id']}").json()["state"] == "revoked"


def test_an_embed_is_changed_in_the_list_of_all(product: Product, owner: Watched, dashboard_id: str) -> None:
    ends, later = (now() + timedelta(days=days) for days in (30, 60))
    wanted = {"dashboard_id": dashboard_id, "title": "Partner page", "expires_at": ends.isoformat()}
    made = product.rest("POST", "/api/v1/embeds", json=wanted).json()["embed"]
    page = owner.open(f"{product.url}/embeds?edit={made['id']}")
    form = page.locator("dialog#edit-embed")
    expect(form.locator("#embed_title")).to_have_value("Partner page", timeout=30_000)
    form.locator("#until").fill(later.date().isoformat())
    form.locator("#origins").fill("not a site")
    form.get_by_role("button", name="Save").click()
    expect(form).to_contain_text("https://www.example.com")
    form.locator("#origins").fill("https://partner.example.com")
    form.locator("#allow_csv").select_option("yes")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden(timeout=30_000)
    changed = product.rest("GET", f"/api/v1/embeds/{made['id']}").json()
    assert (changed["origins"], changed["allow_csv"]) == (["https://partner.example.com"], True)
    assert changed["expires_at"].startswith(later.date().isoformat())

    row = page.locator("tr", has_text="Partner page")
    row.get_by_role("button", name="Actions for Partner page").click()
    page.get_by_role("button", name="New secret").click()
    expect(page.locator("dialog#embed-secret")).to_contain_text("<iframe", timeout=30_000)
    page.locator("dialog#embed-secret").get_by_role("button", name="Close").click()
    row.get_by_role("button", name="Actions for Partner page").click()
    page.get_by_role("button", name="Revoke", exact=True).click()
    page.fill("#revoke-embed-word", "Partner page")
    page.locator("dialog#revoke-embed").get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("Revoked", timeout=30_000)
    row.get_by_role("button", name="Actions for Partner page").click()
    page.get_by_role("button", name="Remove from the list").click()
    expect(row).to_be_hidden(timeout=30_000)
    assert product.rest("GET", f"/api/v1/embeds/{made['id']}").status_code == 404
    assert owner.problems == []

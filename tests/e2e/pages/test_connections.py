"""Connections, clicked through as a person does: a database is tried and kept, a table of it becomes a dataset."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from backend_services.kernel.embedded.cellar import Cellar
from tests.e2e.pages.conftest import SHOTS, Product, Watched
from tests.factories.connections import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240, func_only=True)]
SLOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class Database:
    """Where the database listens that the tests connect to."""

    port: int
    name: str
    user: str


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run beside Playwright, which has a loop of its own in this thread."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, work).result()


async def _statements(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def database(cellar: Cellar) -> Iterator[Database]:
    """Return a database with two schemas and a login that may only read."""
    parts = urlsplit(cellar.admin_url)
    made = Database(port=parts.port or 5432, name="clicked_shop", user="clicked_reader")
    _run(
        _statements(
            cellar.admin_url,
            f"CREATE DATABASE {made.name}",
            f"CREATE ROLE {made.user} LOGIN PASSWORD '{PASSWORD}'",
        )
    )
    _run(
        _statements(
            parts._replace(path=f"/{made.name}").geturl(),
            "CREATE TABLE orders (id int, city text, iban text, amount numeric(10,2))",
            "INSERT INTO orders SELECT i, 'Bled', 'SI56', i FROM generate_series(1, 40) AS i",
            "CREATE SCHEMA stock",
            "CREATE TABLE stock.items (id int)",
            f"GRANT USAGE ON SCHEMA stock TO {made.user}",
            f"GRANT SELECT ON orders, stock.items TO {made.user}",
        )
    )
    yield made
    _run(_statements(cellar.admin_url, f"DROP DATABASE {made.name} WITH (FORCE)", f"DROP ROLE {made.user}"))


def _looks_whole(page: Page, name: str, *, languages: tuple[str, ...] = ("sl", "en")) -> None:
    """Hold a page to axe and to the width of a phone; to change the language closes what is open."""
    for language in languages:
        page.set_viewport_size({"width": 390, "height": 844})
        if len(languages) > 1:
            page.evaluate(f"document.querySelector('button[lang={language}]').click()")
        expect(page.locator(f"html[lang={language}]")).to_be_attached(timeout=SLOW_MS)
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}-{language}-phone.png", full_page=True)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.set_viewport_size({"width": 1440, "height": 900})
    page.screenshot(path=SHOTS / f"{name}-wide.png", full_page=True)


def _fill_in(page: Page, database: Database) -> None:
    """Fill in the form of a new connection, first with a wrong password, and try it."""
    page.locator(".o-phead").get_by_role("button", name="New connection").click()
    form = page.locator("dialog#connection-form")
    form.locator("#name").fill("Clicked shop")
    form.locator("#host").fill("127.0.0.1")
    form.locator("#port").fill(str(database.port))
    form.locator("#database").fill(database.name)
    form.locator("#username").fill(database.user)
    form.locator("#password").fill("wrong")
    form.locator("#tls").select_option("disable")
    expect(form.get_by_text("Only for a network that you trust")).to_be_visible(timeout=SLOW_MS)
    form.get_by_role("button", name="Test connection").click()
    outcome = form.locator("#connection-outcome")
    expect(outcome).to_contain_text("does not accept this user name and password", timeout=SLOW_MS)
    form.locator("#password").fill(PASSWORD)
    form.get_by_role("button", name="Test connection").click()
    expect(outcome).to_contain_text("The database answers: PostgreSQL", timeout=SLOW_MS)
    assert PASSWORD not in page.content()
    _looks_whole(page, "connection-form", languages=("en",))


def test_a_database_is_tried_kept_copied_from_and_deleted(product: Product, owner: Watched, database: Database) -> None:
    page = owner.open(f"{product.url}/connections")
    _fill_in(page, database)
    page.locator("dialog#connection-form").get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Clicked shop", timeout=SLOW_MS)
    row = page.locator("tr", has_text="orders")
    expect(row).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("searchbox", name="Find a table").fill("stock")
    expect(row).to_be_hidden(timeout=SLOW_MS)
    expect(page.locator("tr", has_text="items")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("searchbox", name="Find a table").fill("orders")
    page.get_by_role("link", name="orders").click()
    panel = page.locator("#table-columns")
    expect(panel.get_by_role("checkbox", name="iban")).to_be_checked(timeout=SLOW_MS)
    _looks_whole(page, "connection-columns", languages=("en",))
    panel.get_by_role("checkbox", name="iban").uncheck()
    panel.get_by_label("Name of the dataset").fill("Clicked orders")
    panel.get_by_role("button", name="Copy table").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Clicked orders", timeout=SLOW_MS)
    expect(page.locator(".o-stat", has_text="Rows")).to_contain_text("40", timeout=SLOW_MS)
    expect(page.locator("table")).not_to_contain_text("iban")
    _looks_whole(page, "copied-dataset")
    page.get_by_role("link", name="Clicked shop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clicked shop", timeout=SLOW_MS)
    page.get_by_role("link", name="Datasets from here").click()
    expect(page.locator("tr", has_text="Clicked orders")).to_contain_text("40", timeout=SLOW_MS)
    _looks_whole(page, "connection-datasets")

    page.get_by_role("button", name="Actions").click()
    page.get_by_role("button", name="Delete connection").click()
    asked = page.locator("dialog#delete-connection")
    expect(asked).to_contain_text("1 dataset is a copy from it", timeout=SLOW_MS)
    asked.get_by_role("textbox").fill("Clicked shop")
    asked.get_by_role("button", name="Delete connection").click()
    expect(page).to_have_url(f"{product.url}/connections", timeout=SLOW_MS)
    assert owner.problems == []


def test_a_sqlite_file_is_dropped_on_the_upload_and_its_tables_are_offered(
    product: Product, owner: Watched, tmp_path: Path
) -> None:
    path = tmp_path / "till.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE receipts (id INTEGER, total REAL)")
        connection.execute("INSERT INTO receipts VALUES (1, 9.5), (2, 3)")
    connection.close()
    page = owner.open(f"{product.url}/datasets")
    page.locator(".o-phead").get_by_role("button", name="Upload file").click()
    dialog = page.locator("dialog#upload")
    dialog.locator("input[type=file]").set_input_files(path)
    dialog.get_by_role("button", name="Upload file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("till", timeout=SLOW_MS)
    page.get_by_role("link", name="receipts").click()
    page.get_by_role("button", name="Copy table").click()
    expect(page.locator(".o-stat", has_text="Rows")).to_contain_text("2", timeout=SLOW_MS)
    assert owner.problems == []

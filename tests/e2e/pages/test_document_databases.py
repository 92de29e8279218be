"""MongoDB and Firestore, clicked through as a person does: the form, a collection that becomes a dataset."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.pages.conftest import SHOTS, Product, Watched, speak
from tests.factories.connections import PASSWORD
from tests.factories.mongodb import MongoServer, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240, func_only=True)]
SLOW_MS = 60_000


@pytest.fixture(scope="module")
def mongo() -> Iterator[MongoServer]:
    """Return a server with a shop in it that listens in a thread of its own; Playwright has this one's loop."""
    server = MongoServer(users={"reader@shop": PASSWORD})
    server.store["shop"]["orders"].insert_many(
        {"city": "Bled" if number % 2 else "Ptuj", "amount": number, "customer": {"name": f"C{number}"}}
        for number in range(1, 41)
    )
    listening, done, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

    async def listen() -> None:
        async with running(server):
            listening.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),))
    thread.start()
    assert listening.wait(timeout=30)
    yield server
    loop.call_soon_threadsafe(done.set)
    thread.join(timeout=30)
    loop.close()


def _fill_in(form: Locator, mongo: MongoServer) -> None:
    form.locator("#kind").select_option("mongodb")
    expect(form.get_by_text("name@database", exact=False)).to_be_visible(timeout=SLOW_MS)
    form.locator("#name").fill("Clicked documents")
    form.locator("#host").fill("127.0.0.1")
    form.locator("#port").fill(str(mongo.port))
    form.locator("#database").fill("shop")
    form.locator("#username").fill("reader")
    form.locator("#password").fill(PASSWORD)
    form.locator("#tls").select_option("disable")
    expect(form.get_by_text("Only for a network that you trust")).to_be_visible(timeout=SLOW_MS)


def test_a_collection_of_a_mongodb_becomes_a_dataset(product: Product, owner: Watched, mongo: MongoServer) -> None:
    page = owner.open(f"{product.url}/connections")
    speak(page, "en")
    SHOTS.mkdir(exist_ok=True)
    page.locator(".o-phead").get_by_role("button", name="New connection").click()
    form = page.locator("dialog#connection-form")
    _fill_in(form, mongo)
    form.locator("#username").fill("reader@elsewhere")
    form.get_by_role("button", name="Test connection").click()
    outcome = form.locator("#connection-outcome")
    expect(outcome).to_contain_text("does not accept this user name and password", timeout=SLOW_MS)
    form.locator("#username").fill("reader")
    form.get_by_role("button", name="Test connection").click()
    expect(outcome).to_contain_text("The database answers: MongoDB", timeout=SLOW_MS)
    assert PASSWORD not in page.content()
    form.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Clicked documents", timeout=SLOW_MS)
    expect(page.get_by_role("link", name="Collections")).to_be_visible()
    page.get_by_role("link", name="orders").click()
    panel = page.locator("#table-columns")
    expect(panel.get_by_role("checkbox", name="customer.name")).to_be_checked(timeout=SLOW_MS)
    page.screenshot(path=SHOTS / "connection-mongodb-collection.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    panel.get_by_role("checkbox", name="customer.name").uncheck()
    panel.get_by_label("Name of the dataset").fill("Clicked documents' orders")
    panel.get_by_role("button", name="Copy collection").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clicked documents' orders", timeout=SLOW_MS)
    expect(page.locator(".o-stat", has_text="Rows")).to_contain_text("40", timeout=SLOW_MS)
    expect(page.locator("table")).not_to_contain_text("customer.name")
    assert owner.problems == []


def test_what_was_tried_is_not_said_of_another_kind(product: Product, owner: Watched, mongo: MongoServer) -> None:
    page = owner.open(f"{product.url}/connections")
    speak(page, "en")
    page.locator(".o-phead").get_by_role("button", name="New connection").click()
    form = page.locator("dialog#connection-form")
    _fill_in(form, mongo)
    form.get_by_role("button", name="Test connection").click()
    expect(form.locator("#connection-outcome")).to_contain_text("The database answers", timeout=SLOW_MS)
    form.locator("#kind").select_option("firestore")
    expect(form.locator("#connection-outcome")).to_be_empty(timeout=SLOW_MS)
    assert owner.problems == []


def _walk(page: Page, form: Locator, kind: str, variant: str) -> None:
    """Open a kind of the form and hold it to axe, to the width of the window and to the keyboard."""
    form.locator("#kind").select_option(kind)
    expect(form.locator("#username")).to_have_count(0 if kind == "firestore" else 1, timeout=SLOW_MS)
    SHOTS.mkdir(exist_ok=True)
    for edge, place in (("top", "0"), ("foot", "dialog.scrollHeight")):
        form.evaluate(f"dialog => dialog.scrollTo(0, {place})")
        page.screenshot(path=SHOTS / f"connection-{kind}-{variant}-{edge}.png")
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    assert form.evaluate("dialog => dialog.scrollWidth - dialog.clientWidth") <= 0


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("en", "light", 1440), ("sl", "dark", 1440), ("sl", "light", 390)]
)
def test_the_form_is_whole_in_both_languages_and_themes(
    product: Product,
    open_context: Callable[..., BrowserContext],
    signed_in: Callable[[str], list[Any]],
    language: str,
    scheme: str,
    width: int,
) -> None:
    context = open_context(viewport={"width": width, "height": 844}, locale="en-GB", color_scheme=scheme)
    context.add_cookies(signed_in("owner@omni.example"))
    watched = Watched(context.new_page())
    watched.watch()
    page = watched.open(f"{product.url}/connections")
    speak(page, language)
    page.locator(".o-phead button:has(.lucide-plug)").click()
    form = page.locator("dialog#connection-form")
    expect(form.locator("#kind")).to_be_visible(timeout=SLOW_MS)
    for kind in ("mongodb", "firestore"):
        _walk(page, form, kind, f"{language}-{scheme}-{width}")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden(timeout=SLOW_MS)
    speak(page, "en")
    assert watched.problems == []

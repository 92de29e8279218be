"""The dashboard that people live in: it renews itself, fills a screen, and its tiles have a menu."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from backend_services.kernel.clock import now
from tests.e2e.pages.conftest import DEV_KEY, SHOTS, Product, Watched, until

SERIOUS = {"serious", "critical"}
WIDE = {"width": 1440, "height": 900}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240, func_only=True)]


Rest = Callable[..., httpx.Response]


@pytest.fixture
def living(product: Product) -> dict[str, str]:
    """Return a dataset of one's own, whose versions a test may add, and a dashboard over it."""
    return _made(product.rest)


def _made(rest: Rest) -> dict[str, str]:
    dataset_id = _upload(rest, [("North", 10), ("South", 20)])
    catalogue = rest("GET", f"/api/v1/datasets/{dataset_id}/catalogue").json()
    amount = next(one["id"] for one in catalogue["measures"] if one["column"] == "amount")
    region = next(one["id"] for one in catalogue["dimensions"] if one["column"] == "region")

    def tile(name: str, chart: str, *dimensions: str) -> dict[str, Any]:
        query = {"dataset_id": dataset_id, "measures": [amount], "dimensions": [{"field": one} for one in dimensions]}
        source = {"kind": "metric", "query": query}
        return {"id": name, "title": f"Amount {name}", "chart": chart, "source": source}

    tiles = [tile("total", "number"), tile("regions", "bar", region), tile("list", "table", region)]
    answer = rest("POST", "/api/v1/dashboards", json={"spec": {"title": "Living", "tiles": tiles}})
    assert answer.status_code == 201, answer.text
    return {"dataset": dataset_id, "dashboard": str(answer.json()["id"])}


def _upload(rest: Rest, rows: list[tuple[str, int]], *, to: str = "") -> str:
    """Upload a table of regions and amounts, as a new dataset or as the next version of one."""
    text = "region,amount\n" + "".join(f"{region},{amount}\n" for region, amount in rows * 3)
    path = f"/api/v1/datasets/{to}/versions" if to else "/api/v1/ingestion/uploads"
    file = {"file": ("living.csv", text.encode())}
    answer = rest("POST", path, data={} if to else {"name": "Living orders"}, files=file)
    assert answer.status_code == 202, answer.text
    started = answer.json()

    def ended() -> bool:
        view = rest("GET", f"/api/v1/ingestion/jobs/{started['job_id']}").json()
        assert view["status"] != "failed", view
        return bool(view["status"] == "succeeded")

    until(ended, timeout_s=60, why="the upload did not end")
    return str(started["dataset_id"])


def _number(page: Page) -> Any:
    return page.locator("[data-tile=total] .o-drill")


def _violations(page: Page) -> list[str]:
    return [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]


def _open_menu(page: Page, tile: str) -> Any:
    page.locator(f"[data-tile={tile}]").get_by_role("button", name="Actions for").click()
    menu = page.get_by_role("menu")
    expect(menu).to_be_visible()
    return menu


def test_a_new_version_of_the_data_reaches_every_open_page_and_nothing_else_changes(
    product: Product,
    owner: Watched,
    open_context: Callable[..., BrowserContext],
    signed_in: Callable[[str], list[Any]],
    living: dict[str, str],
) -> None:
    other = open_context(viewport=WIDE, locale="sl-SI")
    other.add_cookies(signed_in("owner@omni.example"))
    second = Watched(other.new_page())
    first = owner.open(f"{product.url}/dashboards/{living['dashboard']}")
    narrowed = second.open(f'{product.url}/dashboards/{living["dashboard"]}?f=[["region","in","North"]]')
    expect(_number(first)).to_contain_text("90")
    expect(_number(narrowed)).to_contain_text("30")
    first.get_by_role("button", name="Add filter").first.click()
    first.select_option("#field", label="Region")
    first.fill("#value", "half typed")

    _upload(product.rest, [("North", 15), ("South", 20), ("West", 1)], to=living["dataset"])

    expect(_number(narrowed)).to_contain_text("45")
    expect(_number(first)).to_contain_text("108")
    expect(first.locator("[data-tile=list] tbody tr")).to_have_count(3)
    expect(first.locator("#add-filter")).to_be_visible()
    expect(first.locator("#value")).to_have_value("half typed")
    expect(first.locator("#value")).to_be_focused()
    expect(narrowed.locator(".o-filter.on")).to_have_count(1)
    assert owner.problems == []


def test_figures_renew_themselves_while_they_are_seen(product: Product, owner: Watched, living: dict[str, str]) -> None:
    page = owner.page
    page.clock.install()
    owner.open(f"{product.url}/dashboards/{living['dashboard']}")
    expect(_number(page)).to_be_visible()
    expect(page.locator(".o-updated")).to_have_text(re.compile(r"Updated \d\d:\d\d:\d\d"))
    page.select_option("#refresh", "30s")
    page.wait_for_url("**refresh=30s*")
    expect(page.locator("[data-every]")).to_have_attribute("data-every", "30")

    def renewed_by(seconds: int, *, within_ms: int = 15_000) -> bool:
        """Return whether that many seconds on the page's clock renew the figures."""
        before = str(page.locator(".o-updated").text_content())
        until(lambda: not before.endswith(now().strftime("%S")), timeout_s=5, why="the second does not end")
        page.clock.run_for(seconds * 1000)
        try:
            expect(page.locator(".o-updated")).not_to_have_text(before, timeout=within_ms)
        except AssertionError:
            return False
        return True

    assert renewed_by(35)
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true, configurable: true})")
    assert not renewed_by(90, within_ms=4000)
    page.evaluate("delete document.hidden")
    assert renewed_by(2)

    page.reload()
    expect(page.locator("#refresh")).to_have_value("30s")
    page.select_option("#refresh", "off")
    page.wait_for_url("**refresh=off*")
    expect(page.locator("[data-every]")).to_have_attribute("data-every", "0")
    assert not renewed_by(90, within_ms=4000)
    assert owner.problems == []


def test_a_dashboard_says_itself_how_often_it_renews(product: Product, owner: Watched, living: dict[str, str]) -> None:
    path = f"/api/v1/dashboards/{living['dashboard']}"
    now = product.rest("GET", path)

    def save(refresh_s: int) -> int:
        headers = {"X-API-Key": DEV_KEY, "If-Match": now.headers["ETag"]}
        changed = {"spec": now.json()["spec"] | {"refresh_s": refresh_s}}
        return httpx.put(f"{product.url}{path}", json=changed, headers=headers, timeout=30).status_code

    assert save(7) == 422
    assert save(300) == 200
    page = owner.open(f"{product.url}/dashboards/{living['dashboard']}")
    expect(page.locator("#refresh")).to_have_value("5m")
    owner.open(f"{product.url}/dashboards/{living['dashboard']}?refresh=off")
    expect(page.locator("#refresh")).to_have_value("off")


def test_the_editor_sets_how_often_a_dashboard_renews(product: Product, owner: Watched, living: dict[str, str]) -> None:
    page = owner.open(f"{product.url}/dashboards/{living['dashboard']}/edit")
    page.locator(".o-names summary").click()
    page.select_option("#dashboard-refresh", "15m")
    expect(page.locator("[data-undo]")).to_contain_text("changing how often it renews itself")
    page.get_by_role("button", name="Save dashboard").click()
    page.wait_for_url(lambda url: "/edit" not in url)
    expect(page.locator("#refresh")).to_have_value("15m")
    assert owner.problems == []


def test_the_menu_of_a_tile_is_a_menu_for_the_keyboard(
    product: Product, owner: Watched, living: dict[str, str]
) -> None:
    page = owner.open(f"{product.url}/dashboards/{living['dashboard']}")
    expect(_number(page)).to_be_visible()
    button = page.locator("[data-tile=regions]").get_by_role("button", name="Actions for")
    button.focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("menu")
    entries = menu.get_by_role("menuitem")
    expect(entries.first).to_be_focused()
    assert _violations(page) == []
    menu.screenshot(path=SHOTS / "tile-menu.png")
    page.keyboard.press("ArrowUp")
    expect(entries.last).to_be_focused()
    page.keyboard.press("Home")
    expect(entries.first).to_be_focused()
    page.keyboard.press("s")
    expect(menu.get_by_role("menuitem", name="Show large")).to_be_focused()
    page.keyboard.press("s")
    expect(menu.get_by_role("menuitem", name="Show the rows")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).not_to_be_visible()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(entries.first).to_be_focused()
    page.keyboard.press("Tab")
    expect(menu).not_to_be_visible()
    assert owner.problems == []


def test_the_menu_gives_files_and_a_call_that_runs(product: Product, owner: Watched, living: dict[str, str]) -> None:
    page = owner.open(f'{product.url}/dashboards/{living["dashboard"]}?f=[["region","in","North","O\'Hara"]]')
    expect(_number(page)).to_contain_text("30")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.url)
    began = {"CSV": b"\xef\xbb\xbf", "XLSX": b"PK\x03\x04", "PNG": b"\x89PNG"}
    for name, first_bytes in began.items():
        with page.expect_download() as caught:
            _open_menu(page, "regions").get_by_role("menuitem", name=f"Download {name}").click()
        written = caught.value.path().read_bytes()
        assert written.startswith(first_bytes)
        if name == "CSV":
            (row,) = csv.DictReader(io.StringIO(written.decode("utf-8-sig")))
            assert "North" in row.values()

    _open_menu(page, "total").get_by_role("menuitem", name="Copy as REST call").click()
    expect(page.locator(".o-flash")).to_contain_text("The call is copied")
    call = page.evaluate("navigator.clipboard.readText()")
    assert DEV_KEY not in call
    assert product.url in call
    surroundings = {**os.environ, "OMNI_KEY": DEV_KEY}  # noqa: TID251 - handed on to the shell
    answer = subprocess.run(
        [str(shutil.which("bash")), "-c", call], env=surroundings, capture_output=True, check=True, timeout=30
    )
    result = json.loads(answer.stdout)
    assert (result["tile_id"], result["number"]["value"]) == ("total", 30.0)
    assert owner.problems == []


def test_one_figure_large_with_its_table_and_its_computation(
    product: Product, owner: Watched, living: dict[str, str]
) -> None:
    page = owner.open(f"{product.url}/dashboards/{living['dashboard']}")
    expect(_number(page)).to_be_visible()
    _open_menu(page, "regions").get_by_role("menuitem", name="Show large").click()
    large = page.locator("#large")
    expect(large.locator(".o-plot .bars .point").first).to_be_visible()
    box, tile = large.locator(".o-plot").bounding_box(), page.locator("[data-tile=regions]").bounding_box()
    assert box is not None
    assert tile is not None
    assert box["width"] > 1.5 * tile["width"]
    expect(large.locator("tbody tr")).to_have_count(2)
    expect(large).to_contain_text("SELECT")
    assert _violations(page) == []
    page.screenshot(path=SHOTS / "tile-large.png")
    _upload(product.rest, [("North", 1), ("South", 2), ("West", 3)], to=living["dataset"])
    expect(large.locator("tbody tr")).to_have_count(3)
    expect(large).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).not_to_be_visible()
    assert owner.problems == []


def test_a_dashboard_fills_the_screen_by_key_and_by_address(
    product: Product, owner: Watched, living: dict[str, str]
) -> None:
    page = owner.open(f"{product.url}/dashboards/{living['dashboard']}?refresh=1m")
    page.set_viewport_size({"width": 1920, "height": 1080})
    expect(_number(page)).to_be_visible()
    small = page.locator("[data-tile=regions] h2").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    page.keyboard.press("f")
    page.wait_for_url("**view=full*")
    expect(page.locator(".o-side")).not_to_be_visible()
    expect(page.locator(".o-top")).not_to_be_visible()
    expect(page.locator("#refresh")).to_have_value("1m")
    large = page.locator("[data-tile=regions] h2").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert large > 1.2 * small
    assert _violations(page) == []
    page.screenshot(path=SHOTS / "dashboard-full.png")
    page.keyboard.press("f")
    expect(page.locator(".o-side")).to_be_visible()
    assert "view=" not in page.url

    owner.open(f"{product.url}/dashboards/{living['dashboard']}?view=full&refresh=1m")
    expect(page.locator(".o-full h1")).to_have_text("Living")
    expect(page.locator(".o-side")).not_to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".o-side")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query) == {"refresh": ["1m"]}

    page.set_viewport_size({"width": 390, "height": 844})
    owner.open(f"{product.url}/dashboards/{living['dashboard']}?view=full")
    expect(_number(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert owner.problems == []


def test_a_figure_is_subscribed_to_and_commented_from_its_menu(
    product: Product, owner: Watched, living: dict[str, str]
) -> None:
    page = owner.open(f"{product.url}/dashboards/{living['dashboard']}")
    expect(_number(page)).to_be_visible()
    _open_menu(page, "regions").get_by_role("menuitem", name="Comment on this figure").click()
    comments = page.locator("#comments")
    expect(comments.locator("#comment-tile")).to_have_value("regions")
    comments.locator("#comment-body").fill("Why so few in the West?")
    comments.get_by_role("button", name="Add comment").click()
    expect(comments.locator("article")).to_contain_text("Why so few in the West?")
    expect(comments).to_contain_text("Amount regions")
    comments.get_by_role("button", name="Close").click()

    _open_menu(page, "list").get_by_role("menuitem", name="Subscribe to this figure").click()
    form = page.locator("#subscribe")
    expect(form.locator("#tile")).to_have_value("list")
    expect(form.locator("#title")).to_have_value("Amount list")
    form.locator("#format").select_option("csv")
    form.get_by_role("button", name="Subscribe").click()
    expect(form).not_to_be_visible()
    made = product.rest("GET", "/api/v1/subscriptions").json()["items"]
    assert [one["tile_id"] for one in made if one["dashboard_id"] == living["dashboard"]] == ["list"]
    assert owner.problems == []


def test_a_member_lives_in_the_portal_with_the_same_page(
    product: Product, open_context: Callable[..., BrowserContext], signed_in: Callable[[str], list[Any]]
) -> None:
    login = {"email": "owner@acme.example", "password": product.password}
    token = httpx.post(f"{product.url}/api/v1/auth/login", json=login, timeout=30).json()["access_token"]

    def rest(method: str, path: str, **options: Any) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {token}"}
        return httpx.request(method, f"{product.url}{path}", headers=bearer, timeout=30, **options)

    assert rest("PATCH", "/api/v1/auth/me", json={"language": "en"}).is_success  # other journeys switch it
    living = _made(rest)
    context = open_context(viewport=WIDE, locale="en-GB")
    context.add_cookies(signed_in("owner@acme.example"))
    watched = Watched(context.new_page())
    watched.watch()
    page = watched.open(f"{product.url}/portal/dashboards/{living['dashboard']}?refresh=5m")
    expect(_number(page)).to_contain_text("90")
    _open_menu(page, "total").get_by_role("menuitem", name="Comment on this figure").click()
    expect(page.locator("#comment-tile")).to_have_value("total")
    page.locator("#comments").get_by_role("button", name="Close").click()

    page.get_by_role("button", name="Add filter").first.click()
    page.select_option("#field", label="Region")
    page.fill("#value", "North")
    page.locator("#add-filter").get_by_role("button", name="Add filter").click()
    page.wait_for_url("**/portal/dashboards/*f=*")
    expect(_number(page)).to_contain_text("30")
    expect(page.locator("#refresh")).to_have_value("5m")
    page.keyboard.press("f")
    expect(page.locator(".o-ptop")).not_to_be_visible()

    _upload(rest, [("North", 11), ("South", 20)], to=living["dataset"])
    expect(_number(page)).to_contain_text("33")
    assert watched.problems == []

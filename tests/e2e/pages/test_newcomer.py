"""The first minutes: from the printed link to the first dashboard, by sample and by one's own file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, expect

from tests.e2e.pages.conftest import SHOTS, Watched
from tests.e2e.pages.newcomer import Effort, Newcomer, link_in
from tests.e2e.processes.running import running

MOST_CLICKS = 8
SERIOUS = {"serious", "critical"}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300, func_only=True)]


def _sales(folder: Path) -> Path:
    path = folder / "prodaja.csv"
    rows = [
        f"2025-{month:02d}-{day:02d};{city};{month * day},50"
        for month in range(1, 13)
        for day in (3, 14, 25)
        for city in ("Ljubljana", "Maribor", "Koper")
    ]
    path.write_text("\n".join(["datum;mesto;prihodek", *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("language", "theme", "size", "own_file"),
    [("en", "light", (1440, 900), False), ("sl", "dark", (390, 844), True)],
    ids=["sample-en-light-wide", "file-sl-dark-phone"],
)
def test_newcomer_reaches_a_dashboard(
    language: Literal["en", "sl"],
    theme: Literal["light", "dark"],
    size: tuple[int, int],
    own_file: bool,  # noqa: FBT001 - a case of the test
    tmp_path: Path,
    open_context: Callable[..., BrowserContext],
) -> None:
    shown: list[str] = []
    serious: list[str] = []
    context = open_context(locale="en-GB", color_scheme=theme, viewport={"width": size[0], "height": size[1]})
    watched = Watched(context.new_page())
    watched.watch()

    def look(step: str) -> None:
        shown.append(step)
        SHOTS.mkdir(exist_ok=True)
        watched.page.screenshot(path=SHOTS / f"newcomer-{step}-{language}-{theme}.png", full_page=True)
        found = Axe().run(watched.page).response["violations"]
        serious.extend(f"{step}: {one['id']}" for one in found if one["impact"] in SERIOUS)

    with (
        tempfile.TemporaryDirectory(prefix="omni-new-", ignore_cleanup_errors=True) as data,
        running(Path(data)) as omni,
    ):
        omni.wait_for("/setup?token=")
        person = Newcomer(watched.page, Effort(), look)
        link = link_in(omni.printed)
        person.begin(link, language)
        if own_file:
            person.bring(_sales(tmp_path))
        else:
            person.take_sample()
        person.ask()
        assert watched.page.locator("[data-tile]").count() > 2, "the first dashboard is a single figure"
        expect(watched.page.locator("[data-tile]", has_text="108" if own_file else "200k").first).to_be_visible()
        expect(watched.page.locator("html")).to_have_attribute("lang", language)
        watched.page.goto(link)
        expect(watched.page.locator("#omni")).to_contain_text("Sign in" if language == "en" else "Prijav")
    assert person.effort.clicks <= MOST_CLICKS + 4 * own_file
    assert len(shown) == 6
    assert serious == []
    assert watched.problems == []

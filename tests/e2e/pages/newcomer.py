"""A newcomer's way from the printed set-up link to the first dashboard, with what a person would need for it.

The person's part follows the Keystroke-Level Model (Card, Moran, Newell 1980, doi:10.1145/358886.358895): its times
are of average people, not of experts. Reading is silent reading of English (Brysbaert 2019, 238 words a minute), of
every line that was not on a step before, though few people read all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page, expect

THINK_S = 1.35
POINT_S = 1.1
PRESS_S = 0.2
REACH_S = 0.4
KEY_S = 0.28
WORDS_A_MINUTE = 238.0
DATA_S = 60_000.0
LINK = re.compile(r"https?://\S+/setup\?token=\S+")
CONTINUE = {"en": "Continue", "sl": "Naprej"}
NAMES = {"en": "English", "sl": "Slovenščina"}


@dataclass(slots=True)
class Effort:
    """What a person did and read."""

    clicks: int = 0
    fields: int = 0
    keys: int = 0
    words: int = 0

    @property
    def seconds(self) -> float:
        """How long a person takes for it, the machine's answers not counted."""
        clicks = self.clicks * (THINK_S + POINT_S + PRESS_S)
        typed = self.fields * (THINK_S + REACH_S) + self.keys * KEY_S
        return clicks + typed + 60 * self.words / WORDS_A_MINUTE


@dataclass(slots=True)
class Newcomer:
    """Somebody who sees the product for the first time.

    Attributes:
        look: Called with the name of every step once it can be read.
    """

    page: Page
    effort: Effort
    look: Callable[[str], None]
    seen: set[str] = field(default_factory=set)

    def begin(self, link: str, language: Literal["en", "sl"]) -> None:
        """Open the link, choose the language, and make the account."""
        page = self.page
        page.goto(link)
        page.locator("#omni[data-ready=true]").wait_for(state="attached")
        expect(page.locator("input[name=language][type=radio]")).to_have_count(2)
        self._read("1-language")
        self._click(page.locator("label.o-opt", has_text=NAMES[language]))
        expect(page.locator("html")).to_have_attribute("lang", language)
        self._click(page.locator("main .o-btn.pri"))
        expect(page.locator("#tenant_name")).to_be_visible()
        self._read("2-owner")
        for name, value in (
            ("tenant_name", "Modri bor d.o.o."),
            ("name", "Ana Novak"),
            ("email", "ana@modribor.example"),
            ("password", "velik-moder-granit-24"),
        ):
            self._type(page.locator(f"#{name}"), value)
        self._click(page.locator("form[action='/auth/set-up'] button[type=submit]"))
        page.wait_for_url(lambda url: "/welcome" in url)
        expect(page.locator("main li button, .o-list li button").first).to_be_visible()
        self._read("3-data")

    def take_sample(self) -> None:
        """Take the first sample."""
        self._click(self.page.locator(".o-list li button").first)

    def bring(self, file: Path) -> None:
        """Choose a file of one's own, and send it; three clicks in the window of the system are counted."""
        self.page.set_input_files("#first-file", file)
        self.effort.clicks += 3
        self._click(self.page.locator("[data-upload-send]").first)

    def ask(self) -> None:
        """Take the first question that is offered, and keep its answer as a dashboard."""
        page = self.page
        example = page.locator("[data-ask]").first
        expect(example).to_be_visible(timeout=DATA_S)
        self._read("4-question")
        self._click(example)
        self._click(page.locator("main form button[type=submit], .o-wizcol form button[type=submit]").first)
        page.wait_for_url(lambda url: "/builder" in url)
        self._is_shown()
        self._read("5-answer")
        self._click(page.locator("[data-save-dashboard], main .o-btn.pri", has_text=re.compile("Save|Shrani")).first)
        page.wait_for_url("**/dashboards/*")
        self._is_shown()
        self.look("6-dashboard")

    def _is_shown(self) -> None:
        """Wait until every figure is there: what each says of its source is the last of it."""
        tiles = self.page.locator("[data-tile]")
        expect(tiles.first).to_be_visible(timeout=DATA_S)
        for tile in tiles.all():
            expect(tile).to_contain_text(re.compile(r"20\d\d"), timeout=DATA_S)

    def _read(self, name: str) -> None:
        lines = set(self.page.locator("#omni").inner_text().splitlines())
        self.effort.words += sum(len(line.split()) for line in lines - self.seen)
        self.seen |= lines
        self.look(name)

    def _click(self, target: Locator) -> None:
        target.click()
        self.effort.clicks += 1

    def _type(self, target: Locator, value: str) -> None:
        target.fill(value)
        self.effort.fields += 1
        self.effort.keys += len(value)


def link_in(printed: str) -> str:
    """Return the set-up link that a first start prints."""
    found = LINK.search(printed)
    assert found is not None, printed
    return found[0]

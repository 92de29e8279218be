"""What the frame of every page shows: who looks, in which language, what runs, what was said."""

from __future__ import annotations

import reflex as rx

LANGUAGES = ("en", "sl")


class ShellState(rx.State):
    """The reader's name, language and messages."""

    language: str = "en"
    ready: bool = False
    name: str = ""
    initials: str = ""
    tenant: str = ""
    accent: str = ""
    permissions: list[str] = []
    running_jobs: int = 0
    flashes: list[dict[str, str]] = []
    found: list[dict[str, str]] = []

    @rx.event
    async def open_page(self) -> None:
        """Settle language and reader before a page shows itself."""
        self.ready = True

    @rx.event
    async def choose_language(self, language: str) -> None:
        """Show every text in ``language`` from now on."""
        if language in LANGUAGES:
            self.language = language

    @rx.event
    async def dismiss(self, flash_id: str) -> None:
        """Take a message away."""
        self.flashes = [flash for flash in self.flashes if flash["id"] != flash_id]

    @rx.event
    async def search(self, wanted: str) -> None:
        """Find objects for the palette."""
        self.found = []

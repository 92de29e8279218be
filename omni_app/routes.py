"""Every page there is: one table for navigation, guards, documentation and tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend_services.kernel.permissions import Permission


class Face(StrEnum):
    """Who a page is for."""

    CONSOLE = "console"
    OPEN = "open"
    PORTAL = "portal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A page.

    Attributes:
        path: Address; ``[name]`` is a parameter.
        page: Module below ``omni_app.pages`` whose function ``page`` makes it.
        title: Text key of the browser's title.
        permission: What the reader needs; ``None`` is everybody.
        group: Heading in the navigation; empty for the one without.
        icon: Lucide name; empty keeps the page out of the navigation.
        key: Letter that goes there after ``g``.
        area: Entry of the navigation that is marked while this page is open; default is the page itself.
    """

    path: str
    page: str
    title: str
    face: Face = Face.CONSOLE
    permission: Permission | None = None
    group: str = ""
    icon: str = ""
    key: str = ""
    area: str = ""

    @property
    def name(self) -> str:
        """Return the page's module path, which is unique."""
        return self.page


ROUTES: Final[tuple[Route, ...]] = (
    Route(path="/sign-in", page="open.sign_in", title="account.sign_in", face=Face.OPEN),
    Route(path="/setup", page="open.setup", title="setup.title", face=Face.OPEN),
    Route(path="/", page="console.home", title="home.title", permission=Permission.SELF_ACCOUNT_READ, icon="house", key="h"),
)


def route_of(name: str) -> Route:
    """Return the route whose page is ``name``.

    Raises:
        KeyError: There is none.
    """
    for route in ROUTES:
        if route.page == name:
            return route
    raise KeyError(name)

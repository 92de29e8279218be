"""Lists whose search, order and page live in the address: read from it, shown, and led on by links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

import reflex as rx

from backend_services.kernel.i18n import format_number, text
from backend_services.kernel.pagination import Page, PageRequest

PAGE_SIZE = 25
Item = TypeVar("Item")


class Listing(rx.State, mixin=True):
    """What ``components.tables.listing`` shows."""

    rows: list[dict[str, Any]] = []
    total: int = 0
    search: str = ""
    sort: str = ""
    sort_links: dict[str, str] = {}
    previous_href: str = ""
    next_href: str = ""
    clear_href: str = ""
    range_text: str = ""
    narrowed: bool = False
    loaded: bool = False


def address(path: str, parameters: Mapping[str, str | int]) -> str:
    """Return ``path`` with the parameters that are not empty."""
    kept = {name: value for name, value in parameters.items() if value not in ("", 0)}
    return f"{path}?{urlencode(kept)}" if kept else path


def read_request(parameters: Mapping[str, str], *, sortable: Sequence[str], default_sort: str = "") -> PageRequest:
    """Return what the address asks for; what it may not ask for falls back to the default."""
    sort = parameters.get("sort", default_sort)
    if sort.removeprefix("-") not in sortable:
        sort = default_sort
    number = parameters.get("page", "1")
    page = min(int(number), 10_000) if number.isdecimal() and int(number) > 0 else 1
    return PageRequest(limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE, sort=sort, search=parameters.get("q", "")[:200])


def show_page(
    state: Any,
    page: Page[Item],
    request: PageRequest,
    *,
    path: str,
    language: str,
    sortable: Sequence[str],
    keep: Mapping[str, str] | None = None,
) -> None:
    """Set everything but the rows: order, links to other orders and pages, which part of how many.

    Args:
        state: A state with :class:`Listing`.
        page: The answer of the service.
        request: What was asked for.
        path: Of the page.
        language: Of the range's text.
        sortable: Fields that the heads may sort by.
        keep: Further filters in the address.
    """
    kept: dict[str, str] = dict(keep or {})
    number = request.offset // request.limit + 1
    state.total, state.search, state.sort, state.loaded = page.total, request.search, request.sort, True
    state.narrowed = bool(request.search or any(kept.values()))
    state.clear_href = address(path, {"sort": request.sort})
    state.sort_links = {
        field: address(path, {**kept, "q": request.search, "sort": f"-{field}" if request.sort == field else field})
        for field in sortable
    }
    shared = {**kept, "q": request.search, "sort": request.sort}
    state.previous_href = (
        address(path, {**shared, "page": number - 1 if number > 2 else ""}) if number > 1 else ""  # noqa: PLR2004 - page 1 has no number
    )
    last = request.offset + len(page.items)
    state.next_href = address(path, {**shared, "page": number + 1}) if last < page.total else ""
    state.range_text = text(
        "ui.range",
        language,
        first=format_number(request.offset + 1 if page.items else 0, language),
        last=format_number(last, language),
        total=format_number(page.total, language),
    )

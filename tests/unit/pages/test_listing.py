"""Lists in the address: what is read from it and where the links lead."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from backend_services.kernel.pagination import Page
from state.listing import address, read_request, show_page

SORTABLE = ("name", "created_at")


@pytest.mark.parametrize(
    ("parameters", "sort", "offset", "search"),
    [
        ({}, "-created_at", 0, ""),
        ({"sort": "name", "page": "3", "q": "a"}, "name", 50, "a"),
        ({"sort": "password_hash"}, "-created_at", 0, ""),
        ({"page": "-1"}, "-created_at", 0, ""),
        ({"page": "9" * 30}, "-created_at", 249_975, ""),
        ({"page": "٣"}, "-created_at", 50, ""),
        ({"q": "x" * 500}, "-created_at", 0, "x" * 200),
    ],
)
def test_address_is_read_and_nonsense_falls_back(
    parameters: dict[str, str], sort: str, offset: int, search: str
) -> None:
    request = read_request(parameters, sortable=SORTABLE, default_sort="-created_at")
    assert (request.sort, request.offset, request.search) == (sort, offset, search)


def test_empty_parameters_leave_the_address() -> None:
    assert address("/jobs", {"q": "", "page": 0}) == "/jobs"
    assert address("/jobs", {"q": "a b&c", "page": 2}) == "/jobs?q=a+b%26c&page=2"


def test_links_lead_to_the_neighbours_and_keep_the_filters() -> None:
    state = SimpleNamespace()
    request = read_request({"page": "2", "q": "a", "sort": "name"}, sortable=SORTABLE)
    page: Page[int] = Page(items=tuple(range(25)), total=60, limit=25, offset=25)
    show_page(state, page, request, path="/jobs", language="en", sortable=SORTABLE, keep={"state": "failed"})
    assert state.range_text == "26\N{EN DASH}50 of 60"
    assert state.previous_href == "/jobs?state=failed&q=a&sort=name"
    assert state.next_href == "/jobs?state=failed&q=a&sort=name&page=3"
    assert state.sort_links["name"] == "/jobs?state=failed&q=a&sort=-name"
    assert state.sort_links["created_at"] == "/jobs?state=failed&q=a&sort=created_at"
    assert state.clear_href == "/jobs?sort=name"
    assert state.narrowed


def test_last_page_leads_nowhere_further() -> None:
    state = SimpleNamespace()
    request = read_request({}, sortable=SORTABLE)
    show_page(
        state, Page(items=(1,), total=1, limit=25, offset=0), request, path="/x", language="sl", sortable=SORTABLE
    )
    assert (state.previous_href, state.next_href, state.range_text) == ("", "", "1\N{EN DASH}1 od 1")
    assert not state.narrowed

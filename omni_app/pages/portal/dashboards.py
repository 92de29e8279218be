"""A customer's dashboards."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import Column, list_search, listing
from components.text import t
from components.ui.link import link
from components.ui.page import page_header, toolbar
from components.ui.states import empty
from omni_app.frame import portal
from omni_app.pages.console import library
from state.dashboards.listing import DashboardsState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the list of a customer's dashboards."""

    def name(row: Any) -> rx.Component:
        return link(row["title"].to(str), href="/portal" + row["href"].to(str), class_name="main")

    columns = (
        Column(key="star", label=t("library.favourite"), render=library.star, plain_head=True),
        Column(key="title", label=t("dashboards.name"), sort="title", render=name),
        Column(key="tiles", label=t("dashboards.figures"), numeric=True),
        Column(key="updated", label=t("dashboards.updated"), sort="updated_at"),
    )
    return portal(
        page_header(t("dashboards.title")),
        toolbar(list_search(State.search, State.find, name=t("dashboards.search")), library.choice_filter()),
        listing(
            columns,
            State,
            name=t("dashboards.title"),
            nothing=empty(t("portal.no_dashboards"), t("portal.no_dashboards_text")),
        ),
        name="portal.dashboards",
    )

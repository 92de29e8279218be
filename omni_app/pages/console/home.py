"""Home: ask, what there is, what runs, what was changed last."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.button import link_button
from components.ui.icon import hidden, icon
from components.ui.job_card import job_card
from components.ui.link import link
from components.ui.page import grid, page_header, source_line, tile
from components.ui.states import empty, skeleton
from omni_app.frame import console, may
from omni_app.pages.console.attention import attention
from state.home.page import HomeState as State

ON_LOAD = (State.load,)
COUNTS = (
    ("dashboards", "/dashboards", Permission.DASHBOARDS_DASHBOARD_READ),
    ("datasets", "/datasets", Permission.DATASETS_DATASET_READ),
    ("running", "/jobs?state=running&routine=yes", Permission.KERNEL_JOB_READ),
    ("failed", "/jobs?state=failed", Permission.KERNEL_JOB_READ),
)


def page() -> rx.Component:
    """Return the home page."""
    return console(
        rx.cond(
            State.loaded,
            rx.fragment(
                page_header(
                    State.greeting,
                    rx.cond(
                        may(Permission.DATASETS_DATASET_WRITE),
                        link_button(t("home.add_data"), href="/datasets", icon_name="plus"),
                    ),
                    rx.cond(
                        may(Permission.DASHBOARDS_DASHBOARD_BUILD),
                        link_button(t("home.ask"), href="/builder", kind="primary", icon_name="message-square-text"),
                    ),
                    lead=State.today,
                ),
                grid(
                    attention(),
                    *[rx.cond(may(permission), stat(name, href)) for name, href, permission in COUNTS],
                    rx.cond(State.first_steps, _first_steps()),
                    rx.cond(may(Permission.DASHBOARDS_DASHBOARD_READ), _recent()),
                    rx.cond(may(Permission.KERNEL_JOB_READ), _jobs()),
                ),
            ),
            rx.fragment(rx.el.h1(t("home.title")), skeleton()),
        ),
        name="console.home",
    )


def stat(name: str, href: str) -> rx.Component:
    """Return a count that leads to what it counts."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t(f"home.count.{name}")),
            rx.el.div(link(State.counts[name], href=href), class_name="v"),
            rx.el.div(t(f"home.count.{name}.text"), class_name="c"),
            class_name="o-stat",
        ),
        source_line(t(f"home.source.{name}")),
        class_name="o-tile s3 half",
    )


def _first_steps() -> rx.Component:
    def step(icon_name: str, key: str, href: str) -> rx.Component:
        return rx.el.li(
            rx.el.span(icon(icon_name), class_name="o-ico in"),
            rx.el.div(rx.el.strong(t(f"home.step.{key}")), rx.el.span(t(f"home.step.{key}.text")), class_name="tx"),
            rx.el.div(link_button(t(f"home.step.{key}.do"), href=href, small=True), class_name="go"),
        )

    return tile(
        rx.el.ul(
            rx.cond(may(Permission.DATASETS_DATASET_WRITE), step("upload", "data", "/datasets")),
            rx.cond(may(Permission.DASHBOARDS_DASHBOARD_BUILD), step("message-square-text", "ask", "/builder")),
            rx.cond(may(Permission.IDENTITY_API_KEY_WRITE), step("key-round", "key", "/keys")),
            class_name="o-list",
        ),
        title=t("home.first_steps"),
        padded=False,
    )


def _recent() -> rx.Component:
    def one(row: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(icon("layout-dashboard"), class_name="o-ico"),
            rx.el.div(
                rx.el.strong(link(row["title"].to(str), href=row["href"].to(str), class_name="plain")),
                rx.el.span(row["tiles_text"].to(str), " · ", row["updated"].to(str)),
                class_name="tx",
            ),
            rx.cond(
                row["favourite"].to(bool), rx.el.span(icon("star"), hidden(t("library.favourite")), class_name="o-ico")
            ),
            key=row["id"].to(str),
        )

    return tile(
        rx.cond(
            State.recent.length() > 0,
            rx.el.ul(rx.foreach(State.recent, one), class_name="o-list"),
            empty(
                t("dashboards.none"),
                t("dashboards.none_text"),
                rx.cond(may(Permission.DASHBOARDS_DASHBOARD_BUILD), link_button(t("home.ask"), href="/builder")),
            ),
        ),
        title=t("home.recent"),
        actions=link_button(t("home.all_dashboards"), href="/dashboards", kind="quiet", small=True),
        span=8,
        padded=False,
    )


def _jobs() -> rx.Component:
    return tile(
        rx.cond(
            State.jobs.length() > 0,
            rx.fragment(rx.foreach(State.jobs, lambda job: job_card(job))),  # noqa: PLW0108 - Reflex counts the parameters
            empty(t("jobs.none"), t("jobs.none_text")),
        ),
        title=t("home.jobs"),
        actions=link_button(t("home.all_jobs"), href="/jobs", kind="quiet", small=True),
        span=4,
        padded=False,
    )

"""Jobs: the list, live while something runs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import Column, list_search, listing
from components.text import t
from components.ui.badge import state_badge
from components.ui.button import button, link_button
from components.ui.field import select
from components.ui.job_card import job_states
from components.ui.meter import meter
from components.ui.page import page_header, toolbar
from components.ui.states import empty
from omni_app.frame import console
from state.jobs.page import WITH_ROUTINE
from state.jobs.page import JobsState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the list of jobs."""
    nobodys = rx.cond(State.routine == "", t("jobs.none_people"), t("jobs.none"))
    states = [("", t("ui.all")), *[(name, word) for name, (word, _, _) in job_states().items()]]
    return console(
        page_header(t("jobs.title"), lead=t("jobs.lead")),
        toolbar(
            list_search(State.search, State.find, name=t("jobs.search")),
            rx.el.div(
                rx.el.label(t("jobs.state"), html_for="state"),
                select(states, name="state", value=State.wanted, on_change=State.choose_state),
                class_name="o-field inline",
            ),
            rx.el.div(
                rx.el.label(t("jobs.asked"), html_for="routine"),
                select(
                    [("", t("jobs.asked.people")), (WITH_ROUTINE, t("jobs.asked.all"))],
                    name="routine",
                    value=State.routine,
                    on_change=State.choose_routine,
                ),
                class_name="o-field inline",
            ),
        ),
        listing(
            _columns(),
            State,
            name=t("jobs.title"),
            csv_href="/api/v1/jobs/export",
            nothing=empty(nobodys, t("jobs.none_text"), link_button(t("datasets.title"), href="/datasets")),
        ),
        name="console.jobs",
    )


def _columns() -> tuple[Column, ...]:
    def progress(row: Any) -> rx.Component:
        return rx.cond(
            row["open"].to(bool),
            rx.el.span(
                meter(row["percent"].to(int), name=row["title"].to(str)),
                row["percent_text"].to(str),
                class_name="o-progress",
            ),
            rx.el.span(row["detail"].to(str), class_name="t2"),
        )

    return (
        Column(key="title", label=t("jobs.name"), sort="name", href="href"),
        Column(
            key="state",
            label=t("jobs.state"),
            sort="state",
            render=lambda row: state_badge(row["state"].to(str), job_states()),
        ),
        Column(key="percent", label=t("jobs.progress"), render=progress),
        Column(key="attempts", label=t("jobs.attempts"), numeric=True),
        Column(key="created", label=t("jobs.created"), sort="created_at"),
        Column(key="actions", label=t("ui.actions"), render=actions, plain_head=True, numeric=True),
    )


def actions(row: Any) -> rx.Component:
    """Return what can be done with a job now."""
    return rx.fragment(
        rx.cond(row["open"].to(bool), button(t("jobs.cancel"), small=True, on_click=State.cancel(row["id"]))),
        rx.cond(row["retryable"].to(bool), button(t("jobs.retry"), small=True, on_click=State.retry(row["id"]))),
    )

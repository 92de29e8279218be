"""One job with its log."""

from __future__ import annotations

import reflex as rx

from components.shell import Crumb
from components.tables import Column, data_table
from components.text import t
from components.ui.button import link_button
from components.ui.job_card import job_card
from components.ui.page import facts, grid, page_header, tile
from components.ui.states import empty, skeleton
from omni_app.frame import console
from omni_app.pages.missing import missing
from state.jobs.page import JobDetailState as State
from state.jobs.page import JobsState

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the page of one job."""
    title = State.job["title"].to(str)
    content = rx.fragment(
        page_header(title, _subject()),
        grid(
            tile(
                job_card(State.job, on_cancel=JobsState.cancel, on_retry=JobsState.retry),
                title=t("jobs.progress"),
                span=8,
                padded=False,
            ),
            tile(
                facts(
                    [
                        (t("jobs.kind"), State.name),
                        (t("jobs.attempts"), State.job["attempts"].to(str)),
                        (t("jobs.created"), State.job["created"].to(str)),
                        (t("jobs.finished"), State.job["finished"].to(str)),
                    ]
                ),
                title=t("jobs.facts"),
                span=4,
            ),
            tile(
                rx.cond(
                    State.log.length() > 0,
                    data_table(_log(), State.log, name=t("jobs.log")),
                    empty(t("jobs.no_log"), t("jobs.no_log_text")),
                ),
                title=t("jobs.log"),
                padded=False,
            ),
        ),
    )
    return console(
        rx.cond(
            State.missing, missing(), rx.cond(State.loaded, content, rx.fragment(rx.el.h1(t("jobs.one")), skeleton()))
        ),
        name="console.job",
        crumbs=[Crumb(label=title)],
    )


def _log() -> tuple[Column, ...]:
    return (
        Column(key="time", label=t("jobs.time")),
        Column(key="level", label=t("jobs.level")),
        Column(key="text", label=t("jobs.text"), mono=True),
    )


def _subject() -> rx.Component:
    """Return the way to what the job works on."""
    href = State.job["subject_href"].to(str)
    return rx.cond(href != "", link_button(t("jobs.open_dataset"), href=href, icon_name="table-2"))

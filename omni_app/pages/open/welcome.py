"""The first start with the new account: some data, then the first dashboard."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.badge import badge
from components.ui.button import button, link_button
from components.ui.icon import hidden, icon
from components.ui.job_card import job_card
from components.ui.states import skeleton
from components.ui.stepper import step_count
from components.ui.upload import upload
from omni_app.frame import open_page
from omni_app.pages.open.setup import STEPS, good_to_know, steps
from state.identity.setup import WelcomeState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the last two steps of the set-up."""
    return open_page(
        rx.cond(State.step == 3, _data(), _question()),  # noqa: PLR2004 - the third step
        aside=[steps(State.step), rx.el.p(t("setup.stays"), class_name="mut small no-phone")],
    )


def _data() -> rx.Component:
    def sample(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                rx.el.strong(
                    one["title"].to(str),
                    " ",
                    rx.cond(one["generated"].to(bool), badge(t("datasets.generated"), tone="warning")),
                ),
                rx.el.span(one["text"].to(str)),
                class_name="tx",
            ),
            rx.el.div(button(t("datasets.take"), small=True, on_click=State.take(one["id"])), class_name="go"),
            key=one["id"].to(str),
        )

    return rx.el.div(
        rx.el.div(
            step_count(State.step, len(STEPS)),
            rx.el.h1(t("setup.data.title"), class_name="big"),
            rx.el.p(t("setup.data.lead"), class_name="t2"),
            upload(name="first", action="/api/v1/ingestion/uploads", on_sent=State.sent),
            rx.el.h2(t("datasets.samples"), class_name="gap"),
            rx.cond(
                State.samples.length() > 0,
                rx.el.ul(rx.foreach(State.samples, sample), class_name="o-list o-tile"),
                skeleton(3),
            ),
            rx.el.div(link_button(t("setup.skip"), href="/", kind="quiet"), class_name="row gap"),
        ),
        good_to_know("formats", "sample"),
        class_name="o-wizcol",
    )


def _question() -> rx.Component:
    def example(text: Any) -> rx.Component:
        return rx.el.button(text, type="button", class_name="o-chip free", custom_attrs={"data-ask": text}, key=text)

    ready = rx.fragment(
        rx.el.p(t("setup.dashboard.lead", name=State.dataset_name), class_name="t2"),
        rx.el.form(
            rx.el.input(type="hidden", name="dataset", value=State.dataset_id, read_only=True),
            rx.el.div(
                rx.el.label(t("builder.question"), html_for="question"),
                rx.el.textarea(
                    id="question",
                    name="q",
                    rows="2",
                    max_length=1000,
                    placeholder=t("builder.placeholder"),
                    custom_attrs={"data-send": "true"},
                ),
                class_name="o-field",
            ),
            rx.el.div(rx.foreach(State.examples, example), class_name="o-chips"),
            rx.el.div(
                rx.el.button(icon("arrow-up"), t("builder.ask"), hidden(""), type="submit", class_name="o-btn pri"),
                link_button(t("setup.skip"), href="/", kind="quiet"),
                class_name="row",
            ),
            on_submit=State.ask,
            class_name="o-form",
        ),
    )
    return rx.el.div(
        rx.el.div(
            step_count(State.step, len(STEPS)),
            rx.el.h1(
                rx.cond(
                    State.job["state"].to(str) == "failed",
                    t("setup.data.failed"),
                    t("setup.dashboard.title"),
                ),
                class_name="big",
            ),
            rx.cond(
                State.examples.length() > 0,
                ready,
                rx.cond(State.job["title"], _arriving(), skeleton(3)),
            ),
        ),
        good_to_know("question"),
        class_name="o-wizcol",
    )


def _arriving() -> rx.Component:
    """Return the file's progress; after a failure also the way back."""
    return rx.fragment(
        rx.el.div(job_card(State.job), class_name="o-tile gap"),
        rx.cond(
            State.job["state"].to(str) == "failed",
            rx.el.div(link_button(t("setup.other_file"), href="/welcome", kind="primary"), class_name="row gap"),
        ),
    )

"""The builder: ask in plain words, check what was understood, keep the answer."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.charts import figure_tile
from components.charts.tile import TileHandlers
from components.text import t
from components.ui.badge import badge
from components.ui.button import button, link_button
from components.ui.chips import chips, fixed_chip
from components.ui.code import code_block
from components.ui.field import select_field
from components.ui.icon import hidden, icon
from components.ui.menu import menu
from components.ui.page import grid, page_header, source_line, tile
from components.ui.states import empty, skeleton
from omni_app.frame import console, may
from state.builder.page import BuilderState as State
from state.shell import ShellState

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the builder."""
    return console(
        page_header(
            t("builder.title"),
            rx.cond(State.status != "", button(t("builder.discard"), kind="quiet", on_click=State.discard)),
            rx.cond(
                (State.status == "ok") & may(Permission.DASHBOARDS_DASHBOARD_WRITE),
                rx.fragment(
                    button(t("builder.open_in_editor"), icon_name="pencil", on_click=State.open_in_editor),
                    button(t("builder.save"), kind="primary", on_click=State.save),
                ),
            ),
        ),
        rx.el.div(_conversation(), _answer(), class_name="o-conv"),
        name="console.builder",
    )


def _conversation() -> rx.Component:
    return rx.el.section(
        _where(),
        rx.cond(State.question != "", _asked()),
        rx.cond(State.busy, _on_its_way()),
        rx.cond(State.chips.length() + State.changeable.length() > 0, _understood()),
        rx.cond(State.clarify != "", _clarification()),
        rx.cond(State.refusal != "", _refusal()),
        rx.cond(State.notes.length() > 0, _notes()),
        rx.cond(State.status == "", _examples()),
        rx.el.div(class_name="sp"),
        _ask(),
        class_name="o-tile",
        custom_attrs={"aria-label": t("builder.conversation")},
    )


def _message(icon_name: str, who: rx.Var[str], *content: Any) -> rx.Component:
    return rx.el.div(rx.el.div(icon(icon_name), who, class_name="who"), *content, class_name="o-msg")


def _on_its_way() -> rx.Component:
    """Return the steps of the question: those done, and the one that is on, which is told to screen readers."""

    def step(one: Any) -> rx.Component:
        done = one["state"] == "done"
        return rx.el.li(
            rx.cond(done, icon("check"), icon("loader-circle")),
            one["label"],
            class_name=rx.cond(done, "done", "now"),
            key=one["id"],
        )

    return rx.el.div(rx.el.ol(rx.foreach(State.steps, step), class_name="o-onway"), class_name="o-msg", role="status")


def _where() -> rx.Component:
    return rx.el.div(
        select_field(
            t("builder.dataset"),
            name="dataset",
            value=State.dataset_id,
            on_change=State.choose_dataset,
            options=State.datasets,
        ),
        class_name="o-msg",
    )


def _asked() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.span(ShellState.initials, class_name="o-ava tiny", custom_attrs={"aria-hidden": "true"}),
            t("builder.you"),
            class_name="who",
        ),
        rx.el.p(State.question, class_name="q"),
        class_name="o-msg",
    )


def _understood() -> rx.Component:
    return _message(
        "list-checks",
        t("builder.understood"),
        rx.cond(
            State.tile_names.length() > 0,
            rx.el.div(
                rx.foreach(State.tile_names, _tile_choice),
                class_name="o-chips",
                role="group",
                custom_attrs={"aria-label": t("builder.which_figure")},
            ),
        ),
        chips(
            rx.foreach(State.chips, lambda chip: fixed_chip(chip["name"], chip["value"])),
            rx.foreach(State.changeable, _changeable),
        ),
    )


def _tile_choice(one: Any) -> rx.Component:
    """Return the button that shows the chips of one figure."""
    picked = State.tile_id == one["id"]
    return rx.el.button(
        rx.cond(picked, icon("check"), rx.el.span(class_name="ic")),
        one["label"],
        type="button",
        class_name="o-chip free",
        on_click=State.pick_tile(one["id"]),
        custom_attrs={"aria-pressed": rx.cond(picked, "true", "false"), "data-figure": one["id"]},
        key=one["id"],
    )


def _changeable(one: Any) -> rx.Component:
    slot, name, value = one["slot"].to(str), one["name"].to(str), one["value"].to(str)

    def option(each: Any) -> rx.Component:
        return rx.el.button(
            rx.cond(each["label"] == value, icon("check"), rx.el.span(class_name="ic")),
            each["label"],
            type="button",
            on_click=State.change_chip(slot, each["value"]),
            custom_attrs={"data-menu-item": "true", "aria-pressed": rx.cond(each["label"] == value, "true", "false")},
            key=each["value"],
        )

    return menu(
        rx.foreach(one["options"].to(list[dict[str, str]]), option),
        name="chip-" + slot,
        label=name,
        trigger=rx.fragment(rx.el.span(name), rx.el.b(value), icon("chevron-down")),
        class_name="o-chip",
    )


def _clarification() -> rx.Component:
    def option(one: Any, place: rx.Var[int]) -> rx.Component:
        return rx.el.button(
            rx.el.kbd(place + 1, custom_attrs={"aria-hidden": "true"}),
            rx.el.span(rx.el.b(one["label"]), rx.cond(one["text"] != "", rx.el.small(one["text"]))),
            type="button",
            class_name="o-opt",
            on_click=State.ask_again(one["id"]),  # type: ignore[misc] # the class gives the event
            key=one["id"],
        )

    return _message(
        "circle-help",
        t("builder.one_question"),
        rx.el.p(State.clarify, class_name="lead"),
        rx.el.div(
            rx.foreach(State.options, option),
            class_name="o-opts",
            role="group",
            custom_attrs={"aria-label": State.clarify, "data-options": "true"},
        ),
        rx.el.p(t("builder.by_keys"), class_name="mut small"),
    )


def _refusal() -> rx.Component:
    def near(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.button(one["label"], type="button", class_name="o-linkbtn", custom_attrs={"data-ask": one["label"]}),
            " ",
            rx.el.span(one["kind"], class_name="mut small"),
            key=one["id"],
        )

    return _message(
        "circle-alert",
        t("builder.refused"),
        rx.el.p(State.refusal, role="alert"),
        rx.cond(
            State.nearest.length() > 0,
            rx.fragment(
                rx.el.p(t("builder.nearest"), class_name="mut small nearest"), rx.el.ul(rx.foreach(State.nearest, near))
            ),
        ),
    )


def _notes() -> rx.Component:
    return _message(
        "info",
        t("builder.notes"),
        rx.el.ul(rx.foreach(State.notes, lambda note: rx.el.li(note, class_name="t2 small"))),
    )


def _examples() -> rx.Component:
    def one(text: Any) -> rx.Component:
        return rx.el.button(text, type="button", class_name="o-chip free", custom_attrs={"data-ask": text}, key=text)

    return rx.cond(
        State.examples.length() > 0,
        _message("lightbulb", t("builder.examples"), chips(rx.foreach(State.examples, one))),
        _message(
            "lightbulb",
            t("builder.examples"),
            rx.el.p(t("builder.no_data"), class_name="t2 small"),
            link_button(t("builder.to_datasets"), href="/datasets", small=True),
        ),
    )


def _ask() -> rx.Component:
    return rx.el.form(
        rx.el.label(t("builder.question"), html_for="question", class_name="vh"),
        rx.el.textarea(
            id="question",
            name="question",
            rows="2",
            max_length=1000,
            placeholder=t("builder.placeholder"),
            custom_attrs={"data-send": "true"},
        ),
        rx.el.button(
            icon("arrow-up"),
            hidden(t("builder.ask")),
            type="submit",
            class_name="o-btn pri",
            custom_attrs={"aria-disabled": rx.cond(State.busy, "true", "false")},
        ),
        on_submit=State.ask,
        class_name="o-ask",
        reset_on_submit=True,
    )


def _answer() -> rx.Component:
    handlers = TileHandlers(on_table=State.toggle_table)
    waiting = tile(
        rx.cond(
            State.busy,
            skeleton(6),
            rx.match(
                State.status,
                ("clarify", empty(t("builder.waits"), t("builder.waits_text"))),
                ("refused", empty(t("builder.no_answer"), t("builder.no_answer_text"))),
                empty(t("builder.nothing"), t("builder.nothing_text")),
            ),
        ),
        title=t("builder.preview"),
    )
    return rx.el.div(
        rx.cond(
            State.tiles.length() > 0,
            rx.fragment(
                grid(rx.foreach(State.tiles, lambda one: figure_tile(one, handlers, badge_word=t("builder.preview")))),
                tile(
                    code_block(State.sql, title=t("builder.sql")),
                    title=t("builder.how"),
                    actions=rx.el.span(
                        rx.foreach(State.checks, lambda one: badge(one, tone="ok", icon_name="check")), class_name="row"
                    ),
                    source=source_line(State.made_by),
                ),
            ),
            waiting,
        ),
        class_name="stack",
    )

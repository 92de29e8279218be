"""Settings: the section about language models."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.tables import Column, data_table
from components.text import t
from components.ui.badge import badge, state_badge
from components.ui.button import button
from components.ui.code import code_block
from components.ui.dialog import typed_confirmation
from components.ui.field import field
from components.ui.job_card import job_card
from components.ui.page import facts, grid, tile
from components.ui.states import empty, note, skeleton
from omni_app.frame import may
from state.settings.models import ModelsState as State


def section() -> rx.Component:
    """Return what can be seen and done about language models."""
    return rx.cond(
        State.loaded,
        rx.fragment(
            grid(
                _server(),
                _helper(),
                rx.cond(State.server == "ok", _models()),
                rx.cond((State.server == "ok") | (State.pulls.length() > 0), _downloads()),
            ),
            _deleting(),
        ),
        skeleton(),
    )


def _state(value: rx.Var[str]) -> rx.Component:
    return state_badge(
        value,
        {
            "ok": (t("models.state.ok"), "ok", "check"),
            "failing": (t("models.state.failing"), "warning", "unplug"),
            "absent": (t("models.state.absent"), "neutral", "minus"),
        },
    )


def _server() -> rx.Component:
    away = note(
        rx.el.b(t("models.away")),
        rx.el.p(t("models.away_text")),
        code_block("ollama serve", title=t("models.start_it")),
        tone="warning",
        icon_name="unplug",
    )
    return tile(
        facts(
            [
                (t("models.address"), rx.el.span(State.url, class_name="mono")),
                (t("models.state"), _state(State.server)),
                (t("models.version"), rx.cond(State.version != "", State.version, "–")),
            ]
        ),
        rx.cond(State.server == "ok", rx.fragment(), rx.el.div(away, class_name="o-after")),
        title=t("models.server"),
        span=6,
    )


def _helper() -> rx.Component:
    back = button(t("models.leave_choice"), small=True, on_click=State.choose(""))
    return tile(
        rx.el.p(State.helps, class_name="o-before"),
        facts(
            [
                (t("models.setting"), State.setting),
                (t("models.embedded"), _state(State.embedded)),
            ]
        ),
        rx.cond(
            (State.chosen != "") & may(Permission.LLM_MODEL_WRITE),
            rx.el.div(
                badge(t("models.chosen", model=State.chosen), tone="accent", icon_name="check"),
                back,
                class_name="row o-after",
            ),
        ),
        title=t("models.helper"),
        span=6,
    )


def _models() -> rx.Component:
    return tile(
        rx.cond(
            State.models.length() > 0,
            data_table(_columns(), State.models, name=t("models.list")),
            empty(t("models.none"), t("models.none_text")),
        ),
        title=t("models.list"),
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column(key="name", label=t("models.name"), mono=True),
        Column(key="size", label=t("models.size"), numeric=True),
        Column(key="parameters", label=t("models.parameters"), numeric=True),
        Column(key="quantization", label=t("models.quantization")),
        Column(key="used", label=t("models.use"), render=_use),
        Column(key="id", label=t("ui.actions"), plain_head=True, render=_actions),
    )


def _use(row: Any) -> rx.Component:
    choice = rx.cond(
        may(Permission.LLM_MODEL_WRITE),
        button(t("models.choose"), small=True, on_click=State.choose(row["name"].to(str))),
        rx.fragment(),
    )
    return rx.cond(
        row["used"].to(bool),
        badge(t("models.used"), tone="ok", icon_name="check"),
        rx.cond(row["chats"].to(bool), choice, rx.el.span(t("models.no_chat"), class_name="mut small")),
    )


def _actions(row: Any) -> rx.Component:
    return rx.cond(
        State.manages,
        button(t("models.delete"), kind="danger", small=True, on_click=State.ask_delete(row["name"].to(str))),
        rx.fragment(),
    )


def _downloads() -> rx.Component:
    form = rx.el.form(
        field(t("models.pull_name"), name="model", hint=t("models.pull_hint"), auto_complete="off", required=True),
        rx.el.div(button(t("models.pull"), kind="primary", icon_name="download", type="submit"), class_name="row"),
        on_submit=State.pull,
        reset_on_submit=True,
        class_name="o-form narrow",
    )
    return tile(
        rx.cond(State.manages, rx.cond(State.server == "ok", form), note(rx.el.p(t("models.of_operator")))),
        rx.el.div(
            rx.foreach(State.pulls, lambda job: job_card(job, on_cancel=State.cancel)), class_name="stack o-after"
        ),
        title=t("models.downloads"),
    )


def _deleting() -> rx.Component:
    return typed_confirmation(
        rx.el.p(t("models.delete_text"), class_name="t2"),
        name="delete-model",
        title=t("models.delete_ask", model=State.doomed),
        word=State.doomed,
        confirm=t("models.delete"),
        keep=t("models.keep"),
        shown=State.doomed != "",
        on_dismiss=State.keep,
        on_submit=State.delete,
    )

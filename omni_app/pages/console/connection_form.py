"""The form of a connection, for the list and for the page of one."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import error_summary, field, password_field, select_field, text_area
from components.ui.states import note
from state.connections.form import ConnectionFormState as State

KINDS = ("postgresql", "mysql", "mongodb", "firestore")
GOOGLE = "firestore.googleapis.com"
PORTS = {"postgresql": "5432", "mysql": "3306", "mongodb": "27017", "firestore": "443"}


def form_dialog() -> rx.Component:
    """Return the dialog that makes or changes a connection."""
    return dialog(
        rx.cond(State.opened, _form()),
        name="connection-form",
        title=rx.cond(State.editing != "", t("connections.edit"), t("connections.new")),
        shown=State.opened,
        on_dismiss=State.close,
        wide=True,
    )


def kind_names() -> dict[str, rx.Var[str]]:
    """Return how kinds of databases are called; these are names, the same in every language."""
    return {name: t(f"connections.kind.{name}") for name in ("postgresql", "mysql", "mongodb", "firestore", "sqlite")}


def _form() -> rx.Component:
    return rx.fragment(
        error_summary(State.problems),
        rx.el.form(
            rx.el.div(*_server(), class_name="o-form two"),
            *_channel(),
            _outcome(),
            dialog_actions(
                button(t("ui.cancel"), on_click=State.close),
                button(t("connections.test"), type="submit", busy=State.busy, on_click=State.mean_test),
                button(t("ui.save"), kind="primary", type="submit", on_click=State.mean_save),
            ),
            on_submit=State.submit,
            class_name="o-form",
        ),
    )


def _kind() -> rx.Component:
    """Return the choice of the kind, which a kept connection does not have any more."""
    shown = rx.el.input(
        id="kind-shown",
        name="kind-shown",
        read_only=True,
        value=rx.match(State.kind, *kind_names().items(), State.kind),
    )
    options = [(name, kind_names()[name]) for name in KINDS]
    return rx.cond(
        State.editing != "",
        field(t("connections.kind"), name="kind-shown", control=shown),
        select_field(
            t("connections.kind"), name="kind", options=options, value=State.kind, on_change=State.choose_kind
        ),
    )


def _words(
    name: str, *, longest: int, required: bool = True, label: str = "", value: rx.Var[str] | None = None, **props: Any
) -> rx.Component:
    return field(
        t(f"connections.{label or name}"),
        name=name,
        default_value=State.values[name] if value is None else value,
        required=required,
        max_length=longest,
        auto_complete="off",
        **props,
    )


def _server() -> list[Any]:
    return [
        _words("name", longest=120),
        _kind(),
        rx.match(
            State.kind,
            ("firestore", _host(rx.cond(State.values["host"] == "", GOOGLE, State.values["host"]), key="google")),
            ("mongodb", _host(State.values["host"], hint=t("connections.member_hint"), key="own")),
            _host(State.values["host"], key="own"),
        ),
        field(
            t("connections.port"),
            name="port",
            default_value=State.values["port"],
            placeholder=rx.match(State.kind, *PORTS.items(), ""),
            custom_attrs={"inputMode": "numeric", "pattern": "[0-9]*"},
        ),
        rx.cond(
            State.kind == "firestore",
            _words("database", longest=200, label="project", hint=t("connections.project_hint")),
            _words("database", longest=200),
        ),
        rx.match(
            State.kind,
            ("firestore", _encryption()),
            ("mongodb", _words("username", longest=200, required=False, hint=t("connections.username_hint"))),
            _words("username", longest=200),
        ),
    ]


def _host(value: rx.Var[str], **props: Any) -> rx.Component:
    return _words(
        "host",
        longest=255,
        value=value,
        placeholder="db.example.com",
        custom_attrs={"autoCapitalize": "none", "spellCheck": "false"},
        **props,
    )


def _encryption() -> rx.Component:
    modes = [(name, t(f"connections.tls.{name}")) for name in ("verify", "require", "disable")]
    return select_field(t("connections.tls"), name="tls", options=modes, value=State.tls, on_change=State.choose_tls)


def _channel() -> list[Any]:
    password = password_field(
        t("connections.password"),
        name="password",
        hint=rx.cond(State.editing != "", t("connections.password_kept"), t("connections.password_hint")),
        autocomplete="new-password",
    )
    account = text_area(
        t("connections.account"),
        name="password",
        hint=rx.cond(State.editing != "", t("connections.account_kept"), t("connections.account_hint")),
        rows="4",
        class_name="mono",
        auto_complete="off",
        spell_check=False,
    )
    authority = text_area(
        t("connections.ca"),
        name="ca_certificate",
        hint=t("connections.ca_hint"),
        default_value=State.values["ca_certificate"],
        rows="3",
        class_name="mono",
        spell_check=False,
    )
    own_authority = (State.kind != "firestore") | (State.values["ca_certificate"] != "")
    return [
        rx.cond(State.kind == "firestore", account, rx.el.div(password, _encryption(), class_name="o-form two")),
        rx.match(
            State.tls,
            ("verify", rx.cond(own_authority, authority)),
            ("require", note(t("connections.tls_warning.require"), tone="warning", icon_name="triangle-alert")),
            note(t("connections.tls_warning.disable"), tone="warning", icon_name="triangle-alert"),
        ),
    ]


def _outcome() -> rx.Component:
    """Return what the last test said, read out when it arrives."""
    detail = rx.cond(State.check_detail != "", rx.el.p(State.check_detail, class_name="t2"))
    return rx.el.div(
        rx.match(
            State.checked,
            ("ok", note(rx.el.b(State.check_text), detail, tone="info", icon_name="check")),
            ("failed", note(rx.el.b(State.check_text), detail, tone="warning", icon_name="triangle-alert")),
            rx.cond(State.busy, rx.el.p(t("connections.testing"), class_name="t2")),
        ),
        role="status",
        id="connection-outcome",
    )

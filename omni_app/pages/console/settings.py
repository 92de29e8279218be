"""Settings: profile, password, organisation."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.theme import MODES, choose, chosen
from components.ui.button import button
from components.ui.field import error_summary, field, password_field, select_field
from components.ui.page import grid, page_header, tile
from components.ui.states import note, skeleton
from components.ui.tabs import tabs
from omni_app.frame import console, may
from omni_app.pages.console import models
from state.settings.page import SettingsState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the settings page."""
    return console(*content("/settings", ("models", models.section())), name="console.settings")


def content(path: str, *more: tuple[str, rx.Component]) -> list[Any]:
    """Return what console and portal share, and further sections by the names of their tabs."""
    names = ["profile", "password", "organisation", *(name for name, _ in more)]
    items = [(name, t(f"settings.{name}"), f"{path}?tab={name}") for name in names]
    return [
        page_header(t("settings.title")),
        tabs(State.tab, items, name=t("settings.parts")),
        error_summary(State.problems),
        rx.cond(
            State.loaded,
            rx.match(State.tab, ("password", _password()), ("organisation", _organisation()), *more, _profile()),
            skeleton(),
        ),
    ]


def _profile() -> rx.Component:
    languages = [("en", "English"), ("sl", "Slovenščina")]
    return grid(
        tile(
            rx.el.form(
                field(t("people.name"), name="name", default_value=State.name, auto_complete="name"),
                field(t("account.email"), name="email", default_value=State.email, read_only=True),
                select_field(t("ui.language"), name="language", options=languages, value=State.language),
                select_field(t("settings.time_zone"), name="time_zone", options=State.zones, value=State.time_zone),
                rx.el.div(button(t("settings.save_profile"), kind="primary", type="submit"), class_name="row"),
                on_submit=State.save_profile,
                class_name="o-form narrow",
            ),
            title=t("settings.profile"),
            span=8,
        ),
        tile(
            rx.el.p(t("settings.theme_text"), class_name="t2"),
            rx.el.div(
                *[
                    button(t(f"ui.theme.{mode}"), on_click=choose(mode), custom_attrs={"aria-pressed": chosen(mode)})
                    for mode in MODES
                ],
                class_name="row",
            ),
            title=t("ui.theme"),
            span=4,
        ),
    )


def _password() -> rx.Component:
    return tile(
        rx.el.form(
            password_field(t("settings.current_password"), name="current_password", required=True),
            password_field(
                t("settings.new_password"),
                name="new_password",
                hint=t("people.password_hint"),
                autocomplete="new-password",
                required=True,
            ),
            rx.el.div(button(t("settings.change_password"), kind="primary", type="submit"), class_name="row"),
            on_submit=State.save_password,
            class_name="o-form narrow",
            reset_on_submit=True,
        ),
        title=t("settings.password"),
        sub=t("settings.password_text"),
    )


def _organisation() -> rx.Component:
    form = rx.el.form(
        field(t("settings.tenant_name"), name="tenant_name", default_value=State.tenant_name),
        select_field(t("settings.time_zone"), name="tenant_zone", options=State.zones, value=State.tenant_zone),
        field(t("settings.accent"), name="accent", default_value=State.accent, hint=t("settings.accent_hint")),
        rx.el.div(button(t("settings.save_tenant"), kind="primary", type="submit"), class_name="row"),
        on_submit=State.save_tenant,
        class_name="o-form narrow",
    )
    return tile(
        rx.cond(may(Permission.IDENTITY_TENANT_WRITE), form, note(rx.el.p(t("ui.no_right_text")))),
        title=t("settings.organisation"),
    )

"""The first start before there is an account: language, then the owner."""

from __future__ import annotations

import reflex as rx

from components.text import t
from components.ui.button import button, link_button
from components.ui.field import field, native_form, password_field
from components.ui.states import empty, skeleton
from components.ui.stepper import step_count, stepper
from omni_app.frame import open_page
from state.identity.setup import SetupState as State
from state.shell import ShellState

ON_LOAD = (State.load,)
STEPS = ("language", "owner", "data", "dashboard")


def steps(current: rx.Var[int]) -> rx.Component:
    """Return the steps of the whole set-up."""
    return stepper(current, [(t(f"setup.{name}"), t(f"setup.{name}.text")) for name in STEPS])


def good_to_know(*names: str) -> rx.Component:
    """Return the answers beside a step."""
    return rx.el.section(
        rx.el.h2(t("setup.good_to_know")),
        rx.el.dl(
            *[
                part
                for name in names
                for part in (rx.el.dt(t(f"setup.help.{name}")), rx.el.dd(t(f"setup.help.{name}.text")))
            ]
        ),
        class_name="o-help",
        custom_attrs={"aria-label": t("setup.good_to_know")},
    )


def page() -> rx.Component:
    """Return the set-up page."""
    closed = empty(t("setup.closed"), t("setup.closed_text"), link_button(t("account.sign_in_action"), href="/sign-in"))
    return open_page(
        rx.cond(
            ShellState.ready,
            rx.cond(
                State.closed,
                rx.fragment(rx.el.h1(t("setup.title"), class_name="vh"), closed),
                rx.cond(State.step == 1, _language(), _owner()),
            ),
            rx.fragment(rx.el.h1(t("setup.title")), skeleton(3)),
        ),
        aside=[steps(State.step), rx.el.p(t("setup.stays"), class_name="mut small no-phone")],
    )


def _language() -> rx.Component:
    def choice(code: str, name: str) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="radio",
                name="language",
                checked=ShellState.language == code,
                on_change=lambda _: ShellState.choose_language(code),
            ),
            rx.el.span(rx.el.b(name, lang=code)),
            class_name="o-opt",
        )

    return rx.el.div(
        rx.el.div(
            step_count(State.step, len(STEPS)),
            rx.el.h1(t("setup.language.title"), class_name="big"),
            rx.el.p(t("setup.language.lead"), class_name="t2"),
            rx.el.fieldset(
                rx.el.legend(t("ui.language"), class_name="vh"),
                rx.el.div(choice("en", "English"), choice("sl", "Slovenščina"), class_name="o-opts"),
                class_name="o-plainset",
            ),
            rx.el.div(button(t("setup.continue"), kind="primary", on_click=State.go(2)), class_name="row"),
        ),
        good_to_know("language"),
        class_name="o-wizcol",
    )


def _owner() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            step_count(State.step, len(STEPS)),
            rx.el.h1(t("setup.owner.title"), class_name="big"),
            rx.el.p(t("setup.owner.lead"), class_name="t2"),
            native_form(
                rx.cond(State.problem != "", _problem()),
                *_given(),
                *_asked(),
                rx.el.div(
                    button(t("setup.create"), kind="primary", type="submit"),
                    button(t("setup.back"), kind="quiet", on_click=State.go(1)),
                    class_name="row",
                ),
                action="/auth/set-up",
            ),
        ),
        good_to_know("password", "stored"),
        class_name="o-wizcol",
    )


def _problem() -> rx.Component:
    return rx.el.div(
        rx.el.h2(t("ui.problem")),
        rx.el.p(State.problem),
        class_name="o-errsum",
        role="alert",
        tab_index=-1,
        custom_attrs={"data-focus": "true"},
    )


def _given() -> list[rx.Component]:
    """Return what the form sends without asking."""
    return [
        rx.el.input(type="hidden", name="token", value=State.token, read_only=True),
        rx.el.input(type="hidden", name="language", value=ShellState.language, read_only=True),
        rx.el.input(type="hidden", name="time_zone", default_value="UTC", custom_attrs={"data-time-zone": "true"}),
    ]


def _asked() -> list[rx.Component]:
    return [
        field(t("setup.tenant"), name="tenant_name", required=True, max_length=120, auto_complete="organization"),
        field(t("people.name"), name="name", required=True, max_length=120, auto_complete="name"),
        field(
            t("account.email"),
            name="email",
            kind="email",
            hint=t("setup.email_hint"),
            required=True,
            auto_complete="username",
        ),
        password_field(
            t("account.password"),
            name="password",
            hint=t("people.password_hint"),
            autocomplete="new-password",
            required=True,
            min_length=8,
        ),
    ]

"""Sign-in: a plain form, posted by the browser, because the answer sets the session's cookie."""

from __future__ import annotations

import reflex as rx

from components.text import t
from components.ui.button import button
from components.ui.field import field, native_form, password_field
from components.ui.states import note
from omni_app.frame import open_page
from state.identity.sign_in import SignInState

ON_LOAD = (SignInState.open_sign_in,)


def page() -> rx.Component:
    """Return the sign-in page."""
    return open_page(
        rx.el.div(
            rx.el.div(
                rx.el.h1(t("account.sign_in")),
                rx.el.p(t("account.sign_in_lead"), class_name="t2"),
                native_form(
                    _notice(),
                    rx.el.input(type="hidden", name="next", value=SignInState.next_path, read_only=True),
                    field(t("account.email"), name="email", kind="email", auto_complete="username", required=True),
                    password_field(t("account.password"), name="password", required=True),
                    rx.el.div(button(t("account.sign_in_action"), kind="primary", type="submit"), class_name="row"),
                    action="/auth/sign-in",
                ),
            ),
            _help(),
            class_name="o-wizcol",
        ),
        aside=[
            rx.el.div(
                rx.el.b(t("account.aside_title")),
                rx.el.p(t("account.aside_text"), class_name="mut small"),
                class_name="no-phone",
            )
        ],
    )


def _notice() -> rx.Component:
    def problem(key: str) -> rx.Component:
        return rx.el.div(
            rx.el.h2(t("ui.problem")),
            rx.el.p(t(key)),
            class_name="o-errsum",
            role="alert",
            tab_index=-1,
            custom_attrs={"data-focus": "true"},
        )

    return rx.match(
        SignInState.notice,
        ("wrong", problem("account.wrong")),
        ("locked", problem("account.locked")),
        ("expired", note(t("account.expired"), tone="info")),
        ("signed_out", note(t("account.signed_out"), tone="info")),
        rx.fragment(),
    )


def _help() -> rx.Component:
    return rx.el.section(
        rx.el.dl(rx.el.dt(t("account.forgot")), rx.el.dd(t("account.forgot_text"))),
        class_name="o-help",
        custom_attrs={"aria-label": t("account.forgot")},
    )

"""What the forms of subscriptions and alerts share: who is told, and which filters hold, each with forms of its own."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.button import button
from components.ui.field import field, select
from components.ui.icon import hidden, icon
from omni_app.frame import may
from omni_app.pages.console.condition import condition
from omni_app.pages.console.sharing import ROLES


def recipients(state: Any) -> rx.Component:
    """Return who is told as chips, with the forms that add a person and a role; ``state`` is a ``RecipientChoice``."""
    return rx.el.section(
        rx.el.h3(t("recipients.title"), class_name="o-part"),
        rx.cond(
            state.told.length() > 0,
            rx.el.ul(
                rx.foreach(
                    state.told,
                    lambda one: rx.el.li(
                        _chip(one["text"], t("recipients.remove"), on_click=state.remove_told(one["key"])),
                        key=one["key"],
                    ),
                ),
                class_name="o-chosen",
                custom_attrs={"aria-label": t("recipients.title")},
            ),
            rx.el.p(t("recipients.nobody"), class_name="t2"),
        ),
        rx.cond(
            may(Permission.DASHBOARDS_DASHBOARD_SHARE),
            rx.fragment(
                rx.el.p(t("deliveries.to_hint"), class_name="mut small"),
                rx.el.div(_person(state), _role(state), class_name="o-form two"),
            ),
        ),
        class_name="o-choosing",
    )


def _chip(words: Any, removes: Any, **props: Any) -> rx.Component:
    return rx.el.button(words, icon("x"), hidden(removes), type="button", class_name="o-filter on", **props)


def _person(state: Any) -> rx.Component:
    return rx.el.form(
        field(
            t("library.person"),
            name="told-person",
            hint=t("library.person_hint"),
            required=True,
            max_length=254,
            auto_complete="off",
            on_change=state.find_person.debounce(200),
            on_blur=state.leave_person,
            custom_attrs={"list": "told-people"},
        ),
        rx.el.datalist(
            rx.foreach(state.found_people, lambda one: rx.el.option(one["name"], value=one["email"])), id="told-people"
        ),
        rx.el.div(button(t("recipients.add_person"), icon_name="user-plus", type="submit"), class_name="row"),
        on_submit=state.add_person,
        reset_on_submit=True,
        class_name="o-form",
    )


def _role(state: Any) -> rx.Component:
    roles = [(name, t(f"roles.{name}")) for name in (*ROLES, "owner")]
    return rx.el.form(
        field(
            t("recipients.role"),
            name="told-role",
            hint=t("recipients.role_hint"),
            control=select(roles, name="told-role", value=ROLES[0]),
        ),
        rx.el.div(button(t("recipients.add_role"), icon_name="users", type="submit"), class_name="row"),
        on_submit=state.add_role,
        class_name="o-form",
    )


def filters(state: Any, *, nothing: Any) -> rx.Component:
    """Return the filters as chips, with the form that adds one; ``state`` is a ``FilterChoice``."""
    return rx.el.section(
        rx.el.h3(t("tile.filters"), class_name="o-part"),
        rx.cond(
            state.filters.length() > 0,
            rx.el.ul(
                rx.foreach(
                    state.filters,
                    lambda words, index: rx.el.li(
                        _chip(words, t("dashboards.remove_filter"), on_click=state.remove_filter(index)), key=words
                    ),
                ),
                class_name="o-chosen",
                custom_attrs={"aria-label": t("tile.filters")},
            ),
            rx.el.p(nothing, class_name="t2"),
        ),
        rx.cond(state.filter_fields.length() > 0, _new_filter(state)),
        class_name="o-choosing",
    )


def _new_filter(state: Any) -> rx.Component:
    return rx.el.form(
        *condition(
            offered=state.filter_fields,
            ways=state.filter_ways,
            values=state.filter_values,
            on_field=state.offer_values,
            prefix="where-",
        ),
        rx.el.div(button(t("dashboards.add_filter"), icon_name="plus", type="submit"), class_name="row"),
        on_submit=state.add_filter,
        reset_on_submit=True,
        class_name="o-form two",
    )

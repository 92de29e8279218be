"""The comments of a dashboard, for the console and the portal."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.badge import badge
from components.ui.button import button, icon_button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import field, text_area
from components.ui.menu import command
from components.ui.states import empty
from omni_app.frame import may
from state.dashboards.comments import DashboardCommentsState as State

ON_LOAD = (State.load,)
COMMENTS = Permission.DASHBOARDS_COMMENT_WRITE


def comments_button() -> rx.Component:
    """Return what opens the comments, with the number of open threads."""
    label = rx.cond(
        State.open_threads > 0, t("library.comments") + " (" + State.open_threads.to(str) + ")", t("library.comments")
    )
    return button(label, icon_name="message-square", on_click=State.open)


def tile_commands(tile_id: Any) -> list[Any]:
    """Return the entry of a tile's menu that comments on it."""
    entry = command(t("library.comment_tile"), icon_name="message-square", on_click=State.open_for(tile_id))
    return [rx.cond(may(COMMENTS), entry)]


def comments_dialog() -> rx.Component:
    """Return the comments."""
    return dialog(
        rx.cond(
            State.threads.length() > 0,
            rx.el.ul(rx.foreach(State.threads, _thread), class_name="o-list"),
            empty(t("library.comments_none"), t("library.comments_none_text")),
        ),
        rx.cond(
            State.total > State.threads.length(), button(t("library.comments_more"), small=True, on_click=State.more)
        ),
        button(
            rx.cond(State.resolved, t("library.resolved_hide"), t("library.resolved_show")),
            kind="quiet",
            small=True,
            on_click=State.toggle_resolved,
        ),
        rx.cond(may(COMMENTS), _new()),
        dialog_actions(button(t("ui.close"), on_click=State.close)),
        name="comments",
        title=t("library.comments"),
        shown=State.shown,
        on_dismiss=State.close,
        wide=True,
    )


def _thread(one: Any) -> rx.Component:
    thread = one["id"].to(str)
    return rx.el.li(
        rx.el.div(
            rx.cond(one["about"].to(str) != "", badge(one["about"].to(str), icon_name="chart-column")),
            _comment(one),
            rx.cond(one["resolved"].to(str) != "", badge(one["resolved"].to(str), tone="ok", icon_name="check")),
            rx.el.ul(
                rx.foreach(
                    one["replies"].to(list[dict[str, Any]]), lambda reply: rx.el.li(_comment(reply), class_name="reply")
                )
            ),
            rx.cond(
                may(COMMENTS),
                rx.el.div(
                    button(
                        t("library.reply"), small=True, kind="quiet", icon_name="reply", on_click=State.answer(thread)
                    ),
                    rx.cond(one["resolvable"].to(bool), _resolve(one)),
                    class_name="row",
                ),
            ),
            rx.cond(State.answering == thread, _reply(one)),
            class_name="tx",
        ),
        key=thread,
    )


def _resolve(one: Any) -> rx.Component:
    thread = one["id"].to(str)
    return rx.cond(
        one["resolved"].to(str) == "",
        button(t("library.resolve"), small=True, kind="quiet", icon_name="check", on_click=State.resolve(thread, True)),  # noqa: FBT003 - an event has positions only
        button(
            t("library.reopen"),
            small=True,
            kind="quiet",
            icon_name="undo-2",
            on_click=State.resolve(thread, False),  # noqa: FBT003
        ),
    )


def _comment(one: Any) -> rx.Component:
    comment = one["id"].to(str)
    body = rx.cond(
        one["deleted"].to(bool),
        rx.el.p(t("library.comment_deleted"), class_name="mut"),
        rx.el.p(one["body"].to(str), style={"white-space": "pre-wrap", "overflow-wrap": "anywhere"}),
    )
    return rx.el.article(
        rx.el.div(
            rx.el.strong(one["author"].to(str)),
            rx.el.span(one["when"].to(str)),
            rx.cond(
                one["mine"].to(bool) & ~one["deleted"].to(bool),
                icon_button(
                    "pencil",
                    t("library.comment_edit"),
                    small=True,
                    on_click=State.edit(comment, one["body"].to(str)),
                ),
            ),
            rx.cond(
                one["removable"].to(bool),
                icon_button("trash-2", t("library.comment_delete"), small=True, on_click=State.delete(comment)),
            ),
        ),
        rx.cond(State.editing == comment, _edit(), body),
    )


def _edit() -> rx.Component:
    return rx.el.form(
        text_area(
            t("library.comment"),
            name="edit-body",
            required=True,
            max_length=4000,
            default_value=State.editing_body,
            key=State.editing,
        ),
        dialog_actions(
            button(t("ui.cancel"), small=True, on_click=State.edit("", "")),
            button(t("library.comment_save"), small=True, kind="primary", type="submit"),
        ),
        on_submit=State.save,
        class_name="o-form",
    )


def _reply(one: Any) -> rx.Component:
    return rx.el.form(
        text_area(t("library.reply_to", name=one["author"].to(str)), name="reply-body", required=True, max_length=4000),
        dialog_actions(button(t("library.reply_add"), small=True, kind="primary", type="submit")),
        on_submit=State.add,
        class_name="o-form",
    )


def _new() -> rx.Component:
    return rx.el.form(
        text_area(
            t("library.comment"),
            name="comment-body",
            hint=t("library.comment_hint"),
            required=True,
            max_length=4000,
            key=State.writes.to(str),
        ),
        rx.el.p(
            rx.foreach(
                State.people, lambda one: rx.el.span("@", one["name"], " ", class_name="mut", title=one["email"])
            ),
            class_name="small",
        ),
        field(
            t("library.comment_about"),
            name="comment-tile",
            control=rx.el.select(
                rx.el.option(t("library.comment_whole"), value=""),
                rx.foreach(State.tiles, lambda one: rx.el.option(one["label"], value=one["value"])),
                id="comment-tile",
                name="comment-tile",
                default_value=State.about,
                key=State.about + State.tiles.length().to_string(),
            ),
        ),
        dialog_actions(button(t("library.comment_add"), kind="primary", type="submit", icon_name="send")),
        on_submit=State.add,
        class_name="o-form",
    )

"""System health: every part asked just now, queues, workers, disk."""

from __future__ import annotations

import reflex as rx

from components.tables import Column, data_table
from components.text import t
from components.ui.badge import state_badge
from components.ui.button import button
from components.ui.page import grid, page_header, source_line, tile
from components.ui.states import skeleton
from omni_app.frame import console
from state.operations.page import HealthState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the health page."""
    return console(
        page_header(
            t("health.title"),
            button(t("health.check"), icon_name="refresh-cw", kind="primary", on_click=State.load),
            badges=rx.cond(
                State.loaded,
                state_badge(
                    State.status,
                    {
                        "ok": (t("health.ok"), "ok", "check"),
                        "degraded": (t("health.degraded"), "warning", "triangle-alert"),
                        "down": (t("health.down"), "danger", "x"),
                    },
                ),
            ),
        ),
        rx.cond(State.loaded, _content(), skeleton()),
        name="console.health",
    )


def _content() -> rx.Component:
    return grid(
        *[_fact(name) for name in ("uptime", "disk", "database", "redis")],
        tile(
            data_table(_parts(), State.parts, name=t("health.parts")),
            title=t("health.parts"),
            padded=False,
            source=source_line(t("health.source"), State.checked),
        ),
        tile(
            data_table(_queues(), State.queues, name=t("health.queues")), title=t("health.queues"), span=6, padded=False
        ),
        tile(
            data_table(_workers(), State.workers, name=t("health.workers")),
            title=t("health.workers"),
            span=6,
            padded=False,
        ),
        tile(
            rx.el.dl(
                rx.foreach(State.versions, lambda one: rx.fragment(rx.el.dt(one["name"]), rx.el.dd(one["value"]))),
                class_name="o-dl",
            ),
            title=t("health.versions"),
        ),
    )


def _fact(name: str) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(t(f"health.fact.{name}")), rx.el.div(State.facts[name], class_name="v"), class_name="o-stat"
        ),
        class_name="o-tile s3 half",
    )


def _parts() -> tuple[Column, ...]:
    looks = {
        "ok": (t("health.answers"), "ok", "check"),
        "failing": (t("health.failing"), "danger", "x"),
        "absent": (t("health.absent"), "neutral", "minus"),
    }
    return (
        Column(key="name", label=t("health.part")),
        Column(key="state", label=t("health.state"), render=lambda row: state_badge(row["state"].to(str), looks)),
        Column(key="latency", label=t("health.latency"), numeric=True),
        Column(key="needed", label=t("health.needed")),
        Column(key="detail", label=t("health.detail")),
    )


def _queues() -> tuple[Column, ...]:
    return (
        Column(key="queue", label=t("health.queue"), mono=True),
        *[Column(key=name, label=t(f"health.{name}"), numeric=True) for name in ("queued", "running", "dead")],
    )


def _workers() -> tuple[Column, ...]:
    return (
        Column(key="name", label=t("health.worker"), mono=True),
        Column(key="queues", label=t("health.queues")),
        Column(key="running", label=t("health.running"), numeric=True),
        Column(key="seen", label=t("health.seen")),
    )

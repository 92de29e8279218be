"""A job: name, percent, bar, counts, time; cancel, retry."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.badge import Tone, state_badge
from components.ui.button import button
from components.ui.meter import meter


def job_states() -> dict[str, tuple[rx.Var[str], Tone, str]]:
    """Return word, tone and icon of every state of a job."""
    looks: dict[str, tuple[Tone, str]] = {
        "queued": ("neutral", "clock"),
        "running": ("info", "loader-circle"),
        "succeeded": ("ok", "check"),
        "failed": ("danger", "x"),
        "cancelled": ("neutral", "ban"),
        "dead": ("danger", "skull"),
    }
    return {name: (t(f"jobs.state.{name}"), tone, sign) for name, (tone, sign) in looks.items()}


def job_card(job: rx.Var[dict[str, Any]], *, on_cancel: Any = None, on_retry: Any = None) -> rx.Component:
    """Return the card of a job as the state gives it.

    ``job``: ``id, title, state, percent, percent_text, detail, open`` (queued or running), ``retryable``.
    """
    cancel = (
        []
        if on_cancel is None
        else [rx.cond(job["open"].to(bool), button(t("jobs.cancel"), small=True, on_click=on_cancel(job["id"])))]
    )
    retry = (
        []
        if on_retry is None
        else [rx.cond(job["retryable"].to(bool), button(t("jobs.retry"), small=True, on_click=on_retry(job["id"])))]
    )
    return rx.el.div(
        rx.el.div(
            rx.cond(job["open"].to(bool), rx.fragment(), state_badge(job["state"].to(str), job_states())),
            rx.el.strong(job["title"].to(str)),
            rx.cond(job["open"].to(bool), rx.el.span(job["percent_text"].to(str))),
            *cancel,
            *retry,
            class_name="r",
        ),
        rx.cond(job["open"].to(bool), meter(job["percent"].to(int), name=job["title"].to(str))),
        rx.el.p(job["detail"].to(str)),
        class_name="o-job",
    )

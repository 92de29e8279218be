"""Steps of a set-up, one below the other; on a phone "Step 2 of 4"."""

from __future__ import annotations

import reflex as rx

from components.text import t

Words = rx.Var[str] | str


def stepper(current: rx.Var[int], steps: list[tuple[Words, Words]]) -> rx.Component:
    """Return steps from ``(title, remark)``; ``current`` counts from one."""
    return rx.el.nav(
        rx.el.ol(
            *[
                rx.el.li(
                    rx.el.div(rx.el.b(title), rx.el.span(remark)),
                    custom_attrs={
                        "data-s": rx.cond(current > number, "done", "open"),
                        "aria-current": rx.cond(current == number, "step", "false"),
                    },
                )
                for number, (title, remark) in enumerate(steps, start=1)
            ],
            class_name="o-steps",
        ),
        custom_attrs={"aria-label": t("ui.steps")},
    )


def step_count(current: rx.Var[int], total: int) -> rx.Component:
    """Return "Step 2 of 4"."""
    return rx.el.p(t("ui.step_of", step=current, total=str(total)), class_name="mut small")

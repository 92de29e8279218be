"""The fields that make one filter: of what, how compared, with which value."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.field import field


def condition(*, offered: Any, ways: Any, values: Any, on_field: Any, prefix: str = "") -> list[rx.Component]:
    """Return the fields ``field``, ``operator`` and ``value`` of a form, their names behind ``prefix``.

    ``offered`` and ``ways`` are lists of ``{label, value}``, ``values`` of ``{value}``; ``on_field`` hears which field
    was chosen, so that its ways and values can be offered.
    """
    of_what = rx.el.select(
        rx.el.option("\N{EN DASH}", value=""),
        rx.foreach(offered, _option),
        id=f"{prefix}field",
        name=f"{prefix}field",
        required=True,
        on_change=on_field,
    )
    how = rx.el.select(
        rx.cond(ways.length() > 0, rx.foreach(ways, _option), rx.el.option(t("place.operator.in"), value="in")),
        id=f"{prefix}operator",
        name=f"{prefix}operator",
    )
    listed = f"{prefix or 'filter-'}values"
    with_which = field(
        t("dashboards.value"),
        name=f"{prefix}value",
        required=True,
        auto_complete="off",
        custom_attrs={"list": listed},
    )
    return [
        field(t("dashboards.field"), name=f"{prefix}field", control=of_what),
        field(t("place.operator"), name=f"{prefix}operator", control=how),
        with_which,
        rx.el.datalist(rx.foreach(values, lambda one: rx.el.option(value=one["value"])), id=listed),
    ]


def _option(one: Any) -> rx.Component:
    return rx.el.option(one["label"], value=one["value"])

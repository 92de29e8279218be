"""Links: inside the application without a page load, outside with one."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink


def link(*children: Any, href: rx.Var[str] | str, class_name: str = "", **props: Any) -> rx.Component:
    """Return a link to a page of the application.

    Usage: ``link(State.name, href="/datasets/" + State.id, class_name="main")``.
    """
    return ReactRouterLink.create(*children, to=href, class_name=class_name, **props)


def outside_link(*children: Any, href: rx.Var[str] | str, class_name: str = "", **props: Any) -> rx.Component:
    """Return a link that the browser loads: a download, the API reference.

    Reflex makes links out of plain anchors that look for a page of the application, so it is told not to.
    """
    return ReactRouterLink.create(*children, to=href, reload_document=True, class_name=class_name, **props)

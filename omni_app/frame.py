"""Binds the frames of ``components.shell`` to the shell's state and to ``ROUTES``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from backend_services.kernel.product import VERSION
from components.shell import Crumb, NavigationItem, Viewer, console_shell, open_shell, portal_shell
from components.text import t
from components.ui.link import link
from components.ui.states import empty, skeleton
from omni_app.routes import ROUTES, Face, Route, route_of
from state.shell import ShellState


def may(permission: Permission) -> rx.Var[bool]:
    """Return whether the reader holds ``permission``; comfort only, the services decide."""
    allowed: rx.Var[bool] = ShellState.permissions.contains(permission.value)
    return allowed


_WAITING = {
    "console.jobs": ShellState.running_jobs,
    "console.inbox": ShellState.unread,
    "portal.inbox": ShellState.unread,
    "console.alerts": ShellState.unread_alerts,
    "portal.alerts": ShellState.unread_alerts,
}
"""What waits behind an entry of the navigation, by the route's name."""


def viewer() -> Viewer:
    """Return the shell's variables and handlers."""
    return Viewer(
        language=ShellState.language,
        name=ShellState.name,
        initials=ShellState.initials,
        tenant=ShellState.tenant,
        version=VERSION,
        accent=ShellState.accent,
        ready=ShellState.ready,
        running_jobs=ShellState.running_jobs,
        flashes=ShellState.flashes,
        found=ShellState.found,
        on_dismiss=ShellState.dismiss,
        on_language=ShellState.choose_language,
        on_search=ShellState.search,
    )


def console(*content: Any, name: str, crumbs: Sequence[Crumb] = ()) -> rx.Component:
    """Return a console page in its frame.

    Args:
        content: The page.
        name: Of its route.
        crumbs: Further steps after the area's own; the last has no address.
    """
    route = route_of(name)
    area = route_of(route.area) if route.area else route
    steps = [Crumb(label=t(area.title), href=area.path if crumbs else ""), *crumbs]
    return console_shell(
        *_guarded(route, content),
        viewer=viewer(),
        navigation=_navigation(Face.CONSOLE),
        current=area.name,
        crumbs=steps,
    )


def portal(*content: Any, name: str) -> rx.Component:
    """Return a customer's page in its frame."""
    route = route_of(name)
    return portal_shell(
        *_guarded(route, content),
        viewer=viewer(),
        navigation=_navigation(Face.PORTAL),
        current=route.area or route.name,
    )


def open_page(*content: Any, aside: Sequence[Any]) -> rx.Component:
    """Return a page without an account in its frame."""
    return open_shell(*content, viewer=viewer(), aside=aside)


def _navigation(face: Face) -> list[NavigationItem]:
    return [
        NavigationItem(
            name=route.name,
            href=route.path,
            label=t(route.title),
            icon_name=route.icon,
            group=route.group,
            allowed=None if route.permission is None else may(route.permission),
            count=_WAITING.get(route.name),
            key=route.key,
        )
        for route in ROUTES
        if route.face is face and route.icon
    ]


def _guarded(route: Route, content: Sequence[Any]) -> list[Any]:
    """Return the content, or the way out for a reader who lacks the right."""
    if route.permission is None:
        return list(content)
    refused = rx.fragment(
        rx.el.h1(t(route.title)),
        empty(t("ui.no_right"), t("ui.no_right_text"), link(t("ui.to_home"), href="/", class_name="o-btn")),
    )
    return [
        rx.cond(
            ShellState.ready,
            rx.cond(may(route.permission), rx.fragment(*content), refused),
            rx.fragment(rx.el.h1(t(route.title)), skeleton()),
        )
    ]

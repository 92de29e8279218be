"""The application: pages from ``ROUTES``, middleware, lifespan. Nothing is decided here."""

from __future__ import annotations

from importlib import import_module

import reflex as rx

from backend_services.kernel import i18n
from components import text, theme
from omni_app.routes import ROUTES, Face, Route
from state.shell import ShellState

text.register(ShellState.language, {language: i18n.texts(language) for language in i18n.LANGUAGES})

app = rx.App(
    stylesheets=theme.STYLESHEETS,
    head_components=theme.head(),
    html_lang="en",
    toaster=None,
)


def add_route(route: Route) -> None:
    """Add the page of ``route``; its module names the page's own events in ``ON_LOAD``."""
    module = import_module(f"omni_app.pages.{route.page}")
    events = [ShellState.open_page, *getattr(module, "ON_LOAD", ())]
    title, _ = text.texts_of(route.title)
    app.add_page(module.page, route=route.path, title=f"{title} · Omni", on_load=events)


for _route in ROUTES:
    if _route.face is not Face.OPEN or _route.page != "open.setup":
        add_route(_route)

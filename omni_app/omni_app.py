"""The application: pages from ``ROUTES``, middleware, lifespan. Nothing is decided here."""

from __future__ import annotations

from importlib import import_module

import reflex as rx

from backend_services.kernel import i18n
from components import text, theme
from omni_app.routes import ROUTES, Face, Route
from state import feedback, policy
from state.shell import ShellState

text.register(ShellState.language, {language: i18n.texts(language) for language in i18n.LANGUAGES})

app = rx.App(
    stylesheets=theme.STYLESHEETS,
    head_components=theme.head(),
    html_lang="en",
    toaster=None,
    backend_exception_handler=feedback.backend_exception_handler,
)
policy.install(app)


def add_route(route: Route) -> None:
    """Add the page of ``route``; its module names the page's own events in ``ON_LOAD``."""
    module = import_module(f"omni_app.pages.{route.page}")
    first = ShellState.open_public if route.face is Face.OPEN else ShellState.open_page
    app.add_page(
        module.page,
        route=route.path,
        title=text.t(route.title) + " · Omni",
        on_load=[first, *getattr(module, "ON_LOAD", ())],
    )


for _route in ROUTES:
    add_route(_route)

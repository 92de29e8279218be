"""The application: pages from ``ROUTES``, the REST door, middleware, lifespan. Nothing is decided here."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import reflex as rx
from reflex.app import default_error_boundary
from reflex.constants import Page404
from reflex.utils.prerequisites import get_web_dir

from backend_services.kernel import i18n
from components import text, theme
from omni_app import wiring
from omni_app.asgi import Outer
from omni_app.pages.missing import missing_page
from omni_app.routes import ROUTES, Face, Route
from state import feedback, live, policy
from state.api.app import create_api
from state.shell import ShellState

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BUILT_PAGES = Path("build", "client")


def outer(inner: ASGIApp) -> ASGIApp:
    """Put the outermost layer around everything that answers."""
    return Outer(inner, pages=get_web_dir() / BUILT_PAGES)


wiring.configure()
text.register(ShellState.language, {language: i18n.texts(language) for language in i18n.LANGUAGES})

app = rx.App(
    stylesheets=theme.STYLESHEETS,
    head_components=theme.head(),
    html_lang="en",
    toaster=None,
    app_wraps={(55, "ErrorBoundary"): lambda _: default_error_boundary()},
    backend_exception_handler=feedback.backend_exception_handler,
    api_transformer=[create_api(), outer],
)
policy.install(app)
live.ask_for_pages(lambda token: app.event_namespace is not None and token in app.event_namespace.token_to_sid)
app.register_lifespan_task(wiring.web_duties)


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


def add_missing() -> None:
    """Add what stands at every address that is none of ours; it belongs to nobody, so it has no place in ``ROUTES``."""
    app.add_page(
        missing_page, route=Page404.SLUG, title=text.t("ui.not_found") + " · Omni", on_load=[ShellState.open_public]
    )


for _route in ROUTES:
    add_route(_route)
add_missing()

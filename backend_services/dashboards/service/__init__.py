"""Use cases of dashboards: the only face that doors and other domains see."""

from __future__ import annotations

from backend_services.dashboards.json_schema import json_schema as specification_schema
from backend_services.dashboards.service.code import apply_code, export_code
from backend_services.dashboards.service.comments import (
    add_comment,
    delete_comment,
    edit_comment,
    list_comments,
    list_readers,
    open_threads,
    resolve_thread,
)
from backend_services.dashboards.service.files import export_dashboard, import_dashboard, plan_import
from backend_services.dashboards.service.folders import (
    create_folder,
    delete_folder,
    list_folders,
    move_dashboards,
    update_folder,
)
from backend_services.dashboards.service.generated import build_type, build_types, list_generated, list_types
from backend_services.dashboards.service.library import (
    create_dashboard,
    delete_dashboard,
    duplicate,
    get_dashboard,
    list_dashboards,
    update_dashboard,
    validate_spec,
)
from backend_services.dashboards.service.marks import note_visit, set_favourite
from backend_services.dashboards.service.people import (
    find_colleagues,
    get_sharing,
    share_with_person,
    unshare_with_person,
)
from backend_services.dashboards.service.questions import number_question
from backend_services.dashboards.service.recipients import find_recipient, name_recipients
from backend_services.dashboards.service.sharing import list_shares, share, unshare
from backend_services.dashboards.service.starters import seed_starter_dashboards
from backend_services.dashboards.service.tiles import (
    export_tile,
    export_tile_rows,
    preview_tile,
    tile_result,
    tile_results,
    tile_rows,
)
from backend_services.dashboards.service.versions import (
    compare_versions,
    get_version,
    list_versions,
    note_version,
    restore_version,
)

__all__ = [
    "add_comment",
    "apply_code",
    "build_type",
    "build_types",
    "compare_versions",
    "create_dashboard",
    "create_folder",
    "delete_comment",
    "delete_dashboard",
    "delete_folder",
    "duplicate",
    "edit_comment",
    "export_code",
    "export_dashboard",
    "export_tile",
    "export_tile_rows",
    "find_colleagues",
    "find_recipient",
    "get_dashboard",
    "get_sharing",
    "get_version",
    "import_dashboard",
    "list_comments",
    "list_dashboards",
    "list_folders",
    "list_generated",
    "list_readers",
    "list_shares",
    "list_types",
    "list_versions",
    "move_dashboards",
    "name_recipients",
    "note_version",
    "note_visit",
    "number_question",
    "open_threads",
    "plan_import",
    "preview_tile",
    "resolve_thread",
    "restore_version",
    "seed_starter_dashboards",
    "set_favourite",
    "share",
    "share_with_person",
    "specification_schema",
    "tile_result",
    "tile_results",
    "tile_rows",
    "unshare",
    "unshare_with_person",
    "update_dashboard",
    "update_folder",
    "validate_spec",
]

"""Use cases of connections: the only face that doors see."""

from __future__ import annotations

from backend_services.datasets.connections.service.asking import (
    check_connection,
    list_columns,
    list_tables,
    try_connection,
)
from backend_services.datasets.connections.service.copies import copy_again, copy_table, get_copy, list_copies
from backend_services.datasets.connections.service.library import (
    create_connection,
    create_sqlite,
    delete_connection,
    get_connection,
    list_connections,
    update_connection,
)
from backend_services.datasets.connections.service.schedules import (
    failing_copies,
    list_copy_runs,
    set_copy_settings,
)

__all__ = [
    "check_connection",
    "copy_again",
    "copy_table",
    "create_connection",
    "create_sqlite",
    "delete_connection",
    "failing_copies",
    "get_connection",
    "get_copy",
    "list_columns",
    "list_connections",
    "list_copies",
    "list_copy_runs",
    "list_tables",
    "set_copy_settings",
    "try_connection",
    "update_connection",
]

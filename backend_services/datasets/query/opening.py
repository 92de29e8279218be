"""DuckDB, locked down, on one stored file. Light: the child that runs free SQL begins with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from pathlib import Path


def locked_down(path: Path, columns: tuple[str, ...], *, threads: int, memory_mb: int) -> duckdb.DuckDBPyConnection:
    """Return a database in memory whose only table, ``data``, is the file; nothing else can be reached from it.

    Raises:
        duckdb.Error: The file cannot be read.
    """
    config: dict[str, Any] = {
        "threads": threads,
        "async_threads": 0,  # a query that fails while these still read may wait for ever (duckdb#23885)
        "memory_limit": f"{memory_mb}MiB",
        "temp_directory": "",
        "max_temp_directory_size": "0B",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "enable_external_file_cache": False,
        "allow_persistent_secrets": False,
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("SET allowed_paths = [$1]", [str(path)])
        connection.execute("SET enable_external_access = false")
        names = ", ".join(_quoted(name) for name in columns)
        file_name = str(path).replace("'", "''")
        connection.execute(f"CREATE VIEW data AS SELECT {names} FROM read_parquet('{file_name}')")  # noqa: S608 - ours
        connection.execute("SET lock_configuration = true")
    except duckdb.Error:
        connection.close()
        raise
    return connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

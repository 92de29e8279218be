"""Settings of the query engine."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class QuerySettings(BaseSettings):
    """Limits of queries."""

    model_config = SettingsConfigDict(env_prefix="OMNI_DATASETS_QUERY_", extra="ignore", frozen=True)

    timeout_s: float = Field(default=10.0, gt=0, description="Longest time a query may run, in seconds.")
    export_timeout_s: float = Field(default=120.0, gt=0, description="Longest time an export may take, in seconds.")
    memory_mb: int = Field(default=256, ge=32, description="Memory a dataset's DuckDB may use, in MB.")
    threads: int = Field(default=2, ge=1, description="Threads a dataset's DuckDB may use.")
    concurrency: int = Field(default=4, ge=1, description="Queries that run at a time in one process.")
    sql_processes: int = Field(default=2, ge=1, description="Child processes that run free SQL for one process.")
    sql_memory_mb: int = Field(
        default=512, ge=64, description="Memory that a child running free SQL may use beyond its start, in MB (Linux)."
    )
    sql_statements: int = Field(default=200, ge=1, description="Statements after which such a child is replaced.")
    max_waiting: int = Field(default=200, ge=1, description="Queries that may wait for their turn in one process.")
    pool_size: int = Field(default=8, ge=1, description="Datasets kept open in one process.")
    idle_s: float = Field(default=120.0, gt=0, description="Seconds after which an unused dataset is closed.")
    max_result_bytes: int = Field(default=32_000_000, ge=1, description="Largest answer, in bytes of text.")
    cache_ttl_s: int = Field(default=3600, ge=0, description="How long answers are kept, in seconds; 0 keeps none.")
    max_cached_bytes: int = Field(default=4_000_000, ge=1, description="Largest answer kept, in bytes as packed.")
    near_s: float = Field(
        default=60.0, ge=0, description="How long a process itself keeps an answer at hand, in seconds; 0 keeps none."
    )
    near_bytes: int = Field(
        default=8_000_000, ge=1, description="Bytes of all answers that a process keeps at hand, as text."
    )
    export_csv_rows: int = Field(default=1_000_000, ge=1, description="Most rows of a CSV export.")
    export_xlsx_rows: int = Field(default=200_000, ge=1, le=1_000_000, description="Most rows of an XLSX export.")


@lru_cache(maxsize=1)
def get_query_settings() -> QuerySettings:
    """Return the settings of this process, read once."""
    return QuerySettings()

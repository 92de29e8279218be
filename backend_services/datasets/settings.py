"""Settings of datasets."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatasetSettings(BaseSettings):
    """Limits of what is taken in."""

    model_config = SettingsConfigDict(env_prefix="OMNI_DATASETS_", extra="ignore", frozen=True)

    memory_mb: int = Field(default=208, ge=64, description="Memory an ingestion's DuckDB may use, in MB.")
    threads: int = Field(default=2, ge=1, description="Threads of an ingestion.")
    single_pass_bytes: int = Field(
        default=48_000_000, ge=0, description="Size from which a delimited file is read in one pass, if its rows allow."
    )
    timeout_s: float = Field(default=1800.0, gt=0, description="Longest time that reading one file may take.")
    max_columns: int = Field(default=4000, ge=1, description="Most columns a table may have.")
    max_expanded_bytes: int = Field(
        default=20_000_000_000, ge=1, description="Largest size of a compressed file once it is unpacked."
    )
    max_expansion: float = Field(
        default=200.0, gt=1, description="How many times larger a compressed file may become (zip bombs)."
    )
    max_workbook_bytes: int = Field(
        default=1_000_000_000, ge=1, description="Largest unpacked size of a workbook, in bytes."
    )
    max_workbook_cells: int = Field(
        default=20_000_000, ge=1, description="Most cells of a sheet, empty ones between its corners included."
    )
    min_free_bytes: int = Field(
        default=200_000_000, ge=0, description="Room that an ingestion must leave on the disk, in bytes."
    )
    keep_uploads_s: int = Field(
        default=86_400, ge=0, description="How long a file is kept for a retry after a disk or server failed."
    )


@lru_cache(maxsize=1)
def get_dataset_settings() -> DatasetSettings:
    """Return the settings of this process, read once."""
    return DatasetSettings()

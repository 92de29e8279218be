"""Settings of the file store."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FilesSettings(BaseSettings):
    """Where files lie. Credentials of S3 and Google Cloud Storage come from their own usual variables."""

    model_config = SettingsConfigDict(env_prefix="OMNI_", extra="ignore", frozen=True)

    files_url: str = Field(
        default="", description="Store of files: s3://bucket/prefix or gs://bucket/prefix; empty means a local folder."
    )
    files_cache_dir: Path | None = Field(
        default=None, description="Folder for local copies of remote files; default is below the data folder."
    )
    files_cache_bytes: int = Field(
        default=20_000_000_000, ge=0, description="Room for local copies of remote files, in bytes."
    )


@lru_cache(maxsize=1)
def get_files_settings() -> FilesSettings:
    """Return the settings of this process, read once."""
    return FilesSettings()

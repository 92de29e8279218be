"""Settings of connections."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ConnectionSettings(BaseSettings):
    """How far connections reach, and how long they wait."""

    model_config = SettingsConfigDict(env_prefix="OMNI_DATASETS_CONNECTIONS_", extra="ignore", frozen=True)

    networks: str = Field(
        default="",
        description="Networks that connections may reach, as CIDR with commas between. "
        "Empty: every one but this machine itself and link-local addresses.",
    )
    connect_timeout_s: float = Field(default=5.0, gt=0, description="Longest wait for a server to answer, in seconds.")
    timeout_s: float = Field(default=20.0, gt=0, description="Longest time a look at a server's tables may take.")
    copy_timeout_s: float = Field(default=3000.0, gt=0, description="Longest time that copying a table may take.")
    copy_rows: int = Field(default=50_000_000, ge=1, description="Most rows that are copied of one table.")
    listed_tables: int = Field(default=2000, ge=1, description="Most tables of a server that are listed.")


@lru_cache(maxsize=1)
def get_connection_settings() -> ConnectionSettings:
    """Return the settings of this process, read once."""
    return ConnectionSettings()

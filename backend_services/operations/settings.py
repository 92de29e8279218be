"""Settings of operations."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class OperationsSettings(BaseSettings):
    """What the health page and the metrics page go by."""

    model_config = SettingsConfigDict(env_prefix="OMNI_", extra="ignore", frozen=True)

    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="Bearer token that /metrics asks for; empty leaves it open. It names no tenant.",
    )
    health_timeout_s: float = Field(default=2.0, gt=0, description="Longest wait for one part in a health check.")
    health_cache_s: float = Field(default=1.0, ge=0, description="How long a health check is good for.")
    health_free_bytes: int = Field(default=500_000_000, ge=0, description="Least free room on the data folder's disk.")


@lru_cache(maxsize=1)
def get_operations_settings() -> OperationsSettings:
    """Return the settings of this process, read once."""
    return OperationsSettings()

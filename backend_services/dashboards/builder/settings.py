"""Settings of the builder, from ``OMNI_BUILDER_…``."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class BuilderSettings(BaseSettings):
    """How long a caller waits for an answer."""

    model_config = SettingsConfigDict(env_prefix="OMNI_BUILDER_", extra="ignore", frozen=True)

    budget_s: float = Field(
        default=15.0,
        ge=0,
        le=300,
        description="A question that takes longer goes on as a job; 0 makes every one a job.",
    )


@lru_cache(maxsize=1)
def get_builder_settings() -> BuilderSettings:
    """Return the settings of the builder, read once."""
    return BuilderSettings()

"""Settings of rendering."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RenderingSettings(BaseSettings):
    """Limits of the drawing process."""

    model_config = SettingsConfigDict(env_prefix="OMNI_DASHBOARDS_RENDERING_", extra="ignore", frozen=True)

    timeout_s: float = Field(default=60.0, gt=0, description="Longest time that drawing one file may take, in seconds.")
    waiting_s: float = Field(default=30.0, gt=0, description="Longest wait for a free drawing process, in seconds.")
    concurrency: int = Field(default=2, ge=1, description="Files that one process draws at a time.")
    memory_mb: int = Field(default=1024, ge=256, description="Memory a drawing process may use, in MB.")


@lru_cache(maxsize=1)
def get_rendering_settings() -> RenderingSettings:
    """Return the settings of this process, read once."""
    return RenderingSettings()

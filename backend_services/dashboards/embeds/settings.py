"""Settings of embeds."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EmbedSettings(BaseSettings):
    """Limits of what is shown on other sites."""

    model_config = SettingsConfigDict(env_prefix="OMNI_EMBEDS_", extra="ignore", frozen=True)

    max_token_s: int = Field(default=3600, ge=60, description="Longest life of a signed token in seconds.")
    max_days: int = Field(default=730, ge=1, description="Most days that an embed may live.")
    overlap_hours: int = Field(
        default=24, ge=0, description="Hours that the secret before a rotation is still good beside the new one."
    )
    min_refresh_s: int = Field(
        default=60,
        ge=15,
        description="An open embed renews itself at most this often, in seconds, if its dashboard does.",
    )
    address_per_minute: int = Field(default=120, ge=1, description="Most requests a minute of one address per embed.")
    embed_per_minute: int = Field(default=1200, ge=1, description="Most requests a minute of one embed altogether.")


@lru_cache(maxsize=1)
def get_embed_settings() -> EmbedSettings:
    """Return the settings of this process, read once."""
    return EmbedSettings()

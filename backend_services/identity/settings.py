"""Settings of identity, from ``OMNI_IDENTITY_…``."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IdentitySettings(BaseSettings):
    """How long people stay signed in and who may register."""

    model_config = SettingsConfigDict(env_prefix="OMNI_IDENTITY_", extra="ignore", frozen=True)

    registration: bool = Field(default=True, description="Whether anyone may register a new customer.")
    session_idle_s: int = Field(default=12 * 3600, ge=60, description="A browser session ends after this much silence.")
    session_max_s: int = Field(
        default=30 * 86400, ge=60, description="A browser session ends after this at the latest."
    )
    access_token_s: int = Field(default=900, ge=30, le=3600, description="Life of an access token, in seconds.")
    refresh_token_s: int = Field(default=30 * 86400, ge=60, description="Life of a refresh token's family, in seconds.")
    setup_token_s: int = Field(default=24 * 3600, ge=60, description="Life of the set-up link, in seconds.")
    credential_cache_s: float = Field(
        default=5.0, ge=0, le=60, description="For how long a checked credential is believed without asking again."
    )
    secure_cookies: bool = Field(
        default=False, description="Send cookies over https only, even if the public address does not say https."
    )


@lru_cache(maxsize=1)
def get_identity_settings() -> IdentitySettings:
    """Return the settings of this process, read once."""
    return IdentitySettings()

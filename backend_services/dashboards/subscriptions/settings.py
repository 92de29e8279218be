"""Settings of subscriptions."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class SubscriptionSettings(BaseSettings):
    """Limits of what is delivered."""

    model_config = SettingsConfigDict(env_prefix="OMNI_SUBSCRIPTIONS_", extra="ignore", frozen=True)

    max_attachment_bytes: int = Field(
        default=8_000_000, ge=1, description="Largest file attached to a message; larger ones are in the inbox only."
    )
    max_file_bytes: int = Field(default=50_000_000, ge=1, description="Largest file that is delivered at all.")
    keep_days: int = Field(default=30, ge=1, description="Days that delivered files are kept in the inbox.")
    max_recipients: int = Field(default=200, ge=1, description="Most recipients of one occurrence.")


@lru_cache(maxsize=1)
def get_subscription_settings() -> SubscriptionSettings:
    """Return the settings of this process, read once."""
    return SubscriptionSettings()

"""Settings of webhooks."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebhookSettings(BaseSettings):
    """Where webhooks may go, and how long they are tried."""

    model_config = SettingsConfigDict(env_prefix="OMNI_WEBHOOKS_", extra="ignore", frozen=True)

    networks: str = Field(
        default="",
        description="Networks that webhooks may reach besides public addresses, as CIDR with commas between.",
    )
    allow_http: bool = Field(default=False, description="Whether addresses without encryption (http) may be used.")
    timeout_s: float = Field(default=15.0, gt=0, description="Longest time that one delivery may take.")
    disable_after_days: int = Field(
        default=5, ge=1, description="Days of nothing but failures after which an endpoint is switched off."
    )
    overlap_hours: int = Field(default=24, ge=0, description="Hours that a rotated secret signs beside the new one.")
    keep_days: int = Field(default=30, ge=1, description="Days that the log of deliveries is kept.")
    most_endpoints: int = Field(default=50, ge=1, description="Most endpoints of one tenant.")


@lru_cache(maxsize=1)
def get_webhook_settings() -> WebhookSettings:
    """Return the settings of this process, read once."""
    return WebhookSettings()

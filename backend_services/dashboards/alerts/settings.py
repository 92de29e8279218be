"""Settings of alerts."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class AlertSettings(BaseSettings):
    """Limits of what is watched."""

    model_config = SettingsConfigDict(env_prefix="OMNI_ALERTS_", extra="ignore", frozen=True)

    most_groups: int = Field(default=50, ge=1, le=1000, description="Most groups that one alert watches.")
    most_alerts: int = Field(default=1000, ge=1, description="Most alerts of one tenant.")
    max_recipients: int = Field(default=200, ge=1, description="Most people whom one alert tells.")
    keep_days: int = Field(default=120, ge=1, description="Days that evaluations and notices are kept.")
    backtest_days: int = Field(default=90, ge=1, le=400, description="Days that a preview looks back.")


@lru_cache(maxsize=1)
def get_alert_settings() -> AlertSettings:
    """Return the settings of this process, read once."""
    return AlertSettings()

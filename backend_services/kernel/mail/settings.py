"""Settings of outgoing mail."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class MailSettings(BaseSettings):
    """Where messages go."""

    model_config = SettingsConfigDict(env_prefix="OMNI_MAIL_", extra="ignore", frozen=True)

    smtp_host: str = Field(default="", description="Mail server; empty writes messages as files below the data folder.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_user: str = Field(default="", description="Account at the mail server.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password at the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="Encryption: starttls, tls (from the first byte) or none (own network only)."
    )
    smtp_timeout_s: float = Field(default=20.0, gt=0, description="Longest wait for the mail server, in seconds.")
    sender: str = Field(default="Omni <omni@localhost>", description="Sender of every message.")
    reply_to: str = Field(default="", description="Where answers go, if not to the sender.")


@lru_cache(maxsize=1)
def get_mail_settings() -> MailSettings:
    """Return the settings of this process, read once."""
    return MailSettings()

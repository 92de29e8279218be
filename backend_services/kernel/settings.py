"""Settings of the whole process. Every one is an environment variable ``OMNI_<NAME>``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What every process of one install shares.

    ``omni run`` fills in what is not set (embedded servers, secret key) and hands it to its children in
    the environment; in production an operator sets them.
    """

    model_config = SettingsConfigDict(env_prefix="OMNI_", extra="ignore", frozen=True)

    data_dir: Path = Field(default=Path(".omni"), description="Folder of the embedded servers, files and keys.")
    host: str = Field(default="127.0.0.1", description="Address the web process listens on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port the web process listens on.")
    public_url: str = Field(default="", description="Address people use; default is made from host and port.")
    allowed_origins: str = Field(
        default="", description="Further origins, comma separated, whose pages may open a websocket or post a form."
    )
    database_url: SecretStr = Field(
        default=SecretStr(""), description="PostgreSQL of the application role; empty means the embedded server."
    )
    database_owner_url: SecretStr = Field(
        default=SecretStr(""), description="PostgreSQL of the owner role for migrations; default is database_url."
    )
    database_pool_size: int = Field(default=10, ge=1, description="Connections a process keeps open at most.")
    database_idle_transaction_s: float = Field(
        default=30.0,
        ge=1,
        description="PostgreSQL ends a transaction that does nothing this long: a frozen process gives up its locks.",
    )
    redis_url: SecretStr = Field(default=SecretStr(""), description="Redis or Valkey; empty means the embedded server.")
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="Root key (32 bytes, base64) of all encryption and signatures."
    )
    secret_keys_old: SecretStr = Field(
        default=SecretStr(""), description="Former root keys, comma separated, until everything is sealed anew."
    )
    secret_key_file: Path | None = Field(default=None, description="File that holds the root key, instead.")
    process_name: str = Field(default="omni", description="Name of this process in metrics, such as web or worker.")
    demo: bool = Field(default=False, description="Demonstration install: known accounts, loopback only.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")
    log_format: Literal["console", "json"] = Field(default="console", description="How log lines look.")
    default_language: Literal["en", "sl"] = Field(default="en", description="Language when nothing else decides.")
    trusted_proxies: str = Field(
        default="", description="Networks, comma separated, whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )
    page_expiry_s: int = Field(
        default=1800, ge=5, description="Seconds for which a page's state is kept after its last event."
    )
    max_body_bytes: int = Field(default=2_000_000, description="Largest request body outside uploads, in bytes.")
    max_upload_bytes: int = Field(default=5_000_000_000, description="Largest uploaded file, in bytes.")

    @property
    def base_url(self) -> str:
        """Address people use, without a trailing slash."""
        # One name for this machine everywhere: a cookie of localhost is not sent to 127.0.0.1.
        host = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else self.host  # noqa: S104 - read, not bound
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()

"""Settings of secret sources."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class SecretsSettings(BaseSettings):
    """Where the platform's own secrets come from."""

    model_config = SettingsConfigDict(env_prefix="OMNI_", extra="ignore", frozen=True)

    secrets_dir: Path | None = Field(
        default=None,
        description="Folder with one file a secret, as orchestrators mount them; read after the environment.",
    )


@lru_cache(maxsize=1)
def get_secrets_settings() -> SecretsSettings:
    """Return the settings of this process, read once."""
    return SecretsSettings()


def environment() -> Mapping[str, str]:
    """Return the environment, for the source that reads secrets from it."""
    return os.environ  # noqa: TID251 - this is a settings file

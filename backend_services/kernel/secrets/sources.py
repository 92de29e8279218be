"""Reads the platform's own secrets from the sources this install has, the first that knows the name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_services.kernel.secrets.adapters.environment import EnvironmentSource
from backend_services.kernel.secrets.adapters.folder import FolderSource
from backend_services.kernel.secrets.errors import SecretNotFoundError
from backend_services.kernel.secrets.settings import environment, get_secrets_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.kernel.secrets.ports import SecretSource

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def default_sources() -> tuple[SecretSource, ...]:
    """Return the environment and, where one is set, the folder of secret files."""
    sources: list[SecretSource] = [EnvironmentSource(environment())]
    folder = get_secrets_settings().secrets_dir
    if folder is not None:
        sources.append(FolderSource(folder))
    return tuple(sources)


async def read_secret(name: str, sources: Sequence[SecretSource] | None = None) -> str:
    """Return the platform's secret called ``name``.

    Raises:
        SecretNotFoundError: No source has it, or ``name`` is none a secret may have.
    """
    if not _NAME.fullmatch(name):
        raise SecretNotFoundError
    for source in sources if sources is not None else default_sources():
        found = await source.read(name)
        if found is not None:
            return found
    raise SecretNotFoundError

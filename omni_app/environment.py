"""Every setting of every domain: found, and read once at the start, so that a wrong one stops nothing half-way."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.secrets.crypto import get_keyring
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent


def settings_classes(root: Path = ROOT) -> Iterator[type[BaseSettings]]:
    """Yield the settings classes of all ``settings.py`` files, the kernel's first."""
    for path in sorted(
        (root / "backend_services").rglob("settings.py"), key=lambda path: (path.parent.name != "kernel", path)
    ):
        module = importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseSettings) and value.__module__ == module.__name__:
                yield value


def check_settings() -> None:
    """Read every setting, and the root key where there is one.

    Raises:
        InvalidInputError: A variable has no fitting value; the message names it.
        RootKeyError: The root key is none.
    """
    problems: list[str] = []
    for settings in settings_classes():
        try:
            settings()
        except ValidationError as error:
            prefix = settings.model_config.get("env_prefix", "")
            problems += [
                f"{prefix}{one['loc'][0] if one['loc'] else ''}".upper() + f": {one['msg']}" for one in error.errors()
            ]
    if problems:
        message = f"A setting cannot be used. {'; '.join(problems)}"
        raise InvalidInputError(message)
    if get_settings().secret_key.get_secret_value() or get_settings().secret_key_file:
        get_keyring()

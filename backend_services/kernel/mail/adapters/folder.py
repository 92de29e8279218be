"""Writes messages as ``.eml`` files, which every mail program opens. For development and installs without mail."""

from __future__ import annotations

import asyncio
from email.policy import SMTP
from typing import TYPE_CHECKING

from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_token
from backend_services.kernel.mail.errors import MailUndeliverableError

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path


class FolderTransport:
    """A folder that collects messages."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def deliver(self, message: EmailMessage) -> str:
        """Write the message to a file of its own; return the file's name."""
        return await asyncio.to_thread(self._write, message)

    def _write(self, message: EmailMessage) -> str:
        path = self._folder / f"{now():%Y%m%dT%H%M%S}-{new_token(6)}.eml"
        staging = path.with_suffix(".part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            staging.write_bytes(message.as_bytes(policy=SMTP))
            staging.replace(path)
        except OSError as error:
            staging.unlink(missing_ok=True)
            raise MailUndeliverableError from error
        return path.name

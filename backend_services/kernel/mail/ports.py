"""What mail needs from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from email.message import EmailMessage


class MailTransport(Protocol):
    """Takes messages away."""

    async def deliver(self, message: EmailMessage) -> str:
        """Hand the message over; return what the other side answered.

        Raises:
            MailUndeliverableError: Not now; try again.
            MailRefusedError: Never.
        """

"""Delivers over SMTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiosmtplib

from backend_services.kernel.mail.errors import MailRefusedError, MailUndeliverableError

if TYPE_CHECKING:
    from email.message import EmailMessage

    from backend_services.kernel.mail.settings import MailSettings

PERMANENT_FROM = 500


class SmtpTransport:
    """A mail server, one connection a message."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def deliver(self, message: EmailMessage) -> str:
        """Hand the message to the server; return its answer."""
        chosen = self._settings
        try:
            _, answer = await aiosmtplib.send(
                message,
                hostname=chosen.smtp_host,
                port=chosen.smtp_port,
                username=chosen.smtp_user or None,
                password=chosen.smtp_password.get_secret_value() or None,
                use_tls=chosen.smtp_security == "tls",
                start_tls=chosen.smtp_security == "starttls",
                timeout=chosen.smtp_timeout_s,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            if codes and min(codes) >= PERMANENT_FROM:
                raise MailRefusedError from error
            raise MailUndeliverableError from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise MailUndeliverableError from error
        except aiosmtplib.SMTPResponseException as error:
            if error.code >= PERMANENT_FROM:
                raise MailRefusedError from error
            raise MailUndeliverableError from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailUndeliverableError from error
        return answer

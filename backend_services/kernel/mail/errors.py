"""Refusals of mail."""

from __future__ import annotations

from backend_services.kernel.errors import InvalidInputError, UnavailableError


class MailInvalidError(InvalidInputError):
    """An address or subject holds what has no place there, such as a line break."""

    code = "mail_invalid"
    default_message = "This is not an e-mail address we can write to."


class MailUndeliverableError(UnavailableError):
    """The mail server does not answer or puts us off; the job tries again."""

    code = "mail_undeliverable"
    default_message = "The mail server did not take the message. It will be tried again."


class MailRefusedError(InvalidInputError):
    """The mail server refuses this message or recipient for good."""

    code = "mail_refused"
    default_message = "The mail server refused this message or its recipient."

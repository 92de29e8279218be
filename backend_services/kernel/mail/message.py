"""Builds a message from the translation catalogue: subject, plain text and HTML of one template.

Texts of a template: ``mail.<template>.subject``, ``mail.<template>.body`` (paragraphs parted by an empty line) and, for
a button, ``mail.<template>.action`` whose address is the parameter ``link``.
"""

from __future__ import annotations

import html
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from backend_services.kernel.clock import now
from backend_services.kernel.i18n import has_text, text
from backend_services.kernel.ids import new_token
from backend_services.kernel.mail.errors import MailInvalidError

MAX_ADDRESS = 254
_ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\x00-\x1f\x7f]{1,64}@[^@\s<>\"(),:;\\\x00-\x1f\x7f]{1,253}")
_LINK_SCHEMES = ("https://", "http://")


def checked_address(address: str) -> str:
    """Return ``address`` if a message can be sent to it.

    Raises:
        MailInvalidError: It is none, or carries a line break or a second address.
    """
    if len(address) > MAX_ADDRESS or not _ADDRESS.fullmatch(address):
        raise MailInvalidError
    return address


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _sender(written: str) -> Address:
    name, address = parseaddr(written)
    local, _, domain = checked_address(address).rpartition("@")
    return Address(display_name=_one_line(name), username=local, domain=domain)


def _html_body(language: str, subject: str, paragraphs: list[str], *, action: str, link: str) -> str:
    parts = [f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs]
    if action and link:
        parts.append(f'<p><a href="{html.escape(link, quote=True)}">{html.escape(action)}</a></p>')
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{html.escape(subject)}</title>'
        '</head>\n<body style="font-family:system-ui,sans-serif;line-height:1.5;max-width:36rem">\n'
        f"{body}\n</body></html>\n"
    )


def compose(
    template: str,
    *,
    to: str,
    language: str,
    sender: str,
    params: dict[str, str],
    reply_to: str = "",
    message_id: str = "",
) -> EmailMessage:
    """Return the message of ``template`` to ``to`` in ``language``.

    Raises:
        MailInvalidError: The recipient is no address, or the link is no web address.
    """
    link = params.get("link", "")
    if link and not link.startswith(_LINK_SCHEMES):
        raise MailInvalidError
    origin = _sender(sender)
    subject = _one_line(text(f"mail.{template}.subject", language, **params))
    paragraphs = text(f"mail.{template}.body", language, **params).split("\n\n")
    action_key = f"mail.{template}.action"
    action = text(action_key, language, **params) if has_text(action_key, language) else ""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = origin
    message["To"] = checked_address(to)
    if reply_to:
        message["Reply-To"] = _sender(reply_to)
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{message_id or new_token(16)}@{origin.domain}>"
    message["Content-Language"] = language
    message["Auto-Submitted"] = "auto-generated"
    plain = [*paragraphs, f"{action}:\n{link}"] if action and link else paragraphs
    message.set_content("\n\n".join(plain) + "\n")
    message.add_alternative(_html_body(language, subject, paragraphs, action=action, link=link), subtype="html")
    return message

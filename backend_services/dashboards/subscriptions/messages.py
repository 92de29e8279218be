"""The message of a delivery: what the tiles say in words, the file, and a link that ends it with one click."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

from backend_services.dashboards.subscriptions.errors import UnsubscribeLinkInvalidError
from backend_services.dashboards.subscriptions.schemas import UnsubscribeLink
from backend_services.kernel.i18n import format_date, text
from backend_services.kernel.mail.message import compose
from backend_services.kernel.mail.settings import get_mail_settings
from backend_services.kernel.secrets.crypto import seal, unseal
from backend_services.kernel.secrets.errors import SecretUnreadableError
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from email.message import EmailMessage

    from pydantic import JsonValue

    from backend_services.dashboards.schemas import TileResult
    from backend_services.dashboards.subscriptions.models import Delivery, Subscription
    from backend_services.kernel.actor import Actor

PURPOSE = "unsubscribe"
MOST_LINES = 12
UNSUBSCRIBE_PATH = "/api/v1/subscriptions/unsubscribe"


def unsubscribe_address(row: Delivery, language: str) -> str:
    """Return the address that takes the recipient off; it holds what it needs, sealed."""
    link = UnsubscribeLink(
        tenant_id=row.tenant_id,
        subscription_id=row.subscription_id,
        recipient=row.recipient,
        language="sl" if language == "sl" else "en",
    )
    token = seal(link.model_dump_json().encode(), PURPOSE)
    return f"{get_settings().base_url}{UNSUBSCRIBE_PATH}?token={quote(token, safe='')}"


def opened_link(token: str) -> UnsubscribeLink:
    """Return what the link holds.

    Raises:
        UnsubscribeLinkInvalidError: We did not write it.
    """
    try:
        return UnsubscribeLink.model_validate_json(unseal(token, PURPOSE))
    except SecretUnreadableError as error:
        raise UnsubscribeLinkInvalidError from error


def summary(shown: tuple[TileResult, ...]) -> str:
    """Return the figures and findings in a few lines."""
    lines = []
    for one in shown:
        said = " ".join(part for part in (one.number.text if one.number else "", one.finding) if part)
        if said:
            lines.append(f"{one.title}: {said}")
    return "\n".join(lines[:MOST_LINES])


def webhook_data(
    subscription: Subscription, row: Delivery, shown: tuple[TileResult, ...], file: bytes
) -> dict[str, JsonValue]:
    """Return what a webhook is told of a delivery: documented in the guide to deliveries, so only ever added to."""
    return {
        "subscription": {"id": str(subscription.id), "title": subscription.title},
        "dashboard": {"id": str(subscription.dashboard_id)},
        "occurrence": row.occurrence.isoformat(),
        "summary": summary(shown),
        "link": f"{get_settings().base_url}/dashboards/{subscription.dashboard_id}",
        "file": {
            "name": row.file_name,
            "media_type": row.media_type,
            "size_bytes": row.size_bytes,
            "content_base64": base64.b64encode(file).decode(),
        },
    }


def message_of(
    row: Delivery,
    subscription: Subscription,
    reader: Actor,
    shown: tuple[TileResult, ...],
    *,
    to: str,
    file: bytes | None,
) -> EmailMessage:
    """Return the message; without ``file`` it says that the file lies in the inbox."""
    language, settings = reader.language, get_mail_settings()
    outside = row.recipient.startswith("mail:")
    notes = [text("subscriptions.mail.outside", language, owner=reader.label)] if outside else []
    if file is None:
        notes.append(text("subscriptions.mail.too_large", language))
    link = unsubscribe_address(row, language)
    message = compose(
        "subscription_outside" if outside else "subscription",
        to=to,
        language=language,
        sender=settings.sender,
        reply_to=settings.reply_to,
        message_id=str(row.id),
        params={
            "title": subscription.title,
            "date": format_date(row.occurrence, language, time_zone=reader.time_zone),
            "summary": summary(shown) or text("subscriptions.mail.no_summary", language),
            "notes": " ".join(notes),
            "unsubscribe": link,
            "link": f"{get_settings().base_url}/dashboards/{subscription.dashboard_id}",
        },
    )
    message["List-Unsubscribe"] = f"<{link}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if file is not None:
        kind, _, subtype = row.media_type.partition(";")[0].partition("/")
        message.add_attachment(file, maintype=kind, subtype=subtype, filename=row.file_name)
        message["Content-Language"] = language  # the library has moved the first one into a part
    return message

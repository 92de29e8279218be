"""Send a message: a job is written with the caller's change, the worker delivers it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import Field

from backend_services.kernel.i18n import text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.schemas import JobView, Queue
from backend_services.kernel.mail.adapters.folder import FolderTransport
from backend_services.kernel.mail.adapters.smtp import SmtpTransport
from backend_services.kernel.mail.message import checked_address
from backend_services.kernel.mail.settings import get_mail_settings
from backend_services.kernel.schemas import Strict
from backend_services.kernel.secrets.crypto import seal, unseal
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.mail.ports import MailTransport

__all__ = ["MAIL_JOB", "MailPayload", "mail_transport", "opened", "send"]

MAIL_JOB = "kernel.send_mail"
SEAL_PURPOSE = "mail parameters"


class MailPayload(Strict):
    """What the mail job needs. Parameters may hold one-time links, so they are sealed."""

    template: str = Field(pattern=r"^[a-z_]+$")
    to: str
    language: str
    sealed_params: str


def mail_transport() -> MailTransport:
    """Return where this install's messages go: the mail server, or the folder ``mail`` below the data folder."""
    settings = get_mail_settings()
    if settings.smtp_host:
        return SmtpTransport(settings)
    return FolderTransport(get_settings().data_dir / "mail")


async def send(
    actor: Actor, session: AsyncSession, *, template: str, to: str, language: str, params: dict[str, str] | None = None
) -> JobView:
    """Send the message of ``template`` to ``to`` once the caller's transaction is committed.

    Raises:
        MailInvalidError: ``to`` is no address.
    """
    payload = MailPayload(
        template=template,
        to=checked_address(to),
        language=language,
        sealed_params=seal(json.dumps(params or {}).encode(), SEAL_PURPOSE),
    )
    title = text("jobs.send_mail", actor.language, subject=text(f"mail.{template}.name", actor.language))
    return await jobs.enqueue(actor, session, name=MAIL_JOB, payload=payload, title=title, queue=Queue.IO)


def opened(payload: MailPayload) -> dict[str, str]:
    """Return the parameters that :func:`send` sealed."""
    params: dict[str, str] = json.loads(unseal(payload.sealed_params, SEAL_PURPOSE))
    return params

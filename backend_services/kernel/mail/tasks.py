"""The job that delivers a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.registry import job
from backend_services.kernel.jobs.schemas import Queue
from backend_services.kernel.mail import service
from backend_services.kernel.mail.message import compose
from backend_services.kernel.mail.service import MAIL_JOB, MailPayload
from backend_services.kernel.mail.settings import get_mail_settings

if TYPE_CHECKING:
    from collections.abc import Mapping


@job(MAIL_JOB, payload=MailPayload, queue=Queue.IO, max_attempts=6, time_limit_s=60.0, backoff_s=5.0)
async def send_mail(context: JobContext, payload: MailPayload) -> Mapping[str, object]:
    """Compose the message and hand it over; its id is the job's, so a repeated delivery can be told."""
    settings = get_mail_settings()
    message = compose(
        payload.template,
        to=payload.to,
        language=payload.language,
        sender=settings.sender,
        reply_to=settings.reply_to,
        params=service.opened(payload),
        message_id=str(context.job_id),
    )
    answer = await service.mail_transport().deliver(message)
    await context.log(answer)
    return {"answer": answer}

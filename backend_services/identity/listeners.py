"""Tells people what concerns them and happened below, where nobody knows who they are."""

from __future__ import annotations

from uuid import UUID

from backend_services.identity.service.credentials import load_actor
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.db import transaction
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.events.service import listener
from backend_services.kernel.mail import service as mail
from backend_services.kernel.settings import get_settings
from backend_services.kernel.webhooks.delivering import DISABLED


@listener(DISABLED)
async def tell_the_maker(event: Event) -> None:
    """Tell who made a webhook that it was switched off. Somebody who left is told nothing; the log and list say it."""
    maker = str(event.data.get("maker_id", ""))
    member = await load_actor(event.tenant_id, UUID(maker)) if maker else None
    if member is None:
        return
    params = {"name": str(event.data.get("name", "")), "link": f"{get_settings().base_url}/webhooks"}
    platform = Actor(kind=ActorKind.SYSTEM, tenant_id=event.tenant_id, label="webhooks", language=member.language)
    async with transaction(platform) as session:
        await mail.send(
            platform, session, template="webhook_disabled", to=member.label, language=member.language, params=params
        )

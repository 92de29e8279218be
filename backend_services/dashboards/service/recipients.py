"""Whom a person may have told: shared by subscriptions and alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards.library_errors import ColleagueNotFoundError
from backend_services.dashboards.service.people import person_of
from backend_services.identity import service as identity
from backend_services.identity.roles import NAMES
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.permissions import Permission
from backend_services.kernel.webhooks import service as webhooks

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.library_schemas import Person
    from backend_services.kernel.actor import Actor


def require_people(actor: Actor, *, user_ids: Collection[UUID], roles: Collection[str]) -> None:
    """Refuse others than oneself to those who may not share, and roles that there are not.

    Raises:
        PermissionDeniedError: Others than oneself need the right to share.
        InvalidInputError: There is no such role.
    """
    if roles or set(user_ids) - {actor.user_id}:
        actor.require(Permission.DASHBOARDS_DASHBOARD_SHARE)
    unknown = sorted(set(roles) - NAMES)
    if unknown:
        raise InvalidInputError(
            fields={"recipients.roles": field_text("fields.roles_unknown", names=", ".join(unknown))}
        )


async def find_recipient(actor: Actor, session: AsyncSession, *, email: str) -> Person:
    """Return the active person of the actor's team who has the address.

    Raises:
        ColleagueNotFoundError: Nobody active in the team has it.
        PermissionDeniedError: Others than oneself need the right to share.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    found = await identity.colleague_by_email(actor, session, email)
    if found is None or found.user_id != actor.user_id:
        actor.require(Permission.DASHBOARDS_DASHBOARD_SHARE)
    if found is None:
        raise ColleagueNotFoundError(params={"email": email})
    return person_of(found)


async def name_recipients(actor: Actor, session: AsyncSession, user_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Return the names of people of the actor's team by id; who left the team has none."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    if not user_ids:
        return {}
    found = await identity.colleagues_by_id(actor, session, user_ids)
    return {user_id: person_of(one) for user_id, one in found.items() if one.active}


async def require_members(
    actor: Actor, session: AsyncSession, user_ids: Collection[UUID], *, before: Collection[UUID] = ()
) -> None:
    """Refuse people who are not of the actor's team; those chosen ``before`` may have left it meanwhile.

    Raises:
        InvalidInputError: Nobody in the team has one of the ids.
    """
    wanted = set(user_ids) - set(before) - {actor.user_id}
    if wanted and wanted - set(await identity.colleagues_by_id(actor, session, wanted)):
        raise InvalidInputError(fields={"recipients.user_ids": field_text("fields.nobody")})


async def require_webhooks(actor: Actor, session: AsyncSession, endpoint_ids: Collection[UUID]) -> None:
    """Refuse webhooks to those who may not send figures outside the team.

    Raises:
        PermissionDeniedError: Sending outside needs a right of its own.
        WebhookNotFoundError: One of them is not there.
    """
    if endpoint_ids:
        actor.require(Permission.DASHBOARDS_SUBSCRIPTION_OUTSIDE)
        await webhooks.require_webhooks(actor, session, endpoint_ids)

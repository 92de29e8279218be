"""``omni user`` and ``omni key``: what an operator does at the terminal, by the authority of a person and audited."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from backend_services.identity import queries
from backend_services.identity.schemas import ApiKeyCreate, MemberCreate
from backend_services.identity.service import api_keys, members
from backend_services.identity.service.credentials import load_actor
from backend_services.kernel.db import dispose_database, system_transaction, transaction
from backend_services.kernel.errors import InvalidInputError, NotFoundError
from backend_services.kernel.i18n import fault_text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.redis import close_redis
from omni_app.commands.attach import attached
from omni_app.wiring import configure

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from backend_services.identity.schemas import MemberView
    from backend_services.kernel.actor import Actor

Answer = TypeVar("Answer")
Request = TypeVar("Request", bound=BaseModel)


def request(kind: type[Request], **values: object) -> Request:
    """Return what a person typed as a request.

    Raises:
        InvalidInputError: A value is wrong; the message says which and why.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {fault_text(one, 'en')}" for one in error.errors())
        raise InvalidInputError(told) from error


def run(work: Coroutine[None, None, Answer]) -> Answer:
    """Run ``work`` against the install and close what it opened."""

    async def finished() -> Answer:
        try:
            return await work
        finally:
            await close_redis()
            await dispose_database()

    with closing(work), attached():
        configure()
        return asyncio.run(finished())


async def add_user(by: str, request: MemberCreate) -> MemberView:
    """Add a member to the organisation of ``by``, whose rights are needed for it."""
    actor = await person(by)
    async with transaction(actor) as session:
        return await members.add_member(actor, session, request)


async def list_users(by: str) -> tuple[MemberView, ...]:
    """Return the first 200 members of the organisation of ``by``."""
    actor = await person(by)
    async with transaction(actor) as session:
        return (await members.list_members(actor, session, PageRequest(limit=200))).items


async def reset_password(by: str, email: str, password: str) -> MemberView:
    """Give the member with the address ``email`` a new password, by the rights of ``by``."""
    actor = await person(by)
    async with transaction(actor) as session:
        found = await members.list_members(actor, session, PageRequest(limit=200, search=email))
        member = next((one for one in found.items if one.email.casefold() == email.casefold()), None)
        if member is None:
            message = f"Nobody in the organisation of {by} has the address {email}."
            raise NotFoundError(message)
        return await members.reset_password(actor, session, member.id, password)


async def create_key(by: str, request: ApiKeyCreate) -> str:
    """Make a key that belongs to ``by`` and return its text, which is shown this once."""
    actor = await person(by)
    async with transaction(actor) as session:
        return (await api_keys.create_api_key(actor, session, request)).key


async def person(email: str) -> Actor:
    """Return the person with this address as the actor of a command.

    Raises:
        NotFoundError: Nobody with it may sign in.
    """
    async with system_transaction() as session:
        standing = await queries.first_standing(session, email=email)
    actor = await load_actor(standing.tenant.id, standing.user.id) if standing else None
    if actor is None:
        message = f"Nobody with the address {email} may sign in here."
        raise NotFoundError(message)
    return actor

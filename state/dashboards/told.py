"""Who is told: people of one's own team and roles. Shared by the forms of subscriptions and alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import has_text, text
from backend_services.kernel.permissions import Permission
from state.feedback import refusals_as_flash
from state.policy import requires
from state.session import actor_of
from state.wording import code_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

SHARE = Permission.DASHBOARDS_DASHBOARD_SHARE
PERSON, ROLE = "person", "role"
MOST_TOLD = 100
PERSON_FIELD = "told-person"


class RecipientChoice(rx.State, mixin=True):
    """Who was chosen, as chips; nobody is the owner alone."""

    told: list[dict[str, str]] = []
    found_people: list[dict[str, str]] = []
    _typed: str = ""

    @rx.event
    @requires(SHARE)
    async def find_person(self, wanted: str) -> None:
        """Offer people of the team whose name or address fits."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            self.found_people = await offered_people(actor, session, wanted)

    @rx.event
    @requires(SHARE)
    async def leave_person(self, typed: str) -> None:
        """Remember what stands in the field when it is left, so that it is not forgotten when the form is saved."""
        self._typed = typed.strip()[:200]

    @rx.event
    @requires(SHARE)
    async def add_person(self, form: dict[str, Any]) -> None:
        """Tell the person who has the address of the form."""
        actor, email = await actor_of(self), str(form.get(PERSON_FIELD) or "").strip()[:254]
        if not email:
            return
        self._typed = ""
        async with refusals_as_flash(self), transaction(actor) as session:
            person = await dashboards.find_recipient(actor, session, email=email)
            self._add(person_chip(person.user_id, person.name, person.email))

    @rx.event
    @requires(SHARE)
    async def add_role(self, form: dict[str, Any]) -> None:
        """Tell everybody who has the role of the form."""
        actor, role = await actor_of(self), str(form.get("told-role") or "")
        if role and has_text(f"roles.{role}", actor.language):
            self._add(role_chip(role, actor.language))

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def remove_told(self, key: str) -> None:
        """Tell somebody no longer."""
        self.told = [one for one in self.told if one["key"] != key]

    def _add(self, chip: dict[str, str]) -> None:
        kept = [one for one in self.told if one["key"] != chip["key"]]
        self.told = [*kept, chip][:MOST_TOLD]

    async def _show_told(
        self, actor: Actor, session: AsyncSession, *, user_ids: Iterable[UUID], roles: Iterable[str]
    ) -> None:
        """Show who was chosen before."""
        ids = list(user_ids)
        people = await dashboards.name_recipients(actor, session, ids)
        gone = text("recipients.gone", actor.language)
        self.told = [
            *(
                person_chip(one, people[one].name, people[one].email) if one in people else person_chip(one, gone, "")
                for one in ids
            ),
            *(role_chip(one, actor.language) for one in roles),
        ]
        self.found_people, self._typed = [], ""

    def _told_ids(self) -> tuple[UUID, ...]:
        return tuple(UUID(name) for name in self._keys(PERSON))

    def _told_roles(self) -> tuple[str, ...]:
        return self._keys(ROLE)

    def _keys(self, wanted: str) -> tuple[str, ...]:
        parted = [one["key"].partition(":") for one in self.told]
        return tuple(name for kind, _, name in parted if kind == wanted)

    def _forgotten(self, language: str) -> list[dict[str, str]]:
        """Return the problem of a person who was typed but not added."""
        return [{"field": PERSON_FIELD, "text": text("recipients.add_or_empty", language)}] if self._typed else []


async def offered_people(actor: Actor, session: AsyncSession, wanted: str) -> list[dict[str, str]]:
    """Return people of the team whose name or address fits, as a field offers them."""
    people = await dashboards.find_colleagues(actor, session, search=wanted.strip()[:200])
    return [{"email": one.email, "name": one.name} for one in people]


def person_chip(user_id: UUID, name: str, email: str) -> dict[str, str]:
    """Return a person as a chip."""
    return {"key": f"{PERSON}:{user_id}", "text": " · ".join(part for part in (name, email) if part)}


def role_chip(role: str, language: str) -> dict[str, str]:
    """Return a role as a chip."""
    return {
        "key": f"{ROLE}:{role}",
        "text": text("recipients.everybody", language, role=code_text("roles", role, language)),
    }

"""One alert: how it stands, its course, its groups, what happened, who was told."""

from __future__ import annotations

from contextlib import aclosing
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

import reflex as rx

from backend_services.dashboards.alerts import service as alerts
from backend_services.dashboards.alerts.errors import AlertNotFoundError
from backend_services.dashboards.alerts.schemas import Acknowledgement, Silence, Unsilence
from backend_services.datasets import service as datasets
from backend_services.identity import service as identity
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.alerts.wording import (
    entry_row,
    facts_of,
    figure_of,
    group_row,
    notice_row,
    received_row,
    sent_row,
    sentence_of,
)
from state.feedback import flash, refusals_as_flash
from state.forms import id_of
from state.live import changes
from state.policy import requires
from state.session import actor_of, signed_in_actor
from state.shell import count_alerts

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.alerts.schemas import AlertView
    from backend_services.kernel.actor import Actor

READ, WRITE = Permission.DASHBOARDS_ALERT_READ, Permission.DASHBOARDS_ALERT_WRITE
COURSE, ENTRIES, SENT, NOTICES = 200, 50, 25, 20
MOST_LOOKS = 40
SILENCES = {"1h": timedelta(hours=1), "8h": timedelta(hours=8), "1d": timedelta(days=1), "7d": timedelta(days=7)}


class AlertState(rx.State):
    """What the page of one alert shows; to recipients only that and what it told them."""

    loaded: bool = False
    missing: bool = False
    managed: bool = False
    busy: bool = False
    alert: dict[str, str] = {}
    received: dict[str, Any] = {}
    figure: dict[str, Any] = {}
    sentence: str = ""
    groups: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = []
    notices: list[dict[str, Any]] = []
    deleting: bool = False
    acknowledging: bool = False

    @rx.event
    @requires(READ)
    async def load(self) -> None:
        """Read the alert of the address."""
        self.loaded = self.missing = self.busy = self.deleting = self.acknowledging = False
        await self._read()
        self.missing = not self.loaded
        if self.received:
            await self._mark_read()

    async def _read(self) -> None:
        actor = await actor_of(self)
        mine = alert_id_of(self)
        async with transaction(actor) as session:
            try:
                received = await alerts.get_received(actor, session, mine)
            except AlertNotFoundError:
                received = None
            view = await _managed(actor, session, mine)
            if received is None and view is None:
                return
            if received is not None:
                self.received = received_row(received, actor)
                told = await alerts.list_my_notices(actor, session, PageRequest(limit=NOTICES), alert_id=mine)
                self.notices = [notice_row(one, actor) for one in told.items]
            else:
                self.received, self.notices = {}, []
            self.managed = view is not None
            if view is not None:
                await self._show(actor, session, view)
            else:
                self.alert = {"title": received.title if received else "", "state": self.received["state"]}
        self.loaded = True

    async def _mark_read(self) -> None:
        """Remember that what the page shows was read."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await alerts.read_alert(actor, session, alert_id_of(self))
            await count_alerts(self, actor, session)

    async def _show(self, actor: Actor, session: AsyncSession, view: AlertView) -> None:
        self.alert = facts_of(view, actor, source=await _source(actor, session, view.dataset_id))
        looks = await alerts.list_evaluations(actor, session, view.id, PageRequest(limit=COURSE))
        points = [(one.at, one.value, one.threshold) for one in reversed(looks.items)]
        has_course = any(value is not None for _, value, _ in points)
        self.figure = figure_of(points, view.condition, view.unit, actor) if has_course else {}
        self.sentence = sentence_of(points, view.condition, view.unit, actor)
        groups = await alerts.list_groups(actor, session, view.id)
        self.groups = [group_row(one, view.condition, view.unit, actor) for one in groups if one.key]
        history = await alerts.list_history(actor, session, view.id, PageRequest(limit=ENTRIES))
        self.entries = [entry_row(one, view.condition, view.unit, actor) for one in history.items]
        sent = (await alerts.list_notices(actor, session, view.id, PageRequest(limit=SENT))).items
        found = await identity.addresses_of(session, actor.tenant_id, {one.user_id for one in sent})
        names = {str(user_id): address for user_id, address in found.items()}
        self.sent = [sent_row(number, one, names, actor) for number, one in enumerate(sent)]

    @rx.event
    @requires(WRITE)
    async def evaluate(self) -> Any:
        """Evaluate at once and show what comes of it."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await alerts.evaluate_now(actor, session, alert_id_of(self))
            self.busy = True
            return AlertState.follow
        return None

    @rx.event(background=True)
    @requires(WRITE)
    async def follow(self) -> None:
        """Read again until the evaluation that was asked for is there."""
        async with self:
            actor, mine, before = await actor_of(self), alert_id_of(self), self.alert.get("last", "")
            entries = len(self.entries)
        looks = 0
        async with aclosing(changes(actor.tenant_id, lambda event: event.subject_id == mine)) as changed:
            async for _ in changed:
                looks += 1
                async with self:
                    if alert_id_of(self) != mine or await signed_in_actor(self) is None:
                        return
                    await self._read()
                    is_there = self.alert.get("last", "") != before or len(self.entries) != entries
                    if is_there or looks >= MOST_LOOKS:
                        self.busy = False
                        return

    @rx.event
    @requires(READ)
    async def acknowledge(self, form: dict[str, Any]) -> None:
        """Say that the reader looks after it, with a note."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                request = Acknowledgement(note=str(form.get("note", ""))[:500])
                await alerts.acknowledge(actor, session, alert_id_of(self), request)
            self.acknowledging = False
            await flash(self, text("alerts.acknowledged", actor.language))
            await self._read()

    @rx.event
    @requires(WRITE)
    async def silence(self, length: str) -> None:
        """Send no messages for a time."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                until = now() + SILENCES.get(length, SILENCES["1h"])
                await alerts.silence(actor, session, alert_id_of(self), Silence(until=until))
            await self._read()

    @rx.event
    @requires(WRITE)
    async def unsilence(self) -> None:
        """End the silence."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await alerts.unsilence(actor, session, alert_id_of(self), Unsilence())
            await self._read()

    @rx.event
    @requires(WRITE)
    async def switch(self) -> None:
        """Pause it, or resume it."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                change = alerts.resume if self.alert.get("paused") else alerts.pause
                await change(actor, session, alert_id_of(self))
            await self._read()

    @rx.event
    @requires(READ)
    async def ask_acknowledge(self) -> None:
        """Open the note."""
        self.acknowledging = True

    @rx.event
    @requires(WRITE)
    async def ask_delete(self) -> None:
        """Open the typed confirmation."""
        self.deleting = True

    @rx.event
    @requires(READ)
    async def close(self) -> None:
        """Close what is open."""
        self.deleting = self.acknowledging = False

    @rx.event
    @requires(WRITE)
    async def delete(self, form: dict[str, Any]) -> Any:
        """Delete the alert if its title was typed."""
        actor, title = await actor_of(self), self.alert.get("title", "")
        if str(form.get("word", "")).strip() != title:
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await alerts.delete_alert(actor, session, alert_id_of(self))
            await flash(self, text("alerts.deleted", actor.language, title=title))
            return rx.redirect("/alerts")
        return None


def alert_id_of(state: rx.State) -> UUID:
    """Return the alert that the address names."""
    parts = str(state.router.url.path).strip("/").split("/")
    return id_of(next((part for before, part in pairwise(parts) if before == "alerts"), ""))


async def _managed(actor: Actor, session: AsyncSession, alert_id: UUID) -> AlertView | None:
    """Return the alert as its owner or those who manage alerts see it, or nothing for others."""
    if not actor.can(WRITE):
        return None
    try:
        return await alerts.get_alert(actor, session, alert_id)
    except AlertNotFoundError:
        return None


async def _source(actor: Actor, session: AsyncSession, dataset_id: UUID) -> str:
    """Return the name of what is watched, if the reader may know it."""
    try:
        return (await datasets.readable_version(actor, session, dataset_id)).name
    except DomainError:
        return ""

"""Makes one evaluation: looks with the owner's rights, then writes what follows from it, once.

The look takes no transaction. What follows is written under the lock of the alert's row, so of two evaluations at the
same time one comes second, sees how it stands by then, and no change is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.alerts import queries
from backend_services.dashboards.alerts.conditions import Outcome, Seen, Verdict, judge
from backend_services.dashboards.alerts.models import AlertEntry, AlertEvaluation, AlertGroup
from backend_services.dashboards.alerts.observing import WHOLE, Observer
from backend_services.dashboards.alerts.schemas import AlertChange, AlertMode, EvaluatePayload, Trigger
from backend_services.dashboards.alerts.standing import WORST_FIRST, Standing, State, Step, fail, step, worst
from backend_services.dashboards.alerts.telling import tell
from backend_services.identity import service as identity
from backend_services.kernel.clock import elapsed_ms, monotonic_s, now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError, ErrorKind
from backend_services.kernel.events import service as events

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.alerts.models import Alert
    from backend_services.dashboards.alerts.observing import Observation
    from backend_services.kernel.actor import Actor

MAX_ATTEMPTS: Final = 4
PASSING = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.RATE_LIMITED})
OWNER_LEFT: Final = "owner_left"
_CLEAR: Final = Verdict(Outcome.CLEAR)


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be evaluated, read in one transaction."""

    row: Alert
    content: AlertChange
    payload: EvaluatePayload
    known: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class _Look:
    """What came of looking: something seen, or the code of why not."""

    observation: Observation | None
    problem: str
    took_ms: float


async def evaluate(platform: Actor, payload: EvaluatePayload, *, attempt: int) -> str:
    """Evaluate an alert; return its state, or why nothing was written.

    Raises:
        DomainError: A passing failure; it is tried again until the last attempt.
    """
    order = await _read(platform, payload)
    if order is None:
        return "gone"
    began_s = monotonic_s()
    observation, problem = None, ""
    owner = await identity.load_actor(order.row.tenant_id, order.row.owner_id)
    try:
        if owner is None:
            problem = OWNER_LEFT
        else:
            observer = await Observer.of(owner, order.content)
            observation = await observer.observe(order.at, known=order.known)
    except DomainError as error:
        if error.kind in PASSING and attempt < MAX_ATTEMPTS:
            raise
        problem = error.code
    look = _Look(observation=observation, problem=problem[:64], took_ms=round(elapsed_ms(began_s), 3))
    async with transaction(platform) as session:
        return await _write(platform, session, order, look)


async def _read(platform: Actor, payload: EvaluatePayload) -> _Order | None:
    async with transaction(platform) as session:
        row = await queries.alert_by_id(session, payload.alert_id)
        if row is None or row.mode != AlertMode.ACTIVE.value:
            return None
        known = tuple(one.key for one in await queries.groups_of(session, row.id))
    content = AlertChange.model_validate(row.content)
    return _Order(row=row, content=content, payload=payload, known=known, at=now())


async def _write(platform: Actor, session: AsyncSession, order: _Order, look: _Look) -> str:
    payload = order.payload
    row = await queries.alert_by_id(session, payload.alert_id, lock=True)
    if row is None or row.mode != AlertMode.ACTIVE.value:
        return "gone"
    if row.watched_version != order.row.watched_version or (row.began_at is not None and order.at < row.began_at):
        return "late"
    trigger = payload.trigger.value
    if await queries.is_evaluated(session, row.id, occurrence=payload.occurrence, trigger=trigger):
        return "repeated"
    row.began_at = row.last_at = order.at
    writing = _Writing(
        platform, session, row, order, look, {one.key: one for one in await queries.groups_of(session, row.id)}
    )
    await writing.write()
    await session.flush()
    return row.state


@dataclass(slots=True)
class _Writing:
    """Writes what follows from one look, under the alert's lock."""

    platform: Actor
    session: AsyncSession
    row: Alert
    order: _Order
    look: _Look
    groups: dict[str, AlertGroup]

    @property
    def is_silenced(self) -> bool:
        """Return whether all of the alert is."""
        return self.row.silenced_until is not None and self.row.silenced_until > self.order.at

    async def write(self) -> None:
        """Write groups, history, messages and the evaluation."""
        if self.look.observation is None:
            await self._failed()
        else:
            await self._seen(self.look.observation)
        self._summarise()

    async def _failed(self) -> None:
        group = self._group(WHOLE)
        after = fail(standing_of(group), self.order.content.rules, at=self.order.at, silenced=self._kept_back(group))
        await self._take(group, after, Seen(None), Verdict(Outcome.UNKNOWN, why=self.look.problem))

    async def _seen(self, observation: Observation) -> None:
        seen = observation.seen or {WHOLE: Seen(None)}  # no group at all is no figure at all
        is_grouped = set(seen) != {WHOLE}
        for key, one in seen.items():
            group = self._group(key)
            group.seen_at = self.order.at
            await self._judge(group, one)
        if is_grouped and WHOLE in self.groups:  # it only ever held an error, which is over
            whole = self._group(WHOLE)
            over = step(
                standing_of(whole), _CLEAR, self.order.content.rules, at=self.order.at, silenced=self._kept_back(whole)
            )
            await self._take(whole, over, Seen(None), _CLEAR)
        self.row.unit = None if observation.unit is None else observation.unit.model_dump(mode="json")

    async def _judge(self, group: AlertGroup, seen: Seen) -> None:
        before = standing_of(group)
        verdict = judge(self.order.content.condition, seen, firing=before.state is State.FIRING)
        after = step(
            before,
            verdict,
            self.order.content.rules,
            at=self.order.at,
            silenced=self._kept_back(group),
            acknowledged=group.acknowledged_at is not None,
        )
        await self._take(group, after, seen, verdict)

    def _group(self, key: str) -> AlertGroup:
        if key not in self.groups:
            made = AlertGroup(tenant_id=self.row.tenant_id, alert_id=self.row.id, key=key)
            self.session.add(made)
            self.groups[key] = made
        return self.groups[key]

    def _kept_back(self, group: AlertGroup) -> bool:
        return self.is_silenced or (group.silenced_until is not None and group.silenced_until > self.order.at)

    async def _take(self, group: AlertGroup, taken: Step, seen: Seen, verdict: Verdict) -> None:
        before, after = group.state, taken.standing
        group.state, group.streak, group.calm, group.since = after.state.value, after.streak, after.calm, after.since
        group.told, group.told_at = after.told.value, after.told_at
        group.value, group.compared, group.threshold = seen.value, seen.compared, verdict.threshold
        if after.state is not State.FIRING and after.state is not State.NO_DATA:
            group.acknowledged_at, group.acknowledged_by, group.note = None, "", ""
        if not taken.changed and taken.notice is None:
            return
        entry = add_entry(
            self.session,
            self.row,
            at=self.order.at,
            kind="state",
            group=group.key,
            from_state=before,
            to_state=after.state.value,
            value=seen.value,
            compared=seen.compared,
            measured=verdict.measured,
            threshold=verdict.threshold,
            dataset_version=self._version,
            took_ms=self.look.took_ms,
            reason=verdict.why,
            notice="" if taken.notice is None else taken.notice.value,
        )
        await self.session.flush()
        if taken.notice is not None:
            await tell(self.platform, self.session, self.row, self.order.content, entry)
            data = {"entry_id": str(entry.id), "notice": taken.notice.value, "state": after.state.value}
            await events.record(
                self.platform, self.session, name="dashboards.alert_told", subject_id=self.row.id, data=data
            )

    @property
    def _version(self) -> int:
        return 0 if self.look.observation is None else self.look.observation.dataset_version

    def _summarise(self) -> None:
        """Write the evaluation and, on the alert, its worst group."""
        observation = self.look.observation
        looked = [self.groups[key] for key in (observation.seen if observation is not None else ()) or (WHOLE,)]
        leading = min(looked, key=_leads, default=None)
        state = worst(State(one.state) for one in self.groups.values())
        reason = self.look.problem or ("more_groups" if observation is not None and observation.truncated else "")
        if self.row.state != state.value or self.row.since is None:
            self.row.since = self.order.at
        self.row.state, self.row.reason = state.value, reason
        if leading is not None:
            self.row.value, self.row.compared = leading.value, leading.compared
            self.row.threshold = leading.threshold
        self.session.add(
            AlertEvaluation(
                tenant_id=self.row.tenant_id,
                alert_id=self.row.id,
                occurrence=self.order.payload.occurrence,
                trigger=self.order.payload.trigger.value,
                at=self.order.at,
                state=state.value,
                reason=reason,
                value=self.row.value if leading is not None else None,
                compared=self.row.compared if leading is not None else None,
                threshold=self.row.threshold if leading is not None else None,
                dataset_version=self._version,
                groups=len(looked),
                took_ms=self.look.took_ms,
            )
        )


def _leads(group: AlertGroup) -> tuple[int, float]:
    return WORST_FIRST.index(State(group.state)), -(group.value or 0.0)


def standing_of(group: AlertGroup) -> Standing:
    """Return how a group stands."""
    return Standing(
        state=State(group.state),
        streak=group.streak,
        calm=group.calm,
        since=group.since,
        told=State(group.told),
        told_at=group.told_at,
    )


def add_entry(session: AsyncSession, row: Alert, **said: object) -> AlertEntry:
    """Append to the history of an alert whose row is locked; return the entry."""
    row.sequence += 1
    entry = AlertEntry.model_validate(
        {"tenant_id": row.tenant_id, "alert_id": row.id, "sequence": row.sequence, **said}
    )
    session.add(entry)
    return entry


def manual(row: Alert) -> EvaluatePayload:
    """Return what evaluates an alert at once, because somebody asked."""
    return EvaluatePayload(alert_id=row.id, occurrence=now(), trigger=Trigger.MANUAL)

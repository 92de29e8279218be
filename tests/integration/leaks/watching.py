"""The ways out of alerts: the reader's own, and those of somebody who sees everything and tells the reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from backend_services.dashboards.alerts import service as alerts
from backend_services.dashboards.alerts import tasks
from backend_services.dashboards.alerts.schemas import AlertCreate
from backend_services.kernel.db import transaction
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.pagination import PageRequest
from tests.integration.leaks.way import Path, answered, body_of

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.actor import Actor
    from tests.integration.leaks.questions import Question
    from tests.integration.leaks.way import Client
    from tests.integration.leaks.world import World

assert tasks.evaluate_alert is not None  # registered, as the composition root does
_ALL: Final = PageRequest(limit=200)


def _request(world: World, **chosen: Any) -> AlertCreate:
    watched = {"kind": "metric", "dataset_id": world.dataset_id, "measure": "orders", "group": "mark"}
    condition = {"kind": "threshold", "side": "above", "value": 0}
    body = {"title": "Leaks", "watched": watched, "condition": condition, "message": "{group}: {value}", **chosen}
    return AlertCreate.model_validate(body)


async def _own(world: World, _: Question, __: Client) -> bytes:
    """Return what the reader's own alert tells, and what it would have told."""
    said = await answered(_previewed(world))
    return said + await answered(_made_and_read(world, world.reader, _request(world)))


async def _previewed(world: World) -> bytes:
    return (await alerts.preview(world.reader, _request(world))).model_dump_json().encode()


async def _of_others(world: World, _: Question, client: Client) -> bytes:
    """Return what the reader is told of an alert of somebody who sees everything."""
    request = _request(world, recipients={"user_ids": [str(world.member_id)]})
    said = await answered(_made_and_read(world, world.owner, request))
    addresses = ("", "/received", "/notices", "/notices/unread")
    return said + b"".join([body_of(await client.get(f"/alerts{one}")) for one in addresses])


async def _forget_earlier(world: World) -> None:
    """Delete the alerts of earlier tables: the member had other roles then, and keeps what they told him."""
    async with transaction(world.owner) as session:
        for one in (await alerts.list_alerts(world.owner, session, _ALL)).items:
            await alerts.delete_alert(world.owner, session, one.id)


async def _made_and_read(world: World, owner: Actor, request: AlertCreate) -> bytes:
    await _forget_earlier(world)
    async with transaction(owner) as session:
        made = await alerts.create_alert(owner, session, request)
    await run_waiting()
    return await answered(_read(world, made.id)) + await _received(world)


async def _read(world: World, alert_id: UUID) -> bytes:
    reader = world.reader
    async with transaction(reader) as session:
        found: list[Any] = [
            await alerts.get_alert(reader, session, alert_id),
            *await alerts.list_groups(reader, session, alert_id),
            await alerts.list_history(reader, session, alert_id, _ALL),
            await alerts.list_evaluations(reader, session, alert_id, _ALL),
            await alerts.list_notices(reader, session, alert_id, _ALL),
            await alerts.list_alerts(reader, session, _ALL),
        ]
    return json.dumps([one.model_dump(mode="json") for one in found]).encode()


async def _received(world: World) -> bytes:
    reader = world.reader
    async with transaction(reader) as session:
        found: list[Any] = [
            await alerts.list_received(reader, session, _ALL),
            await alerts.list_my_notices(reader, session, _ALL),
        ]
        received, notices = (found[0].items[:3], found[1].items[:3])
        found += [await alerts.get_received(reader, session, one.id) for one in received]
        found += [await alerts.read_notice(reader, session, one.id) for one in notices]
        found += [await alerts.read_alert(reader, session, one.id) for one in received]
    return json.dumps([one.model_dump(mode="json") for one in found]).encode()


ALERTS: Final = (
    Path(
        "own alert",
        _own,
        (
            "alerts.create_alert",
            "alerts.get_alert",
            "alerts.list_alerts",
            "alerts.list_evaluations",
            "alerts.list_groups",
            "alerts.list_history",
            "alerts.list_notices",
            "alerts.preview",
            "alerts.update_alert",
            "alerts_create",
            "alerts_evaluations",
            "alerts_get",
            "alerts_groups",
            "alerts_history",
            "alerts_notices",
            "alerts_preview",
            "alerts_update",
        ),
        every=6,
        is_per_table=True,
    ),
    Path(
        "alerts of others",
        _of_others,
        (
            "alerts.get_received",
            "alerts.list_my_notices",
            "alerts.list_received",
            "alerts.read_alert",
            "alerts.read_notice",
            "alerts_list",
            "alerts_my_notices",
            "alerts_read",
            "alerts_read_notice",
            "alerts_received",
            "alerts_received_get",
            "alerts_unread",
        ),
        every=6,
        is_per_table=True,
        shows_rows=False,
    ),
)

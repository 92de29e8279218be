"""What embeds show and to whom they belong: real tables, real queries."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.embeds import service, viewing
from backend_services.dashboards.embeds.errors import (
    EmbedBusyError,
    EmbedChangedError,
    EmbedClosedError,
    EmbedFieldUnknownError,
    EmbedFilterRefusedError,
    EmbedNotFoundError,
    EmbedTokenError,
)
from backend_services.dashboards.embeds.models import Embed
from backend_services.dashboards.embeds.schemas import (
    EmbedAsk,
    EmbedChange,
    EmbeddedView,
    EmbedExport,
    EmbedState,
)
from backend_services.dashboards.embeds.settings import get_embed_settings
from backend_services.dashboards.errors import DashboardNotFoundError
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets import rules_service as rules
from backend_services.datasets.catalogue import Filter, Operator, RelativePeriod
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.identity.models import Membership, Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen, now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import InvalidInputError, PermissionDeniedError
from backend_services.kernel.pagination import PageRequest
from tests.factories.dashboards import query, spec, tile
from tests.factories.identity import make_actor, make_tenant, without
from tests.integration.embeds.making import (
    ADDRESS,
    OTHERS,
    SLOVENIA,
    countries,
    make,
    show,
    shows_only_slovenia,
)


async def test_locked_filters_hold_in_every_tile_and_are_not_told(ana: Actor, board: UUID) -> None:
    everything = await make(ana, board)
    assert countries(await show(everything)) > {"Slovenia"}
    view = await show(await make(ana, board, locked_filters=(SLOVENIA,)))
    assert {one.id for one in view.tiles} == {"table", "orders", "share", "sql"}
    shows_only_slovenia(view)
    written = view.model_dump_json()
    assert "SELECT" not in written
    assert "locked" not in written


async def test_a_viewer_filters_within_the_locked_ones_and_by_open_fields_only(ana: Actor, board: UUID) -> None:
    made = await make(ana, board, locked_filters=(SLOVENIA,), open_fields=("product",))
    view = await show(made)
    assert [one.field for one in view.open_fields] == ["product"]
    chosen = view.open_fields[0].values[0]
    narrowed = await show(made, filters={"product": (chosen,)})
    shows_only_slovenia(narrowed)
    assert _number(narrowed) < _number(view)
    for refused in ({"country": ("Croatia",)}, {"quantity": (1,)}):
        with pytest.raises(EmbedFilterRefusedError):
            await show(made, filters=refused)
    with pytest.raises(EmbedFilterRefusedError):
        await show(made, period=RelativePeriod(kind="last", n=1))


@pytest.mark.parametrize(("wanted", "given"), [(None, 0), (30, 60), (300, 300)])
async def test_it_says_how_often_it_renews_itself(ana: Actor, orders: UUID, wanted: int | None, given: int) -> None:
    board = spec(tile(ChartKind.NUMBER, query("orders", dataset_id=orders))).model_copy(update={"refresh_s": wanted})
    async with transaction(ana) as session:
        made = await dashboards.create_dashboard(ana, session, board)
    assert (await show(await make(ana, made.id))).refresh_s == given


def _number(view: EmbeddedView) -> float:
    shown = next(one.number for one in view.tiles if one.id == "orders")
    assert shown is not None
    assert shown.value is not None
    return shown.value


async def test_values_to_choose_from_stay_within_the_locked_filters(ana: Actor, board: UUID) -> None:
    low = Filter(field="quantity", operator=Operator.LTE, values=(1,))
    free = await show(await make(ana, board, open_fields=("quantity",)))
    assert max(free.open_fields[0].values) > 1
    narrow = await show(await make(ana, board, locked_filters=(low,), open_fields=("product",)))
    assert set(narrow.open_fields[0].values) == {f"Product {number}" for number in range(0, 30, 5)}


async def test_it_reads_with_the_members_present_rights_and_never_more(
    ana: Actor, tenant: Tenant, board: UUID, orders: UUID
) -> None:
    bor = await make_actor(tenant=tenant, role="analyst")
    made = await make(bor, board)
    assert countries(await show(made)) > {"Slovenia"}
    async with transaction(ana) as session:
        await rules.create_rule(ana, session, orders, RuleInput(role="analyst", filters=(SLOVENIA,)))
    shows_only_slovenia(await show(made))
    croatia = Filter(field="country", operator=Operator.IN, values=("Croatia",))
    beyond = await show(await make(bor, board, locked_filters=(croatia,)))
    assert "Croatia" not in beyond.model_dump_json()


async def test_it_is_closed_when_the_member_leaves_or_loses_the_dashboard(
    ana: Actor, tenant: Tenant, board: UUID
) -> None:
    bor, cene = await make_actor(tenant=tenant, role="analyst"), await make_actor(tenant=tenant, role="analyst")
    of_bor, of_cene = await make(bor, board), await make(cene, board)
    async with transaction(ana) as session:
        await session.execute(
            update(Membership).where(col(Membership.user_id) == bor.user_id).values(status="deactivated")
        )
    with pytest.raises(EmbedClosedError):
        await show(of_bor)
    await show(of_cene)
    async with transaction(ana) as session:
        await dashboards.unshare(ana, session, board, role="*")
    with pytest.raises(EmbedClosedError):
        await show(of_cene)
    async with transaction(ana) as session:
        listed = await service.list_embeds(ana, session, PageRequest(limit=50))
    assert {one.state for one in listed.items} == {EmbedState.NO_ACCESS}


async def test_another_members_rights_are_for_those_only_who_change_the_rules(
    ana: Actor, tenant: Tenant, board: UUID
) -> None:
    bor = await make_actor(tenant=tenant, role="analyst")
    with pytest.raises(PermissionDeniedError):
        await make(bor, board, reader_id=ana.user_id)
    made = await make(ana, board, reader_id=bor.user_id)
    assert made.embed.reader_id == bor.user_id
    stranger = await make_actor(tenant=await make_tenant(), role="owner")
    with pytest.raises(InvalidInputError):
        await make(ana, board, reader_id=stranger.user_id)


async def test_another_tenant_and_another_member_find_nothing(ana: Actor, tenant: Tenant, board: UUID) -> None:
    made = await make(ana, board)
    stranger = await make_actor(tenant=await make_tenant(), role="owner")
    colleague = await make_actor(tenant=tenant, role="analyst")
    change = EmbedChange(title="Mine", expires_at=now() + timedelta(days=1))
    for who in (stranger, colleague):
        async with transaction(who) as session:
            assert (await service.list_embeds(who, session, PageRequest())).total == 0
            for act in (
                service.get_embed(who, session, made.embed.id),
                service.update_embed(who, session, made.embed.id, change, expected_version=1),
                service.rotate_secret(who, session, made.embed.id),
                service.revoke(who, session, made.embed.id),
                service.delete_embed(who, session, made.embed.id),
            ):
                with pytest.raises(EmbedNotFoundError):
                    await act
    with pytest.raises(DashboardNotFoundError):
        await make(stranger, board)
    with pytest.raises(PermissionDeniedError):
        await make(without(ana, "dashboards:embed:write"), board)


async def test_what_cannot_hold_is_refused_when_it_is_made(ana: Actor, board: UUID) -> None:
    unknown = Filter(field="customer", operator=Operator.IN, values=("x",))
    with pytest.raises(EmbedFieldUnknownError):
        await make(ana, board, locked_filters=(unknown,))
    with pytest.raises(EmbedFieldUnknownError):
        await make(ana, board, open_fields=("customer",))
    with pytest.raises(InvalidInputError):
        await make(ana, board, expires_at=now() - timedelta(seconds=1))
    with pytest.raises(InvalidInputError):
        await make(ana, board, expires_at=now() + timedelta(days=5000))


async def test_a_field_that_the_data_lose_shows_no_row(ana: Actor, board: UUID) -> None:
    made = await make(ana, board, locked_filters=(SLOVENIA,))
    async with transaction(ana) as session:
        row = (await session.scalars(select(Embed).where(col(Embed.id) == made.embed.id))).one()
        gone = {"field": "gone", "operator": "in", "values": ["Slovenia"]}
        row.content = {**row.content, "locked_filters": [gone]}
        session.add(row)
    view = await show(made)
    assert not [one for one in ("Slovenia", *OTHERS) if one in view.model_dump_json()]


async def test_opening_is_counted_and_looking_again_is_not(ana: Actor, board: UUID) -> None:
    made = await make(ana, board)
    await show(made, opened=True)
    await show(made)
    await show(made, opened=True)
    async with transaction(ana) as session:
        view = await service.get_embed(ana, session, made.embed.id)
    assert (view.uses, view.version) == (2, 1)
    assert view.last_used_at is not None


async def test_csv_only_if_allowed_and_only_of_what_is_shown(ana: Actor, board: UUID) -> None:
    closed = await make(ana, board)
    with pytest.raises(PermissionDeniedError):
        await viewing.export(closed.embed.id, EmbedExport(credential=closed.secret, tile_id="table"), address=ADDRESS)
    made = await make(ana, board, allow_csv=True, locked_filters=(SLOVENIA,), tile_id="table")
    assert [one.id for one in (await show(made)).tiles] == ["table"]
    with pytest.raises(EmbedNotFoundError):
        await viewing.export(made.embed.id, EmbedExport(credential=made.secret, tile_id="sql"), address=ADDRESS)
    pieces = await viewing.export(made.embed.id, EmbedExport(credential=made.secret, tile_id="table"), address=ADDRESS)
    written = b"".join([one async for one in pieces]).decode()
    assert "Slovenia" in written
    assert not [one for one in (*OTHERS, "SELECT") if one in written]


async def test_one_address_is_held_back_and_others_are_not(
    ana: Actor, board: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNI_EMBEDS_ADDRESS_PER_MINUTE", "2")
    get_embed_settings.cache_clear()
    try:
        made = await make(ana, board, tile_id="orders")
        with frozen(now().replace(second=10)):
            for _ in range(2):
                with pytest.raises(EmbedTokenError):
                    await show(made, "guess")
            with pytest.raises(EmbedBusyError) as busy:
                await show(made)
            assert 0 < (busy.value.retry_after_s or 0) <= 60
            await viewing.show(made.embed.id, EmbedAsk(credential=made.secret), address="192.0.2.8")
    finally:
        get_embed_settings.cache_clear()


async def test_a_change_needs_the_version_it_was_made_from(ana: Actor, board: UUID) -> None:
    made = await make(ana, board)
    change = EmbedChange(title="Renamed", expires_at=now() + timedelta(days=2), locked_filters=(SLOVENIA,))
    async with transaction(ana) as session:
        changed = await service.update_embed(ana, session, made.embed.id, change, expected_version=1)
    assert (changed.title, changed.version) == ("Renamed", 2)
    shows_only_slovenia(await show(made))
    async with transaction(ana) as session:
        with pytest.raises(EmbedChangedError):
            await service.update_embed(ana, session, made.embed.id, change, expected_version=1)

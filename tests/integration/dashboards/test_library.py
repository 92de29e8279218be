"""Making, sharing, changing and deleting dashboards, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from backend_services.dashboards import service
from backend_services.dashboards.errors import (
    ConfirmationWrongError,
    DashboardChangedError,
    DashboardInvalidError,
    DashboardNotFoundError,
    DashboardReadOnlyError,
    DashboardVersionNotFoundError,
    ShareNotFoundError,
)
from backend_services.dashboards.schemas import DashboardImport, DashboardView, ShareRequest
from backend_services.dashboards.spec import ChartKind
from backend_services.identity.models import Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.errors import InvalidInputError, PermissionDeniedError
from backend_services.kernel.ids import new_id
from backend_services.kernel.pagination import PageRequest
from tests.factories.dashboards import query, spec, tile
from tests.factories.identity import make_actor, make_tenant

pytestmark = pytest.mark.usefixtures("database")
FIRST_PAGE = PageRequest()


async def _create(actor: Actor, title: str = "Sales") -> DashboardView:
    async with transaction(actor) as session:
        return await service.create_dashboard(actor, session, spec(title=title))


async def _share(actor: Actor, dashboard_id: UUID, role: str, access: str = "read") -> None:
    async with transaction(actor) as session:
        request = ShareRequest.model_validate({"role": role, "access": access})
        await service.share(actor, session, dashboard_id, request)


async def _get(actor: Actor, dashboard_id: UUID) -> DashboardView:
    async with transaction(actor) as session:
        return await service.get_dashboard(actor, session, dashboard_id)


async def _rename(actor: Actor, dashboard_id: UUID, title: str, *, expected: int) -> DashboardView:
    async with transaction(actor) as session:
        return await service.update_dashboard(
            actor, session, dashboard_id, spec=spec(title=title), expected_version=expected
        )


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    assert database
    return await make_tenant()


@pytest.fixture
async def ana(tenant: Tenant) -> Actor:
    return await make_actor(tenant=tenant, role="analyst")


@pytest.fixture
async def bor(tenant: Tenant) -> Actor:
    return await make_actor(tenant=tenant, role="viewer")


async def test_a_dashboard_is_kept_as_it_was_saved(ana: Actor) -> None:
    made = await _create(ana)
    found = await _get(ana, made.id)
    assert found == made
    assert (found.version, found.access.value, found.shared) == (1, "owner", False)


async def test_what_is_not_shared_is_not_found(ana: Actor, bor: Actor) -> None:
    made = await _create(ana)
    with pytest.raises(DashboardNotFoundError):
        await _get(bor, made.id)
    async with transaction(bor) as session:
        assert (await service.list_dashboards(bor, session, FIRST_PAGE)).total == 0


async def test_another_tenants_dashboard_is_not_found_even_if_shared_with_everybody(ana: Actor) -> None:
    made = await _create(ana)
    await _share(ana, made.id, "*", "edit")
    stranger = await make_actor(role="owner")
    with pytest.raises(DashboardNotFoundError):
        await _get(stranger, made.id)
    with pytest.raises(DashboardNotFoundError):
        await _rename(stranger, made.id, "Mine", expected=1)
    async with transaction(stranger) as session:
        assert (await service.list_dashboards(stranger, session, FIRST_PAGE)).total == 0


@pytest.mark.parametrize("role", ["*", "viewer"])
async def test_shared_for_reading_can_be_read_and_not_changed(ana: Actor, bor: Actor, role: str) -> None:
    made = await _create(ana)
    await _share(ana, made.id, role)
    assert (await _get(bor, made.id)).access.value == "read"
    editor = replace(bor, permissions=ana.permissions)
    with pytest.raises(DashboardReadOnlyError):
        await _rename(editor, made.id, "Mine", expected=1)
    async with transaction(ana) as session:
        assert await service.unshare(ana, session, made.id, role=role) == ()
    with pytest.raises(DashboardNotFoundError):
        await _get(bor, made.id)


async def test_shared_for_editing_can_be_changed_and_not_deleted_or_shared(ana: Actor, tenant: Tenant) -> None:
    made = await _create(ana)
    await _share(ana, made.id, "analyst", "read")
    await _share(ana, made.id, "analyst", "edit")
    cilka = await make_actor(tenant=tenant, role="analyst")
    assert (await _rename(cilka, made.id, "Ours", expected=1)).version == 2
    with pytest.raises(DashboardReadOnlyError):
        await _share(cilka, made.id, "*")
    with pytest.raises(DashboardReadOnlyError):
        async with transaction(cilka) as session:
            await service.delete_dashboard(cilka, session, made.id, confirmation="Ours")


async def test_a_share_with_a_role_that_is_not_there_is_refused(ana: Actor) -> None:
    made = await _create(ana)
    with pytest.raises(InvalidInputError):
        await _share(ana, made.id, "wizard")
    with pytest.raises(ShareNotFoundError):
        async with transaction(ana) as session:
            await service.unshare(ana, session, made.id, role="viewer")


async def test_of_two_changes_at_once_exactly_one_is_kept(ana: Actor) -> None:
    made = await _create(ana)
    outcomes = await asyncio.gather(
        *(_rename(ana, made.id, f"Title {n}", expected=1) for n in range(4)), return_exceptions=True
    )
    refused = [one for one in outcomes if isinstance(one, DashboardChangedError)]
    kept = [one for one in outcomes if isinstance(one, DashboardView)]
    assert (len(refused), len(kept)) == (3, 1)
    found = await _get(ana, made.id)
    assert (found.version, found.title) == (2, kept[0].title)


async def test_every_version_can_be_read_and_restored(ana: Actor) -> None:
    made = await _create(ana, "First")
    await _rename(ana, made.id, "Second", expected=1)
    async with transaction(ana) as session:
        restored = await service.restore_version(ana, session, made.id, 1, expected_version=2)
        page = await service.list_versions(ana, session, made.id, FIRST_PAGE)
        second = await service.get_version(ana, session, made.id, 2)
    assert (restored.version, restored.title) == (3, "First")
    assert [(one.number, one.title, one.restored_from) for one in page.items] == [
        (3, "First", 1),
        (2, "Second", None),
        (1, "First", None),
    ]
    assert second.spec.title == "Second"
    with pytest.raises(DashboardVersionNotFoundError):
        async with transaction(ana) as session:
            await service.get_version(ana, session, made.id, 9)


async def test_deleting_takes_the_title_and_leaves_nothing(ana: Actor) -> None:
    made = await _create(ana)
    await _share(ana, made.id, "*")
    with pytest.raises(ConfirmationWrongError):
        async with transaction(ana) as session:
            await service.delete_dashboard(ana, session, made.id, confirmation="sales")
    async with transaction(ana) as session:
        await service.delete_dashboard(ana, session, made.id, confirmation="Sales")
    async with transaction(ana) as session:
        for table in ("dashboards", "dashboard_versions", "dashboard_shares"):
            left = await session.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - names from above
            assert left.scalar_one() == 0


async def test_a_copy_is_ones_own(ana: Actor, tenant: Tenant) -> None:
    made = await _create(ana)
    await _share(ana, made.id, "*")
    cilka = replace(await make_actor(tenant=tenant, role="analyst"), language="sl")
    async with transaction(cilka) as session:
        copy = await service.duplicate(cilka, session, made.id)
    assert (copy.title, copy.owner_id, copy.version, copy.shared) == ("Sales (kopija)", cilka.user_id, 1, False)


async def test_a_dashboard_made_by_a_key_belongs_to_the_team(ana: Actor, bor: Actor) -> None:
    made = await _create(replace(ana, user_id=None))
    assert (await _get(bor, made.id)).access.value == "owner"
    assert made.shared is True


async def test_lists_are_paged_sorted_and_searched(ana: Actor) -> None:
    for title in ("beta", "Alpha", "gamma 100%"):
        await _create(ana, title)
    async with transaction(ana) as session:
        first = await service.list_dashboards(ana, session, PageRequest(limit=2, sort="title"))
        newest = await service.list_dashboards(ana, session, FIRST_PAGE)
        found = await service.list_dashboards(ana, session, PageRequest(search="100%"))
        with pytest.raises(InvalidInputError):
            await service.list_dashboards(ana, session, PageRequest(sort="colour"))
    assert ([one.title for one in first.items], first.total) == (["Alpha", "beta"], 3)
    assert [one.title for one in newest.items] == ["gamma 100%", "Alpha", "beta"]
    assert [one.title for one in found.items] == ["gamma 100%"]


async def test_export_and_import_make_the_same_dashboard(ana: Actor) -> None:
    made = await _create(ana)
    async with transaction(ana) as session:
        file = await service.export_dashboard(ana, session, made.id)
        copy = await service.import_dashboard(ana, session, DashboardImport(file=file))
    assert copy.spec == made.spec
    assert copy.id != made.id


async def test_a_dataset_that_is_not_there_is_named_and_nothing_is_saved(ana: Actor) -> None:
    wrong = spec(tile(ChartKind.NUMBER, query("revenue", dataset_id=new_id())))
    with pytest.raises(DashboardInvalidError) as refused:
        async with transaction(ana) as session:
            await service.create_dashboard(ana, session, wrong)
    assert list(refused.value.fields) == ["tiles[0].source.query.dataset_id"]
    async with transaction(ana) as session:
        assert (await service.list_dashboards(ana, session, FIRST_PAGE)).total == 0


async def test_each_change_is_audited_and_told(ana: Actor) -> None:
    made = await _create(ana)
    await _rename(ana, made.id, "Second", expected=1)
    await _share(ana, made.id, "*")
    async with transaction(ana) as session:
        audited = await session.execute(text("SELECT action FROM audit_events ORDER BY sequence"))
        told = await session.execute(text("SELECT name FROM outbox ORDER BY created_at, id"))
        assert list(audited.scalars()) == [f"dashboards.dashboard.{verb}" for verb in ("created", "updated", "shared")]
        assert list(told.scalars()) == [f"dashboards.{verb}" for verb in ("created", "updated", "shared")]


async def test_a_viewer_may_not_write(bor: Actor) -> None:
    with pytest.raises(PermissionDeniedError):
        await _create(bor)

"""Sharing with people, folders, favourites and visits, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend_services.dashboards import service
from backend_services.dashboards.errors import DashboardNotFoundError, DashboardReadOnlyError, ShareNotFoundError
from backend_services.dashboards.library_errors import (
    ColleagueNotFoundError,
    FolderConfirmationWrongError,
    FolderNameTakenError,
    FolderNotEmptyError,
    FolderNotFoundError,
    FolderTooDeepError,
)
from backend_services.dashboards.library_schemas import (
    Choice,
    FolderCreate,
    FolderDelete,
    FolderUpdate,
    FolderView,
    LibraryFilter,
    MoveRequest,
    PersonShare,
    SharingView,
)
from backend_services.dashboards.schemas import DashboardView
from backend_services.identity import service as identity
from backend_services.identity.models import Tenant
from backend_services.identity.schemas import MemberUpdate
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.pagination import PageRequest
from tests.factories.dashboards import spec
from tests.factories.identity import make_actor, make_tenant

pytestmark = pytest.mark.usefixtures("database")


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


async def _call(actor: Actor, use_case: Any, *arguments: Any, **named: Any) -> Any:
    async with transaction(actor) as session:
        return await use_case(actor, session, *arguments, **named)


async def _create(actor: Actor, title: str = "Sales") -> DashboardView:
    made: DashboardView = await _call(actor, service.create_dashboard, spec(title=title))
    return made


async def _share(actor: Actor, dashboard_id: UUID, email: str, access: str = "read") -> SharingView:
    request = PersonShare.model_validate({"email": email, "access": access})
    sharing: SharingView = await _call(actor, service.share_with_person, dashboard_id, request)
    return sharing


async def _titles(actor: Actor, choice: Choice = Choice.ALL, folder: Any = None, **page: Any) -> list[str]:
    narrowed = LibraryFilter(choice=choice, folder=folder)
    found = await _call(actor, service.list_dashboards, PageRequest(**page), narrowed=narrowed)
    return [one.title for one in found.items]


async def _folder(actor: Actor, name: str, parent_id: UUID | None = None) -> FolderView:
    made: FolderView = await _call(actor, service.create_folder, FolderCreate(name=name, parent_id=parent_id))
    return made


async def test_a_person_sees_what_is_shared_and_why(ana: Actor, bor: Actor) -> None:
    made = await _create(ana)
    await _share(ana, made.id, bor.label.upper(), "edit")
    sharing = await _share(ana, made.id, bor.label)
    assert [(one.email, one.access, one.active) for one in sharing.people] == [(bor.label, "read", True)]
    assert sharing.people[0].shared_by == ana.label
    assert (await _call(bor, service.get_dashboard, made.id)).access.value == "read"
    assert await _titles(bor, Choice.SHARED) == ["Sales"]
    assert await _titles(bor, Choice.MINE) == []
    assert await _titles(ana, Choice.SHARED) == []
    assert [one.kind for one in (await _call(bor, service.get_sharing, made.id)).because] == ["person"]
    assert [one.kind for one in (await _call(ana, service.get_sharing, made.id)).because] == ["owner"]
    assert await _call(bor, service.list_shares, made.id) == ()


async def test_taking_it_back_from_a_person_takes_it_at_once(ana: Actor, bor: Actor) -> None:
    made = await _create(ana)
    await _share(ana, made.id, bor.label)
    left = await _call(ana, service.unshare_with_person, made.id, user_id=bor.user_id)
    assert left.people == ()
    with pytest.raises(DashboardNotFoundError):
        await _call(bor, service.get_dashboard, made.id)
    with pytest.raises(ShareNotFoundError):
        await _call(ana, service.unshare_with_person, made.id, user_id=bor.user_id)


async def test_only_the_owner_shares_and_only_with_ones_own_team(ana: Actor, tenant: Tenant) -> None:
    made = await _create(ana)
    cilka = await make_actor(tenant=tenant, role="analyst")
    await _share(ana, made.id, cilka.label, "edit")
    with pytest.raises(DashboardReadOnlyError):
        await _share(cilka, made.id, ana.label)
    stranger = await make_actor(role="owner")
    with pytest.raises(ColleagueNotFoundError):
        await _share(ana, made.id, stranger.label)
    with pytest.raises(DashboardNotFoundError):
        await _share(stranger, made.id, stranger.label)


async def test_who_was_deactivated_is_not_offered_and_cannot_be_added(tenant: Tenant, ana: Actor, bor: Actor) -> None:
    owner = await make_actor(tenant=tenant)
    made = await _create(ana)
    await _share(ana, made.id, bor.label)
    members = await _call(owner, identity.list_members, PageRequest(search=bor.label))
    await _call(owner, identity.update_member, members.items[0].id, MemberUpdate(status="deactivated"))
    assert bor.user_id is not None
    assert await identity.load_actor(tenant.id, bor.user_id) is None
    assert [one.active for one in (await _call(ana, service.get_sharing, made.id)).people] == [False]
    assert await _call(ana, service.find_colleagues, search=bor.label) == ()
    with pytest.raises(ColleagueNotFoundError):
        await _share(ana, made.id, bor.label)


async def test_a_viewer_may_not_search_colleagues_or_share(ana: Actor, bor: Actor) -> None:
    with pytest.raises(PermissionDeniedError):
        await _call(bor, service.find_colleagues)
    found = await _call(ana, service.find_colleagues, search=bor.label[:6])
    assert [one.email for one in found] == [bor.label]


async def test_sharing_with_a_person_is_in_the_audit_log(ana: Actor, bor: Actor) -> None:
    made = await _create(ana)
    await _share(ana, made.id, bor.label)
    async with transaction(ana) as session:
        rows = await session.execute(
            text("SELECT details->>'person' FROM audit_events WHERE action = 'dashboards.dashboard.shared'")
        )
        assert rows.scalars().all() == [bor.label]


async def test_folders_nest_to_four_levels_and_never_in_themselves(ana: Actor) -> None:
    top = await _folder(ana, "Sales")
    inner = await _folder(ana, "Weekly", top.id)
    third = await _folder(ana, "North", inner.id)
    fourth = await _folder(ana, "Shops", third.id)
    assert fourth.path == ("Sales", "Weekly", "North", "Shops")
    with pytest.raises(FolderTooDeepError):
        await _folder(ana, "Deeper", fourth.id)
    with pytest.raises(FolderTooDeepError):
        await _call(ana, service.update_folder, top.id, FolderUpdate(name="Sales", parent_id=third.id))
    with pytest.raises(FolderNameTakenError):
        await _folder(ana, "sales")
    other = await _folder(ana, "Other")
    with pytest.raises(FolderTooDeepError):
        await _call(ana, service.update_folder, top.id, FolderUpdate(name="Sales", parent_id=other.id))
    renamed = await _call(ana, service.update_folder, inner.id, FolderUpdate(name="Daily", parent_id=other.id))
    assert renamed.path == ("Other", "Daily")
    listed = await _call(ana, service.list_folders)
    assert [one.path[-1] for one in listed] == ["Other", "Daily", "North", "Shops", "Sales"]


async def test_of_two_folders_put_into_each_other_at_once_one_is_refused(ana: Actor) -> None:
    one, two = await _folder(ana, "One"), await _folder(ana, "Two")
    answers = await asyncio.gather(
        _call(ana, service.update_folder, one.id, FolderUpdate(name="One", parent_id=two.id)),
        _call(ana, service.update_folder, two.id, FolderUpdate(name="Two", parent_id=one.id)),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["FolderTooDeepError", "FolderView"]


async def test_dashboards_are_moved_all_or_none_and_folders_grant_nothing(ana: Actor, bor: Actor) -> None:
    folder = await _folder(ana, "Sales")
    first, second = await _create(ana, "First"), await _create(ana, "Second")
    hidden = await _create(await make_actor(role="analyst"), "Hidden")
    request = MoveRequest(dashboard_ids=(first.id, second.id, hidden.id), folder_id=folder.id)
    with pytest.raises(DashboardNotFoundError):
        await _call(ana, service.move_dashboards, request)
    assert await _titles(ana, folder=folder.id) == []
    request = MoveRequest(dashboard_ids=(first.id, second.id), folder_id=folder.id)
    assert (await _call(ana, service.move_dashboards, request)).moved == 2
    assert await _titles(ana, folder=folder.id, sort="title") == ["First", "Second"]
    assert await _titles(ana, folder="root") == []
    assert await _titles(bor, folder=folder.id) == []
    assert [one.dashboards for one in await _call(bor, service.list_folders)] == [0]
    assert [one.dashboards for one in await _call(ana, service.list_folders)] == [2]
    await _share(ana, first.id, bor.label)
    with pytest.raises(PermissionDeniedError):
        await _call(bor, service.move_dashboards, MoveRequest(dashboard_ids=(first.id,)))
    moved = await _call(ana, service.get_dashboard, first.id)
    assert (moved.updated_at, moved.version) == (first.updated_at, 1)


async def test_deleting_a_folder_takes_its_name_and_moves_its_contents_up(ana: Actor) -> None:
    top = await _folder(ana, "Sales")
    inner = await _folder(ana, "Weekly", top.id)
    made = await _create(ana)
    await _call(ana, service.move_dashboards, MoveRequest(dashboard_ids=(made.id,), folder_id=inner.id))
    with pytest.raises(FolderConfirmationWrongError):
        await _call(ana, service.delete_folder, inner.id, FolderDelete(confirmation="weekly", contents="move_up"))
    with pytest.raises(FolderNotEmptyError):
        await _call(ana, service.delete_folder, inner.id, FolderDelete(confirmation="Weekly"))
    await _call(ana, service.delete_folder, inner.id, FolderDelete(confirmation="Weekly", contents="move_up"))
    assert await _titles(ana, folder=top.id) == ["Sales"]


async def test_another_tenants_folder_is_not_found(ana: Actor) -> None:
    theirs = await _folder(await make_actor(role="owner"), "Theirs")
    made = await _create(ana)
    assert await _call(ana, service.list_folders) == ()
    with pytest.raises(FolderNotFoundError):
        await _folder(ana, "Below", theirs.id)
    with pytest.raises(FolderNotFoundError):
        await _call(ana, service.move_dashboards, MoveRequest(dashboard_ids=(made.id,), folder_id=theirs.id))
    with pytest.raises(FolderNotFoundError):
        await _call(ana, service.delete_folder, theirs.id, FolderDelete(confirmation="Theirs"))


async def test_favourites_are_ones_own_and_come_first(ana: Actor, bor: Actor) -> None:
    first = await _create(ana, "First")
    await _create(ana, "Second")
    assert await _titles(ana) == ["Second", "First"]
    await _call(ana, service.set_favourite, first.id, favourite=True)
    assert await _titles(ana) == ["First", "Second"]
    assert await _titles(ana, Choice.FAVOURITES) == ["First"]
    await _share(ana, first.id, bor.label)
    assert await _titles(bor, Choice.FAVOURITES) == []
    await _call(ana, service.set_favourite, first.id, favourite=False)
    assert await _titles(ana, Choice.FAVOURITES) == []


async def test_what_was_looked_at_last_comes_first_and_two_marks_at_once_are_both_kept(ana: Actor) -> None:
    first, second = await _create(ana, "First"), await _create(ana, "Second")
    await asyncio.gather(
        _call(ana, service.note_visit, first.id), _call(ana, service.set_favourite, first.id, favourite=True)
    )
    await _call(ana, service.note_visit, second.id)
    assert await _titles(ana, Choice.RECENT) == ["Second", "First"]
    await _call(ana, service.note_visit, first.id)
    assert await _titles(ana, Choice.RECENT) == ["First", "Second"]
    assert await _titles(ana, Choice.FAVOURITES) == ["First"]
    with pytest.raises(DashboardNotFoundError):
        await _call(await make_actor(role="owner"), service.set_favourite, first.id, favourite=True)

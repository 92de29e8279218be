"""Comments and mentions, and what versions changed, on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend_services.dashboards import service
from backend_services.dashboards.errors import (
    DashboardNotFoundError,
    DashboardReadOnlyError,
    DashboardVersionNotFoundError,
    TileNotFoundError,
)
from backend_services.dashboards.library_errors import CommentNotFoundError, CommentNotYoursError, MentionUnclearError
from backend_services.dashboards.library_schemas import CommentCreate, CommentView, PersonShare, VersionNote
from backend_services.dashboards.schemas import DashboardView
from backend_services.identity.models import Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.mail import tasks as mail_tasks
from backend_services.kernel.pagination import Page, PageRequest
from tests.factories.dashboards import spec
from tests.factories.identity import make_actor, make_tenant

assert mail_tasks.send_mail is not None  # registered, as the composition root does
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


@pytest.fixture
async def shared(ana: Actor, bor: Actor) -> DashboardView:
    """Return a dashboard of Ana that Bor may read."""
    made: DashboardView = await _call(ana, service.create_dashboard, spec(title="Sales"))
    await _call(ana, service.share_with_person, made.id, PersonShare(email=bor.label))
    return made


async def _call(actor: Actor, use_case: Any, *arguments: Any, **named: Any) -> Any:
    async with transaction(actor) as session:
        return await use_case(actor, session, *arguments, **named)


async def _write(actor: Actor, dashboard_id: UUID, body: str, **more: Any) -> CommentView:
    made: CommentView = await _call(actor, service.add_comment, dashboard_id, CommentCreate(body=body, **more))
    return made


async def _threads(actor: Actor, dashboard_id: UUID, **more: Any) -> Page[CommentView]:
    found: Page[CommentView] = await _call(actor, service.list_comments, dashboard_id, PageRequest(), **more)
    return found


async def _mails(actor: Actor) -> int:
    async with transaction(actor) as session:
        counted = await session.execute(text("SELECT count(*) FROM jobs WHERE name = 'kernel.send_mail'"))
        return int(counted.scalar_one())


async def test_who_may_read_the_dashboard_reads_and_answers(ana: Actor, bor: Actor, shared: DashboardView) -> None:
    first = await _write(ana, shared.id, "Why did May fall?")
    answer = await _write(bor, shared.id, "A holiday.", thread_id=first.id)
    assert answer.thread_id == first.id
    page = await _threads(bor, shared.id)
    assert [one.body for one in page.items] == ["Why did May fall?"]
    assert [one.body for one in page.items[0].replies] == ["A holiday."]
    assert (page.items[0].mine, page.items[0].removable, page.items[0].replies[0].mine) == (False, False, True)
    with pytest.raises(CommentNotFoundError):
        await _write(bor, shared.id, "Deeper", thread_id=answer.id)


async def test_another_tenant_and_who_is_not_shared_with_find_nothing(
    tenant: Tenant, ana: Actor, shared: DashboardView
) -> None:
    made = await _write(ana, shared.id, "Hello")
    for outsider in (await make_actor(role="owner"), await make_actor(tenant=tenant, role="viewer")):
        for use_case, more in (
            (service.list_comments, (PageRequest(),)),
            (service.add_comment, (CommentCreate(body="x"),)),
            (service.delete_comment, (made.id,)),
            (service.list_readers, ()),
            (service.open_threads, ()),
        ):
            with pytest.raises(DashboardNotFoundError):
                await _call(outsider, use_case, shared.id, *more)


async def test_only_the_author_edits_and_author_or_owner_deletes(ana: Actor, bor: Actor, shared: DashboardView) -> None:
    mine, theirs = await _write(ana, shared.id, "Mine"), await _write(bor, shared.id, "Theirs")
    with pytest.raises(CommentNotYoursError):
        await _call(ana, service.edit_comment, shared.id, theirs.id, body="Changed")
    with pytest.raises(CommentNotYoursError):
        await _call(bor, service.delete_comment, shared.id, mine.id)
    changed = await _call(bor, service.edit_comment, shared.id, theirs.id, body="Changed")
    assert (changed.body, changed.edited_at is not None) == ("Changed", True)
    await _call(ana, service.delete_comment, shared.id, theirs.id)
    assert [one.body for one in (await _threads(ana, shared.id)).items] == ["Mine"]


async def test_on_a_dashboard_of_the_team_a_reader_leaves_others_comments_alone(ana: Actor, bor: Actor) -> None:
    made = await _call(replace(ana, user_id=None), service.create_dashboard, spec(title="Ours"))
    written = await _write(ana, made.id, "Mine")
    with pytest.raises(CommentNotYoursError):
        await _call(bor, service.delete_comment, made.id, written.id)
    with pytest.raises(CommentNotYoursError):
        await _call(bor, service.resolve_thread, made.id, written.id, resolved=True)
    seen = (await _threads(bor, made.id)).items[0]
    assert (seen.removable, seen.resolvable) == (False, False)


async def test_a_deleted_first_comment_keeps_its_answers(ana: Actor, bor: Actor, shared: DashboardView) -> None:
    first = await _write(ana, shared.id, "Wrong")
    await _write(bor, shared.id, "Why?", thread_id=first.id)
    await _call(ana, service.delete_comment, shared.id, first.id)
    found = (await _threads(bor, shared.id)).items[0]
    assert (found.body, found.deleted, [one.body for one in found.replies]) == ("", True, ["Why?"])
    with pytest.raises(CommentNotFoundError):
        await _call(ana, service.edit_comment, shared.id, first.id, body="Back")


async def test_a_closed_thread_leaves_the_list_and_comes_back(ana: Actor, bor: Actor, shared: DashboardView) -> None:
    first = await _write(ana, shared.id, "Done?")
    with pytest.raises(CommentNotYoursError):
        await _call(bor, service.resolve_thread, shared.id, first.id, resolved=True)
    closed = await _call(ana, service.resolve_thread, shared.id, first.id, resolved=True)
    assert closed.resolved_by == ana.label
    assert (await _threads(bor, shared.id)).total == 0
    assert (await _threads(bor, shared.id, resolved=True)).total == 1
    await _call(ana, service.resolve_thread, shared.id, first.id, resolved=False)
    assert await _call(bor, service.open_threads, shared.id) == {"": 1}


async def test_a_comment_on_a_tile_needs_the_tile(ana: Actor, shared: DashboardView) -> None:
    with pytest.raises(TileNotFoundError):
        await _write(ana, shared.id, "This one", tile_id="nothing")


async def test_a_mention_tells_only_those_who_may_see_the_dashboard(
    tenant: Tenant, ana: Actor, bor: Actor, shared: DashboardView
) -> None:
    outsider = await make_actor(tenant=tenant, role="viewer")
    made = await _write(ana, shared.id, f"@{bor.label}, and @{outsider.label}, look")
    assert [one.email for one in made.mentions] == [bor.label]
    assert await _mails(ana) == 1
    await _call(ana, service.edit_comment, shared.id, made.id, body=f"@{bor.label} look again")
    assert await _mails(ana) == 1
    await _write(ana, shared.id, f"@{ana.label} to myself")
    assert await _mails(ana) == 1
    with pytest.raises(MentionUnclearError):
        await _write(ana, shared.id, "@Ana Novak, you know")
    readers = await _call(bor, service.list_readers, shared.id)
    assert {one.email for one in readers} == {ana.label, bor.label}


async def test_versions_are_named_and_compared(ana: Actor, bor: Actor, shared: DashboardView) -> None:
    await _call(
        ana, service.update_dashboard, shared.id, spec=spec(title="Sales", description="By week"), expected_version=1
    )
    named = await _call(ana, service.note_version, shared.id, 1, VersionNote(name="Before the fair", note="As agreed"))
    assert (named.name, named.note) == ("Before the fair", "As agreed")
    found = await _call(bor, service.compare_versions, shared.id, 2)
    assert [(one.path, one.before, one.after) for one in found.dashboard] == [("description", None, "By week")]
    backwards = await _call(bor, service.compare_versions, shared.id, 1, against=2)
    assert [(one.path, one.before, one.after) for one in backwards.dashboard] == [("description", "By week", None)]
    with pytest.raises(DashboardVersionNotFoundError):
        await _call(bor, service.compare_versions, shared.id, 9)
    editor = await make_actor(role="owner")
    with pytest.raises(DashboardNotFoundError):
        await _call(editor, service.note_version, shared.id, 1, VersionNote())
    grown = replace(bor, permissions=ana.permissions)
    with pytest.raises(DashboardReadOnlyError):
        await _call(grown, service.note_version, shared.id, 1, VersionNote())

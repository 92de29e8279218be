"""Dashboards as code on a real PostgreSQL: plan, apply, drift, pruning, and through the files of the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend_services.dashboards import service
from backend_services.dashboards.code_schemas import CodeApply, CodeExport, Plan
from backend_services.dashboards.library_errors import CodeChangedError, CodeInvalidError
from backend_services.dashboards.schemas import DashboardView, ShareRequest
from backend_services.dashboards.spec import ChartKind
from backend_services.identity.models import Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.pagination import PageRequest
from omni_app.commands import code_files
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor, make_tenant

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    assert database
    return await make_tenant()


@pytest.fixture
async def ana(tenant: Tenant) -> Actor:
    return await make_actor(tenant=tenant, role="analyst")


async def _call(actor: Actor, use_case: Any, *arguments: Any, **named: Any) -> Any:
    async with transaction(actor) as session:
        return await use_case(actor, session, *arguments, **named)


async def _create(actor: Actor, tmp_path: Path, title: str = "Sales") -> DashboardView:
    asked = query("revenue", by=["country"], dataset_id=await store_orders(actor, tmp_path))
    made: DashboardView = await _call(
        actor, service.create_dashboard, spec(tile(ChartKind.BAR, asked), title=title, description="Weekly")
    )
    return made


async def _export(actor: Actor, *only: str) -> CodeExport:
    found: CodeExport = await _call(actor, service.export_code, only=only)
    return found


async def _apply(actor: Actor, found: CodeExport, **more: Any) -> Plan:
    request = CodeApply(
        documents=tuple(one.document for one in found.dashboards),
        bases={one.document.name: one.fingerprint for one in found.dashboards},
    )
    plan: Plan = await _call(actor, service.apply_code, request.model_copy(update=more))
    return plan


def _retitled(found: CodeExport, description: str, **more: Any) -> CodeExport:
    one = found.dashboards[0]
    changed = one.document.model_copy(
        update={"dashboard": {**one.document.dashboard, "description": description}, **more}
    )
    return found.model_copy(update={"dashboards": (one.model_copy(update={"document": changed}),)})


async def _total(actor: Actor) -> int:
    return int((await _call(actor, service.list_dashboards, PageRequest())).total)


async def test_what_was_exported_is_unchanged_and_applying_twice_does_nothing(ana: Actor, tmp_path: Path) -> None:
    made = await _create(ana, tmp_path)
    found = await _export(ana)
    assert [step.action for step in (await _apply(ana, found)).steps] == ["unchanged"]
    assert [step.action for step in (await _apply(ana, found)).steps] == ["unchanged"]
    assert (await _call(ana, service.get_dashboard, made.id)).version == 1


async def test_a_change_makes_one_version_and_its_folders_and_nothing_in_a_dry_run(ana: Actor, tmp_path: Path) -> None:
    made = await _create(ana, tmp_path)
    changed = _retitled(await _export(ana), "Daily", folder="Sales/Weekly")
    plan = await _apply(ana, changed, dry_run=True)
    assert (plan.applied, [step.action for step in plan.steps], plan.steps[0].folder) == (
        False,
        ["update"],
        ("", "Sales/Weekly"),
    )
    assert plan.steps[0].difference is not None
    assert [one.path for one in plan.steps[0].difference.dashboard] == ["description"]
    assert (await _call(ana, service.get_dashboard, made.id)).version == 1
    assert await _call(ana, service.list_folders) == ()
    await _apply(ana, changed)
    after = await _call(ana, service.get_dashboard, made.id)
    assert (after.version, after.description) == (2, "Daily")
    assert [one.path for one in await _call(ana, service.list_folders)] == [("Sales",), ("Sales", "Weekly")]
    assert (await _export(ana, "Sales/Weekly")).dashboards == (await _export(ana)).dashboards
    assert [step.action for step in (await _apply(ana, changed)).steps] == ["unchanged"]


async def test_another_install_gets_the_same_and_exports_the_same(ana: Actor, tmp_path: Path) -> None:
    await _create(ana, tmp_path)
    found = await _export(ana)
    elsewhere = await make_actor(role="analyst")
    with pytest.raises(CodeInvalidError) as refused:
        await _apply(elsewhere, found)
    assert list(refused.value.fields) == ["sales.dashboard.tiles[0].source.query.dataset"]
    assert await _total(elsewhere) == 0
    await store_orders(elsewhere, tmp_path)
    assert [step.action for step in (await _apply(elsewhere, found)).steps] == ["create"]
    assert (await _export(elsewhere)).dashboards == found.dashboards


async def test_what_somebody_changed_meanwhile_is_refused_unless_forced(ana: Actor, tmp_path: Path) -> None:
    made = await _create(ana, tmp_path)
    changed = _retitled(await _export(ana), "From code")
    by_hand = made.spec.model_copy(update={"description": "By hand"})
    await _call(ana, service.update_dashboard, made.id, spec=by_hand, expected_version=1)
    plan = await _apply(ana, changed, dry_run=True)
    assert plan.steps[0].changed_meanwhile is True
    with pytest.raises(CodeChangedError):
        await _apply(ana, changed)
    assert (await _call(ana, service.get_dashboard, made.id)).description == "By hand"
    await _apply(ana, changed, force=True)
    assert (await _call(ana, service.get_dashboard, made.id)).description == "From code"
    later = _retitled(changed, "Later")
    assert [step.action for step in (await _apply(ana, later, bases={})).steps] == ["update"]


async def test_pruning_deletes_only_what_came_from_code(ana: Actor, tmp_path: Path) -> None:
    await _create(ana, tmp_path)
    await _apply(ana, await _export(ana))
    await _call(ana, service.create_dashboard, spec(title="By hand"))
    nothing = CodeExport(dashboards=(), skipped=())
    assert (await _apply(ana, nothing)).steps == ()
    assert [step.name for step in (await _apply(ana, nothing, prune=True, dry_run=True)).steps] == ["sales"]
    assert await _total(ana) == 2
    await _apply(ana, nothing, prune=True)
    assert [one.document.name for one in (await _export(ana)).dashboards] == ["by-hand"]


async def test_one_wrong_document_stops_all(ana: Actor, tmp_path: Path) -> None:
    await _create(ana, tmp_path)
    found = await _export(ana)
    one = found.dashboards[0].document
    fresh = one.model_copy(update={"name": "fresh"})
    wrong = one.model_copy(update={"name": "wrong", "dashboard": {**one.dashboard, "tiles": [{"id": "x"}]}})
    deep = one.model_copy(update={"name": "deep", "folder": "a/b/c/d/e"})
    for bad in (wrong, deep, fresh):
        request = CodeApply(documents=(fresh, bad))
        with pytest.raises(CodeInvalidError):
            await _call(ana, service.apply_code, request)
    assert await _total(ana) == 1


async def test_the_name_of_a_dashboard_that_one_may_not_see_is_taken(
    tenant: Tenant, ana: Actor, tmp_path: Path
) -> None:
    await _create(ana, tmp_path)
    await _apply(ana, _retitled(await _export(ana), "Mine"))
    document = (await _export(ana)).dashboards[0].document
    colleague = await make_actor(tenant=tenant, role="analyst")
    request = CodeApply(documents=(document,), dry_run=True)
    step = (await _call(colleague, service.apply_code, request)).steps[0]
    assert (step.action, list(step.problems)) == ("create", ["name"])
    with pytest.raises(CodeInvalidError) as refused:
        await _call(colleague, service.apply_code, request.model_copy(update={"dry_run": False}))
    assert list(refused.value.fields) == [f"{document.name}.name"]


async def test_readers_and_other_tenants_change_nothing(tenant: Tenant, ana: Actor, tmp_path: Path) -> None:
    made = await _create(ana, tmp_path)
    found = await _export(ana)
    viewer = await make_actor(tenant=tenant, role="viewer")
    with pytest.raises(PermissionDeniedError):
        await _apply(viewer, found)
    assert (await _export(viewer)).dashboards == ()
    await _call(ana, service.share, made.id, ShareRequest(role="*"))
    editor = replace(viewer, permissions=ana.permissions)
    with pytest.raises(CodeInvalidError):
        await _apply(editor, _retitled(await _export(editor), "Mine"))
    stranger = await make_actor(role="owner")
    assert [one.document.name for one in (await _export(stranger)).dashboards] == []


async def test_files_come_back_as_they_were_written(ana: Actor, tmp_path: Path) -> None:
    await _create(ana, tmp_path, "Prodaja")
    found = await _export(ana)
    documents = [one.document for one in found.dashboards]
    folder = tmp_path / "code"
    code_files.write_folder(folder, documents, {one.document.name: one.fingerprint for one in found.dashboards})
    read, bases = code_files.read_folder(folder)
    assert list(read) == documents
    plan = await _call(ana, service.apply_code, CodeApply(documents=read, bases=bases))
    assert [step.action for step in plan.steps] == ["unchanged"]

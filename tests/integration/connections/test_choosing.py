"""Trying a form before it is kept, choosing columns, and what is told of a copy."""

from __future__ import annotations

import pytest

from backend_services.datasets import service as datasets
from backend_services.datasets.connections import service
from backend_services.datasets.connections.errors import ConnectionKindError, ConnectionNotFoundError
from backend_services.datasets.connections.ports import ConnectionKind
from backend_services.datasets.connections.schemas import CopyTable
from backend_services.datasets.errors import DatasetNotFoundError
from backend_services.datasets.schemas import DatasetState
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.jobs.schemas import JobState
from backend_services.kernel.pagination import PageRequest
from tests.factories.connections import PASSWORD, Shop, connect, copied, table_in, wanted
from tests.factories.identity import make_actor

pytestmark = pytest.mark.usefixtures("database")
P = ConnectionKind.POSTGRESQL


async def test_a_form_is_tried_before_it_is_kept_and_nothing_is_stored(shop: Shop) -> None:
    actor = await make_actor()
    form = wanted(P, port=shop.port, database=shop.database, username=shop.reader)
    check = await service.try_connection(actor, form)
    assert (check.ok, check.can_write) == (True, False)
    assert check.server.startswith("PostgreSQL")
    wrong = await service.try_connection(actor, form.model_copy(update={"database": "nowhere"}))
    assert wrong.error is not None
    assert (wrong.ok, wrong.error.code) == (False, "connection_database")
    async with transaction(actor) as session:
        assert (await service.list_connections(actor, session, PageRequest())).total == 0


async def test_the_stored_password_is_tried_only_where_it_may_be_sent(shop: Shop) -> None:
    actor = await make_actor()
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    blank = wanted(P, port=shop.port, database=shop.database, username=shop.reader, password=None)
    assert (await service.try_connection(actor, blank, connection_id=made.id)).ok
    unknown = await service.try_connection(actor, blank)
    assert unknown.error is not None
    assert unknown.error.code == "connection_login"
    elsewhere = blank.model_copy(update={"username": shop.writer})
    refused = await service.try_connection(actor, elsewhere, connection_id=made.id)
    assert refused.error is not None, "both logins have the same password, so sending it would have let us in"
    assert refused.error.code == "connection_login"
    assert PASSWORD not in refused.model_dump_json()


async def test_another_tenants_connection_does_not_exist_and_readers_may_not_try(shop: Shop) -> None:
    actor, stranger = await make_actor(), await make_actor()
    form = wanted(P, port=shop.port, database=shop.database, username=shop.reader, password=None)
    made = await connect(actor, form.model_copy(update={"password": None}))
    with pytest.raises(ConnectionNotFoundError):
        await service.try_connection(stranger, form, connection_id=made.id)
    with pytest.raises(PermissionDeniedError):
        await service.try_connection(await make_actor(role="analyst"), form)
    with pytest.raises(ConnectionKindError):
        await service.try_connection(actor, form.model_copy(update={"kind": ConnectionKind.SQLITE}))


async def test_only_the_chosen_columns_are_copied_and_again_when_copied_again(shop: Shop) -> None:
    table = await table_in(shop, "id int, city text, iban text", "(1, 'Bled', 'SI56'), (2, 'Ptuj', 'SI57')")
    actor = await make_actor()
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    dataset = await copied(actor, made.id, table, schema="public", columns=("city", "id"))
    assert (dataset.state, dataset.columns, dataset.rows) == (DatasetState.READY, 2, 2)
    rows = await datasets.read_rows(actor, dataset.id, PageRequest())
    assert [one.name for one in rows.columns] == ["id", "city"]
    await shop.owner.execute(f"ALTER TABLE {table} ADD COLUMN secret text")
    async with transaction(actor) as session:
        await service.copy_again(actor, session, dataset.id)
    await run_waiting()
    await run_waiting()
    async with transaction(actor) as session:
        again = await datasets.get_dataset(actor, session, dataset.id)
    assert (again.version, again.columns) == (2, 2)


async def test_a_chosen_column_that_is_gone_is_told_and_the_present_version_stays(shop: Shop) -> None:
    table = await table_in(shop, "id int, city text", "(1, 'Bled')")
    actor = await make_actor()
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    dataset = await copied(actor, made.id, table, schema="public", columns=("city",))
    await shop.owner.execute(f"ALTER TABLE {table} RENAME COLUMN city TO town")
    async with transaction(actor) as session:
        await service.copy_again(actor, session, dataset.id)
    await run_waiting()
    async with transaction(actor) as session:
        copy = await service.get_copy(actor, session, dataset.id)
        still = await datasets.get_dataset(actor, session, dataset.id)
    assert copy is not None
    assert copy.error is not None
    assert (copy.job_state, copy.error.code) == (JobState.FAILED, "remote_columns_missing")
    assert copy.error.params["columns"] == "city"
    assert (still.state, still.version, still.rows) == (DatasetState.READY, 1, 1)


async def test_what_is_told_of_a_copy(shop: Shop) -> None:
    table = await table_in(shop, "id int", "(1)")
    actor, stranger = await make_actor(), await make_actor()
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    async with transaction(actor) as session:
        request = CopyTable(schema_name="public", table_name=table)
        started = await service.copy_table(actor, session, made.id, request)
        waiting = await service.get_copy(actor, session, started.dataset_id)
    assert waiting is not None
    assert (waiting.job_state, waiting.progress, waiting.copied_at) == (JobState.QUEUED, 0.0, None)
    await run_waiting()
    async with transaction(actor) as session:
        page = await service.list_copies(actor, session, made.id, PageRequest())
    assert [(one.table_name, one.connection_name, one.job_state) for one in page.items] == [
        (table, "Shop", JobState.SUCCEEDED)
    ]
    async with transaction(stranger) as session:
        with pytest.raises(DatasetNotFoundError):
            await service.get_copy(stranger, session, started.dataset_id)

"""From an upload to a dataset that can be asked, on a real PostgreSQL, with the real job."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backend_services.datasets import platform, service
from backend_services.datasets.catalogue import MetricQuery, Text
from backend_services.datasets.errors import (
    CatalogueChangedError,
    CatalogueInvalidError,
    DatasetNameMismatchError,
    DatasetNotFoundError,
    DatasetReadOnlyError,
    FileEmptyError,
    IngestionNotRetryableError,
)
from backend_services.datasets.query import service as engine
from backend_services.datasets.samples import SAMPLES
from backend_services.datasets.schemas import DatasetState, DeleteDataset, IngestionStatus
from backend_services.datasets.service.storage import folder_key
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.files import get_files
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.jobs.schemas import JobState
from backend_services.kernel.pagination import PageRequest
from tests.factories.datasets import ingestion, make_dataset, send, send_version
from tests.factories.identity import make_actor

pytestmark = pytest.mark.usefixtures("database")
ORDERS = "order_id,date,city,amount\n1,2024-01-31,Bled,10.50\n2,2024-02-01,Ptuj,20.00\n3,bad,Bled,1.00\n4,2024-02-02,Bled,2\n"  # noqa: E501 - one line an entry


async def test_an_upload_becomes_a_dataset(database: Database) -> None:
    del database
    actor = await make_actor()
    started = await send(actor, ORDERS.encode(), name="Orders")
    assert (await ingestion(actor, started.job_id)).status is IngestionStatus.QUEUED
    await run_waiting()
    done = await ingestion(actor, started.job_id)
    assert (done.status, done.rows, done.rejected, done.progress) == (IngestionStatus.SUCCEEDED, 3, 1, 1.0)
    async with transaction(actor) as session:
        dataset = await service.get_dataset(actor, session, started.dataset_id)
        catalogue = await service.get_catalogue(actor, session, started.dataset_id)
        rejects = await service.list_rejects(actor, session, started.dataset_id, PageRequest())
        profile = await service.get_profile(actor, session, started.dataset_id)
    assert (dataset.state, dataset.rows, dataset.version, dataset.name) == (DatasetState.READY, 3, 1, "Orders")
    assert catalogue.default_measure == "amount"
    assert catalogue.default_time == "date"
    assert [(row.row, row.reason, row.column) for row in rejects.items] == [(3, "value", "date")]
    assert profile.columns[2].top[0].value == "Bled"
    answer = await engine.run_metric(actor, MetricQuery(dataset_id=dataset.id, measures=("amount",)))
    assert float(str(answer.rows[0][0])) == 32.5
    keys = await get_files().list_keys(f"tenants/{actor.tenant_id}")
    assert sorted(key.rsplit("/", 1)[1] for key in keys) == ["v1.parquet", "v1.rejects.parquet"]


async def test_rows_come_page_by_page() -> None:
    actor = await make_actor()
    dataset = await make_dataset(actor, "n,t\n" + "\n".join(f"{n},x{n}" for n in range(30)))
    page = await service.read_rows(actor, dataset.id, PageRequest(limit=5, offset=10))
    assert page.total == 30
    assert len(page.rows) == 5
    assert [column.name for column in page.columns] == ["n", "t"]


async def test_rows_come_in_the_order_asked_for_and_are_not_searched() -> None:
    actor = await make_actor()
    dataset = await make_dataset(actor, "n,t\n" + "\n".join(f"{n},x{n}" for n in range(30)))
    page = await service.read_rows(actor, dataset.id, PageRequest(limit=2, sort="-n"))
    assert [row[0] for row in page.rows] == [29, 28]
    with pytest.raises(InvalidInputError) as unknown:
        await service.read_rows(actor, dataset.id, PageRequest(sort="colour"))
    assert unknown.value.code == "query.unknown_field"
    with pytest.raises(InvalidInputError) as searched:
        await service.read_rows(actor, dataset.id, PageRequest(search="x2"))
    assert list(searched.value.fields) == ["search"]


async def test_a_bad_file_leaves_nothing_but_its_reason() -> None:
    actor = await make_actor()
    started = await send(actor, b"\x89PNG\r\n\x1a\n" + bytes(500))
    await run_waiting()
    view = await ingestion(actor, started.job_id)
    assert view.status is IngestionStatus.FAILED
    assert view.error is not None
    assert view.error.code == "file_binary"
    assert not view.can_retry
    assert await get_files().list_keys(f"tenants/{actor.tenant_id}") == ()
    async with transaction(actor) as session:
        dataset = await service.get_dataset(actor, session, started.dataset_id)
        assert dataset.state is DatasetState.FAILED
        with pytest.raises(IngestionNotRetryableError):
            await service.retry_ingestion(actor, session, started.job_id)
    async with transaction(actor) as session:
        await jobs.retry_job(actor, session, started.job_id)
    await run_waiting()
    async with transaction(actor) as session:
        again = await jobs.get_job(actor, session, started.job_id)
    assert again.state is JobState.FAILED, "nothing was done, so it is no success"
    assert again.error is not None
    assert again.error.code == "ingestion_not_retryable"
    async with transaction(actor) as session:
        await service.delete_dataset(actor, session, dataset.id, DeleteDataset(name=dataset.name))


async def test_an_empty_upload_is_refused_at_once() -> None:
    actor = await make_actor()
    with pytest.raises(FileEmptyError):
        await send(actor, b"")
    assert await get_files().list_keys(f"tenants/{actor.tenant_id}") == ()


async def test_a_cancelled_upload_leaves_nothing() -> None:
    actor = await make_actor()
    started = await send(actor, ORDERS.encode())
    async with transaction(actor) as session:
        view = await service.cancel_ingestion(actor, session, started.job_id)
    assert view.status is IngestionStatus.FAILED
    await run_waiting()
    assert await get_files().list_keys(f"tenants/{actor.tenant_id}") == ()


async def test_a_new_version_keeps_what_people_edited() -> None:
    actor = await make_actor()
    dataset = await make_dataset(actor, ORDERS)
    async with transaction(actor) as session:
        catalogue = await service.get_catalogue(actor, session, dataset.id)
        edited = catalogue.model_copy(
            update={
                "measures": tuple(
                    one.model_copy(update={"label": Text(en="Takings", sl="Izkupiček")}) if one.id == "amount" else one
                    for one in catalogue.measures
                )
            }
        )
        saved = await service.update_catalogue(actor, session, dataset.id, edited, expected_version=1)
    assert saved.version == 2
    await send_version(
        actor, dataset.id, b"order_id,date,amount,channel\n1,2024-01-31,10.50,web\n2,2024-02-01,20,shop\n"
    )
    await run_waiting()
    async with transaction(actor) as session:
        after = await service.get_catalogue(actor, session, dataset.id)
        versions = await service.list_versions(actor, session, dataset.id, PageRequest())
        view = await service.get_dataset(actor, session, dataset.id)
    assert after.version == 3
    amount = after.measure("amount")
    assert amount is not None
    assert amount.label.en == "Takings"
    assert after.dimension("city") is None
    assert after.dimension("channel") is not None
    assert view.version == 2
    changes = {(change.kind, change.name) for change in versions.items[0].changes}
    assert {("removed", "city"), ("added", "channel"), ("dropped", "city")} <= changes


async def test_a_bad_new_version_leaves_the_old_one() -> None:
    actor = await make_actor()
    dataset = await make_dataset(actor, ORDERS)
    await send_version(actor, dataset.id, b"PAR1 broken", file_name="t.parquet")
    await run_waiting()
    async with transaction(actor) as session:
        view = await service.get_dataset(actor, session, dataset.id)
    assert (view.state, view.version, view.rows) == (DatasetState.READY, 1, 3)


async def test_an_edited_catalogue_must_fit_and_be_current() -> None:
    actor = await make_actor()
    dataset = await make_dataset(actor, ORDERS)
    async with transaction(actor) as session:
        catalogue = await service.get_catalogue(actor, session, dataset.id)
    wrong = catalogue.model_copy(
        update={"measures": tuple(one.model_copy(update={"column": "nothing"}) for one in catalogue.measures)}
    )
    with pytest.raises(CatalogueInvalidError):
        async with transaction(actor) as session:
            await service.update_catalogue(actor, session, dataset.id, wrong, expected_version=1)
    with pytest.raises(CatalogueChangedError):
        async with transaction(actor) as session:
            await service.update_catalogue(actor, session, dataset.id, catalogue, expected_version=7)


async def test_deleting_needs_the_name_and_removes_the_files() -> None:
    actor = await make_actor()
    dataset = await make_dataset(actor, ORDERS, name="Orders")
    with pytest.raises(DatasetNameMismatchError):
        async with transaction(actor) as session:
            await service.delete_dataset(actor, session, dataset.id, DeleteDataset(name="orders"))
    async with transaction(actor) as session:
        await service.delete_dataset(actor, session, dataset.id, DeleteDataset(name="Orders"))
    assert await get_files().list_keys(folder_key(actor.tenant_id, dataset.id)) == ()
    async with transaction(actor) as session:
        with pytest.raises(DatasetNotFoundError):
            await service.get_dataset(actor, session, dataset.id)


async def test_another_tenant_finds_nothing() -> None:
    owner, stranger = await make_actor(), await make_actor()
    dataset = await make_dataset(owner, ORDERS)
    async with transaction(stranger) as session:
        for read in (service.get_dataset, service.get_catalogue, service.get_schema, service.readable_version):
            with pytest.raises(DatasetNotFoundError):
                await read(stranger, session, dataset.id)
        page = await service.list_datasets(stranger, session, PageRequest())
    assert dataset.id not in {one.id for one in page.items}


@pytest.mark.parametrize("sample_id", sorted(SAMPLES))
async def test_each_sample_can_be_taken_once(sample_id: str) -> None:
    actor = await make_actor(language="sl")
    async with transaction(actor) as session:
        started = await service.take_sample(actor, session, sample_id)
    await run_waiting()
    async with transaction(actor) as session:
        again = await service.take_sample(actor, session, sample_id)
        dataset = await service.get_dataset(actor, session, started.dataset_id)
        catalogue = await service.get_catalogue(actor, session, started.dataset_id)
    assert again.dataset_id == started.dataset_id
    assert (dataset.state, dataset.rows) == (DatasetState.READY, SAMPLES[sample_id].rows)
    assert dataset.license
    assert catalogue.default_measure == SAMPLES[sample_id].default_measure
    assert all(one.label.sl for one in catalogue.dimensions)


@pytest.mark.parametrize("table", platform.TABLES.values(), ids=lambda table: table.key)
async def test_the_platforms_own_tables_can_be_asked_and_not_changed(table: platform.PlatformTable) -> None:
    actor = await make_actor()
    answer = await engine.run_metric(actor, MetricQuery(dataset_id=table.id, measures=("rows",)))
    assert answer.freshness.live
    page = await service.read_rows(actor, table.id, PageRequest(limit=5))
    assert [column.name for column in page.columns] == [column.name for column in table.columns]
    with pytest.raises(DatasetReadOnlyError):
        async with transaction(actor) as session:
            await service.delete_dataset(actor, session, table.id, DeleteDataset(name=table.key))


async def test_platform_tables_show_the_own_tenant_only() -> None:
    first, second = await make_actor(), await make_actor()
    for actor in (first, second):
        page = await service.read_rows(actor, platform.USERS.id, PageRequest())
        place = [column.name for column in page.columns].index("user_id")
        assert {row[place] for row in page.rows} == {str(actor.user_id)}


async def test_an_unknown_dataset_is_not_found() -> None:
    actor = await make_actor()
    async with transaction(actor) as session:
        with pytest.raises(DatasetNotFoundError):
            await service.get_dataset(actor, session, uuid4())


async def test_deleting_removes_every_file_that_waits_to_be_read() -> None:
    actor = await make_actor()
    dataset = await make_dataset(actor, ORDERS, name="Orders")
    await send_version(actor, dataset.id, ORDERS.encode())
    await send_version(actor, dataset.id, ORDERS.encode())
    async with transaction(actor) as session:
        await service.delete_dataset(actor, session, dataset.id, DeleteDataset(name="Orders"))
    await run_waiting()
    assert await get_files().list_keys(f"tenants/{actor.tenant_id}") == ()


async def test_a_column_that_changed_its_kind_can_still_be_asked_for() -> None:
    actor = await make_actor()
    dataset = await make_dataset(actor, ORDERS)
    for amount, kept in (("much", "dimension"), ("2.50", "measure")):
        await send_version(actor, dataset.id, f"order_id,date,city,amount\n1,2024-01-31,Bled,{amount}\n".encode())
        await run_waiting()
        async with transaction(actor) as session:
            catalogue = await service.get_catalogue(actor, session, dataset.id)
        found = {"dimension": catalogue.dimension("amount"), "measure": catalogue.measure("amount")}
        assert [kind for kind, field in found.items() if field is not None] == [kept]


async def test_an_upload_deleted_while_it_is_read_is_no_fault() -> None:
    actor = await make_actor()
    started = await send(actor, ORDERS.encode(), name="Orders")
    async with transaction(actor) as session:
        await service.delete_dataset(actor, session, started.dataset_id, DeleteDataset(name="Orders"))
    async with transaction(actor) as session:
        job = await jobs.get_job(actor, session, started.job_id)
    assert job.state is JobState.CANCELLED
    await run_waiting()
    assert await get_files().list_keys(f"tenants/{actor.tenant_id}") == ()

"""Answers as files."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from backend_services.datasets.catalogue import SqlQuery
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.query.schemas import ExportFormat
from tests.factories.identity import make_actor
from tests.integration.datasets_query.stored import read_export, store_orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_services.kernel.actor import Actor

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def closed_pool() -> Iterator[None]:
    yield
    close_pool()


@pytest.fixture
async def owner() -> Actor:
    return await make_actor(role="owner")


async def test_csv_writes_values_as_they_are(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    sql = "select -9007199254740993 as big, true as yes, ' x ' as padded, null as none, 0.5 as half from data limit 1"
    text = await read_export(
        owner, SqlQuery(dataset_id=dataset_id, sql=sql), export_format=ExportFormat.CSV, byte_order_mark=False
    )
    assert list(csv.reader(io.StringIO(text.decode())))[1] == ["-9007199254740993", "true", " x ", "", "0.5"]


async def test_exports_disarm_formulas(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    query = SqlQuery(dataset_id=dataset_id, sql="select '=1+1' as \"=head\", -5 as n, '@x' as t from data limit 1")
    text = await read_export(owner, query, export_format=ExportFormat.CSV, byte_order_mark=False)
    assert list(csv.reader(io.StringIO(text.decode()))) == [["'=head", "n", "t"], ["'=1+1", "-5", "'@x"]]
    book = await read_export(owner, query, export_format=ExportFormat.XLSX)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "=1+1" in sheet
        assert len([name for name in archive.namelist() if "worksheets/sheet" in name]) == 2

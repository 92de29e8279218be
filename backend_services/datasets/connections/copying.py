"""What the copy job does: read the table to the end, write it as Parquet, hand that over as an upload is.

What follows (types, profile, catalogue, versions, rejects) is the ingestion's, so a copy differs in nothing from a
file that a person uploaded. The job may be run again after a crash: it begins anew.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from backend_services.datasets import queries as dataset_queries
from backend_services.datasets import service as datasets
from backend_services.datasets.connections import queries, runs
from backend_services.datasets.connections.errors import (
    RemoteColumnsMissingError,
    RemoteTableNotFoundError,
    RemoteTableUnreadableError,
    ServerError,
)
from backend_services.datasets.connections.incremental import Plan, Taken, merged_sql, plan_of
from backend_services.datasets.connections.opening import opened
from backend_services.datasets.connections.schemas import CopyMode
from backend_services.datasets.connections.service.asking import fault_of, note
from backend_services.datasets.connections.settings import get_connection_settings
from backend_services.datasets.connections.taking import MAX_LINE_BYTES, Taking
from backend_services.datasets.errors import FileTooLargeError
from backend_services.datasets.ingestion.engine import Engine
from backend_services.datasets.naming import literal, quoted, unique_names
from backend_services.datasets.settings import get_dataset_settings
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.files import get_files
from backend_services.kernel.permissions import Permission
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.datasets.connections.models import CopiedTable
    from backend_services.datasets.connections.ports import RemoteColumn
    from backend_services.kernel.actor import Actor
    from backend_services.kernel.jobs.context import JobContext

_CHUNK_BYTES: Final = 1_000_000


async def copy_dataset(context: JobContext, dataset_id: UUID, *, scheduled: bool = False) -> dict[str, object]:
    """Read the table that a dataset is a copy of, and ask for its ingestion.

    Raises:
        DomainError: The server, the table or the disk does not let us; a dataset without data says so.
    """
    actor = context.actor
    actor.require(Permission.DATASETS_CONNECTION_READ)
    async with transaction(actor) as session:
        copy = await queries.find_copy(actor, session, dataset_id)
    if copy is None:
        return {"skipped": True}
    work_dir = get_settings().data_dir.resolve() / "copies" / str(context.job_id)
    await runs.begin(actor, copy, job_id=context.job_id, scheduled=scheduled)
    try:
        await asyncio.to_thread(_fresh, work_dir)
        path, taken = await _read(context, copy, work_dir)
        return await _hand_over(context, copy, path, taken)
    except DomainError as error:
        await _give_up(context, copy, error)
        raise
    except duckdb.Error as error:
        unreadable = RemoteTableUnreadableError(params={"reason": str(error)[:300]})
        await _give_up(context, copy, unreadable)
        raise unreadable from error
    finally:
        await asyncio.to_thread(shutil.rmtree, work_dir, ignore_errors=True)


def _fresh(work_dir: Path) -> None:
    shutil.rmtree(work_dir, ignore_errors=True)
    work_dir.mkdir(parents=True, mode=0o700)


async def _read(context: JobContext, copy: CopiedTable, work_dir: Path) -> tuple[Path, Taken]:
    """Return the file with the version's rows, and what is to be noted of it."""
    lines = work_dir / "rows.jsonl"
    timeout_s = get_connection_settings().copy_timeout_s
    async with opened(context.actor, copy.connection_id, timeout_s=timeout_s) as reader:
        columns = await reader.columns(copy.schema_name, copy.table_name)
        if not columns:
            raise RemoteTableNotFoundError
        columns = chosen_columns(columns, copy.columns)
        if len(columns) > get_dataset_settings().max_columns:
            raise RemoteTableUnreadableError
        plan = await _planned(context.actor, copy, columns)
        names = unique_names(one.name for one in columns)
        taking = Taking(context, columns, names, plan)
        with await asyncio.to_thread(lines.open, "wb") as file:
            await taking.write(reader, copy, file)
    taken = taking.taken()
    if not all(one.stored_as for one in columns):
        return lines, taken
    table = work_dir / "rows.parquet"
    await asyncio.to_thread(_as_parquet, lines, table, columns, names)
    if plan.since is None or plan.kept is None:
        return table, taken
    whole = work_dir / "whole.parquet"
    old = await get_files().local_path(plan.kept.file_key)
    sql = merged_sql(list(zip(names, columns, strict=True)), old=str(old), new=str(table), since=plan.since)
    rows = await asyncio.to_thread(_merged, sql, whole)
    if rows > get_connection_settings().copy_rows:
        raise FileTooLargeError(params={"limit_mb": get_settings().max_upload_bytes // 1_000_000})
    return whole, replace(taken, rows=rows)


async def _planned(actor: Actor, copy: CopiedTable, columns: tuple[RemoteColumn, ...]) -> Plan:
    if copy.mode != CopyMode.INCREMENTAL.value:
        return Plan()
    kept, has_version = await runs.kept_of(actor, copy)
    return plan_of(columns, cursor_column=copy.cursor_column, overlap=copy.overlap, kept=kept, has_version=has_version)


def chosen_columns(found: tuple[RemoteColumn, ...], wanted: Sequence[str]) -> tuple[RemoteColumn, ...]:
    """Return the columns that were chosen, in the table's order; all of them where none was.

    Raises:
        RemoteColumnsMissingError: The table lacks one of them.
    """
    gone = set(wanted) - {one.name for one in found}
    if gone:
        raise RemoteColumnsMissingError(params={"columns": ", ".join(sorted(gone))[:300]})
    return tuple(one for one in found if one.name in wanted) if wanted else found


def _as_parquet(lines: Path, table: Path, columns: tuple[RemoteColumn, ...], names: tuple[str, ...]) -> None:
    """Write lines of JSON as a table whose types are the ones that the server declared."""
    types = ", ".join(f"{literal(name)}: {literal(one.stored_as)}" for name, one in zip(names, columns, strict=True))
    chosen = ", ".join(quoted(name) for name in names)
    source = (
        f"read_json({literal(str(lines))}, format='newline_delimited', compression='none', columns={{{types}}}, "
        f"maximum_object_size={MAX_LINE_BYTES})"
    )
    with Engine(temp_dir=table.parent, settings=get_dataset_settings()) as engine:
        engine.run(f"COPY (SELECT {chosen} FROM {source}) TO {literal(str(table))} (FORMAT parquet)")  # noqa: S608 - quoted


def _merged(sql: str, whole: Path) -> int:
    """Write the rows that ``sql`` gives as a table; return how many."""
    with Engine(temp_dir=whole.parent, settings=get_dataset_settings()) as engine:
        engine.run(f"COPY ({sql}) TO {literal(str(whole))} (FORMAT parquet)")
        counted = engine.run(f"SELECT count(*) FROM read_parquet({literal(str(whole))})")  # noqa: S608 - quoted
    return int(str(counted[0][0]))


async def _hand_over(context: JobContext, copy: CopiedTable, path: Path, taken: Taken) -> dict[str, object]:
    actor = context.actor
    place = ".".join(one for one in (copy.schema_name, copy.table_name) if one)
    staged = await datasets.stage_upload(actor, f"{place}{path.suffix}", _chunks(path))
    try:
        async with transaction(actor) as session:
            started = await datasets.start_version(actor, session, copy.dataset_id, staged)
            current = await queries.find_copy(actor, session, copy.dataset_id, lock=True)
            if current is not None:
                current.copied_at = now()
            await runs.succeed(actor, session, context.job_id, taken, number=started.version)
    except BaseException:
        await datasets.discard_staged(staged)
        raise
    await note(actor, copy.connection_id, facts=None, fault=None)
    return {
        "dataset_id": str(copy.dataset_id),
        "rows": taken.rows,
        "read_rows": taken.read_rows,
        "mode": taken.mode.value,
        "reason": taken.reason.value,
        "ingestion_job_id": str(started.job_id),
    }


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
            yield chunk


async def _give_up(context: JobContext, copy: CopiedTable, error: DomainError) -> None:
    """Say at the dataset, if it has no data, and at the connection, if it is at fault, what went wrong."""
    actor, fault = context.actor, fault_of(error)
    await runs.fail(actor, context.job_id, fault)
    async with transaction(actor) as session:
        dataset = await dataset_queries.find_dataset(actor, session, copy.dataset_id, lock=True)
        if dataset is not None and dataset.version == 0:
            dataset.state, dataset.error = "failed", fault.model_dump(mode="json")
            await session.flush()
    if isinstance(error, ServerError):
        await note(actor, copy.connection_id, facts=None, fault=fault)

"""Runs compiled queries: from the cache, together with others who ask the same, or in the engine."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from backend_services.datasets import rules_service
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.query import bounded, cache, convert, postgres
from backend_services.datasets.query.duck import DuckPool, FileKey
from backend_services.datasets.query.errors import NoRowsForRoleError, SourceUnreadableError
from backend_services.datasets.query.locking import narrowed
from backend_services.datasets.query.near import NearAnswers
from backend_services.datasets.query.periods import zone_of
from backend_services.datasets.query.settings import get_query_settings
from backend_services.datasets.query.source import Source
from backend_services.datasets.query.view import View
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.files import get_files
from backend_services.kernel.files.errors import StoredFileNotFoundError
from backend_services.kernel.flights import Flights
from backend_services.kernel.metrics import CACHE
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from uuid import UUID
    from zoneinfo import ZoneInfo

    from duckdb import DuckDBPyConnection

    from backend_services.datasets.catalogue import Filter
    from backend_services.datasets.query.compile import Compiled
    from backend_services.datasets.schemas import ReadableVersion
    from backend_services.kernel.actor import Actor

Done = TypeVar("Done")
_ROWS_AT_A_TIME: Final = 500
_MOST_OF_A_PLAN: Final = 10_000_000

_pool: DuckPool | None = None
_near: NearAnswers | None = None
_flights: Flights[cache.Answer] = Flights()


def get_pool() -> DuckPool:
    """Return this process's open datasets."""
    global _pool  # noqa: PLW0603 - one pool a process is the point
    if _pool is None:
        _pool = DuckPool(get_query_settings())
    return _pool


def get_near() -> NearAnswers:
    """Return the answers that this process has at hand."""
    global _near  # noqa: PLW0603 - one of them a process is the point
    if _near is None:
        settings = get_query_settings()
        _near = NearAnswers(most_bytes=settings.near_bytes, ttl_s=settings.near_s)
    return _near


def close_pool() -> None:
    """Close this process's open datasets, end its children, forget its answers; the next query begins anew."""
    global _pool, _near  # noqa: PLW0603
    bounded.close_children()
    _near = None
    if _pool is not None:
        _pool.close()
        _pool = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, and whether it was kept from before."""

    answer: cache.Answer
    cached: bool


async def view_of(actor: Actor, dataset_id: UUID) -> View:
    """Return what the actor may see of a dataset just now.

    Raises:
        PermissionDeniedError: The actor may not read datasets, or not the platform's own.
        NoRowsForRoleError: The dataset has row-level rules and none is for a role of the actor.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    zone = zone_of(actor.time_zone)
    async with transaction(actor) as session:
        version = await datasets.readable_version(actor, session, dataset_id)
        scope = await rules_service.scope_within(actor, session, version)
    source = _source(actor, version)
    if source.live:
        actor.require(Permission.DATASETS_PLATFORM_READ)
    if scope.denied:
        raise NoRowsForRoleError
    return View(source=source, scope=scope, zone=zone, now=now(), language=actor.language)


class Views:
    """What one actor sees of each dataset during one request: read once, and the same moment for every question."""

    def __init__(self, actor: Actor, *, locked: tuple[Filter, ...] = ()) -> None:
        """Begin with none; ``locked`` conditions narrow every view below whatever is asked of it."""
        self._actor = actor
        self._locked = locked
        self._reading: dict[UUID, asyncio.Task[View]] = {}

    async def of(self, actor: Actor, dataset_id: UUID) -> View:
        """Return what the actor may see of a dataset; raises what :func:`view_of` raises.

        Raises:
            RuntimeError: Somebody else's views were handed in, which is a mistake of ours.
        """
        if _who_sees(actor) != _who_sees(self._actor) or not self._actor.permissions <= actor.permissions:
            msg = "views belong to the actor they were read for"
            raise RuntimeError(msg)
        reading = self._reading.get(dataset_id)
        if reading is None:
            reading = self._reading[dataset_id] = asyncio.ensure_future(self._read(dataset_id))
        return await asyncio.shield(reading)

    async def _read(self, dataset_id: UUID) -> View:
        return narrowed(await view_of(self._actor, dataset_id), self._locked)


def _who_sees(actor: Actor) -> tuple[object, ...]:
    """Return all of an actor that a view depends on, besides its rights."""
    return (actor.tenant_id, actor.user_id, actor.roles, actor.time_zone, actor.language)


def _source(actor: Actor, version: ReadableVersion) -> Source:
    return Source(
        tenant_id=actor.tenant_id,
        dataset_id=version.dataset_id,
        name=version.name,
        version=version.version,
        catalogue=version.catalogue,
        columns=tuple(rules_service.columns_of(version).values()),
        rows=version.rows,
        data_as_of=version.data_as_of,
        file_key=version.file_key,
        relation=version.platform_table,
    )


async def execute(actor: Actor, view: View, compiled: Compiled) -> Outcome:
    """Return the answer to ``compiled``. Live data are always asked anew."""
    settings = get_query_settings()
    where = cache.key_of(view, compiled)
    if not view.source.live:
        found = await _kept(where)
        if found is not None:
            return Outcome(answer=found, cached=True)

    async def run() -> cache.Answer:
        answer = await _run(actor, view, compiled)
        if view.source.live:
            return answer
        size = await cache.store(where, answer, ttl_s=settings.cache_ttl_s, max_bytes=settings.max_cached_bytes)
        if size is not None:
            get_near().put(where, answer, size_bytes=size)
        return answer

    return Outcome(answer=await _flights.join(where, run), cached=False)


async def _kept(where: str) -> cache.Answer | None:
    near = get_near()
    found = near.get(where)
    if found is not None:
        CACHE.labels("query", "at hand").inc()
        return found
    loaded = await cache.load(where)
    if loaded is None:
        return None
    near.put(where, loaded[0], size_bytes=loaded[1])
    return loaded[0]


async def _run(actor: Actor, view: View, compiled: Compiled) -> cache.Answer:
    settings = get_query_settings()
    most = compiled.limit + 1
    if view.source.live:
        asked = postgres.bounded(compiled.sql) if compiled.is_free else compiled.sql
        names, raw = await postgres.fetch(
            actor, asked, timeout_s=settings.timeout_s, most=most, max_bytes=settings.max_result_bytes
        )
        types = tuple(convert.type_of_values(row[index] for row in raw) for index in range(len(names)))
        rows = convert.rows_of(raw, zone=view.zone, max_bytes=settings.max_result_bytes)
        return _answer(names, types, rows, compiled.limit)
    if compiled.is_free:
        taken = await _in_child(view, compiled.sql, most=most)
        return _answer(taken.names, taken.types, taken.rows.all(), compiled.limit)

    def fetch(cursor: DuckDBPyConnection) -> cache.Answer:
        cursor.execute(compiled.sql)
        described = cursor.description or []
        types = tuple(convert.type_named(str(one[1])) for one in described)
        rows = convert.Rows(zone=view.zone, max_bytes=settings.max_result_bytes)
        for size in _pieces(most):
            rows.add(cursor.fetchmany(size))
        return _answer(tuple(str(one[0]) for one in described), types, rows.all(), compiled.limit)

    return await in_duckdb(view, fetch, timeout_s=settings.timeout_s)


def _pieces(most: int) -> Iterator[int]:
    """Yield sizes that add up to ``most``, so that what is too large is noticed before all of it is here."""
    yield from (min(_ROWS_AT_A_TIME, most - begun) for begun in range(0, most, _ROWS_AT_A_TIME))


def _answer(
    names: tuple[str, ...], types: tuple[FieldType, ...], rows: tuple[convert.Row, ...], limit: int
) -> cache.Answer:
    return cache.Answer(names=names, types=types, rows=rows[:limit], truncated=len(rows) > limit)


class _Taken:
    """The answer of a child, as it comes in."""

    def __init__(self, zone: ZoneInfo, *, max_bytes: int) -> None:
        self.names: tuple[str, ...] = ()
        self.types: tuple[FieldType, ...] = ()
        self.rows = convert.Rows(zone=zone, max_bytes=max_bytes)

    def begin(self, names: list[str], types: list[str]) -> None:
        self.names, self.types = tuple(names), tuple(map(convert.type_named, types))

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows.add(rows)

    def add_lines(self, lines: Sequence[str]) -> None:
        msg = f"{len(lines)} lines came where rows were asked for"
        raise TypeError(msg)


async def _in_child(view: View, sql: str, *, most: int) -> _Taken:
    settings = get_query_settings()
    taken = _Taken(view.zone, max_bytes=settings.max_result_bytes)
    await in_child(view, sql, taken, most=most, timeout_s=settings.timeout_s)
    return taken


async def in_child(
    view: View, sql: str, taker: bounded.Taker, *, most: int, timeout_s: float, lines: bool = False
) -> None:
    """Run free SQL on the view's dataset in a process of its own."""
    statement = bounded.Statement(
        path=str(await _path(view.source)),
        columns=tuple(column.name for column in view.source.columns),
        sql=sql,
        zone=view.zone.key,
        most=most,
        lines=lines,
    )
    await bounded.run(statement, taker, timeout_s=timeout_s)


async def in_duckdb(view: View, work: Callable[[DuckDBPyConnection], Done], *, timeout_s: float) -> Done:
    """Run ``work`` on a cursor of the view's dataset, in a thread."""
    source = view.source
    path = await _path(source)
    key = FileKey(tenant_id=str(source.tenant_id), dataset_id=str(source.dataset_id), version=source.version)
    columns = tuple(column.name for column in source.columns)
    return await get_pool().run(key, path, columns, work, timeout_s=timeout_s)


async def _path(source: Source) -> Path:
    if source.file_key is None:
        raise SourceUnreadableError
    try:
        path = await get_files().local_path(source.file_key)
    except StoredFileNotFoundError as error:
        raise SourceUnreadableError from error
    return path.resolve()


async def estimated_rows(actor: Actor, view: View, compiled: Compiled) -> int | None:
    """Return how many rows the engine expects before the limit; this also finds what it cannot run."""
    timeout_s = get_query_settings().timeout_s
    sql = f"EXPLAIN (FORMAT JSON) {compiled.sql}"
    if view.source.live:
        _, rows = await postgres.fetch(actor, sql, timeout_s=timeout_s, most=1, max_bytes=_MOST_OF_A_PLAN)
        plan = rows[0][0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        return _expected(plan[0]["Plan"].get("Plans", [plan[0]["Plan"]])[0])
    if compiled.is_free:
        ((_, text),) = (await _in_child(view, sql, most=1)).rows.all()
    else:
        text = await in_duckdb(view, lambda cursor: cursor.execute(sql).fetchall()[0][1], timeout_s=timeout_s)
    return _expected(json.loads(str(text))[0])


def _expected(node: dict[str, Any]) -> int | None:
    """Return the first estimate on the way down a plan of either engine."""
    said = node.get("Plan Rows", node.get("extra_info", {}).get("Estimated Cardinality"))
    digits = "".join(one for one in str(said) if one.isdigit())
    if said is not None and digits:
        return int(digits)
    below = node.get("children") or []
    return _expected(below[0]) if below else None

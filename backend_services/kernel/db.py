"""PostgreSQL: the only place that opens transactions and the only one that commits.

Every row of a tenant is guarded by row-level security (see :mod:`backend_services.kernel.rls`). A
transaction says for whom it is: :func:`transaction` for an actor's tenant, :func:`system_transaction` for
the few steps that come before an actor is known (sign-in) or serve all tenants (relay, sweeper).
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection
    from sqlalchemy.pool import ConnectionPoolEntry

    from backend_services.kernel.actor import Actor

AFTER_COMMIT = "omni_after_commit"
_RETURNED_S = "omni_returned_s"
_SEE_AS = text("SELECT set_config('omni.tenant_id', :tenant, true), set_config('omni.system', :system, true)")
UNREACHABLE: tuple[type[Exception], ...] = (
    DBAPIError,
    PoolTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)
"""What a transaction may raise while PostgreSQL is down, starts or stops."""
_UNANSWERED: tuple[type[Exception], ...] = (AsyncAdapt_asyncpg_dbapi.Error, *UNREACHABLE)


class Database:
    """One engine and its pool; bound to the event loop that first uses it."""

    def __init__(
        self, url: str, *, pool_size: int = 10, idle_transaction_s: float = 30.0, trusted_s: float = 10.0
    ) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_recycle=1800,
            pool_timeout=10,
            hide_parameters=True,  # an error is logged, and parameters hold hashes, addresses and people's data
            connect_args={
                "timeout": 5,
                "command_timeout": 60,
                "server_settings": {
                    "application_name": "omni",
                    "idle_in_transaction_session_timeout": str(int(idle_transaction_s * 1000)),
                },
            },
        )
        _Alive(self.engine, trusted_s=trusted_s)
        self._sessions = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self, *, tenant_id: str, system: bool) -> AsyncIterator[AsyncSession]:
        """Open a transaction seen by row-level security as ``tenant_id`` or as the system; commit at the end."""
        async with self._sessions() as session:
            try:
                await _see_as(session, tenant_id=tenant_id, system=system)
                yield session
            except BaseException:
                await session.rollback()
                raise
            await session.commit()
            callbacks: list[Callable[[], Awaitable[None]]] = session.info.pop(AFTER_COMMIT, [])
            for callback in callbacks:
                await callback()

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


async def _see_as(session: AsyncSession, *, tenant_id: str, system: bool) -> None:
    """Begin the transaction by saying for whom it is.

    A server that ends may have closed the connection a moment before, unnoticed; nothing was done on it yet, so
    another one takes its place.
    """
    whom = {"tenant": tenant_id, "system": "on" if system else "off"}
    try:
        await session.execute(_SEE_AS, whom)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        await session.rollback()
        await session.execute(_SEE_AS, whom)


class _Alive:
    """Hands out no dead connection: the pool opens another one instead.

    SQLAlchemy's own check before each use costs three round trips. A server that ends closes the socket, which the
    driver knows without asking; only a network that died silently has to be asked, and that takes a while to happen.
    """

    def __init__(self, engine: AsyncEngine, *, trusted_s: float) -> None:
        """Watch the pool of ``engine``; connections back for less than ``trusted_s`` seconds are not asked."""
        self._trusted_s = trusted_s
        event.listen(engine.sync_engine, "checkin", self._returned)
        event.listen(engine.sync_engine, "checkout", self._taken)

    def _returned(self, _: object, record: ConnectionPoolEntry) -> None:
        record.info[_RETURNED_S] = monotonic_s()

    def _taken(self, connection: AsyncAdapt_asyncpg_connection, record: ConnectionPoolEntry, _: object) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        returned_s = record.info.get(_RETURNED_S)
        if returned_s is None or monotonic_s() - returned_s < self._trusted_s:
            return
        try:
            connection.ping()  # type: ignore[no-untyped-call]
        except _UNANSWERED as error:
            raise DisconnectionError from error


_database: Database | None = None


def async_url(url: str) -> str:
    """Return ``url`` with the driver this application uses (asyncpg), whatever driver it named."""
    scheme, _, rest = url.partition("://")
    if scheme.split("+", maxsplit=1)[0] not in {"postgresql", "postgres"}:
        msg = "OMNI_DATABASE_URL must be a postgresql:// address"
        raise ValueError(msg)
    return f"postgresql+asyncpg://{rest}"


def get_database() -> Database:
    """Return this process's database, connecting lazily."""
    global _database  # noqa: PLW0603 - one pool a process is the point
    if _database is None:
        settings = get_settings()
        _database = Database(
            async_url(settings.database_url.get_secret_value()),
            pool_size=settings.database_pool_size,
            idle_transaction_s=settings.database_idle_transaction_s,
        )
    return _database


async def dispose_database() -> None:
    """Close this process's pool; the next use opens a new one on the running loop."""
    global _database  # noqa: PLW0603
    if _database is not None:
        await _database.dispose()
        _database = None


@asynccontextmanager
async def transaction(actor: Actor) -> AsyncIterator[AsyncSession]:
    """Open a transaction that sees the rows of the actor's tenant only. Commits unless an exception leaves it."""
    async with get_database().begin(tenant_id=str(actor.tenant_id), system=False) as session:
        yield session


@asynccontextmanager
async def system_transaction() -> AsyncIterator[AsyncSession]:
    """Open a transaction that sees every tenant. For sign-in, relays and sweepers; a rule lists who may."""
    async with get_database().begin(tenant_id="", system=True) as session:
        yield session


def after_commit(session: AsyncSession, callback: Callable[[], Awaitable[None]]) -> None:
    """Run ``callback`` once the transaction of ``session`` is committed; never when it is rolled back."""
    session.info.setdefault(AFTER_COMMIT, []).append(callback)

"""PostgreSQL: the only place that opens transactions and the only one that commits.

Every row of a tenant is guarded by row-level security (see :mod:`backend_services.kernel.rls`). A
transaction says for whom it is: :func:`transaction` for an actor's tenant, :func:`system_transaction` for
the few steps that come before an actor is known (sign-in) or serve all tenants (relay, sweeper).
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from backend_services.kernel.actor import Actor

AFTER_COMMIT = "omni_after_commit"
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


class Database:
    """One engine and its pool; bound to the event loop that first uses it."""

    def __init__(self, url: str, *, pool_size: int = 10, idle_transaction_s: float = 30.0) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
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
        self._sessions = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)

    @asynccontextmanager
    async def begin(self, *, tenant_id: str, system: bool) -> AsyncIterator[AsyncSession]:
        """Open a transaction seen by row-level security as ``tenant_id`` or as the system; commit at the end."""
        async with self._sessions() as session:
            async with session.begin():
                await session.execute(
                    text(
                        "SELECT set_config('omni.tenant_id', :tenant, true), set_config('omni.system', :system, true)"
                    ),
                    {"tenant": tenant_id, "system": "on" if system else "off"},
                )
                yield session
            callbacks: list[Callable[[], Awaitable[None]]] = session.info.pop(AFTER_COMMIT, [])
            for callback in callbacks:
                await callback()

    async def dispose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


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

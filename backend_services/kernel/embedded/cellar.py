"""Both servers of one data folder together: what tests, checks and single commands use."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.kernel.embedded import postgres, valkey
from backend_services.kernel.embedded.account import serving_account
from backend_services.kernel.embedded.folder import DataFolder
from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.embedded.postgres import ADMIN, APPLICATION, OWNER, PostgresServer
from backend_services.kernel.embedded.valkey import ValkeyServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True, repr=False)
class Cellar:
    """Addresses of the running servers.

    Attributes:
        admin_url: For the superuser, who only backs up and repairs.
    """

    database_url: str
    owner_url: str
    admin_url: str
    redis_url: str
    data_dir: Path
    postgres: PostgresServer
    valkey: ValkeyServer


@contextmanager
def open_cellar(data_dir: Path, *, durable: bool = True) -> Iterator[Cellar]:
    """Start both servers on free loopback ports, and stop them at the end. Call it in the main thread.

    Args:
        data_dir: Folder of the data; created if there is none.
        durable: Without it nothing is synced to disk, for data that is thrown away anyway.
    """
    folder = DataFolder(data_dir, serving_account())
    folder.open()
    database = PostgresServer(folder, port=free_port(), durable=durable)
    store = ValkeyServer(folder, port=free_port(), durable=durable)
    try:
        database.prepare()
        store.prepare()
        database.start()
        store.start()
        postgres.require_ready(database)
        valkey.require_ready(store)
        yield Cellar(
            database_url=database.url(APPLICATION),
            owner_url=database.url(OWNER),
            admin_url=database.url(ADMIN),
            redis_url=store.url(),
            data_dir=folder.path,
            postgres=database,
            valkey=store,
        )
    finally:
        store.stop()
        database.stop()
        folder.close()

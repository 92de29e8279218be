"""Which file opens which kind of connection. Drivers are imported when they are first needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

from backend_services.datasets.connections.errors import DriverMissingError
from backend_services.datasets.connections.ports import ConnectionKind

if TYPE_CHECKING:
    from backend_services.datasets.connections.ports import Adapter

DEFAULT_PORTS: Final[dict[ConnectionKind, int]] = {
    ConnectionKind.FIRESTORE: 443,
    ConnectionKind.MONGODB: 27017,
    ConnectionKind.MYSQL: 3306,
    ConnectionKind.POSTGRESQL: 5432,
}

EXTRAS: Final[dict[ConnectionKind, str]] = {ConnectionKind.FIRESTORE: "firestore"}
"""Kinds whose driver is too heavy for every install."""


def adapter_of(kind: ConnectionKind) -> Adapter:
    """Return what opens connections of ``kind``.

    Raises:
        DriverMissingError: Its driver is an extra that this install does not have.
    """
    try:
        module = import_module(f"backend_services.datasets.connections.adapters.{kind.value}")
    except ModuleNotFoundError as error:
        if kind not in EXTRAS:
            raise
        raise DriverMissingError(params={"extra": EXTRAS[kind]}) from error
    return cast("Adapter", module.connect)

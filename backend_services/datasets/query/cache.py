"""Answers kept in Valkey, and one execution for questions asked at the same time.

The key says everything an answer depends on: tenant, what the actor may see, dataset, its version and its
catalogue's, time zone, and the query as it is run. A new version therefore never finds an old answer. The cache is a
comfort: whatever is wrong with it, the question is simply computed. Errors are never kept.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import structlog
from pydantic_core import from_json, to_json
from redis.exceptions import RedisError

from backend_services.datasets.catalogue import FieldType
from backend_services.kernel.metrics import CACHE
from backend_services.kernel.redis import get_redis, key

if TYPE_CHECKING:
    from backend_services.datasets.query.compile import Compiled
    from backend_services.datasets.query.convert import Row
    from backend_services.datasets.query.view import View

log = structlog.get_logger(__name__)

_FORMAT: Final = 1
_NAME: Final = "query"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine answered, without the words around it."""

    names: tuple[str, ...]
    types: tuple[FieldType, ...]
    rows: tuple[Row, ...]
    truncated: bool


def key_of(view: View, compiled: Compiled) -> str:
    """Return where the answer to ``compiled`` is kept."""
    source = view.source
    parts = (
        str(source.tenant_id),
        str(source.dataset_id),
        str(source.version),
        str(source.catalogue.version),
        view.scope.fingerprint,
        view.zone.key,
        str(compiled.limit),
        compiled.sql,
    )
    digest = sha256("\x1f".join(parts).encode()).hexdigest()
    return key(_NAME, source.tenant_id, source.dataset_id, source.version, digest)


async def load(where: str) -> tuple[Answer, int] | None:
    """Return the answer kept at ``where`` and its bytes as text, if there is one that can be read."""
    try:
        packed = await get_redis().get(where)
    except (RedisError, OSError) as error:
        log.warning("cache not read", error=str(error))
        CACHE.labels(_NAME, "failed").inc()
        return None
    if packed is None:
        CACHE.labels(_NAME, "missed").inc()
        return None
    try:
        found = _unpack(str(packed))
    except (ValueError, KeyError, TypeError, zlib.error, binascii.Error) as error:
        log.warning("cached answer not readable", error=str(error))
        CACHE.labels(_NAME, "corrupt").inc()
        return None
    CACHE.labels(_NAME, "found").inc()
    return found


async def store(where: str, answer: Answer, *, ttl_s: int, max_bytes: int) -> int | None:
    """Keep ``answer`` for ``ttl_s`` seconds, unless it is larger than ``max_bytes`` when packed.

    Returns:
        Its bytes as text; ``None`` where it is not to be kept.
    """
    text = _text(answer)
    packed = _pack(text)
    if ttl_s <= 0 or len(packed) > max_bytes:
        return None
    try:
        await get_redis().set(where, packed, ex=ttl_s)
    except (RedisError, OSError) as error:
        log.warning("cache not written", error=str(error))
    return len(text)


def _text(answer: Answer) -> bytes:
    document = {
        "format": _FORMAT,
        "names": answer.names,
        "types": answer.types,
        "rows": answer.rows,
        "truncated": answer.truncated,
    }
    return to_json(document)


def _pack(text: bytes) -> str:
    return base64.b64encode(zlib.compress(text, level=1)).decode()


def _unpack(packed: str) -> tuple[Answer, int]:
    text = zlib.decompress(base64.b64decode(packed, validate=True))
    document: dict[str, Any] = from_json(text, allow_inf_nan=False)
    if document["format"] != _FORMAT:
        msg = "another format"
        raise ValueError(msg)
    names = tuple(str(name) for name in document["names"])
    rows = tuple(map(tuple, document["rows"]))
    if not set(map(len, rows)) <= {len(names)}:
        msg = "rows of another width"
        raise ValueError(msg)
    types = tuple(FieldType(one) for one in document["types"])
    return Answer(names=names, types=types, rows=rows, truncated=bool(document["truncated"])), len(text)

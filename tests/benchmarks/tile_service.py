"""Asks the service itself beside a running install: ``python -m tests.benchmarks.tile_service KEY FILE``.

Reads a JSON list of questions from standard input and writes for each ``[fresh_ms, cached_ms, bare_ms]``; the last
is of DuckDB alone over FILE.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from backend_services.datasets.catalogue import MetricQuery
from backend_services.datasets.query import service
from backend_services.datasets.query.execution import close_pool
from backend_services.identity import service as identity
from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.kernel.db import dispose_database
from backend_services.kernel.redis import close_redis
from omni_app.wiring import configure
from tests.benchmarks.bare import bare, bare_ms


async def ask(questions: list[object], key: str, stored: Path) -> list[tuple[float, float, float]]:
    """Ask each question twice, then bare DuckDB; the first question only opens the table."""
    actor = await identity.authenticate_api_key(key, identity.Caller(ip="127.0.0.1"))
    queries = [MetricQuery.model_validate(one) for one in questions]
    await service.run_metric(actor, queries.pop(0))
    found = []
    with bare(stored) as connection:
        for query in queries:
            began_s = monotonic_s()
            fresh = await service.run_metric(actor, query)
            fresh_ms = elapsed_ms(began_s)
            began_s = monotonic_s()
            again = await service.run_metric(actor, query)
            cached_ms = elapsed_ms(began_s)
            assert (fresh.cached, again.cached) == (False, True)
            found.append((fresh_ms, cached_ms, bare_ms(connection, fresh.sql)))
    close_pool()
    await close_redis()
    await dispose_database()
    return found


if __name__ == "__main__":
    configure()
    json.dump(asyncio.run(ask(json.load(sys.stdin), sys.argv[1], Path(sys.argv[2]))), sys.stdout)

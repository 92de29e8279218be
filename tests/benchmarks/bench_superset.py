"""The same three questions over a million rows through Superset's chart-data API and through ours, in turn.

Both read the very Parquet file that our upload made, with the same version of DuckDB and as many threads, and each
has one web process. Superset keeps its answers in that process, which is quicker than in Redis; ours are kept in
Valkey, those of the last minute in the process too. Ours checks the key and a row-level rule with every question;
Superset checks its token and has no rule.
"""

from __future__ import annotations

import http.client
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from omni_app.commands.measured import Row
from tests.benchmarks import million
from tests.benchmarks.house import KEY, House, demonstration, pss_mb
from tests.benchmarks.superset_house import Superset, superset

ROUNDS = 12
AT_ONCE = 8
EACH = 15
RUNS = 3
COLD_SHARE, CACHED_SHARE, RATE_TIMES = 1 / 3, 1 / 5, 5.0


@dataclass(frozen=True)
class Side:
    """One of the two: where it answers, and its three questions under a number that nobody used before."""

    url: str
    path: str
    headers: dict[str, str]
    questions: Callable[[int], list[dict[str, Any]]]
    read: Callable[[Any], tuple[bool, int]]

    def ask(self, connection: http.client.HTTPConnection, question: dict[str, Any]) -> tuple[float, bool, int]:
        """Return the milliseconds, whether the answer was kept from before, and its number of rows."""
        began_s = monotonic_s()
        body = _posted(connection, self.path, self.headers, json.dumps(question))
        return (elapsed_ms(began_s), *self.read(json.loads(body)))

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection; the plain client takes the least time of the cores that are measured."""
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)


def _posted(connection: http.client.HTTPConnection, path: str, headers: dict[str, str], body: str) -> bytes:
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()
    found = answer.read()
    assert answer.status == http.client.OK, found[:300]
    return found


def _ours(house: House, fields: million.Fields) -> Side:
    def questions(number: int) -> list[dict[str, Any]]:
        nobody = [{"field": fields.city, "operator": "ne", "values": [f"none {number}"]}]
        month, city, channel = (
            {"field": fields.day, "grain": "month"},
            {"field": fields.city},
            {"field": fields.channel},
        )
        largest = [{"field": fields.amount, "descending": True}]
        asked = (
            fields.query(fields.amount, month, city, filters=nobody),
            fields.query(fields.amount, city, filters=nobody, sort=largest, limit=10),
            fields.query(fields.amount, city, channel, filters=nobody, sort=largest, limit=100),
        )
        return [{"kind": "metric", **one} for one in asked]

    def read(answer: Any) -> tuple[bool, int]:
        assert answer["rules_applied"], "no rule was applied"
        return answer["cached"], len(answer["rows"])

    return Side(house.url, "/api/v1/analytics/query", KEY, questions, read)


def _peer(peer: Superset) -> Side:
    def questions(number: int) -> list[dict[str, Any]]:
        return [
            peer.question("city", by_month=True, number=number),
            peer.question("city", limit=10, number=number),
            peer.question("city", "channel", limit=100, number=number),
        ]

    def read(answer: Any) -> tuple[bool, int]:
        (result,) = answer["result"]
        return bool(result["is_cached"]), int(result["rowcount"])

    headers = {"Authorization": peer.client.headers["Authorization"]}
    return Side(str(peer.client.base_url), "/api/v1/chart/data", headers, questions, read)


def _one_by_one(sides: tuple[Side, Side]) -> list[tuple[list[float], list[float]]]:
    """Return for each side the milliseconds of fresh and of repeated questions; the first round warms both."""
    times: list[tuple[list[float], list[float]]] = [([], []), ([], [])]
    connections = [side.connect() for side in sides]
    for number in range(ROUNDS + 1):
        sizes: list[list[int]] = [[], []]
        for turn in (0, 1) if number % 2 else (1, 0):
            for question in sides[turn].questions(number):
                for again in (False, True):
                    took_ms, cached, rows = sides[turn].ask(connections[turn], question)
                    assert cached is again
                    sizes[turn].append(rows)
                    if number:
                        times[turn][again].append(took_ms)
        assert sizes[0] == sizes[1], "the two do not answer the same"
    for connection in connections:
        connection.close()
    return times


def _rate(side: Side) -> float:
    """Return how many repeated questions are answered in a second when eight clients ask at once."""
    bodies = [json.dumps(one) for one in side.questions(ROUNDS)]

    def work(_: int) -> None:
        connection = side.connect()
        for _ in range(EACH):
            for body in bodies:
                _posted(connection, side.path, side.headers, body)
        connection.close()

    began_s = monotonic_s()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, range(AT_ONCE)))
    return AT_ONCE * EACH * len(bodies) / (monotonic_s() - began_s)


def measure() -> Iterator[Row]:
    """Run both beside each other over one file."""
    with (
        demonstration() as house,
        tempfile.TemporaryDirectory(prefix="omni-bench-", ignore_cleanup_errors=True) as name,
    ):
        source = Path(name, "million.parquet")
        million.write(source)
        fields = million.Fields(house, house.upload(source, "Million"))
        rule = {"role": "owner", "filters": [{"field": fields.channel, "operator": "ne", "values": ["none"]}]}
        house.call("POST", f"/api/v1/datasets/{fields.dataset_id}/rules", json=rule)
        with superset(million.stored(house, fields.dataset_id), Path(name)) as peer:
            sides = (_ours(house, fields), _peer(peer))
            ours, theirs = _one_by_one(sides)
            rates = [tuple(_rate(side) for side in sides) for _ in range(RUNS)]
            memory = pss_mb(house.process("web")), sum(pss_mb(one) for one in peer.family())
    (cold, cached), (their_cold, their_cached) = (tuple(map(statistics.median, side)) for side in (ours, theirs))
    rate, their_rate = (statistics.median(column) for column in zip(*rates, strict=True))
    yield _row("a chart's question, 1,000,000 rows, fresh", cold, their_cold, most=COLD_SHARE, goal="≤ 1/3")
    yield _row("… repeated", cached, their_cached, most=CACHED_SHARE, goal="≤ 1/5")
    yield Row(
        f"… repeated, {AT_ONCE} clients at once",
        rate,
        "/s",
        "≥ 5 ×",
        is_reached=rate >= RATE_TIMES * their_rate,
        peer=their_rate,
        peer_name="Superset 6.1",
    )
    yield Row("… memory (PSS)", memory[0], "MB", "", is_reached=True, peer=memory[1], peer_name="Superset 6.1")


def _row(what: str, ours: float, theirs: float, *, most: float, goal: str) -> Row:
    return Row(what, ours, "ms", goal, is_reached=ours <= most * theirs, peer=theirs, peer_name="Superset 6.1")

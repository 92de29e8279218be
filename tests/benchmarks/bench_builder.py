"""Questions over REST without a model, on the demonstration's orders: what an answer takes beyond its own queries."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.kernel.embedded.process import wait_until
from omni_app.commands.measured import Row
from tests.benchmarks.house import KEY, LOADED_S, House, demonstration, percentile

QUESTIONS = Path(__file__).parent / "questions"
TABLE = "demo-company"
SETS = ("proposed_en", "proposed_sl")
ROUNDS = 2
GOAL_MS = 250.0
P95 = 0.95


def _questions() -> list[str]:
    lines = [json.loads(line) for name in SETS for line in (QUESTIONS / f"{name}.jsonl").read_text().splitlines()]
    return [str(one["question"]) for one in lines if one["table"] == TABLE]


def _dataset_id(house: House) -> str:
    """Return the demo company's id, once every sample can be asked."""
    found: dict[str, dict[str, Any]] = {}

    def are_ready() -> bool:
        items = house.call("GET", "/api/v1/datasets", params={"limit": 100})["items"]
        found.update({one["name"].casefold(): one for one in items})
        return any("company" in name for name in found) and all(one["state"] == "ready" for one in found.values())

    assert wait_until(are_ready, LOADED_S, every_s=0.2), found
    return str(next(one["id"] for name, one in found.items() if "company" in name))


def _ask(client: httpx.Client, body: dict[str, Any]) -> tuple[float, float]:
    """Return the milliseconds of a whole answer, and those of its own queries in it."""
    began_s = monotonic_s()
    answer = client.post("/api/v1/dashboards/build", json=body)
    took_ms = elapsed_ms(began_s)
    assert answer.status_code == 200, answer.text
    return took_ms, float(answer.json()["query_ms"])


def measure() -> Iterator[Row]:
    """Ask every question of the demo company, with its dataset named and without."""
    with demonstration(OMNI_LLM_PROVIDER="none") as house:
        dataset_id = _dataset_id(house)
        with httpx.Client(base_url=house.url, headers=KEY, timeout=60) as client:
            for what, target in (("dataset named", {"dataset_id": dataset_id}), ("dataset found", {})):
                first_ms, first_query_ms = _ask(client, {"question": "revenue by country", **target})
                times = [_ask(client, {"question": one, **target}) for _ in range(ROUNDS) for one in _questions()]
                beyond = [whole - query for whole, query in times]
                p95 = percentile(beyond, P95)
                name = f"builder without a model, beyond its queries, {what}"
                yield Row(f"{name}: p50", statistics.median(beyond), "ms", "", is_reached=True)
                yield Row(f"{name}: p95", p95, "ms", "≤ 250 ms", is_reached=p95 <= GOAL_MS)
                yield Row(f"{name}: first question", first_ms - first_query_ms, "ms", "", is_reached=True)

"""Health really asks; metrics come from every process."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from backend_services.kernel.embedded import valkey
from backend_services.kernel.embedded.cellar import Cellar
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.metrics import JOBS_FINISHED, merged, snapshot
from backend_services.kernel.redis import close_redis
from backend_services.operations import service
from backend_services.operations.errors import OperatorOnlyError
from backend_services.operations.probes import Finding, Probe
from backend_services.operations.schemas import HealthReport
from tests.factories.identity import make_actor
from tests.integration.kernel.conftest import Bench, eventually


def _states(report: HealthReport) -> dict[str, str]:
    return {part.name: part.state for part in report.parts}


async def test_health_follows_worker_and_valkey(bench: Bench, cellar: Cellar) -> None:
    bench.start_worker()

    async def well() -> bool:
        states = _states(await service.health())
        return all(states[name] == "ok" for name in ("postgresql", "valkey", "worker", "disk"))

    await eventually(well)
    assert {part.latency_ms > 0 for part in (await service.health()).parts} == {True}
    await asyncio.to_thread(cellar.valkey.stop)
    try:

        async def down() -> bool:
            report = await service.health()
            return report.status == "down" and _states(report)["valkey"] == "failing"

        await eventually(down)
        assert _states(await service.health())["postgresql"] == "ok"
    finally:
        cellar.valkey.start()
        valkey.require_ready(cellar.valkey)
        await close_redis()
    await eventually(well)


async def test_a_silent_part_is_failing_within_its_time() -> None:
    async def silent() -> Finding:
        await asyncio.Event().wait()
        return Finding()

    part = await Probe("silent", silent, needed=False).check(0.05)
    assert part.state == "failing"
    assert "no answer" in part.detail


async def test_the_operator_sees_the_system_and_a_customer_does_not(bench: Bench) -> None:
    bench.start_worker()
    operator = replace(await make_actor(operator=True), is_operator=True)

    async def reported() -> bool:
        return len((await service.system_status(operator)).workers) >= 1

    await eventually(reported)
    status = await service.system_status(operator)
    assert status.versions["postgresql"]
    assert status.versions["valkey"]
    assert status.disk.total_bytes > status.disk.free_bytes > 0
    assert {queue.queue for queue in status.queues} == {"default", "heavy", "io"}
    refused: type[Exception] = OperatorOnlyError
    with pytest.raises((refused, PermissionDeniedError)):
        await service.system_status(bench.actor)


async def test_the_metrics_page_has_the_workers_numbers(bench: Bench) -> None:
    bench.start_worker(process_name="worker-under-test")
    await bench.ended(await bench.ask())

    async def shown() -> bool:
        page = (await service.metrics_page()).decode()
        return any(
            line.startswith("omni_jobs_finished_total{")
            and 'name="tests.steered"' in line
            and 'process="worker-under-test@' in line
            for line in page.splitlines()
        )

    await eventually(shown)
    page = (await service.metrics_page()).decode()
    assert 'omni_part_up{part="postgresql"} 1.0' in page
    assert 'omni_jobs{queue="heavy",state="dead"}' in page
    assert str(bench.actor.tenant_id) not in page


def test_samples_of_processes_stay_apart() -> None:
    JOBS_FINISHED.labels("tests.one", "succeeded").inc()
    families = merged({"a": snapshot(), "b": snapshot()})
    family = next(family for family in families if family.name == "omni_jobs_finished")
    processes = {sample.labels["process"] for sample in family.samples if sample.labels["name"] == "tests.one"}
    assert processes == {"a", "b"}

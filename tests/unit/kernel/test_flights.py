"""Who asks the same at the same time waits for the same one."""

from __future__ import annotations

import asyncio

from backend_services.kernel.flights import Flights


async def test_twenty_at_a_time_are_one_execution() -> None:
    flights: Flights[str] = Flights()
    started = 0
    gate, begun = asyncio.Event(), asyncio.Event()
    answer = "answer"

    async def execute() -> str:
        nonlocal started
        started += 1
        begun.set()
        await gate.wait()
        return answer

    waiting = [asyncio.create_task(flights.join("same", execute)) for _ in range(20)]
    await begun.wait()
    waiting[0].cancel()
    gate.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert started == 1
    assert found[1:] == [answer] * 19


async def test_who_leaves_last_stops_the_execution() -> None:
    flights: Flights[str] = Flights()
    stopped = asyncio.Event()
    begun = asyncio.Event()

    async def execute() -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        raise AssertionError

    waiting = [asyncio.create_task(flights.join("same", execute)) for _ in range(2)]
    await begun.wait()
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(5):
        await stopped.wait()

"""What a worker does beside its jobs ends when the worker ends, whatever a library makes of the cancellation."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from backend_services.kernel.jobs.worker import _every


@pytest.mark.parametrize("error", [RedisConnectionError, RuntimeError])
async def test_a_duty_whose_cancellation_becomes_an_error_ends_all_the_same(error: type[Exception]) -> None:
    begun = asyncio.Event()
    turns = 0

    async def work() -> None:
        nonlocal turns
        turns += 1
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise error from None

    duty = asyncio.create_task(_every(0.0, work))
    await begun.wait()
    duty.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait([duty])
    assert turns == 1


async def test_a_failing_duty_is_done_again_until_it_is_cancelled() -> None:
    done = asyncio.Event()
    turns = 0

    async def work() -> None:
        nonlocal turns
        turns += 1
        if turns == 3:
            done.set()
        raise RuntimeError

    duty = asyncio.create_task(_every(0.0, work))
    async with asyncio.timeout(10):
        await done.wait()
    duty.cancel()
    await asyncio.wait([duty])
    assert turns >= 3

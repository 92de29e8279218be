"""Calls from a web process to a worker over Valkey: vectors, cache, silence, the embedded model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend_services.kernel.embedded.cellar import Cellar
from backend_services.kernel.redis import close_redis, get_redis
from backend_services.llm import rpc, worker
from backend_services.llm.adapters.embedded import RemoteEmbedded
from backend_services.llm.errors import LlmUnavailableError
from backend_services.llm.schemas import Message

SCHEMA = {
    "type": "object",
    "properties": {"choice": {"enum": ["a", "b"]}},
    "required": ["choice"],
    "additionalProperties": False,
}


@pytest_asyncio.fixture
async def empty_valkey(cellar: Cellar) -> AsyncIterator[None]:
    assert cellar.redis_url
    async for name in get_redis().scan_iter("omni:llm:*"):
        await get_redis().delete(name)
    yield
    await close_redis()


@pytest_asyncio.fixture
async def serving(empty_valkey: None) -> AsyncIterator[None]:
    del empty_valkey
    task = asyncio.create_task(worker.serve())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.usefixtures("serving")
async def test_a_worker_computes_vectors_and_they_are_kept() -> None:
    first, second = await rpc.embed(["net revenue", "country"], timeout_s=30)
    assert len(first) == 384
    assert sum(number * number for number in first) == pytest.approx(1, abs=1e-4)
    again = await rpc.embed(["country", "net revenue"], timeout_s=1)
    assert again == (second, first)


@pytest.mark.usefixtures("serving")
async def test_an_unknown_call_is_a_refusal() -> None:
    with pytest.raises(LlmUnavailableError):
        await rpc.call("no such call", {}, timeout_s=10)


@pytest.mark.usefixtures("empty_valkey")
async def test_a_very_short_wait_ends_too() -> None:
    for timeout_s in (0.01, 0.001) * 6:
        async with asyncio.timeout(5):
            with pytest.raises(LlmUnavailableError):
                await rpc.call("nobody", {}, timeout_s=timeout_s)


@pytest.mark.usefixtures("empty_valkey")
async def test_without_a_worker_it_is_a_refusal_and_nothing_waits_for_ever() -> None:
    with pytest.raises(LlmUnavailableError):
        await rpc.embed(["net revenue"], timeout_s=0.2)
    assert 0 < await get_redis().ttl("omni:llm:calls") <= 30


@pytest.mark.usefixtures("empty_valkey")
async def test_a_cancellation_that_becomes_an_error_still_ends_the_service() -> None:
    begun = asyncio.Event()

    async def turning(payload: dict[str, object]) -> dict[str, object]:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise TimeoutError from None
        return payload

    service = asyncio.create_task(rpc.serve({"slow": turning}))
    asking = asyncio.create_task(rpc.call("slow", {}, timeout_s=30))
    await asyncio.wait_for(begun.wait(), 10)
    service.cancel()
    await asyncio.wait({service}, timeout=10)
    assert service.done()
    with pytest.raises(LlmUnavailableError):
        await asking


@pytest.mark.usefixtures("serving")
async def test_an_answer_that_comes_too_late_helps_the_next_caller() -> None:
    texts = [f"description of the field number {number}" for number in range(40)]
    with pytest.raises(LlmUnavailableError):
        await rpc.embed(texts, timeout_s=0.02)
    async with asyncio.timeout(60):
        while True:
            try:
                found = await rpc.embed(texts, timeout_s=0.05)
                break
            except LlmUnavailableError:
                await asyncio.sleep(0.05)
    assert len(found) == len(texts)


@pytest.mark.usefixtures("serving")
async def test_the_embedded_model_answers_within_the_schema_from_its_own_process() -> None:
    model = RemoteEmbedded(timeout_s=100)
    assert (await model.health()).state == "ok"
    asked = [Message(role="user", content="Choose a or b. Answer as JSON.")]
    answer = await model.complete(asked, schema=SCHEMA, temperature=0.0, seed=1, max_tokens=40)
    assert answer.finished
    assert '"choice"' in answer.text

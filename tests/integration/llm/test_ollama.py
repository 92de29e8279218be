"""The Ollama adapter against a real server with a real small model, and against servers gone wrong."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import ollama
import pytest

from backend_services.dashboards.builder.model_step import choice_schema
from backend_services.llm import json_answer
from backend_services.llm.adapters.ollama import OllamaModels, parameters_of
from backend_services.llm.errors import LlmAnswerInvalidError, LlmUnavailableError
from backend_services.llm.schemas import JsonAnswer, Message
from backend_services.llm.settings import OllamaSettings
from tests.ollama_server.running import ollama_server
from tests.ollama_server.server import NAME

ASKED = (Message(role="user", content="Which number is meant by revenue? net_revenue or gross_revenue"),)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ollama_server() as address:
        yield address


def adapter(url: str, *, timeout_s: float = 60.0) -> OllamaModels:
    return OllamaModels(OllamaSettings(url=url), timeout_s=timeout_s)


async def choose(url: str, *, timeout_s: float = 60.0) -> JsonAnswer:
    model = adapter(url, timeout_s=timeout_s)
    wanted = choice_schema(["net_revenue", "gross_revenue"])
    return await json_answer.complete(model, ASKED, wanted, timeout_s=timeout_s, repairs=2, max_tokens=64)


async def test_health_and_models_are_those_of_the_server(server: str) -> None:
    health = await adapter(server).health()
    assert (health.state, health.models) == ("ok", 1)
    (model,) = await adapter(server).models()
    assert (model.name, model.parameters, model.chats) == (NAME, 134_520_000, True)


async def test_a_real_small_model_chooses_within_the_schema(server: str) -> None:
    answer = await choose(server)
    assert answer.value["choice"] in {"net_revenue", "gross_revenue", "unsure"}
    assert answer.model == NAME


@pytest.mark.parametrize(
    ("behaviour", "refusal"),
    [
        ("slow", LlmUnavailableError),
        ("refuses", LlmUnavailableError),
        ("cuts", LlmUnavailableError),
        ("prose", LlmAnswerInvalidError),
        ("shape", LlmAnswerInvalidError),
        ("invents", LlmAnswerInvalidError),
        ("lengthy", LlmAnswerInvalidError),
    ],
)
async def test_a_server_gone_wrong_is_a_refusal_in_time(behaviour: str, refusal: type[Exception]) -> None:
    with ollama_server(behaviour) as address, pytest.raises(refusal):
        await choose(address, timeout_s=3.0)


async def test_nobody_there_is_a_refusal_and_health_says_failing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(LlmUnavailableError):
        await choose(f"http://127.0.0.1:{port}", timeout_s=3.0)
    assert (await adapter(f"http://127.0.0.1:{port}", timeout_s=3.0).health()).state == "failing"


async def test_the_official_client_can_use_every_route(server: str) -> None:
    async with ollama.AsyncClient(host=server, trust_env=False) as client:
        pieces: AsyncIterator[Any] = await client.chat(
            model=NAME,
            messages=[{"role": "user", "content": "Count to three."}],
            stream=True,
            options={"num_predict": 12},
        )
        assert len([one async for one in pieces]) > 2
        assert (await client.generate(model=NAME, prompt="Say yes.", options={"num_predict": 4})).response
        assert len((await client.embed(model=NAME, input=["a", "b"])).embeddings) == 2
        assert (await client.show(NAME)).details is not None
        with pytest.raises(ollama.ResponseError):
            await client.show("no-such-model")


async def test_a_cancelled_question_leaves_nothing_behind(server: str) -> None:
    asking = asyncio.create_task(choose(server))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


@pytest.mark.parametrize(
    ("text", "number"), [("8.0B", 8_000_000_000), ("134.52M", 134_520_000), ("", None), ("big", None)]
)
def test_sizes_of_models_are_read(text: str, number: int | None) -> None:
    assert parameters_of(text) == number

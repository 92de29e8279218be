"""Pulling, deleting and choosing models: real jobs in a real worker, a server that speaks Ollama's protocol."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.pagination import PageRequest
from backend_services.llm import service
from backend_services.llm.adapters.ollama import OllamaModels, shown_url
from backend_services.llm.errors import (
    ModelConfirmationError,
    ModelDiskFullError,
    ModelNameInvalidError,
    ModelNotFoundError,
    ModelPullFailedError,
    ModelsOfOperatorError,
    OllamaAwayError,
)
from backend_services.llm.names import is_name, tagged
from backend_services.llm.schemas import ModelDelete, ModelPull
from backend_services.llm.settings import OllamaSettings, get_llm_settings, get_ollama_settings
from omni_app.wiring import register_domains
from tests.conftest import ROOT
from tests.factories.identity import make_actor, without
from tests.integration.builder.test_rest import client_of
from tests.integration.kernel.conftest import eventually
from tests.ollama_server.library import ENDLESS, FULL
from tests.ollama_server.running import ollama_server
from tests.ollama_server.server import NAME

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ollama_server() as address:
        yield address


@pytest.fixture(autouse=True)
def settings(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMNI_OLLAMA_URL", server)
    monkeypatch.setenv("OMNI_LLM_PROVIDER", "ollama")
    for cached in (get_llm_settings, get_ollama_settings):
        cached.cache_clear()
    register_domains()
    yield
    for cached in (get_llm_settings, get_ollama_settings):
        cached.cache_clear()


async def _operator(**more: Any) -> Actor:
    """Return somebody of the organisation that runs the install."""
    return replace(await make_actor(**more), is_operator=True)


@contextmanager
def worker() -> Iterator[None]:
    """Run a worker process as Omni starts it."""
    process = subprocess.Popen([sys.executable, "-m", "omni_app.worker"], cwd=ROOT, env=os.environ)  # noqa: TID251 - a child gets what this process has
    try:
        yield
    finally:
        process.terminate()
        process.wait(120)


def _server(url: str) -> OllamaModels:
    return OllamaModels(OllamaSettings(url=url), timeout_s=20.0)


async def _pulled(url: str, name: str) -> list[tuple[int, int]]:
    async with aclosing(_server(url).pull(name)) as steps:
        return [(one.completed_bytes, one.total_bytes) async for one in steps]


async def test_a_download_tells_how_far_it_is_and_the_model_can_be_deleted(server: str) -> None:
    steps = await _pulled(server, "tiny-chat")
    loaded = [done for done, _ in steps]
    assert loaded == sorted(loaded)
    assert steps[-1] == (641 * 1024, 641 * 1024)
    assert len(set(loaded)) > 5
    models = {one.name: one.size_bytes for one in await _server(server).models()}
    assert models["tiny-chat:latest"] == 641 * 1024
    await _server(server).delete("tiny-chat:latest")
    assert {one.name for one in await _server(server).models()} == {NAME}
    with pytest.raises(ModelNotFoundError):
        await _server(server).delete("tiny-chat:latest")


async def test_a_download_that_fails_says_why(server: str) -> None:
    with pytest.raises(ModelNotFoundError):
        await _pulled(server, "no-such-model")
    with pytest.raises(ModelDiskFullError):
        await _pulled(server, FULL)
    with ollama_server("stalls") as stalling, pytest.raises(ModelPullFailedError):
        await _pulled(stalling, "tiny-chat")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(OllamaAwayError):
        await _pulled(f"http://127.0.0.1:{port}", "tiny-chat")


async def test_jobs_pull_one_together_are_cancelled_and_fail_with_a_reason() -> None:
    actor = await _operator()
    async with client_of(actor) as client:

        async def asked(name: str) -> UUID:
            answer = await client.post("/ollama/models/pull", json={"model": name})
            assert answer.status_code == 202, answer.text
            assert answer.headers["location"] == f"/api/v1/jobs/{answer.json()['id']}"
            return UUID(answer.json()["id"])

        async def job(job_id: UUID) -> dict[str, Any]:
            found: dict[str, Any] = (await client.get(f"/jobs/{job_id}")).json()
            return found

        pulled, endless = await asked("tiny-chat:q8"), await asked(ENDLESS)
        assert await asked("endless") == endless
        missing, full = await asked("no-such-model"), await asked(FULL)

        async def is_loading() -> bool:
            return (await job(endless))["counters"].get("completed_bytes", 0) > 0

        async def have_ended() -> bool:
            ended = {"succeeded", "failed", "cancelled", "dead"}
            return all([(await job(one))["state"] in ended for one in (pulled, endless, missing, full)])

        with worker():
            await eventually(is_loading, within_s=120)
            assert 0 < (await job(endless))["progress"] < 1
            assert (await client.post(f"/jobs/{endless}/cancel")).status_code == 200
            await eventually(have_ended, within_s=120)
        done = await job(pulled)
        assert (done["state"], done["progress"], done["message"]) == ("succeeded", 1, "Ready to use")
        assert done["result"] == {"model": "tiny-chat:q8", "size_bytes": 513 * 1024}
        assert (await job(endless))["state"] == "cancelled"
        assert (await job(missing))["error"]["code"] == "llm_model_not_found"
        assert (await job(full))["error"]["code"] == "llm_disk_full"
        listed = (await client.get("/ollama/models")).json()
        assert {one["name"] for one in listed} == {NAME, "tiny-chat:q8"}
        unsure = await client.request("DELETE", "/ollama/models/tiny-chat:q8", json={"confirmation": "tiny"})
        assert (unsure.status_code, unsure.json()["code"]) == (422, "llm_model_confirmation_wrong")
        gone = await client.request("DELETE", "/ollama/models/tiny-chat:q8", json={"confirmation": "tiny-chat:q8"})
        assert gone.status_code == 204
        again = await client.request("DELETE", "/ollama/models/tiny-chat:q8", json={"confirmation": "tiny-chat:q8"})
        assert (again.status_code, again.json()["code"]) == (404, "llm_model_not_found")


async def test_only_the_operators_people_change_what_the_server_holds() -> None:
    owner = await make_actor()
    async with transaction(owner) as session:
        with pytest.raises(ModelsOfOperatorError):
            await service.pull_model(owner, session, ModelPull(model="tiny-chat"))
    with pytest.raises(ModelsOfOperatorError):
        await service.delete_model(owner, NAME, ModelDelete(confirmation=NAME))
    reader = without(await _operator(), "llm:model:write")
    async with transaction(reader) as session:
        with pytest.raises(PermissionDeniedError):
            await service.pull_model(reader, session, ModelPull(model="tiny-chat"))
    operator = await _operator()
    async with transaction(operator) as session:
        with pytest.raises(ModelNameInvalidError):
            await service.pull_model(operator, session, ModelPull(model="../../etc/passwd"))
    with pytest.raises(ModelConfirmationError):
        await service.delete_model(operator, NAME, ModelDelete(confirmation=""))
    async with transaction(operator) as session:
        assert (await jobs.list_jobs(operator, session, PageRequest())).total == 0


async def test_an_organisation_chooses_its_own_model(server: str) -> None:
    await _pulled(server, "tiny-chat")
    mine, other = await make_actor(), await make_actor()
    async with client_of(mine) as client:
        assert (await client.get("/ollama/status")).json()["chosen"] is None
        chosen = await client.put("/ollama/choice", json={"model": "tiny-chat"})
        assert chosen.status_code == 200, chosen.text
        assert (chosen.json()["chosen"], chosen.json()["used"]) == ("tiny-chat:latest", "tiny-chat:latest")
        unknown = await client.put("/ollama/choice", json={"model": "no-such-model"})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "llm_model_not_found")
    assert (await service.current(mine)).wanted == "tiny-chat:latest"
    assert (await service.current(other)).wanted == ""
    assert await service.choose_model(mine, None) is None
    assert (await service.current(mine)).wanted == ""
    await _server(server).delete("tiny-chat")


async def test_without_a_server_everything_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("OMNI_OLLAMA_URL", f"http://somebody:s3cret@127.0.0.1:{port}")
    get_ollama_settings.cache_clear()
    async with client_of(await _operator()) as client:
        health = await client.get("/ollama/health")
        assert (health.status_code, health.json()["state"]) == (200, "failing")
        assert "OMNI_OLLAMA_URL" in health.json()["detail"]
        for answer in (health, await client.get("/ollama/status"), await client.get("/ollama/models")):
            assert "s3cret" not in answer.text
        assert (answer.status_code, answer.json()["code"]) == (503, "ollama_away")
        assert "ollama serve" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("qwen3:8b", True),
        ("llama3.2", True),
        ("hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M", True),
        ("registry.example:5000/team/model:tag", True),
        ("../../etc/passwd", False),
        ("a b", False),
        ("model:", False),
        ("http://example.com/x", False),
        ("x" * 201, False),
        ("", False),
    ],
)
def test_names_are_those_that_ollama_can_have(name: str, *, fits: bool) -> None:
    assert is_name(name) is fits


def test_a_name_without_a_tag_means_latest_and_addresses_hide_passwords() -> None:
    assert (tagged("a"), tagged("a:b"), tagged("host:5000/a/b")) == ("a:latest", "a:b", "host:5000/a/b:latest")
    assert shown_url("http://me:secret@host:11434") == "http://host:11434"

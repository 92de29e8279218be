"""What a worker does for language models: vectors, and answers of the embedded model. Loaded when first asked."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final

import httpx

from backend_services.llm import rpc
from backend_services.llm.embedded_server import is_present
from backend_services.llm.errors import LlmUnavailableError

_START_S: Final = 30.0
_ANSWER_S: Final = 60.0


class EmbeddedModel:
    """The child process that runs the embedded model; begun when first needed, again when it died."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._address = ""
        self._starting = asyncio.Lock()

    async def address(self) -> str:
        """Return where the model listens.

        Raises:
            LlmUnavailableError: It is not installed, or did not start in time.
        """
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()
            return self._address

    async def _start(self) -> None:
        if not is_present():
            raise LlmUnavailableError(params={"reason": "extra local-llm missing"})
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "backend_services.llm.embedded_server"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            async with asyncio.timeout(_START_S):
                while not self._address:
                    line = (await self._process.stdout.readline()).decode().strip()
                    if line.startswith("http"):
                        self._address = line
                    elif not line and self._process.returncode is not None:
                        raise LlmUnavailableError(params={"reason": "did not start"})
        except TimeoutError as error:
            await self.stop()
            raise LlmUnavailableError(params={"reason": "did not start"}) from error

    async def stop(self) -> None:
        """End the child."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._process, self._address = None, ""

    async def complete(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Answer one conversation under a schema."""
        body = {
            "messages": payload["messages"],
            "temperature": payload["temperature"],
            "seed": payload["seed"],
            "max_tokens": payload["max_tokens"],
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": payload["schema"]}},
        }
        async with httpx.AsyncClient(base_url=await self.address(), timeout=_ANSWER_S, trust_env=False) as client:
            answer = await client.post("/v1/chat/completions", json=body)
        answer.raise_for_status()
        choice = answer.json()["choices"][0]
        return {"text": choice["message"]["content"] or "", "finished": choice["finish_reason"] == "stop"}


async def _embed(payload: dict[str, Any]) -> dict[str, Any]:
    from backend_services.llm.embeddings import get_embedder  # noqa: PLC0415 - heavy, on first use

    texts = [str(one) for one in payload["texts"]]
    vectors = await asyncio.to_thread(lambda: get_embedder().embed(texts))
    packed = [rpc.pack(one) for one in vectors]
    await rpc.remember(dict(zip(texts, packed, strict=True)))
    return {"vectors": packed}


async def _model(payload: dict[str, Any]) -> dict[str, Any]:
    del payload
    return {"present": is_present()}


async def serve() -> None:
    """Answer calls of web processes until cancelled, then end the child."""
    embedded = EmbeddedModel()
    try:
        await rpc.serve({"embed": _embed, "complete": embedded.complete, "model": _model})
    finally:
        await embedded.stop()

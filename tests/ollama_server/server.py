"""An Ollama-compatible server with a real small model behind it: ``python -m tests.ollama_server.server <behaviour>``.

It prints its port and serves until standard input closes. Behaviours besides ``good`` are servers gone wrong:
``slow`` answers after a minute, ``refuses`` says 500, ``cuts`` drops the connection in the middle of an answer,
``prose`` answers with prose, ``shape`` with JSON of another shape, ``invents`` with a column that does not exist,
``lengthy`` is always cut off, ``stalls`` breaks downloads off half-way.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from backend_services.llm.embedded_server import model_path
from backend_services.llm.embeddings import get_embedder
from tests.ollama_server.library import Disk, tagged

NAME = "smollm2:135m"
CREATED = "2026-11-22T12:00:00Z"
DETAILS = {
    "parent_model": "",
    "format": "gguf",
    "family": "llama",
    "families": ["llama"],
    "parameter_size": "134.52M",
    "quantization_level": "Q4_1",
}
WRONG = {
    "prose": "I think it is probably the first one, but who knows?",
    "shape": json.dumps({"answer": ["a", "b"], "why": 42}),
    "invents": json.dumps({"choice": "total_profit_usd"}),
}
A_MINUTE_S = 60.0


class Model:
    """The real model, in this process; its own HTTP server does the work."""

    def __init__(self) -> None:
        import xllamacpp  # noqa: PLC0415 - loads llama.cpp

        params = xllamacpp.CommonParams()
        params.model.path = str(model_path())
        params.n_ctx = 4096
        params.n_parallel = 1
        params.cpuparams.n_threads = 2
        params.port = 0
        params.warmup = False
        self.server = xllamacpp.Server(params)
        self.client = httpx.AsyncClient(base_url=self.server.listening_address, timeout=120, trust_env=False)

    def body(self, asked: dict[str, Any], messages: list[dict[str, str]], *, stream: bool) -> dict[str, Any]:
        """Return the call that llama.cpp understands."""
        options = asked.get("options") or {}
        body: dict[str, Any] = {
            "messages": messages,
            "max_tokens": int(options.get("num_predict", 128)),
            "temperature": float(options.get("temperature", 0)),
            "seed": int(options.get("seed", 1)),
            "stream": stream,
        }
        if isinstance(asked.get("format"), dict):
            schema = {"name": "answer", "schema": asked["format"]}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    async def answer(self, asked: dict[str, Any], messages: list[dict[str, str]]) -> tuple[str, str]:
        """Return the answer and why it ended."""
        said = await self.client.post("/v1/chat/completions", json=self.body(asked, messages, stream=False))
        said.raise_for_status()
        choice = said.json()["choices"][0]
        return choice["message"]["content"] or "", choice["finish_reason"]

    async def pieces(self, asked: dict[str, Any], messages: list[dict[str, str]]) -> AsyncIterator[str]:
        """Yield the answer piece by piece."""
        body = self.body(asked, messages, stream=True)
        async with self.client.stream("POST", "/v1/chat/completions", json=body) as said:
            async for line in said.aiter_lines():
                if line.startswith("data: {"):
                    choices = json.loads(line[6:])["choices"]
                    yield (choices[0]["delta"].get("content") or "") if choices else ""


class Server:
    """The routes of Ollama, with one behaviour."""

    def __init__(self, behaviour: str) -> None:
        self.behaviour = behaviour
        self._model: Model | None = None
        path = model_path()
        self.disk = Disk(models={NAME: path.stat().st_size if path else 0})

    @property
    def model(self) -> Model:
        """Return the model, loaded on first use."""
        self._model = self._model or Model()
        return self._model

    def routes(self) -> list[Route]:
        """Return what is served."""
        return [
            Route("/api/version", self.version),
            Route("/api/tags", self.tags),
            Route("/api/show", self.show, methods=["POST"]),
            Route("/api/chat", self.chat, methods=["POST"]),
            Route("/api/generate", self.generate, methods=["POST"]),
            Route("/api/embed", self.embed, methods=["POST"]),
            Route("/api/pull", self.pull, methods=["POST"]),
            Route("/api/delete", self.delete, methods=["DELETE"]),
        ]

    async def version(self, request: Request) -> Response:
        """Say which version it pretends to be."""
        del request
        return JSONResponse({"version": "0.13.0"})

    async def tags(self, request: Request) -> Response:
        """List the models on the disk."""
        del request
        listed = [
            {
                "name": name,
                "model": name,
                "modified_at": CREATED,
                "size": size,
                "digest": "0" * 64,
                "details": DETAILS,
            }
            for name, size in self.disk.models.items()
        ]
        return JSONResponse({"models": listed})

    async def pull(self, request: Request) -> Response:
        """Download a model; what fails is said in the lines, after a 200."""
        asked = await request.json()
        lines = self.disk.pull(str(asked.get("model") or asked.get("name") or ""))
        if self.behaviour == "stalls":
            lines = _first(lines, 4)
        if asked.get("stream", True):
            return StreamingResponse(lines, media_type="application/x-ndjson")
        last = [json.loads(line) async for line in lines][-1]
        return JSONResponse(last, status_code=500 if "error" in last else 200)

    async def delete(self, request: Request) -> Response:
        """Delete a model, or say that there is no such one."""
        asked = await request.json()
        name = tagged(str(asked.get("model") or asked.get("name") or ""))
        if not self.disk.delete(name):
            return JSONResponse({"error": f"model '{name}' not found"}, status_code=404)
        return Response(status_code=200)

    async def show(self, request: Request) -> Response:
        """Describe the model, or say that there is no such one."""
        asked = await request.json()
        if asked.get("model") != NAME:
            return JSONResponse({"error": f"model '{asked.get('model')}' not found"}, status_code=404)
        return JSONResponse({"details": DETAILS, "model_info": {"general.parameter_count": 134_515_008}})

    async def chat(self, request: Request) -> Response:
        """Answer a conversation, or misbehave."""
        asked = await request.json()
        if asked.get("model") != NAME:
            return JSONResponse({"error": f"model '{asked.get('model')}' not found"}, status_code=404)
        if self.behaviour != "good":
            return await _misbehaved(self.behaviour)
        if asked.get("stream", True):
            return StreamingResponse(self._streamed(asked), media_type="application/x-ndjson")
        text, reason = await self.model.answer(asked, asked["messages"])
        return JSONResponse(_said(text, reason))

    async def _streamed(self, asked: dict[str, Any]) -> AsyncIterator[str]:
        async for piece in self.model.pieces(asked, asked["messages"]):
            yield json.dumps({**_said(piece, None), "done": False}) + "\n"
        yield json.dumps(_said("", "stop")) + "\n"

    async def generate(self, request: Request) -> Response:
        """Complete one prompt."""
        asked = await request.json()
        text, reason = await self.model.answer(asked, [{"role": "user", "content": asked["prompt"]}])
        return JSONResponse(
            {"model": NAME, "created_at": CREATED, "response": text, "done": True, "done_reason": reason}
        )

    async def embed(self, request: Request) -> Response:
        """Return vectors."""
        asked = await request.json()
        texts = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
        return JSONResponse({"model": asked["model"], "embeddings": get_embedder().embed(texts)})


async def _first(lines: AsyncIterator[str], count: int) -> AsyncIterator[str]:
    """Yield the first lines and break the connection off."""
    async for line in lines:
        yield line
        count -= 1
        if count == 0:
            msg = "the connection is cut on purpose"
            raise ConnectionError(msg)


async def _misbehaved(behaviour: str) -> Response:
    match behaviour:
        case "slow":
            await asyncio.sleep(A_MINUTE_S)
            return JSONResponse(_said("too late", "stop"))
        case "refuses":
            return JSONResponse({"error": "out of memory"}, status_code=500)
        case "cuts":
            return StreamingResponse(_cut(), media_type="application/json", headers={"content-length": "500"})
        case "lengthy":
            return JSONResponse(_said('{"choice": "', "length"))
        case _:
            return JSONResponse(_said(WRONG[behaviour], "stop"))


def _said(text: str, reason: str | None) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {"model": NAME, "created_at": CREATED, "message": message, "done": True, "done_reason": reason}


async def _cut() -> AsyncIterator[bytes]:
    yield b'{"model": "'
    msg = "the connection is cut on purpose"
    raise ConnectionError(msg)


def main() -> None:
    """Serve one behaviour on a free port until standard input closes."""
    behaviour = sys.argv[1] if len(sys.argv) > 1 else "good"
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()

    def leave_with_parent() -> None:
        sys.stdin.buffer.read()
        os._exit(0)  # llama.cpp's server can hang in its destructor

    threading.Thread(target=leave_with_parent, daemon=True).start()
    app = Starlette(routes=Server(behaviour).routes())
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
    os._exit(0)


if __name__ == "__main__":
    main()

"""Models run by an Ollama server, through its official client."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

import httpx
from pydantic import ValidationError

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.llm.errors import LlmUnavailableError
from backend_services.llm.schemas import Completion, LlmHealth, Message, ModelInfo, Provider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ollama import AsyncClient

    from backend_services.llm.settings import OllamaSettings

_SCALES: Final = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_EMBEDDING_FAMILIES: Final = ("bert", "embed")
_REMEMBERED_S: Final = 30.0


class OllamaModels:
    """One Ollama server."""

    provider: Provider = "ollama"

    def __init__(self, settings: OllamaSettings, *, timeout_s: float) -> None:
        self.settings = settings
        self._timeout = httpx.Timeout(timeout_s, connect=settings.connect_timeout_s)
        self._chosen: tuple[str, float] | None = None

    def _client(self) -> AsyncClient:
        from ollama import AsyncClient  # noqa: PLC0415 - 160 ms of import, only where a model helps

        return AsyncClient(host=self.settings.url, timeout=self._timeout, trust_env=False)

    async def _ask(self, call: Callable[[AsyncClient], Awaitable[Any]]) -> Any:
        from ollama import RequestError, ResponseError  # noqa: PLC0415

        try:
            async with self._client() as client:
                return await call(client)
        except (httpx.HTTPError, OSError, RequestError, ResponseError, ValidationError, ValueError) as error:
            raise LlmUnavailableError(params={"reason": type(error).__name__}) from error

    async def health(self) -> LlmHealth:
        """Ask the server for its version and its models."""
        started_s = monotonic_s()
        try:
            async with httpx.AsyncClient(base_url=self.settings.url, timeout=self._timeout, trust_env=False) as client:
                answer = await client.get("/api/version")
                answer.raise_for_status()
                body = answer.json()
            models = await self.models()
        except (httpx.HTTPError, OSError, ValueError, LlmUnavailableError) as error:
            detail = f"no Ollama answers ({type(error).__name__})"
            return LlmHealth(provider="ollama", state="failing", detail=detail, url=self.settings.url)
        return LlmHealth(
            provider="ollama",
            state="ok",
            url=self.settings.url,
            version=str(body.get("version", "")) if isinstance(body, dict) else "",
            models=len(models),
            latency_ms=round(elapsed_ms(started_s), 1),
        )

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return the models that the server holds."""
        listed = await self._ask(lambda client: client.list())
        return tuple(_info(one) for one in listed.models)

    async def _model(self) -> str:
        """Return the model to use: the one set, else the first that can chat."""
        if self.settings.model:
            return self.settings.model
        if self._chosen is not None and monotonic_s() - self._chosen[1] < _REMEMBERED_S:
            return self._chosen[0]
        fitting = [one.name for one in await self.models() if one.chats]
        if not fitting:
            raise LlmUnavailableError(params={"reason": "no model"})
        self._chosen = (fitting[0], monotonic_s())
        return fitting[0]

    async def complete(
        self, messages: Sequence[Message], *, schema: dict[str, Any], temperature: float, seed: int, max_tokens: int
    ) -> Completion:
        """Ask the model for JSON that fits ``schema``."""
        model = await self._model()
        options = {"temperature": temperature, "seed": seed, "num_predict": max_tokens}
        told = [{"role": one.role, "content": one.content} for one in messages]
        try:
            answer = await self._ask(
                lambda client: client.chat(model=model, messages=told, format=schema, options=options, stream=False)
            )
        except asyncio.CancelledError:
            self._chosen = None
            raise
        except LlmUnavailableError:
            self._chosen = None
            raise
        return Completion(
            text=answer.message.content or "", model=str(answer.model or model), finished=answer.done_reason != "length"
        )


def _info(one: Any) -> ModelInfo:
    details = one.details
    family = str(getattr(details, "family", "") or "")
    return ModelInfo(
        name=str(one.model or ""),
        provider="ollama",
        size_bytes=int(one.size) if one.size is not None else None,
        parameters=parameters_of(str(getattr(details, "parameter_size", "") or "")),
        family=family,
        quantization=str(getattr(details, "quantization_level", "") or ""),
        chats=not any(word in f"{family} {one.model}".lower() for word in _EMBEDDING_FAMILIES),
    )


def parameters_of(text: str) -> int | None:
    """Return ``8.0B`` as a number."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMBT])?\s*", text, re.IGNORECASE)
    if match is None:
        return None
    return int(float(match[1]) * _SCALES.get((match[2] or "").upper(), 1))

"""Models run by an Ollama server, through its official client."""

from __future__ import annotations

import asyncio
import re
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from pydantic import ValidationError

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.llm.errors import (
    LlmUnavailableError,
    ModelDiskFullError,
    ModelNotFoundError,
    ModelPullFailedError,
    OllamaAwayError,
)
from backend_services.llm.schemas import Completion, LlmHealth, Message, ModelInfo, Provider, PullProgress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from ollama import AsyncClient

    from backend_services.llm.settings import OllamaSettings

_SCALES: Final = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_EMBEDDING_FAMILIES: Final = ("bert", "embed")
_REMEMBERED_S: Final = 30.0
_STALLED_S: Final = 60.0
"""A download that says nothing for so long is broken off; Ollama goes on from there when asked again."""
_NOT_FOUND: Final = 404


@lru_cache(maxsize=1)
def _trusted_issuers() -> ssl.SSLContext:
    """Return what a server's certificate is checked against; reading the issuers takes 20 ms, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)


class OllamaModels:
    """One Ollama server."""

    provider: Provider = "ollama"

    def __init__(self, settings: OllamaSettings, *, timeout_s: float) -> None:
        self.settings = settings
        self._timeout = httpx.Timeout(timeout_s, connect=settings.connect_timeout_s)
        self._chosen: tuple[str, float] | None = None

    @property
    def wanted(self) -> str:
        """Return the model that was set or chosen."""
        return self.settings.model

    def _client(self, timeout: httpx.Timeout | None = None) -> AsyncClient:
        from ollama import AsyncClient  # noqa: PLC0415 - 160 ms of import, only where a model helps

        return AsyncClient(
            host=self.settings.url, timeout=timeout or self._timeout, trust_env=False, verify=_trusted_issuers()
        )

    async def _ask(self, call: Callable[[AsyncClient], Awaitable[Any]]) -> Any:
        from ollama import RequestError, ResponseError  # noqa: PLC0415

        try:
            async with self._client() as client:
                return await call(client)
        except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError) as error:
            raise OllamaAwayError(params={"reason": type(error).__name__}) from error
        except (httpx.HTTPError, OSError, RequestError, ResponseError, ValidationError, ValueError) as error:
            raise LlmUnavailableError(params={"reason": type(error).__name__}) from error

    async def health(self) -> LlmHealth:
        """Ask the server for its version and its models."""
        started_s = monotonic_s()
        try:
            async with httpx.AsyncClient(
                base_url=self.settings.url, timeout=self._timeout, trust_env=False, verify=_trusted_issuers()
            ) as client:
                answer = await client.get("/api/version")
                answer.raise_for_status()
                body = answer.json()
            models = await self.models()
        except (httpx.HTTPError, OSError, ValueError, LlmUnavailableError) as error:
            detail = f"{OllamaAwayError.default_message} ({type(error).__name__})"
            return LlmHealth(provider="ollama", state="failing", detail=detail, url=shown_url(self.settings.url))
        return LlmHealth(
            provider="ollama",
            state="ok",
            url=shown_url(self.settings.url),
            version=str(body.get("version", "")) if isinstance(body, dict) else "",
            models=len(models),
            latency_ms=round(elapsed_ms(started_s), 1),
        )

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return the models that the server holds."""
        listed = await self._ask(lambda client: client.list())
        return tuple(_info(one) for one in listed.models)

    async def pull(self, name: str) -> AsyncGenerator[PullProgress]:
        """Download a model onto the server; yields how far it is, and ends when it is there.

        Close the generator to stop: the server then stops too and keeps what it has. Wrap it in ``aclosing``.

        Raises:
            ModelNotFoundError: The library has no such model.
            ModelDiskFullError: The server's disk is full.
            ModelPullFailedError: The server says another reason, or nothing for a minute.
            OllamaAwayError: No server answers.
        """
        from ollama import RequestError, ResponseError  # noqa: PLC0415

        parts: dict[str, tuple[int, int]] = {}
        last = ""
        client = self._client(httpx.Timeout(_STALLED_S, connect=self.settings.connect_timeout_s))
        try:
            async with client:
                async for one in await client.pull(name, stream=True):
                    last = one.status or ""
                    if one.digest and one.total:
                        parts[one.digest] = (one.completed or 0, one.total)
                    yield PullProgress(
                        status=last,
                        completed_bytes=sum(done for done, _ in parts.values()),
                        total_bytes=sum(total for _, total in parts.values()),
                    )
        except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError) as error:
            raise OllamaAwayError(params={"reason": type(error).__name__}) from error
        except (RequestError, ResponseError) as error:
            raise _pull_refusal(name, error.error) from error
        except (httpx.HTTPError, OSError, ValidationError, ValueError) as error:
            raise ModelPullFailedError(params={"model": name, "reason": type(error).__name__}) from error
        if last != "success":
            raise ModelPullFailedError(params={"model": name, "reason": last or "no answer"})

    async def delete(self, name: str) -> None:
        """Delete a model from the server.

        Raises:
            ModelNotFoundError: It has no such model.
            LlmUnavailableError: It does not answer, or refuses.
        """
        from ollama import ResponseError  # noqa: PLC0415

        async def deleted(client: AsyncClient) -> None:
            try:
                await client.delete(name)
            except ResponseError as error:
                if error.status_code != _NOT_FOUND:
                    raise
                raise ModelNotFoundError(params={"model": name}) from error

        await self._ask(deleted)

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


def shown_url(url: str) -> str:
    """Return an address without the name and password that it may carry."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _pull_refusal(name: str, said: str) -> ModelNotFoundError | ModelDiskFullError | ModelPullFailedError:
    words = said.casefold()
    if "no space left" in words or "not enough space" in words or "disk quota" in words:
        return ModelDiskFullError(params={"model": name})
    if "file does not exist" in words or "not found" in words:
        return ModelNotFoundError(params={"model": name})
    return ModelPullFailedError(params={"model": name, "reason": said[:200]})


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

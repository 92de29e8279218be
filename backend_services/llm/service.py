"""Use cases of language models: health, list, a checked JSON answer, vectors of texts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.permissions import Permission
from backend_services.llm import json_answer, rpc
from backend_services.llm.adapters.embedded import RemoteEmbedded
from backend_services.llm.adapters.none import NoModel
from backend_services.llm.errors import LlmUnavailableError
from backend_services.llm.library import (
    choose_model,
    chosen_model,
    delete_model,
    manages,
    ollama,
    pull_model,
    pulls,
    server_models,
)
from backend_services.llm.names import tagged
from backend_services.llm.schemas import LlmStatus
from backend_services.llm.settings import get_llm_settings, get_ollama_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from backend_services.kernel.actor import Actor
    from backend_services.llm.ports import LanguageModel
    from backend_services.llm.schemas import JsonAnswer, LlmHealth, Message, ModelInfo

__all__ = [
    "choose_model",
    "chosen_model",
    "complete_json",
    "current",
    "delete_model",
    "embed",
    "health",
    "list_models",
    "may_decide",
    "pull_model",
    "pulls",
    "server_models",
    "status",
]

_BELIEVED_S = 10.0
_known: dict[str, tuple[LlmHealth, float]] = {}


async def health() -> LlmHealth:
    """Ask the Ollama server; ``absent`` when another provider, or none, was chosen."""
    settings = get_llm_settings()
    if settings.provider in {"embedded", "none"}:
        return await _provider_named(settings.provider).health()
    answer = await ollama().health()
    if answer.state == "failing" and settings.provider == "auto":
        return answer.model_copy(update={"state": "absent"})
    return answer


async def list_models(actor: Actor) -> tuple[ModelInfo, ...]:
    """Return the models that can be used: the Ollama server's, or the embedded one where that is set.

    Raises:
        OllamaAwayError: Ollama is set, or may be used, and no server answers.
    """
    actor.require(Permission.LLM_MODEL_READ)
    settings = get_llm_settings()
    if settings.provider in {"embedded", "none"}:
        return await _provider_named(settings.provider).models()
    return await ollama().models()


async def status(actor: Actor) -> LlmStatus:
    """Return where models run, which the builder would use, and what the actor may do about it."""
    actor.require(Permission.LLM_MODEL_READ)
    model = await current(actor)
    used = await _used(model)
    server, embedded = await asyncio.gather(ollama().health(), _provider_named("embedded").health())
    return LlmStatus(
        setting=get_llm_settings().provider,
        ollama=server,
        embedded=embedded,
        chosen=await chosen_model(actor),
        used=used.name if used is not None else None,
        may_decide=await may_decide(model),
        manages=manages(actor),
    )


async def current(actor: Actor) -> LanguageModel:
    """Return where models run now: what is set, or with ``auto`` Ollama if it answered in the last seconds.

    On an Ollama server with the model that the actor's organisation chose, if it chose one.
    """
    settings = get_llm_settings()
    if settings.provider == "ollama":
        return ollama(await chosen_model(actor))
    if settings.provider != "auto":
        return _provider_named(settings.provider)
    url = get_ollama_settings().url
    known = _known.get(url)
    if known is None or monotonic_s() - known[1] > _BELIEVED_S:
        known = _known[url] = (await ollama().health(), monotonic_s())
    return ollama(await chosen_model(actor)) if known[0].state == "ok" and known[0].models else NoModel()


def _provider_named(name: str) -> LanguageModel:
    match name:
        case "ollama":
            return ollama()
        case "embedded":
            return RemoteEmbedded(timeout_s=get_llm_settings().timeout_s)
        case _:
            return NoModel()


async def may_decide(model: LanguageModel) -> bool:
    """Return whether the model is large enough to choose between close readings."""
    least = get_llm_settings().decide_min_parameters
    if least == 0:
        return model.provider != "none"
    used = await _used(model)
    return used is not None and (used.parameters or 0) >= least


async def _used(model: LanguageModel) -> ModelInfo | None:
    """Return the model that would be asked, if it is there."""
    try:
        models = await model.models()
    except LlmUnavailableError:
        return None
    wanted = tagged(model.wanted) if model.wanted else ""
    return next((one for one in models if one.chats and (not wanted or tagged(one.name) == wanted)), None)


async def complete_json(
    actor: Actor, messages: Sequence[Message], wanted: type[BaseModel], *, timeout_s: float | None = None
) -> JsonAnswer:
    """Return a model's answer that fits ``wanted``, mended at most twice.

    Raises:
        LlmUnavailableError: No model, or no answer in time.
        LlmAnswerInvalidError: No answer fitted.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_BUILD)
    settings = get_llm_settings()
    return await json_answer.complete(
        await current(actor),
        messages,
        wanted,
        timeout_s=min(timeout_s or settings.timeout_s, settings.timeout_s),
        repairs=settings.repairs,
        max_tokens=settings.max_tokens,
    )


async def embed(texts: Sequence[str], *, timeout_s: float | None = None) -> tuple[tuple[float, ...], ...]:
    """Return one vector of length 1 for each text, computed by a worker; known ones come from the cache.

    Raises:
        LlmUnavailableError: No worker answers in time, or it lacks the extra ``nlp``.
    """
    return await rpc.embed(texts, timeout_s=timeout_s or get_llm_settings().embed_timeout_s)

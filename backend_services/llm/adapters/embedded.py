"""The embedded small model, seen from a web process: a worker runs it and answers over Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_services.llm import rpc
from backend_services.llm.errors import LlmUnavailableError
from backend_services.llm.schemas import Completion, LlmHealth, Message, ModelInfo, Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL = ModelInfo(
    name="smollm2-135m-instruct",
    provider="embedded",
    size_bytes=None,
    parameters=134_515_008,
    family="llama",
    quantization="Q4_1",
)
_HEALTH_S = 1.0


class RemoteEmbedded:
    """Asks a worker for an answer of the embedded model."""

    provider: Provider = "embedded"
    wanted = ""

    def __init__(self, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s

    async def health(self) -> LlmHealth:
        """Ask whether a worker could run it; does not load it."""
        try:
            answer = await rpc.call("model", {}, timeout_s=_HEALTH_S)
        except LlmUnavailableError:
            return LlmHealth(provider="embedded", state="failing", detail="no worker answers")
        if not answer["present"]:
            return LlmHealth(provider="embedded", state="failing", detail="the extra local-llm is not installed")
        return LlmHealth(provider="embedded", state="ok", models=1)

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return the one model."""
        return (MODEL,)

    async def complete(
        self, messages: Sequence[Message], *, schema: dict[str, Any], temperature: float, seed: int, max_tokens: int
    ) -> Completion:
        """Have a worker ask the model."""
        payload = {
            "messages": [one.model_dump() for one in messages],
            "schema": schema,
            "temperature": temperature,
            "seed": seed,
            "max_tokens": max_tokens,
        }
        answer = await rpc.call("complete", payload, timeout_s=self._timeout_s)
        return Completion(text=str(answer["text"]), model=MODEL.name, finished=bool(answer["finished"]))

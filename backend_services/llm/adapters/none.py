"""No model at all: everything works by rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_services.llm.errors import LlmUnavailableError
from backend_services.llm.schemas import Completion, LlmHealth, Message, ModelInfo, Provider

if TYPE_CHECKING:
    from collections.abc import Sequence


class NoModel:
    """Says that there is none."""

    provider: Provider = "none"
    wanted = ""

    async def health(self) -> LlmHealth:
        """Say that none is set up."""
        return LlmHealth(provider="none", state="absent", detail="no language model is set up")

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return nothing."""
        return ()

    async def complete(
        self, messages: Sequence[Message], *, schema: dict[str, Any], temperature: float, seed: int, max_tokens: int
    ) -> Completion:
        """Refuse."""
        del messages, schema, temperature, seed, max_tokens
        raise LlmUnavailableError

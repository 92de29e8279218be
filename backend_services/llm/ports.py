"""What the platform asks of a language model, whoever runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.llm.schemas import Completion, LlmHealth, Message, ModelInfo, Provider


class LanguageModel(Protocol):
    """A place where models run. Every failure is an :class:`~backend_services.llm.errors.LlmUnavailableError`."""

    provider: Provider

    @property
    def wanted(self) -> str:
        """Return the model that was set or chosen; empty means the first that fits."""
        ...

    async def health(self) -> LlmHealth:
        """Say whether it answers; never raises."""
        ...

    async def models(self) -> tuple[ModelInfo, ...]:
        """Return the models that are there."""
        ...

    async def complete(
        self, messages: Sequence[Message], *, schema: dict[str, Any], temperature: float, seed: int, max_tokens: int
    ) -> Completion:
        """Return an answer that should fit ``schema``; the caller checks it."""
        ...

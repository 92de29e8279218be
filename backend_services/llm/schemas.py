"""Models, health and answers as other areas and REST see them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend_services.kernel.schemas import Strict

Provider = Literal["ollama", "embedded", "none"]


class ModelInfo(Strict):
    """A model that is there.

    Attributes:
        parameters: How many weights it has, where that is known.
        chats: It can answer; embedding models cannot.
    """

    name: str
    provider: Provider
    size_bytes: int | None = None
    parameters: int | None = None
    family: str = ""
    quantization: str = ""
    chats: bool = True


class LlmHealth(Strict):
    """Whether a model server answers.

    Attributes:
        state: ``absent`` when none is set up; that is no failure.
    """

    provider: Provider
    state: Literal["ok", "failing", "absent"]
    detail: str = ""
    url: str = ""
    version: str = ""
    models: int = 0
    latency_ms: float | None = None


class Message(Strict):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str = Field(max_length=40_000)


class Completion(Strict):
    """What a model wrote.

    Attributes:
        finished: It ended by itself; ``False`` means it was cut off, and the text is worth nothing.
    """

    text: str
    model: str
    finished: bool


class JsonAnswer(Strict):
    """A validated answer."""

    value: dict[str, object]
    model: str
    repairs: int = 0
    took_ms: float = 0.0

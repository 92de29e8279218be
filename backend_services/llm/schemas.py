"""Models, health and answers as other areas and REST see them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend_services.kernel.schemas import Strict
from backend_services.llm.names import LONGEST

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


class ModelPull(Strict):
    """A model to download onto the Ollama server, named as in its library."""

    model: str = Field(min_length=1, max_length=LONGEST)


class ModelDelete(Strict):
    """The model's name, typed out."""

    confirmation: str = Field(max_length=LONGEST)


class ModelChoiceChange(Strict):
    """The model that the organisation's builder shall use; ``null`` leaves it to the install."""

    model: str | None = Field(default=None, min_length=1, max_length=LONGEST)


class PullProgress(Strict):
    """How far a download is, over all parts known so far."""

    status: str
    completed_bytes: int = 0
    total_bytes: int = 0


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


class LlmStatus(Strict):
    """What the page of models shows.

    Attributes:
        setting: ``OMNI_LLM_PROVIDER``.
        chosen: The model that the organisation chose, if it did.
        used: The model that the builder would use now.
        may_decide: It is large enough to choose between two readings of a question.
        manages: The actor may pull and delete models.
    """

    setting: str
    ollama: LlmHealth
    embedded: LlmHealth
    chosen: str | None = None
    used: str | None = None
    may_decide: bool = False
    manages: bool = False


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

"""Where a language model helps: it may choose among at most three readings, and word the title. Never more."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field, create_model

from backend_services.llm import service as llm
from backend_services.llm.schemas import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.kernel.actor import Actor

MOST_OPTIONS: Final = 3
UNSURE: Final = "unsure"
_SYSTEM: Final = "You help to read questions about tables. Answer with JSON only. Choose only from what is listed."


def choice_schema(ids: Sequence[str]) -> type[BaseModel]:
    """Return the answer's shape for this very question: one of ``ids``, or unsure."""
    options = StrEnum("Option", {f"option_{place}": one for place, one in enumerate([*ids, UNSURE])})  # type: ignore[misc]
    return create_model("Choice", __config__=ConfigDict(extra="forbid"), choice=(options, ...))


class Title(BaseModel):
    """A wording."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    title: str = Field(min_length=4, max_length=80, pattern=r"^[^\n{}<>\[\]\"]+$")


async def choose(actor: Actor, question: str, words: str, options: Sequence[tuple[str, str]]) -> tuple[str | None, str]:
    """Return the option that the model takes ``words`` for (``None``: unsure), and the model's name.

    Args:
        actor: Who asks.
        question: The whole question.
        words: Those with several readings.
        options: (id, description), at most three.

    Raises:
        LlmUnavailableError: No model answers in time.
        LlmAnswerInvalidError: No answer fitted the schema.
    """
    listed = "\n".join(f"- {name}: {description}" for name, description in options[:MOST_OPTIONS])
    asked = f'Question: {question}\nWhat does "{words}" mean here?\n{listed}\n- {UNSURE}: it cannot be told'
    answer = await llm.complete_json(
        actor,
        [Message(role="system", content=_SYSTEM), Message(role="user", content=asked)],
        choice_schema([name for name, _ in options[:MOST_OPTIONS]]),
    )
    chosen = str(answer.value["choice"])
    return (None if chosen == UNSURE else chosen), answer.model


async def word_title(actor: Actor, question: str, title: str, language: str) -> tuple[str, str]:
    """Return a shorter wording of the dashboard's title, and the model's name.

    Raises:
        LlmUnavailableError: No model answers in time.
        LlmAnswerInvalidError: No answer fitted the schema.
    """
    name = "Slovenian" if language == "sl" else "English"
    asked = f"Question: {question}\nThe dashboard shows: {title}\nWrite its title in {name}, at most eight words."
    messages = [Message(role="system", content=_SYSTEM), Message(role="user", content=asked)]
    answer = await llm.complete_json(actor, messages, Title)
    return str(answer.value["title"]), answer.model

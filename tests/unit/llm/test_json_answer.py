"""A model's answer is never believed, whatever it is."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from backend_services.llm import json_answer
from backend_services.llm.errors import LlmAnswerInvalidError
from backend_services.llm.schemas import Completion, Message


class Wanted(BaseModel):
    """What is asked for."""

    choice: str


class Says:
    """A model that always gives the same text."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def complete(self, *_: object, **__: object) -> Completion:
        return Completion(text=self.text, model="any", finished=True)


@pytest.mark.parametrize("text", ["", "no", "[" * 19_000, '{"a":' * 3_000, "NaN", "x" * 1_000_000, '{"choice": 1}'])
async def test_rubbish_is_a_refusal(text: str) -> None:
    with pytest.raises(LlmAnswerInvalidError):
        await json_answer.complete(
            Says(text),
            [Message(role="user", content="?")],
            Wanted,
            timeout_s=5,
            repairs=1,
            max_tokens=16,  # type: ignore[arg-type]
        )

"""Gets a valid answer out of a model: parse, check, say what is wrong, at most twice. The model is never believed."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.llm.errors import LlmAnswerInvalidError, LlmUnavailableError
from backend_services.llm.schemas import Completion, JsonAnswer, Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.llm.ports import LanguageModel

MAX_ANSWER_CHARS = 20_000


async def complete(
    model: LanguageModel,
    messages: Sequence[Message],
    wanted: type[BaseModel],
    *,
    timeout_s: float,
    repairs: int,
    max_tokens: int,
) -> JsonAnswer:
    """Return an answer that fits ``wanted``.

    Raises:
        LlmUnavailableError: The time is over, or nobody answers.
        LlmAnswerInvalidError: Every answer was cut off or did not fit.
    """
    started_s = monotonic_s()
    schema = wanted.model_json_schema()
    conversation = list(messages)
    try:
        async with asyncio.timeout(timeout_s):
            for attempt in range(repairs + 1):
                answer = await model.complete(
                    conversation,
                    schema=schema,
                    temperature=0.0 if attempt == 0 else 0.4,
                    seed=attempt + 1,
                    max_tokens=max_tokens,
                )
                value, problem = _checked(answer, wanted)
                if value is not None:
                    return JsonAnswer(
                        value=value, model=answer.model, repairs=attempt, took_ms=round(elapsed_ms(started_s), 1)
                    )
                conversation = [
                    *messages,
                    Message(role="assistant", content=answer.text[:MAX_ANSWER_CHARS]),
                    Message(role="user", content=f"That answer is not valid: {problem} Answer again with JSON only."),
                ]
    except TimeoutError as error:
        raise LlmUnavailableError(params={"reason": "timeout"}) from error
    raise LlmAnswerInvalidError


def _checked(answer: Completion, wanted: type[BaseModel]) -> tuple[dict[str, Any] | None, str]:
    """Return the answer's value, or what is wrong with it."""
    if not answer.finished:
        return None, "it was cut off before its end."
    try:
        raw = json.loads(answer.text[:MAX_ANSWER_CHARS])
        checked = wanted.model_validate(raw)
    except (json.JSONDecodeError, RecursionError):  # the second: thousands of brackets one in another
        return None, "it is not JSON."
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5]]
        return None, "; ".join(faults) + "."
    return checked.model_dump(mode="json"), ""

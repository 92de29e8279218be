"""Refusals of language models.

::

    UnavailableError
    ├── LlmUnavailableError      no model answers in time
    └── LlmAnswerInvalidError    a model answers, but never as asked
"""

from __future__ import annotations

from backend_services.kernel.errors import UnavailableError


class LlmUnavailableError(UnavailableError):
    """No server, no model, no answer in time, or a broken connection."""

    code = "llm_unavailable"
    default_message = "The language model does not answer. Nothing was changed."


class LlmAnswerInvalidError(UnavailableError):
    """The answer was cut off, was not JSON, or did not fit what was asked, even after repairs."""

    code = "llm_answer_invalid"
    default_message = "The language model did not give a usable answer."

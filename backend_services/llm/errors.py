"""Refusals of language models.

::

    UnavailableError
    ├── LlmUnavailableError      no model answers in time
    │   └── OllamaAwayError      no Ollama server answers at its address
    ├── LlmAnswerInvalidError    a model answers, but never as asked
    └── ModelPullFailedError     the server broke a download off; it may be tried again
    InvalidInputError
    ├── ModelNameInvalidError    no model can be called so
    └── ModelConfirmationError   the name typed out is another
    NotFoundError
    └── ModelNotFoundError       the server, or its library, has no such model
    ConflictError
    └── ModelDiskFullError       the server's disk is full
    PermissionDeniedError
    └── ModelsOfOperatorError    only whoever runs the install manages its models
"""

from __future__ import annotations

from backend_services.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)


class LlmUnavailableError(UnavailableError):
    """No server, no model, no answer in time, or a broken connection."""

    code = "llm_unavailable"
    default_message = "The language model does not answer. Nothing was changed."


class LlmAnswerInvalidError(UnavailableError):
    """The answer was cut off, was not JSON, or did not fit what was asked, even after repairs."""

    code = "llm_answer_invalid"
    default_message = "The language model did not give a usable answer."


class OllamaAwayError(LlmUnavailableError):
    """No Ollama server answers at its address."""

    code = "ollama_away"
    default_message = "No Ollama server answers. Start it with “ollama serve”, or set OMNI_OLLAMA_URL to where it runs."


class ModelPullFailedError(UnavailableError):
    """The server broke a download off; ``reason`` has its words. What is loaded already is kept."""

    code = "llm_pull_failed"
    default_message = "The model was not downloaded. What is loaded already is kept; pull it again."


class ModelNameInvalidError(InvalidInputError):
    """No model can be called so."""

    code = "llm_model_name_invalid"
    default_message = "Write the model as in Ollama's library: name or name:tag, such as qwen3:8b."


class ModelConfirmationError(InvalidInputError):
    """The name typed out is another."""

    code = "llm_model_confirmation_wrong"
    default_message = "Type the model's name exactly to delete it."


class ModelNotFoundError(NotFoundError):
    """The server, or its library, has no such model."""

    code = "llm_model_not_found"
    default_message = "There is no such model. Check the name and tag in Ollama's library, or choose one from the list."


class ModelDiskFullError(ConflictError):
    """The disk of the model server is full."""

    code = "llm_disk_full"
    default_message = "The model server's disk is full. Delete a model or free space there, then pull again."


class ModelsOfOperatorError(PermissionDeniedError):
    """Models take disk and memory of the whole install, so only the organisation that runs it manages them."""

    code = "llm_models_of_operator"
    default_message = "Only the organisation that runs this install may pull or delete models. Ask its operator."

"""Refusals of the builder.

::

    InvalidInputError
    └── ChoiceUnknownError       the chosen reading is none of those offered
    NotFoundError
    └── BuildNotFoundError       no such build job
"""

from __future__ import annotations

from backend_services.kernel.errors import InvalidInputError, NotFoundError


class ChoiceUnknownError(InvalidInputError):
    """``choice`` does not belong to this question."""

    code = "builder_choice_unknown"
    default_message = "This choice does not belong to the question. Ask again without it."


class BuildNotFoundError(NotFoundError):
    """No such build in the actor's tenant."""

    code = "builder_build_not_found"
    default_message = "There is no such build here. Ask the question again."

"""What a page sends: ids that may be none, and what is wrong with a form as sentences beside its fields."""

from __future__ import annotations

from uuid import UUID

from pydantic import ValidationError

from backend_services.kernel.i18n import fault_text, has_text, text


def id_of(raw: str) -> UUID:
    """Return the id that ``raw`` is; a text that is none is nobody's id, so that what it names is not found."""
    try:
        return UUID(raw)
    except ValueError:
        return UUID(int=0)


def problems_of(error: ValidationError, language: str, *, area: str) -> list[dict[str, str]]:
    """Return one ``{"field", "text"}`` for each field that breaks a rule; the text says what to do.

    The text is ``<area>.fix.<field>``, else what is wrong with any such value.
    """
    found: dict[str, str] = {}
    for problem in error.errors():
        field = str(problem["loc"][0]) if problem["loc"] else ""
        key = f"{area}.fix.{field}"
        found.setdefault(field, text(key, language) if has_text(key, language) else fault_text(problem, language))
    return [{"field": field, "text": sentence} for field, sentence in found.items()]

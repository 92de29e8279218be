"""What is wrong with a field, as pydantic found it, in every language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from backend_services.kernel.i18n.catalogue import FieldText, MissingTextError, field_text, field_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUOTED: Final = re.compile(r"'([^']*)'")
_LISTS: Final = frozenset({"discriminator", "expected", "expected_schemes", "expected_tags"})
_OURS: Final = "Value error, "


def fault_of(found: Mapping[str, Any]) -> str:
    """Return what to do about one of :meth:`pydantic.ValidationError.errors`, to be told in any language.

    Rules of ours bring their own text; kinds of faults that have none in ``validation.json`` keep pydantic's English.
    """
    said = _said(found)
    if isinstance(said, FieldText):
        return said
    params = {name: _listed(name, value) for name, value in found.get("ctx", {}).items()}
    try:
        return field_text(f"validation.{found['type']}", **params)
    except MissingTextError:
        return said.removeprefix(_OURS)


def fault_text(found: Mapping[str, Any], language: str) -> str:
    """Return :func:`fault_of` in ``language``."""
    return field_texts({"": fault_of(found)}, language)[""]


def _said(found: Mapping[str, Any]) -> str:
    error = found.get("ctx", {}).get("error")
    if isinstance(error, ValueError) and error.args and isinstance(error.args[0], str):
        return error.args[0]
    said: str = found["msg"]
    return said


def _listed(name: str, value: object) -> str:
    """Return a parameter as it is shown; pydantic joins choices with an English "or"."""
    choices = _QUOTED.findall(str(value)) if name in _LISTS else []
    return ", ".join(choices) or str(value)

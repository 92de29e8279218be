"""Texts by key and language. Files: ``locales/<language>/<area>.json``, flat, ``{name}`` for parameters.

A text that depends on a number has one key for each plural form of its language (CLDR): ``key.one``, ``key.two``,
``key.few``, ``key.other``.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale

from backend_services.kernel.i18n.formats import LOCALES, format_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend_services.kernel.errors import DomainError

LANGUAGES: tuple[str, ...] = ("en", "sl")
FOLDER = Path(__file__).parent / "locales"
PLURAL_FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})
_PARAMETER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


class MissingTextError(LookupError):
    """A key has no text in a language: a defect of ours, found by the tests."""


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: str) -> Mapping[str, str]:
    """Return every text of ``language`` by key.

    Raises:
        ValueError: Two files of the language have the same key.
    """
    found: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.json")):
        part: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        twice = found.keys() & part.keys()
        if twice:
            msg = f"{language}/{path.name} repeats {sorted(twice)}"
            raise ValueError(msg)
        found.update(part)
    return found


def parameters_of(template: str) -> frozenset[str]:
    """Return the names of the parameters in a text."""
    return frozenset(_PARAMETER.findall(template))


def has_text(key: str, language: str) -> bool:
    """Return whether ``key`` has a text in ``language``."""
    return key in texts(language)


def text(key: str, language: str, **params: object) -> str:
    """Return the text of ``key`` with its parameters filled in.

    Raises:
        MissingTextError: No such text, or a parameter is missing.
    """
    try:
        template = texts(language)[key]
        return _PARAMETER.sub(lambda match: str(params[match[1]]), template)
    except KeyError as error:
        msg = f"{language}: no text or parameter {error} for {key}"
        raise MissingTextError(msg) from None


def plural(key: str, n: float, language: str, **params: object) -> str:
    """Return the text of ``key`` in the plural form that ``n`` takes; ``{n}`` is the formatted number."""
    form = Locale.parse(LOCALES[language]).plural_form(n)
    found = f"{key}.{form}" if has_text(f"{key}.{form}", language) else f"{key}.other"
    return text(found, language, **{"n": format_number(n, language), **params})


def error_text(error: DomainError, language: str) -> str:
    """Return the sentence that tells a person of a refusal, in their language."""
    own = error.message != error.default_message
    if own and language == "en":
        return error.message
    return stored_text(error.code, error.params, language, otherwise=error.message)


class FieldText(str):
    """What to do about a field: reads as English, and is told in every language by its key.

    ``InvalidInputError(fields={"sort": field_text("fields.sort", names="name, size")})`` is all that a refusal needs.
    """

    __slots__ = ("key", "params")

    key: str
    params: dict[str, object]


def field_text(key: str, **params: object) -> FieldText:
    """Return the text of ``key`` for a field of a refusal; who reads it decides about its language."""
    found = FieldText(text(key, "en", **params))
    found.key, found.params = key, params
    return found


def field_texts(fields: Mapping[str, str], language: str) -> dict[str, str]:
    """Return what to do about each field, in ``language`` where it was written with a key."""
    return {
        field: text(said.key, language, **said.params) if isinstance(said, FieldText) else said
        for field, said in fields.items()
    }


def stored_text(code: str, params: Mapping[str, object], language: str, *, otherwise: str) -> str:
    """Return the sentence of a refusal that was stored; ``otherwise`` where the code has none for these parameters."""
    key = f"errors.{code}"
    template = texts(language).get(key)
    if template is None or not parameters_of(template) <= params.keys():
        return otherwise
    return text(key, language, **params)

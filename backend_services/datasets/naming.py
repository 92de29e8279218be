"""Names: unique column names and identifiers of catalogue fields. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_COLUMN_NAME = 200
MAX_FIELD_ID = 63
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b\ufeff]+")
_SPACES = re.compile(r"\s+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return ``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def folded(text: str) -> str:
    """Return ``text`` in lower case without diacritics."""
    plain = text.casefold().replace("đ", "d").replace("ß", "ss").replace("ø", "o").replace("ł", "l")
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name in lower case without diacritics: ``OrderDate`` → ``order, date``."""
    parted = _CAMEL.sub(" ", name)
    return tuple(word for word in _NOT_WORD.sub(" ", folded(parted)).split() if word)


def readable(name: str) -> str:
    """Return a column's name as a label: ``order_date`` → ``Order date``."""
    parted = _SPACES.sub(" ", _CAMEL.sub(" ", name).replace("_", " ").replace("-", " ")).strip()
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in parted.split(" "))
    return text[:1].upper() + text[1:]


def _clean(name: str) -> str:
    return _SPACES.sub(" ", _CONTROL.sub(" ", unicodedata.normalize("NFC", name))).strip()[:MAX_COLUMN_NAME]


def unique_names(originals: Iterable[str]) -> tuple[str, ...]:
    """Return a name for each column: cleaned, never empty, and different from all others whatever the case."""
    cleaned = [_clean(original) or f"column{place}" for place, original in enumerate(originals, start=1)]
    wanted = {name.casefold() for name in cleaned}
    taken: set[str] = set()
    names: list[str] = []
    for name in cleaned:
        chosen = name
        suffix = 2
        while chosen.casefold() in taken or (chosen != name and chosen.casefold() in wanted):
            chosen = f"{name}_{suffix}"
            suffix += 1
        taken.add(chosen.casefold())
        names.append(chosen)
    return tuple(names)


def field_id(text: str, taken: Iterable[str] = ()) -> str:
    """Return an identifier for a catalogue field made from ``text``, different from those in ``taken``."""
    base = "_".join(words_of(text)) or "field"
    if not base[0].isalpha():
        base = f"f_{base}"
    base = base[:MAX_FIELD_ID]
    used = set(taken)
    chosen = base
    suffix = 2
    while chosen in used:
        ending = f"_{suffix}"
        chosen = base[: MAX_FIELD_ID - len(ending)] + ending
        suffix += 1
    return chosen

"""How a delimited text file is written: delimiter, quotes, lines before the header, the header. Pure."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|", ":", "^", "~", "\x01", "\x1f")
_USUAL = DELIMITERS[:4]
MAX_PREAMBLE = 30
SAMPLE_ROWS = 400
ROWS_LOOKED_INTO = 60
MIN_SCORE = 0.5
_NUMBER = re.compile(r"^\s*[-+(]?\s*[€$£]?\s*\d[\d., '\u00a0\u202f]*(?:[eE][-+]?\d+)?\s*[%€$£)]?\s*$")
_DATE = re.compile(r"^\s*\d{1,4}\s*[-./]\s*\d{1,2}\s*[-./]\s*\d{1,4}(?:[T ,].*)?\s*$")
_YEAR = re.compile(r"^\s*(?:19|20|21)\d{2}\s*$")
_DECIMAL_COMMA_CELL = re.compile(r"^\s*-?[\d.\s]*\d,\d+\s*$")
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(?P<delimiter>.)\"?\s*?\r?(?:\n|$)", re.IGNORECASE)
"""Excel's own first line, which names the delimiter."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read the file.

    Attributes:
        quote: Quote character; a doubled one inside quotes stands for itself unless ``escape`` is a backslash.
        skip_lines: Lines before the header or, without one, before the first row.
        names: Cells of the header, as they stand there; empty without a header.
    """

    delimiter: str
    quote: str
    escape: str
    skip_lines: int
    names: tuple[str, ...]
    columns: int

    @property
    def has_header(self) -> bool:
        """Return whether the first line holds the names."""
        return bool(self.names)


def parsed(
    text: str, *, delimiter: str, quote: str = '"', escape: str = '"', limit: int = SAMPLE_ROWS
) -> list[list[str]]:
    """Return the first rows of ``text``; lines that are blank come as empty lists."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quotechar=quote,
        doublequote=escape == quote,
        escapechar=None if escape == quote else escape,
    )
    rows: list[list[str]] = []
    try:
        rows.extend(itertools.islice(reader, limit))
    except csv.Error:
        return rows
    return rows


def _quoting(text: str) -> tuple[str, str]:
    """Return quote and escape character."""
    quote = '"'
    if '"' not in text and re.search(r"(?:^|[,;\t|])'[^'\n]*'(?:[,;\t|]|$)", text, flags=re.MULTILINE):
        quote = "'"
    escape = "\\" if f"\\{quote}" in text and quote * 2 not in text else quote
    return quote, escape


def _score(rows: list[list[str]]) -> tuple[float, int]:
    """Return how uniform the rows are (0 to 1) and how many fields most of them have."""
    widths = Counter(len(row) for row in rows if row)
    if not widths:
        return 0.0, 0
    # a preamble of a few lines may be narrower; what matters is the width that most rows share
    width, rows_of_width = max(widths.items(), key=lambda item: (item[1], item[0]))
    return rows_of_width / sum(widths.values()), width


def _is_decimal_comma_column(rows: list[list[str]]) -> bool:
    """Return whether a comma that seems to part two fields only stands in numbers of one column."""
    body = [row for row in rows[1:] if row]
    return bool(body) and len(rows[0]) == 1 and all(_DECIMAL_COMMA_CELL.match(",".join(row)) for row in body)


def _best_delimiter(text: str, quote: str, escape: str) -> str:
    best, best_key = ",", (0.0, 0, 0.0, 0)
    for delimiter in DELIMITERS:
        if delimiter not in text:
            continue
        rows = parsed(text, delimiter=delimiter, quote=quote, escape=escape)
        uniform, width = _score(rows)
        if delimiter == "," and _is_decimal_comma_column(rows):
            best = ";"
            continue
        if width <= 1 or uniform < MIN_SCORE:
            continue
        if delimiter == ":" and best_key[-1] > 1:
            continue  # times hold colons too
        key = (round(uniform, 1), -_lost(rows, width), -_unparted(rows, delimiter), width)
        if key > best_key:
            best, best_key = delimiter, key
    return best


def _lost(rows: list[list[str]], width: int) -> int:
    """Return how many rows come before the first of this width: a decimal comma parts the numbers, not the header."""
    return next((place for place, row in enumerate(rows) if len(row) == width), len(rows))


def _unparted(rows: list[list[str]], delimiter: str) -> float:
    """Return the share of cells that another delimiter would part although they are no numbers."""
    others = [one for one in _USUAL if one != delimiter]
    cells = [cell for row in rows[:ROWS_LOOKED_INTO] for cell in row]
    parted = sum(any(one in cell for one in others) and not is_value(cell) for cell in cells)
    return round(parted / len(cells), 1) if cells else 0.0


def is_value(cell: str) -> bool:
    """Return whether a cell looks like data (a number or a date) and not like a name."""
    return bool(_NUMBER.match(cell) or _DATE.match(cell))


def _looks_like_header(first: list[str], body: list[list[str]]) -> bool:
    filled = [cell for cell in first if cell.strip()]
    if not filled or not body:
        return bool(filled)
    values = [cell for cell in filled if is_value(cell)]
    if values:
        texts = len(filled) - len(values)
        return texts > 0 and all(_YEAR.match(cell) for cell in values)
    for place, cell in enumerate(first):
        below = [row[place] for row in body if place < len(row) and row[place].strip()]
        if below and sum(is_value(one) for one in below) / len(below) > MIN_SCORE:
            return True
        if cell.strip() and below.count(cell) > len(below) * 0.2:
            return False
    return len(set(filled)) == len(filled)


def detect_dialect(text: str) -> Dialect:
    """Return how the file that begins with ``text`` is written. ``text`` should end with a whole line."""
    quote, escape = _quoting(text)
    named = _SEPARATOR_LINE.match(text)
    delimiter = named["delimiter"] if named else _best_delimiter(text, quote, escape)
    rows = parsed(text, delimiter=delimiter, quote=quote, escape=escape)
    _, width = _score(rows)
    skip = int(named is not None)
    for row in rows[skip:MAX_PREAMBLE]:
        if len(row) == width and sum(bool(cell.strip()) for cell in row) > min(1, width - 2):
            break
        skip += 1
    else:
        skip = int(named is not None)
    table = [row for row in rows[skip:] if row]
    first = table[0] if table else []
    names = tuple(first) if len(first) == width and _looks_like_header(first, table[1:]) else ()
    return Dialect(delimiter=delimiter, quote=quote, escape=escape, skip_lines=skip, names=names, columns=max(1, width))

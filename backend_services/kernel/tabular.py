"""Cells of exported tables."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-\d+(\.\d+)?")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: object) -> object:
    """Return ``value`` for a CSV or spreadsheet cell; text that a spreadsheet would run as a formula gets a quote.

    A plain negative number, which runs nothing, stays one.

    Source: OWASP, CSV injection.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS) and _NUMBER.fullmatch(value) is None:
        return f"'{value}"
    return value

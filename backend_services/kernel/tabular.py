"""Cells of exported tables."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: object) -> object:
    """Return ``value`` for a CSV or spreadsheet cell; text that a spreadsheet would run as a formula gets a quote.

    Source: OWASP, CSV injection.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value

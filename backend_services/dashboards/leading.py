"""What is highest and what is lowest, and which of them are equal. Pure; English and Slovenian."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.kernel.i18n import format_number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMED: Final = 3
"""How many of those that are equal are named."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A value, and the names of everything that has it; never empty."""

    value: float
    names: tuple[str, ...]

    @property
    def is_tie(self) -> bool:
        """Return whether several have it."""
        return len(self.names) > 1

    def named(self, language: str) -> str:
        """Return the names as a list, the first few of many."""
        if len(self.names) <= NAMED + 1:
            return ", ".join(self.names)
        more = format_number(len(self.names) - NAMED, language)
        return text("dashboards.finding.and_more", language, names=", ".join(self.names[:NAMED]), n=more)

    def each(self, said: str, language: str) -> str:
        """Return ``said``, what each of them has, so that nobody takes it for what they have together."""
        return text("dashboards.finding.each", language, value=said) if self.is_tie else said


def highest(pairs: Sequence[tuple[float, str]]) -> Standing:
    """Return the greatest of ``pairs`` of value and name, of which there is at least one."""
    return _at(max(value for value, _ in pairs), pairs)


def lowest(pairs: Sequence[tuple[float, str]]) -> Standing:
    """Return the least of ``pairs``."""
    return _at(min(value for value, _ in pairs), pairs)


def next_to(first: Standing, pairs: Sequence[tuple[float, str]]) -> Standing | None:
    """Return what follows ``first`` downwards, if anything does."""
    rest = [(value, name) for value, name in pairs if not is_same(value, first.value)]
    return highest(rest) if rest else None


def is_same(one: float, other: float) -> bool:
    """Return whether two values differ by no more than the noise of floating point."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _at(value: float, pairs: Sequence[tuple[float, str]]) -> Standing:
    return Standing(value, tuple(name for one, name in pairs if is_same(one, value)))

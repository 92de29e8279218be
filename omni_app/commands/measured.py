"""One line of the table of measurements."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, beside a peer in the same run where there is one.

    Attributes:
        unit: Of ``ours`` and ``peer``, such as ``ms``.
        to_reach: The goal in words.
        is_reached: Whether ``ours`` meets it.
        peer_name: What the peer is.
    """

    what: str
    ours: float
    unit: str
    to_reach: str
    is_reached: bool
    peer: float | None = None
    peer_name: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the peer."""
        return self.ours / self.peer if self.peer else None

    @property
    def ours_text(self) -> str:
        """Our figure with its unit."""
        return f"{self.ours:,.1f} {self.unit}"

    @property
    def peer_text(self) -> str:
        """The peer's figure with its unit and name."""
        return "" if self.peer is None else f"{self.peer:,.1f} {self.unit} ({self.peer_name})"

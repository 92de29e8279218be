"""How long somebody who guesses passwords has to wait; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """After ``free`` failures within ``window`` each further one doubles the delay, ``first_s`` to ``longest_s``."""

    free: int
    first_s: float
    longest_s: float
    window: timedelta

    def delay_s(self, failures: int) -> float:
        """Return the seconds to wait after the last of ``failures`` failures in a row."""
        over = failures - self.free
        if over < 0:
            return 0.0
        return min(self.longest_s, self.first_s * 2.0 ** min(over, 20))

    def wait_s(self, failures: int, last_at: datetime | None, moment: datetime) -> float:
        """Return how many seconds are left to wait at ``moment``."""
        if last_at is None:
            return 0.0
        return max(0.0, self.delay_s(failures) - (moment - last_at).total_seconds())


ACCOUNT = Rule(free=5, first_s=30.0, longest_s=900.0, window=timedelta(hours=24))
ADDRESS = Rule(free=30, first_s=30.0, longest_s=3600.0, window=timedelta(hours=1))

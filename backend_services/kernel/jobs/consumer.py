"""Celery's consumer, which asks a lost broker twice a second; Celery's own waits up to half a minute between tries."""

from __future__ import annotations

from typing import Any

import structlog
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

RETRY_S = 0.5

log = structlog.get_logger(__name__)


class PromptConsumer(Consumer):  # type: ignore[misc]  # Celery has no types
    """A consumer that is back half a second after its broker."""

    def ensure_connected(self, conn: Any) -> Any:
        """Wait until the broker answers, for ever."""
        connection = conn.ensure_connection(
            self._note_retry,
            None,
            interval_start=RETRY_S,
            interval_step=0.0,
            interval_max=RETRY_S,
            callback=maybe_shutdown,
        )
        self.first_connection_attempt = False
        return connection

    def _note_retry(self, error: BaseException, _interval: float) -> None:
        log.debug("broker does not answer", error=str(error))

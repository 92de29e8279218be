"""Log lines: readable on a terminal, JSON for machines, never with a secret in them."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

from backend_services.kernel.settings import Settings, get_settings

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

REDACTED = "[redacted]"
_SECRET_NAME = re.compile(
    r"(password|passwd|secret|token|api_?key|authorization|cookie|credential|private_?key|otp)", re.IGNORECASE
)
_SECRET_VALUE = re.compile(
    r"(?P<before>://[^\s:/@]*:)[^\s@/]+(?P<after>@)"
    r"|\b(?:prod|dev)-key-[a-z]+-[A-Za-z0-9_-]+"
    r"|\bBearer\s+[A-Za-z0-9._~+/=-]+"
    r"|\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
    r"|\bv1\.[0-9a-f]{12}\.[A-Za-z0-9_-]+"
)
_NAMES_OF_COUNTS = frozenset({"tokens", "token_count", "key_id", "tokens_in", "tokens_out"})
DEPTH = 6


def redacted(value: Any, *, depth: int = 0) -> Any:
    """Return ``value`` without what looks like a secret: by the name of its field, or by its form."""
    if isinstance(value, str):
        return _SECRET_VALUE.sub(_without_secret, value)
    if depth >= DEPTH:
        return value if isinstance(value, int | float | bool | type(None)) else REDACTED
    if isinstance(value, dict):
        return {name: _field(str(name), part, depth) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(part, depth=depth + 1) for part in value]
    return value


def _without_secret(match: re.Match[str]) -> str:
    if match["before"]:
        return f"{match['before']}{REDACTED}{match['after']}"
    return REDACTED


def _field(name: str, value: Any, depth: int) -> Any:
    if name not in _NAMES_OF_COUNTS and _SECRET_NAME.search(name) and not isinstance(value, bool | int | float):
        return REDACTED
    return redacted(value, depth=depth + 1)


def _redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Redact a whole log line; runs after tracebacks have become text."""
    return {name: _field(name, value, 0) for name, value in event.items()}


def configure_logging(settings: Settings | None = None) -> None:
    """Set up structlog and the standard library's logging for this process. Lines go to standard error."""
    settings = settings or get_settings()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for noisy in ("httpx", "httpcore", "kombu", "amqp", "celery", "asyncio", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def bind_request(request_id: str) -> None:
    """Make every log line of this context carry the request's id."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)

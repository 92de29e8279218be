"""Who listens to which event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from backend_services.kernel.events.schemas import Event

Listener = Callable[[Event], Awaitable[None]]

_listeners: dict[str, dict[str, Listener]] = {}


def listener(name: str) -> Callable[[Listener], Listener]:
    """Register the decorated coroutine function for events called ``name``.

    It runs in the worker, at least once an event: it must bear to hear the same event twice.
    """

    def register(function: Listener) -> Listener:
        label = f"{function.__module__}.{function.__qualname__}"
        _listeners.setdefault(name, {})[label] = function
        return function

    return register


def listeners_of(name: str) -> dict[str, Listener]:
    """Return the listeners of events called ``name``, by their own names."""
    return dict(_listeners.get(name, {}))

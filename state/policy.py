"""Default-deny authorisation of every event of every page, in one place.

Each event handler can be called by name by any websocket client, with any arguments. So every handler carries a rule, a
handler without one is refused, and arguments that do not have the declared types never reach it.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import reflex as rx
import structlog
from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError
from reflex.istate.delta import _resolve_delta
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event, EventHandler
from reflex_base.event.context import EventContext
from reflex_base.registry import RegisteredEventHandler, RegistrationContext

from backend_services.kernel.errors import DomainError, InvalidInputError, PermissionDeniedError, UnauthenticatedError
from backend_services.kernel.metrics import PAGE_EVENTS
from backend_services.kernel.permissions import Permission
from state.session import actor_now, bind_tree, cookie_of

if TYPE_CHECKING:
    from reflex.app import App

    from backend_services.kernel.actor import Actor

Handler = TypeVar("Handler", bound=Callable[..., Any])
MARK = "__omni_rule__"
OPENING = "load"
"""Name of the handlers that fill a page as it opens."""
FRAMEWORK = frozenset(
    {
        "handle_frontend_exception",
        "hydrate",
        "hydrate_and_load",
        "on_load_internal",
        "set_is_hydrated",
        "update_vars_internal",
    }
)
"""What Reflex itself calls. Its ``setvar``, which writes any variable of any state, is not among them."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a handler.

    Attributes:
        signed_in: Whether visitors are refused.
        permissions: All of these are needed.
    """

    signed_in: bool
    permissions: frozenset[Permission] = frozenset()


class EventRefusedError(PermissionDeniedError):
    """The handler has no rule, or is not there."""

    code = "event_refused"
    default_message = "This page cannot do that. Load it again."


class ArgumentsRefusedError(InvalidInputError):
    """The arguments do not have the declared types."""

    code = "event_arguments"
    default_message = "This page sent something that cannot be understood. Load it again."


def requires(*permissions: Permission) -> Callable[[Handler], Handler]:
    """Let only people with all of these permissions call the handler. Stands under ``@rx.event``."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, MARK, Rule(signed_in=True, permissions=frozenset(permissions)))
        return handler

    return mark


def signed_in(handler: Handler) -> Handler:
    """Let everybody who is signed in call the handler. Stands under ``@rx.event``."""
    setattr(handler, MARK, Rule(signed_in=True))
    return handler


def public(handler: Handler) -> Handler:
    """Let visitors call the handler too. Stands under ``@rx.event``."""
    setattr(handler, MARK, Rule(signed_in=False))
    return handler


def _function(handler: EventHandler) -> Callable[..., Any]:
    found: Callable[..., Any] = handler.fn.func if isinstance(handler.fn, functools.partial) else handler.fn
    return found


def rule_of(handler: EventHandler) -> Rule | None:
    """Return the rule of a handler; nothing means that nobody may call it."""
    function = _function(handler)
    if function.__module__.startswith("reflex.") and function.__name__ in FRAMEWORK:
        return Rule(signed_in=False)
    return getattr(function, MARK, None)


def check_arguments(handler: EventHandler, payload: dict[str, Any]) -> None:
    """Refuse arguments that the handler does not declare, lacks, or declares with another type.

    Raises:
        ArgumentsRefusedError: One of them is wrong.
    """
    function = _function(handler)
    declared = [name for name in inspect.signature(function).parameters if name != "self"]
    parameters = inspect.signature(function).parameters
    missing = [name for name in declared if parameters[name].default is inspect.Parameter.empty and name not in payload]
    if missing or not payload.keys() <= set(declared):
        raise ArgumentsRefusedError(params={"fields": ", ".join(missing or sorted(payload.keys() - set(declared)))})
    if not _is_text(payload):
        raise ArgumentsRefusedError(params={"fields": ", ".join(sorted(payload))})
    hints = handler._get_type_hints()  # noqa: SLF001 - resolved by Reflex when the handler was registered
    for name, value in payload.items():
        if name not in hints:
            raise ArgumentsRefusedError(params={"fields": name})
        try:
            _adapter(hints[name]).validate_python(value, strict=True)
        except (ValidationError, PydanticUserError, PydanticSchemaGenerationError):
            raise ArgumentsRefusedError(params={"fields": name}) from None


def _is_text(payload: dict[str, Any]) -> bool:
    """Return whether every text in ``payload`` can be written: half a surrogate pair is no character."""
    try:
        json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@functools.lru_cache(maxsize=512)
def _cached_adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


def _adapter(hint: Any) -> TypeAdapter[Any]:
    try:
        return _cached_adapter(hint)
    except TypeError:  # a type that cannot be a key
        return TypeAdapter(hint)


class EventPolicy(Middleware):
    """Runs before every event: binds the state tree, then asks the handler's rule."""

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let the event through, or answer it with a message or the way to sign-in."""
        del app
        try:
            actor: Actor | None = await actor_now()
        except UnauthenticatedError:
            actor = None
        await bind_tree(state, str(actor.session_id) if actor else "")
        registered = RegistrationContext.get().event_handlers.get(event.name)
        name = event.name if registered else "unknown"
        try:
            if registered is None:
                raise EventRefusedError
            _decide(registered.handler, event, actor)
        except UnauthenticatedError:
            PAGE_EVENTS.labels(name, "signed_out").inc()
            return StateUpdate(events=Event.from_event_type(rx.redirect(_sign_in_path())))
        except DomainError as error:
            PAGE_EVENTS.labels(name, "refused").inc()
            log.warning("event refused", handler=name, code=error.code, actor=actor.label if actor else "")
            return StateUpdate() if _opens_a_page(registered, error) else await _told(state, error)
        PAGE_EVENTS.labels(name, "allowed").inc()
        return None


def _decide(handler: EventHandler, event: Event, actor: Actor | None) -> None:
    rule = rule_of(handler)
    if rule is None:
        raise EventRefusedError
    if rule.signed_in and actor is None:
        raise UnauthenticatedError
    for permission in sorted(rule.permissions):
        if actor is None or not actor.can(permission):
            raise PermissionDeniedError(params={"permission": permission.value})
    if _function(handler).__name__ not in FRAMEWORK:
        check_arguments(handler, event.payload)


def _opens_a_page(registered: RegisteredEventHandler | None, error: DomainError) -> bool:
    """Return whether a page was refused as it opened: it says so in its own place, so no message is needed."""
    return (
        registered is not None
        and isinstance(error, PermissionDeniedError)
        and _function(registered.handler).__name__ == OPENING
    )


def _sign_in_path() -> str:
    router_data = EventContext.get().router_data
    query = {"next": str(router_data.get("asPath") or router_data.get("pathname") or "/")}
    if cookie_of(dict(router_data)):
        query["reason"] = "expired"
    return f"/sign-in?{urlencode(query)}"


async def _told(state: BaseState, error: DomainError) -> StateUpdate:
    from state.feedback import flash_error  # noqa: PLC0415 - its own handlers carry rules of this module

    await flash_error(state, error)
    root = state._get_root_state()  # noqa: SLF001 - Reflex has no public way to the root
    delta = await _resolve_delta(root.get_delta())
    root._clean()  # type: ignore[no-untyped-call] # noqa: SLF001
    return StateUpdate(delta=delta)


def install(app: App) -> None:
    """Put the policy before everything else, also before what sends a page its state."""
    app.add_middleware(EventPolicy(), index=0)


def handlers_without_rule() -> list[str]:
    """Return the names of registered handlers that nobody may call for want of a rule, except Reflex's own."""
    return sorted(
        name
        for name, registered in RegistrationContext.get().event_handlers.items()
        if rule_of(registered.handler) is None and not _function(registered.handler).__module__.startswith("reflex.")
    )

"""From the cookie of a page's connection to the actor; and whose the state tree is.

Nothing of a person is kept in state: each event asks anew who is there, which costs a look into a cache of a few
seconds. So a revoked session stops acting on a page that is open.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

import reflex as rx
from reflex_base.event.context import EventContext

from backend_services.identity import service as identity
from backend_services.kernel.errors import UnauthenticatedError
from backend_services.kernel.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reflex.state import BaseState

    from backend_services.kernel.actor import Actor

COOKIE = "omni_session"
UNBOUND = "-"
"""The owner of a tree in which no event has run yet: every value in it is its default."""


class SessionState(rx.State):
    """To whom this state tree belongs; kept on the server only."""

    _owner: str = UNBOUND


def _router_data() -> dict[str, Any]:
    """Return what the connection that brought the running event says; chained events inherit it."""
    return dict(EventContext.get().router_data)


def cookie_of(router_data: dict[str, Any]) -> str:
    """Return the session's cookie in a connection's headers, or an empty text."""
    headers = router_data.get("headers")
    text = headers.get("cookie", "") if isinstance(headers, dict) else ""
    try:
        morsel = SimpleCookie(text if isinstance(text, str) else "").get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""


async def actor_now() -> Actor:
    """Return who is behind the running event.

    Raises:
        UnauthenticatedError: Nobody is signed in, or the session has ended.
    """
    router_data = _router_data()
    token = cookie_of(router_data)
    if not token:
        raise UnauthenticatedError
    caller = identity.Caller(ip=str(router_data.get("ip", "")), request_id=new_id().hex)
    return await identity.authenticate_session(token, caller)


async def actor_of(state: BaseState) -> Actor:
    """Return who is behind the event that ``state`` handles.

    A background event asks in every ``async with self`` block before it reads or writes for the person: between two
    blocks the session may have ended, or the tree may have become somebody else's.

    Raises:
        UnauthenticatedError: The session has ended meanwhile, or the tree belongs to another one.
    """
    actor = await actor_now()
    session: SessionState = await state.get_state(SessionState)
    if session._owner != str(actor.session_id):  # noqa: SLF001 - the module's own variable
        raise UnauthenticatedError
    return actor


async def signed_in_actor(state: BaseState) -> Actor | None:
    """Return who is behind the event, or nothing for a visitor. For pages that everybody sees."""
    try:
        return await actor_of(state)
    except UnauthenticatedError:
        return None


async def bind_tree(state: BaseState, owner: str) -> None:
    """Make the whole state tree ``owner``'s: whatever another session left in it is forgotten before anything runs.

    A state tree belongs to whoever knows its token, and the token is in addresses and logs. So it is bound to the
    browser session (``""`` for visitors).
    """
    session: SessionState = await state.get_state(SessionState)
    if session._owner == owner:  # noqa: SLF001 - the module's own variable; underscored so that it stays on the server
        return
    if session._owner == UNBOUND:  # noqa: SLF001
        session._owner = owner  # noqa: SLF001
        return
    root = state._get_root_state()  # noqa: SLF001 - Reflex has no public way to the root
    for cls in _below(type(root)):
        await root.get_state(cls)  # a state manager may have loaded only a part
    root.reset()  # type: ignore[no-untyped-call]
    session = await root.get_state(SessionState)
    session._owner = owner  # noqa: SLF001


def _below(cls: type[BaseState]) -> Iterator[type[BaseState]]:
    for child in cls.get_substates():
        yield child
        yield from _below(child)

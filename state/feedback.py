"""What a person is told when something is refused or fails. The only place that turns errors into messages."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import reflex as rx
import structlog
from reflex_base.event import EventSpec

from backend_services.kernel.errors import DomainError, InvalidInputError, UnauthenticatedError
from backend_services.kernel.i18n import error_text, field_texts, text
from backend_services.kernel.ids import new_id
from backend_services.kernel.refusals import FROM_SERVERS, refusal_of
from state.policy import public
from state.session import actor_now

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from reflex.state import BaseState

MAX_FLASHES = 3

log = structlog.get_logger(__name__)


async def flash(state: BaseState, message: str, *, tone: str = "ok", code: str = "") -> None:
    """Show ``message`` at the bottom of the page; tone ``ok`` leaves by itself, ``error`` stays."""
    from state.shell import ShellState  # noqa: PLC0415 - the shell shows what this module says, and imports it

    shell: ShellState = await state.get_state(ShellState)
    said = {"id": new_id().hex, "tone": tone, "text": message, "code": code}
    others = [one for one in shell.flashes if (one["text"], one["tone"]) != (message, tone)]
    shell.flashes = [*others[-(MAX_FLASHES - 1) :], said]


async def _language(state: BaseState) -> str:
    from state.shell import ShellState  # noqa: PLC0415 - see above

    try:
        return (await actor_now()).language
    except UnauthenticatedError:
        shell: ShellState = await state.get_state(ShellState)
        return shell.language


async def flash_error(state: BaseState, error: DomainError) -> None:
    """Show a refusal in the reader's language."""
    await flash(state, said_of(error, await _language(state)), tone="error", code=error.code)


def said_of(error: DomainError, language: str) -> str:
    """Return the sentence of a refusal; where only its fields say what is wrong, what they say."""
    if isinstance(error, InvalidInputError) and error.code == InvalidInputError.code and error.fields:
        return " ".join(field_texts(error.fields, language).values())
    return error_text(error, language)


@asynccontextmanager
async def refusals_as_flash(state: BaseState) -> AsyncIterator[None]:
    """Turn a refusal of what runs inside into a message on the page. Defects go on to the log."""
    try:
        yield
    except DomainError as error:
        await flash_error(state, error)
    except FROM_SERVERS as error:
        refused = refusal_of(error)
        if refused is None:
            raise
        log.warning("event refused by a server", code=refused.code, error=str(error)[:300])
        await flash_error(state, refused)


class FailureState(rx.State):
    """Says that something failed on our side."""

    @rx.event
    @public
    async def show_failure(self) -> None:
        """Show that the last action failed."""
        try:
            message = text("errors.internal_error", await _language(self))
            await flash(self, message, tone="error", code="internal_error")
        except Exception:
            log.exception("failure not shown")  # to raise here would come back here, for ever


def backend_exception_handler(exception: Exception) -> EventSpec | None:
    """Log a defect or an unforeseen refusal and tell the person so, without code that the browser would evaluate."""
    log.error("event failed", exc_info=exception)
    show: EventSpec = FailureState.show_failure()  # type: ignore[operator] # the class gives the event's name
    return show

"""Who is mentioned in a comment. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from backend_services.dashboards.library_errors import MentionUnclearError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from backend_services.identity.schemas import Colleague

_AT = re.compile(r"(?<![\w.@])@(?=\w)")


def mentioned(body: str, people: Sequence[Colleague]) -> tuple[UUID, ...]:
    """Return the ids of those of ``people`` whom ``body`` names as ``@name`` or ``@address``, each once, in order.

    The longest name that fits counts, whatever its case; an ``@`` before no one's name is plain text.

    Raises:
        MentionUnclearError: Several of them have the name.
    """
    found: list[UUID] = []
    for at in _AT.finditer(body):
        rest = body[at.end() :].casefold()
        fitting = [(name, one) for one in people for name in _names(one) if _starts(rest, name)]
        longest = max((len(name) for name, _ in fitting), default=0)
        chosen = {one.user_id: one for name, one in fitting if len(name) == longest}
        if len(chosen) > 1:
            raise MentionUnclearError(params={"name": next(iter(chosen.values())).name})
        found.extend(chosen)
    return tuple(dict.fromkeys(found))


def _names(one: Colleague) -> tuple[str, ...]:
    return (one.name.casefold(), one.email.casefold())


def _starts(rest: str, name: str) -> bool:
    """Return whether ``rest`` begins with the whole word or words ``name``."""
    return bool(name) and rest.startswith(name) and not rest[len(name) : len(name) + 1].isalnum()

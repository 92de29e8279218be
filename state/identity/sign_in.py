"""What the sign-in page says above its form."""

from __future__ import annotations

import reflex as rx

from state.policy import public

NOTICES = {"invalid": "wrong", "locked": "locked", "expired": "expired", "signed_out": "signed_out"}


class SignInState(rx.State):
    """The reason a person is here and where they wanted to go, both from the address."""

    notice: str = ""
    next_path: str = "/"

    @rx.event
    @public
    async def open_sign_in(self) -> None:
        """Read reason and destination from the address; only paths of ours are followed."""
        query = self.router.url.query_parameters
        self.notice = NOTICES.get(query.get("error", "") or query.get("reason", ""), "")
        wanted = query.get("next", "/")
        self.next_path = wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) else "/"

"""The form of a connection to a server: made, changed, and tried before it is kept."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import ValidationError

from backend_services.datasets.connections import service
from backend_services.datasets.connections.ports import ConnectionKind, Tls
from backend_services.datasets.connections.schemas import ConnectionCheck, ConnectionInput, ConnectionView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.permissions import Permission
from state.connections.wording import PATH, fault_text
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.policy import requires
from state.session import actor_of

WRITE = Permission.DATASETS_CONNECTION_WRITE
EMPTY = {"name": "", "host": "", "port": "", "database": "", "username": "", "ca_certificate": ""}


class ConnectionFormState(rx.State):
    """What the form shows. The password is never here: it goes from the form to the service."""

    opened: bool = False
    editing: str = ""
    kind: str = ConnectionKind.POSTGRESQL.value
    tls: str = Tls.VERIFY.value
    values: dict[str, str] = EMPTY
    problems: list[dict[str, str]] = []
    busy: bool = False
    wants_test: bool = False
    checked: str = ""
    check_text: str = ""
    check_detail: str = ""
    _version: int = 0

    @rx.event
    @requires(WRITE)
    async def open_new(self) -> None:
        """Open an empty form."""
        self._show(ConnectionKind.POSTGRESQL.value, Tls.VERIFY.value, EMPTY)
        self.editing, self._version = "", 0

    @rx.event
    @requires(WRITE)
    async def open_edit(self, connection_id: str) -> None:
        """Open the form of a kept connection; its password stays where it is."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            one = await service.get_connection(actor, session, id_of(connection_id))
            self._show(one.kind.value, one.tls.value, _values(one))
            self.editing, self._version = str(one.id), one.version

    def _show(self, kind: str, tls: str, values: dict[str, str]) -> None:
        self.kind, self.tls, self.values, self.problems = kind, tls, dict(values), []
        self.checked, self.busy, self.wants_test, self.opened = "", False, False, True

    @rx.event
    @requires(WRITE)
    async def close(self) -> None:
        """Close the form; nothing is kept."""
        self.opened, self.problems, self.checked, self.busy = False, [], "", False

    @rx.event
    @requires(WRITE)
    async def choose_kind(self, kind: str) -> None:
        """Show the fields of this kind of database; what was said of another kind is taken away."""
        self.kind, self.checked, self.problems = kind, "", []

    @rx.event
    @requires(WRITE)
    async def choose_tls(self, tls: str) -> None:
        """Show the fields of this kind of channel."""
        self.tls = tls

    @rx.event
    @requires(WRITE)
    async def mean_test(self) -> None:
        """Note that the form is sent to be tried; whichever button was pressed says so before the form arrives."""
        self.wants_test = True

    @rx.event
    @requires(WRITE)
    async def mean_save(self) -> None:
        """Note that the form is sent to be kept."""
        self.wants_test = False

    @rx.event(background=True)
    @requires(WRITE)
    async def submit(self, form: dict[str, Any]) -> Any:
        """Try the form, or keep it; the page stays usable while the server is asked."""
        async with self:
            actor = await actor_of(self)
            try:
                request = ConnectionInput.model_validate(_chosen(form, self.kind, self.tls))
            except ValidationError as error:
                self.problems, self.checked = _problems(error, self.kind, actor.language), ""
                return None
            self.problems, self.checked = [], ""
            if not self.wants_test:
                return await self._keep(actor, request)
            self.busy = True
            kept = id_of(self.editing) if self.editing else None
        check = None
        try:
            check = await service.try_connection(actor, request, connection_id=kept)
        finally:
            async with self:
                self.busy = False
                if check is not None:
                    self._tell(check, actor.language)
        return None

    async def _keep(self, actor: Actor, request: ConnectionInput) -> Any:
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                if self.editing:
                    kept = await service.update_connection(
                        actor, session, id_of(self.editing), request, expected_version=self._version
                    )
                else:
                    kept = await service.create_connection(actor, session, request)
            self.opened = False
            await flash(self, text("connections.saved", actor.language, name=kept.name))
            return rx.redirect(f"{PATH}/{kept.id}?check=1")
        return None

    def _tell(self, check: ConnectionCheck, language: str) -> None:
        self.checked = "ok" if check.ok else "failed"
        if check.ok:
            self.check_text = text("connections.answers", language, server=check.server)
            self.check_detail = text("connections.can_write", language) if check.can_write else ""
        else:
            self.check_text, self.check_detail = fault_text(check.error, language), ""


def _problems(error: ValidationError, kind: str, language: str) -> list[dict[str, str]]:
    """Return what is wrong, in the words of the fields as this kind of database has them."""
    found = problems_of(error, language, area="connections")
    if kind != ConnectionKind.FIRESTORE.value:
        return found
    own = {"database": "connections.fix.project", "password": "connections.fix.account"}
    return [one | {"text": text(own[one["field"]], language)} if one["field"] in own else one for one in found]


def _values(one: ConnectionView) -> dict[str, str]:
    return {
        "name": one.name,
        "host": one.host,
        "port": str(one.port),
        "database": one.database,
        "username": one.username,
        "ca_certificate": one.ca_certificate,
    }


def _chosen(form: dict[str, Any], kind: str, tls: str) -> dict[str, Any]:
    """Return the form as a connection takes it; an empty password is none, so that the stored one stays."""
    chosen: dict[str, Any] = {name: str(form.get(name) or "").strip() for name in EMPTY}
    chosen["port"] = chosen["port"] or 0
    return chosen | {"kind": kind, "tls": tls, "password": str(form.get("password") or "") or None}

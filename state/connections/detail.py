"""One connection: what its server says, its tables and columns, copying them, its datasets, and deletion."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.datasets.connections import service
from backend_services.datasets.connections.schemas import ConnectionView, CopyTable, DeleteConnection, RemoteTableView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import error_text, plural, text
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.connections.form import ConnectionFormState
from state.connections.wording import PATH, copy_row, fault_text, place_of, place_of_table
from state.feedback import flash, refusals_as_flash
from state.following import Following
from state.forms import id_of, problems_of
from state.listing import Listing, address, read_request, show_page
from state.live import job_changes
from state.policy import requires
from state.session import actor_of
from state.wording import DASH, ago, count

READ, WRITE = Permission.DATASETS_CONNECTION_READ, Permission.DATASETS_CONNECTION_WRITE
TABS = ("tables", "datasets")
BOX = "column-"


class ConnectionDetailState(Listing, Following, rx.State):
    """What the page of one connection shows; ``rows`` are its tables or, on the other tab, its datasets."""

    missing: bool = False
    known: bool = False
    tab: str = "tables"
    base: str = ""
    name: str = ""
    kind: str = ""
    state: str = ""
    place: str = ""
    server: str = ""
    username: str = ""
    tls: str = ""
    checked: str = ""
    error: str = ""
    can_write: bool = False
    checking: bool = False
    reading_failed: str = ""
    table: str = ""
    table_href: str = ""
    columns: list[dict[str, str]] = []
    columns_failed: str = ""
    proposed_name: str = ""
    problems: list[dict[str, str]] = []
    asking_delete: bool = False
    delete_text: str = ""
    _schema_name: str = ""
    _table_name: str = ""
    _column_names: list[str] = []

    @rx.event
    @requires(READ)
    async def load(self) -> Any:
        """Read the connection of the address; its server is asked afterwards, while the page is there already."""
        actor = await actor_of(self)
        parameters = self.router.url.query_parameters
        form: ConnectionFormState = await self.get_state(ConnectionFormState)
        form.opened, self.known, self.asking_delete, self.loaded, self.checking = False, False, False, False, False
        self.tab = parameters.get("tab", "tables") if parameters.get("tab") in TABS else "tables"
        self._schema_name, self._table_name = parameters.get("schema", ""), parameters.get("table", "")[:200]
        self.table = place_of_table(self._schema_name, self._table_name)
        self.columns, self.reading_failed, self.columns_failed, self.problems = [], "", "", []
        async with refusals_as_flash(self), transaction(actor) as session:
            self._describe(await service.get_connection(actor, session, _identity(self)), actor)
        self.missing = not self.known
        if self.missing:
            return None
        if self.tab == "datasets":
            return ConnectionDetailState.follow
        wants_check = parameters.get("check") == "1" and actor.can(WRITE)
        return [ConnectionDetailState.check] if wants_check else [ConnectionDetailState.read_tables]

    def _describe(self, one: ConnectionView, actor: Actor) -> None:
        language = actor.language
        self.known, self.base, self.name = True, f"{PATH}/{one.id}", one.name
        self.kind, self.state, self.place = one.kind.value, one.state.value, place_of(one, language)
        self.server, self.username, self.can_write = one.server or DASH, one.username, one.can_write
        self.tls, self.checked = one.tls.value, ago(one.checked_at, actor)
        self.error = fault_text(one.error, language)
        self.delete_text = plural("connections.delete_loses", one.datasets, language)

    @rx.event(background=True)
    @requires(READ)
    async def read_tables(self) -> None:
        """Ask the server for its tables and, where one is open, its columns."""
        async with self:
            actor, connection_id = await actor_of(self), _identity(self)
            request = read_request(self.router.url.query_parameters, sortable=("name",), default_sort="name")
            schema_name, table_name = self._schema_name, self._table_name
        columns: list[dict[str, str]] = []
        page: Page[RemoteTableView] = Page(items=(), total=0, limit=request.limit, offset=0)
        failed, columns_failed = "", ""
        try:
            page = await service.list_tables(actor, connection_id, request)
            if table_name:
                found = await service.list_columns(actor, connection_id, schema_name=schema_name, table_name=table_name)
                columns = [
                    {
                        "box": f"{BOX}{index}",
                        "name": one.name,
                        "type": text(f"datasets.type.{one.type.value}", actor.language),
                        "native": one.native,
                    }
                    for index, one in enumerate(found)
                ]
        except DomainError as error:
            failed = error_text(error, actor.language)
            if page.total:
                failed, columns_failed = "", failed
        async with self:
            if f"/{connection_id}" not in self.router.url.path:
                return
            self.rows = [self._table_row(one, actor) for one in page.items]
            self.reading_failed, self.columns, self.columns_failed = failed, columns, columns_failed
            self._column_names = [one["name"] for one in columns]
            self.proposed_name = table_name[:120]
            show_page(self, page, request, path=self.base, language=actor.language, sortable=("name",))
            async with refusals_as_flash(self), transaction(actor) as session:
                self._describe(await service.get_connection(actor, session, connection_id), actor)

    def _table_row(self, one: RemoteTableView, actor: Actor) -> dict[str, Any]:
        place = place_of_table(one.schema_name, one.name)
        here = {"q": self.router.url.query_parameters.get("q", ""), "schema": one.schema_name, "table": one.name}
        return {
            "id": place,
            "href": address(self.base, here),
            "name": one.name,
            "schema": one.schema_name or DASH,
            "view": one.is_view,
            "rows": DASH if one.rows is None else f"~{count(one.rows, actor.language)}",
        }

    @rx.event
    @requires(READ)
    async def find(self, wanted: str) -> Any:
        """Search the tables by schema and name."""
        return rx.redirect(address(self.base, {"q": wanted}), replace=True)

    @rx.event(background=True)
    @requires(WRITE)
    async def check(self) -> Any:
        """Try the kept connection, then read its tables."""
        async with self:
            actor, connection_id = await actor_of(self), _identity(self)
            self.checking = True
        said = None
        try:
            said = await service.check_connection(actor, connection_id)
        finally:
            async with self:
                self.checking = False
                if said is not None:
                    if said.ok:
                        await flash(self, text("connections.answers", actor.language, server=said.server))
                    async with refusals_as_flash(self), transaction(actor) as session:
                        self._describe(await service.get_connection(actor, session, connection_id), actor)
        return ConnectionDetailState.read_tables

    @rx.event
    @requires(Permission.DATASETS_DATASET_WRITE)
    async def copy(self, form: dict[str, Any]) -> Any:
        """Copy the chosen columns of the open table into a dataset, and open it while it arrives."""
        actor = await actor_of(self)
        names = self._column_names
        chosen = [name for index, name in enumerate(names) if form.get(f"{BOX}{index}")]
        if not chosen:
            self.problems = [{"field": f"{BOX}0", "text": text("connections.choose_column", actor.language)}]
            return None
        wanted = {
            "schema_name": self._schema_name,
            "table_name": self._table_name,
            "columns": () if len(chosen) == len(names) else tuple(chosen),
            "name": str(form.get("dataset") or "").strip(),
        }
        try:
            request = CopyTable.model_validate(wanted)
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="connections")
            return None
        async with refusals_as_flash(self), transaction(actor) as session:
            started = await service.copy_table(actor, session, _identity(self), request)
            return rx.redirect(f"/datasets/{started.dataset_id}")
        return None

    @rx.event(background=True)
    @requires(READ)
    async def follow(self) -> None:
        """Show the datasets that are copies, again whenever a job changes, until another page is open."""
        async with self:
            actor, connection_id = await actor_of(self), _identity(self)

        async def again() -> bool:
            if self.tab != "datasets" or f"/{connection_id}" not in self.router.url.path:
                return False
            await self._read_copies(await actor_of(self), connection_id)
            return True

        await self._follow(str(connection_id), job_changes(actor.tenant_id), again)

    async def _read_copies(self, actor: Actor, connection_id: UUID) -> None:
        number = self.router.url.query_parameters.get("page", "1")
        parameters = {"page": number} if number else {}
        request = read_request(parameters, sortable=("name",))
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await service.list_copies(actor, session, connection_id, request)
            self.rows = [copy_row(one, actor) for one in page.items]
            keep = {"tab": "datasets"}
            show_page(self, page, request, path=self.base, language=actor.language, sortable=("name",), keep=keep)
            self.narrowed = False

    @rx.event
    @requires(Permission.DATASETS_DATASET_WRITE)
    async def copy_again(self, dataset_id: str) -> None:
        """Read a table once more as a new version."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await service.copy_again(actor, session, id_of(dataset_id))
            await flash(self, text("connections.copying", actor.language))

    @rx.event
    @requires(WRITE)
    async def ask_delete(self) -> None:
        """Open the typed confirmation, which says what depends on the connection."""
        self.asking_delete = True

    @rx.event
    @requires(READ)
    async def keep(self) -> None:
        """Close the confirmation; everything stays."""
        self.asking_delete = False

    @rx.event
    @requires(WRITE)
    async def delete(self, form: dict[str, Any]) -> Any:
        """Delete the connection if its name was typed."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            word = DeleteConnection(name=str(form.get("word", "")))
            await service.delete_connection(actor, session, _identity(self), word)
            self.asking_delete = False
            await flash(self, text("connections.deleted", actor.language, name=self.name))
            return rx.redirect(PATH)
        return None


def _identity(state: rx.State) -> UUID:
    """Return the connection's id of the address; an id that is none is nobody's."""
    parts = str(state.router.url.path).rstrip("/").split("/")
    return id_of(parts[2]) if len(parts) > 2 else UUID(int=0)  # noqa: PLR2004 - /connections/<id>

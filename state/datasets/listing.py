"""The list of datasets, the samples, and what happens after a file has been sent."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.datasets import service as datasets
from backend_services.datasets.connections.schemas import ConnectionView
from backend_services.datasets.schemas import DatasetKind, DatasetView, IngestionStarted
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import plural
from backend_services.kernel.permissions import Permission
from state.feedback import refusals_as_flash
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of
from state.wording import DASH, ago, count, size

PATH = "/datasets"
SORTABLE = ("name", "rows", "size_bytes", "updated_at")


class DatasetsState(Listing, rx.State):
    """What the list of datasets shows."""

    kind: str = ""
    samples: list[dict[str, Any]] = []

    @rx.event
    @requires(Permission.DATASETS_DATASET_READ)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        actor = await actor_of(self)
        parameters = self.router.url.query_parameters
        request = read_request(parameters, sortable=SORTABLE, default_sort="-updated_at")
        kind = parameters.get("kind", "")
        self.kind = kind if kind in set(DatasetKind) else ""
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await datasets.list_datasets(
                actor, session, request, kind=DatasetKind(self.kind) if self.kind else None
            )
            samples = await datasets.list_samples(actor, session)
            self.rows = [dataset_row(one, actor) for one in page.items]
            self.samples = [
                {
                    "id": sample.id,
                    "title": sample.title.in_language(actor.language),
                    "text": sample.description.in_language(actor.language),
                    "facts": f"{plural('datasets.rows_counted', sample.rows, actor.language)} · {sample.license}",
                    "generated": sample.generated,
                    "taken": sample.dataset_id is not None,
                    "href": f"{PATH}/{sample.dataset_id}" if sample.dataset_id else "",
                }
                for sample in samples
            ]
            show_page(
                self, page, request, path=PATH, language=actor.language, sortable=SORTABLE, keep={"kind": self.kind}
            )

    @rx.event
    @requires(Permission.DATASETS_DATASET_READ)
    async def find(self, wanted: str) -> Any:
        """Search by name."""
        return rx.redirect(address(PATH, {"q": wanted, "sort": self.sort, "kind": self.kind}), replace=True)

    @rx.event
    @requires(Permission.DATASETS_DATASET_WRITE)
    async def take_sample(self, sample_id: str) -> Any:
        """Copy a sample into the tenant's own datasets and open it."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            started = await datasets.take_sample(actor, session, sample_id)
            return rx.redirect(f"{PATH}/{started.dataset_id}")
        return None

    @rx.event
    @requires(Permission.DATASETS_DATASET_WRITE)
    async def sent(self, answer: str) -> Any:
        """Open what an upload has made: a dataset, or the connection to a SQLite file, where tables are chosen.

        ``answer`` is what the server told the browser.
        """
        for view, target in ((IngestionStarted, PATH), (ConnectionView, "/connections")):
            try:
                made = view.model_validate(json.loads(answer))
            except (ValueError, ValidationError):
                continue
            identity = made.dataset_id if isinstance(made, IngestionStarted) else made.id
            return rx.redirect(f"{target}/{UUID(str(identity))}")
        return None


def dataset_row(one: DatasetView, actor: Actor) -> dict[str, Any]:
    """Return a dataset as a row of the list."""
    language = actor.language
    return {
        "id": str(one.id),
        "href": f"{PATH}/{one.id}",
        "name": one.title.in_language(language) or one.name,
        "kind": one.kind.value,
        "state": one.state.value,
        "rows": count(one.rows, language),
        "columns": count(one.columns, language),
        "size": size(one.size_bytes, language) if one.size_bytes else DASH,
        "updated": ago(one.updated_at, actor),
        "live": one.live,
    }

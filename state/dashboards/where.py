"""Which dashboard a page shows and what its address says of it; which fields it can be filtered by."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from backend_services.dashboards.schemas import Overrides
from backend_services.datasets import service as datasets
from backend_services.datasets.query import service as query
from backend_services.kernel.errors import ConflictError, NotFoundError
from backend_services.kernel.i18n import format_number, text
from state.dashboards.place import Place, read, ways_of
from state.forms import id_of

if TYPE_CHECKING:
    from uuid import UUID

    import reflex as rx
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.spec import DashboardSpec
    from backend_services.datasets.catalogue import Catalogue
    from backend_services.kernel.actor import Actor

VALUES_SHOWN = 50


async def offered_fields(
    actor: Actor, session: AsyncSession, spec: DashboardSpec
) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Return the fields that the dashboard can be filtered by, and the dataset that each is asked of.

    A dataset that the reader may not see, or that is gone, has none to offer; its figures say so themselves.
    """
    fields: list[dict[str, str]] = []
    sources: dict[str, str] = {}
    for dataset_id in spec.dataset_ids:
        try:
            catalogue = await datasets.get_catalogue(actor, session, dataset_id)
        except (NotFoundError, ConflictError):
            continue
        fresh = [one for one in fields_of(catalogue, actor.language) if one["value"] not in sources]
        fields.extend(fresh)
        sources.update({one["value"]: str(dataset_id) for one in fresh})
    return fields, sources


def fields_of(catalogue: Catalogue, language: str) -> list[dict[str, str]]:
    """Return the fields of a dataset that can be filtered by; a time is narrowed by a period."""
    return [
        {"value": one.id, "label": one.label.in_language(language), "kind": one.type.value}
        for one in catalogue.dimensions
        if not one.hidden and not one.type.is_time
    ]


async def frequent_values(actor: Actor, dataset_id: str, field: str) -> list[dict[str, str]]:
    """Return the most frequent values of a field with how many rows have each, to filter by one of them."""
    found = await query.field_values(actor, id_of(dataset_id), field=field, limit=VALUES_SHOWN)
    return [
        {"value": str(one.value), "rows": format_number(one.rows, actor.language)}
        for one in found
        if one.value is not None
    ]


def offered_ways(kind: str, language: str) -> list[dict[str, str]]:
    """Return how a field of a type can be compared."""
    return [{"value": one.value, "label": text(f"place.operator.{one.value}", language)} for one in ways_of(kind)]


def identity(state: Any) -> UUID:
    """Return the dashboard id of the address; an id that is none is nobody's."""
    parts = str(state.router.url.path).rstrip("/").split("/")
    raw = next((part for before, part in pairwise(parts) if before == "dashboards"), "")
    return id_of(raw)


def path_of(state: Any) -> str:
    """Return the page's own path, in the console or in the portal."""
    return str(state.router.url.path).rstrip("/")


def place_of(state: rx.State) -> Place:
    """Return the period and the filters of the address."""
    return read(state.router.url.query_parameters)


def overrides_of(state: rx.State, actor: Actor) -> Overrides:
    """Return what the address changes about the dashboard, in the reader's language."""
    place, language = place_of(state), cast("Any", actor.language)
    return Overrides(period=place.relative, filters=place.filters, language=language)

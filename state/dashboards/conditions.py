"""Which filters hold, put together as on the board. Shared by the forms of subscriptions and alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx

from backend_services.datasets.catalogue import Filter
from backend_services.kernel.i18n import text
from backend_services.kernel.permissions import Permission
from state.dashboards.place import SIGNS, Place, filter_words, typed_filter
from state.dashboards.where import frequent_values, offered_ways
from state.feedback import refusals_as_flash
from state.policy import requires
from state.session import actor_of

if TYPE_CHECKING:
    from collections.abc import Iterable

READ = Permission.DASHBOARDS_DASHBOARD_READ


class FilterChoice(rx.State, mixin=True):
    """The filters as chips, and what a further one is made of."""

    filters: list[str] = []
    filter_fields: list[dict[str, str]] = []
    filter_ways: list[dict[str, str]] = []
    filter_values: list[dict[str, str]] = []
    _filters: list[dict[str, Any]] = []
    _filter_sources: dict[str, str] = {}

    @rx.event
    @requires(READ)
    async def offer_values(self, field: str) -> None:
        """Offer the most frequent values of a field, and the ways to compare it."""
        actor = await actor_of(self)
        kind = next((one["kind"] for one in self.filter_fields if one["value"] == field), "text")
        self.filter_ways, self.filter_values = offered_ways(kind, actor.language), []
        if field in self._filter_sources:
            async with refusals_as_flash(self):
                self.filter_values = await frequent_values(actor, self._filter_sources[field], field)

    @rx.event
    @requires(READ)
    async def add_filter(self, form: dict[str, Any]) -> None:
        """Narrow by the filter of the form; a further value of the same field is added to the ones before."""
        actor = await actor_of(self)
        one = typed_filter(*(str(form.get(f"where-{name}") or "") for name in ("field", "operator", "value")))
        if one is not None and one.field in self._filter_sources:
            self._show_filters(Place(filters=self._chosen_filters()).with_value(one).filters, actor.language)

    @rx.event
    @requires(READ)
    async def remove_filter(self, index: int) -> None:
        """Take a filter away."""
        actor = await actor_of(self)
        self._show_filters(Place(filters=self._chosen_filters()).without(index).filters, actor.language)

    def _offer_fields(self, fields: list[dict[str, str]], sources: dict[str, str]) -> None:
        self.filter_fields, self._filter_sources = fields, sources
        self.filter_ways, self.filter_values = [], []

    def _show_filters(self, filters: Iterable[Filter], language: str) -> None:
        chosen = list(filters)
        labels = {one["value"]: one["label"] for one in self.filter_fields}
        self._filters = [one.model_dump(mode="json") for one in chosen]
        self.filters = [condition_words(one, labels.get(one.field, one.field), language) for one in chosen]

    def _chosen_filters(self) -> tuple[Filter, ...]:
        return tuple(Filter.model_validate(one) for one in self._filters)


def condition_words(one: Filter, label: str, language: str) -> str:
    """Return a filter in words; also one that was made elsewhere, with a comparison that the form does not offer."""
    if one.operator in SIGNS:
        return filter_words(one, label)
    compared = text(f"dashboards.operator.{one.operator.value}", language)
    return " ".join(part for part in (label, compared, ", ".join(map(str, one.values))) if part)

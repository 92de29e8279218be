"""The form of an alert, new or changed, with a look at how it would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.alerts import service as alerts
from backend_services.dashboards.alerts.schemas import AlertChange, AlertCreate, AlertRecipients
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets import service as datasets
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import plural, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.webhooks import service as webhooks
from state.alerts.detail import alert_id_of
from state.alerts.form import EMPTY, NumberError, chosen_of, form_of
from state.alerts.wording import figure_of, sentence_of
from state.dashboards.conditions import FilterChoice
from state.dashboards.told import RecipientChoice
from state.dashboards.where import fields_of
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.policy import requires
from state.session import actor_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.alerts.schemas import Backtest
    from backend_services.datasets.catalogue import Filter
    from backend_services.kernel.actor import Actor

WRITE = Permission.DASHBOARDS_ALERT_WRITE
MOST = 200
NOTHING = {"value": "", "label": "\N{EN DASH}"}


class AlertFormState(RecipientChoice, FilterChoice, rx.State):
    """What the form of an alert shows."""

    loaded: bool = False
    missing: bool = False
    is_new: bool = True
    is_tile: bool = False
    form: dict[str, str] = EMPTY
    datasets: list[dict[str, str]] = []
    measures: list[dict[str, str]] = []
    groups: list[dict[str, str]] = []
    webhooks: list[dict[str, str]] = []
    problems: list[dict[str, str]] = []
    trying: bool = False
    tried: str = ""
    tried_figure: dict[str, Any] = {}
    tried_sentence: str = ""
    _known: dict[str, Any] = {}
    _version: int = 0
    _made: str = ""

    @rx.event
    @requires(WRITE)
    async def load(self) -> None:
        """Read what there is to watch, and the alert of the address unless it is a new one."""
        actor = await actor_of(self)
        self.loaded, self.missing, self.trying, self.problems = False, False, False, []
        self.tried, self.tried_figure, self.tried_sentence = "", {}, ""
        mine = alert_id_of(self)
        self.is_new = mine.int == 0
        self._known, self._version, self._made, self.is_tile = {}, 0, "", False
        self.form = EMPTY | {"time_zone": actor.time_zone}
        async with refusals_as_flash(self), transaction(actor) as session:
            if not self.is_new:
                view = await alerts.get_alert(actor, session, mine)
                known = AlertChange.model_validate(view.model_dump(include=set(AlertChange.model_fields)))
                self._known, self._version = known.model_dump(mode="json"), view.version
                self.is_tile, self.form = known.watched.kind == "tile", form_of(known, actor.language)
            else:
                await self._take_tile(actor, session)
            await self._read_choices(actor, session)
            await self._show_known(actor, session)
            self.loaded = True
        self.missing = not self.loaded

    async def _show_known(self, actor: Actor, session: AsyncSession) -> None:
        """Show the filters and the recipients that the alert has."""
        known = AlertChange.model_validate(self._known) if self._known else None
        watched = known.watched if known else None
        self._show_filters(watched.filters if watched and watched.kind == "metric" else (), actor.language)
        to = known.recipients if known else AlertRecipients()
        await self._show_told(actor, session, user_ids=to.user_ids, roles=to.roles)

    def _show_filters(self, filters: Iterable[Filter], language: str) -> None:
        """Show the filters; what was tried before is of others."""
        super()._show_filters(filters, language)
        self.tried = ""

    async def _take_tile(self, actor: Actor, session: AsyncSession) -> None:
        """Watch the figure that the address names, if it does; its page leads here."""
        asked = self.router.url.query_parameters
        if not asked.get("tile"):
            return
        view = await dashboards.get_dashboard(actor, session, id_of(asked.get("dashboard", "")))
        found = view.spec.tile(asked["tile"])
        if found is None or found.chart is not ChartKind.NUMBER:
            return
        self.is_tile = True
        self.form = self.form | {"title": found.title, "dashboard": str(view.id), "tile": found.id}

    async def _read_choices(self, actor: Actor, session: AsyncSession) -> None:
        found = await datasets.readable_versions(actor, session, most=MOST)
        self.datasets = [{"value": str(one.dataset_id), "label": one.name} for one in found]
        asked = str(self.router.url.query_parameters.get("dataset", ""))
        if not self.form["dataset"] and found:
            known = {one["value"] for one in self.datasets}
            self.form = self.form | {"dataset": asked if asked in known else self.datasets[0]["value"]}
        await self._read_fields(actor, session)
        hooks = []
        if actor.can(Permission.KERNEL_WEBHOOK_READ):
            hooks = list((await webhooks.list_webhooks(actor, session, PageRequest(limit=100))).items)
        self.webhooks = [NOTHING, *({"value": str(one.id), "label": one.name} for one in hooks)]

    async def _read_fields(self, actor: Actor, session: AsyncSession) -> None:
        if not self.form["dataset"]:
            self.measures, self.groups = [], [NOTHING]
            self._offer_fields([], {})
            return
        catalogue = await datasets.get_catalogue(actor, session, id_of(self.form["dataset"]))
        language = actor.language
        self.measures = [
            {"value": one.id, "label": one.label.in_language(language)} for one in catalogue.measures if not one.hidden
        ]
        self.groups = [
            NOTHING,
            *(
                {"value": one.id, "label": one.label.in_language(language)}
                for one in catalogue.dimensions
                if not one.hidden and one.grain is None
            ),
        ]
        fields = fields_of(catalogue, language)
        self._offer_fields(fields, {one["value"]: self.form["dataset"] for one in fields})
        names = [one["value"] for one in self.measures]
        if self.form["measure"] not in names:
            first = catalogue.default_measure if catalogue.default_measure in names else next(iter(names), "")
            self.form = self.form | {"measure": first or "", "group": ""}

    @rx.event
    @requires(WRITE)
    async def change(self, name: str, value: str) -> None:
        """Take what a field holds."""
        if name not in EMPTY:
            return
        self.form = self.form | {name: str(value)[:1000]}
        self.tried = ""
        if name == "dataset":
            actor = await actor_of(self)
            async with refusals_as_flash(self), transaction(actor) as session:
                await self._read_fields(actor, session)
            self._show_filters((), actor.language)

    def _request(self, language: str) -> AlertCreate | None:
        """Return what the form says, or nothing and what is wrong with it."""
        known = AlertChange.model_validate(self._known) if self._known else None
        self.problems = self._forgotten(language)
        if self.problems:
            return None
        try:
            chosen = chosen_of(
                self.form,
                known,
                language=language,
                filters=self._chosen_filters(),
                user_ids=self._told_ids(),
                roles=self._told_roles(),
            )
            return AlertCreate.model_validate(chosen)
        except NumberError as error:
            self.problems = [{"field": f"alert-{error.field}", "text": text("alerts.fix.number", language)}]
        except ValidationError as error:
            found = problems_of(error, language, area="alerts")
            self.problems = [{"field": f"alert-{one['field']}", "text": one["text"]} for one in found]
        return None

    @rx.event
    @requires(WRITE)
    async def try_out(self) -> Any:
        """Show that the past is being looked at, then look."""
        actor = await actor_of(self)
        if self._request(actor.language) is None:
            return None
        self.trying, self.tried = True, ""
        return AlertFormState.look_back

    @rx.event
    @requires(WRITE)
    async def look_back(self) -> None:
        """Look how the alert would have done lately."""
        actor = await actor_of(self)
        request = self._request(actor.language)
        self.trying = False
        if request is None:
            return
        async with refusals_as_flash(self):
            self._show(await alerts.preview(actor, request), request, actor)

    def _show(self, found: Backtest, request: AlertCreate, actor: Actor) -> None:
        language = actor.language
        if not found.sees:
            self.tried, self.tried_figure, self.tried_sentence = text("alerts.tried_nothing", language), {}, ""
            return
        self.tried = plural("alerts.tried", found.fired, language, days=found.days)
        points = [(one.at, one.value, one.threshold) for one in found.points]
        self.tried_figure = figure_of(points, request.condition, found.unit, actor)
        self.tried_sentence = sentence_of(points, request.condition, found.unit, actor)

    @rx.event
    @requires(WRITE)
    async def save(self) -> Any:
        """Make the alert, or change it; who presses twice while the first time takes long makes one."""
        actor = await actor_of(self)
        if self._made:
            return rx.redirect(f"/alerts/{self._made}")
        request = self._request(actor.language)
        if request is None:
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                if self.is_new:
                    made = await alerts.create_alert(actor, session, request)
                else:
                    change = AlertChange.model_validate(request.model_dump())
                    made = await alerts.update_alert(
                        actor, session, alert_id_of(self), change, expected_version=self._version
                    )
            self._made = str(made.id)
            await flash(self, text("alerts.saved", actor.language, title=made.title))
            return rx.redirect(f"/alerts/{made.id}")
        return None

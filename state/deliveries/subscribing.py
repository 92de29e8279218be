"""The form of a subscription: a new one to the dashboard that is open, with what it shows, or one that is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import DashboardView, Overrides
from backend_services.dashboards.subscriptions import service as subscriptions
from backend_services.dashboards.subscriptions.schemas import SubscriptionChange, SubscriptionCreate
from backend_services.datasets.catalogue import RelativePeriod
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.webhooks import service as webhooks
from state.dashboards import place
from state.dashboards.conditions import FilterChoice
from state.dashboards.told import RecipientChoice
from state.dashboards.view import DashboardViewState
from state.dashboards.where import identity, offered_fields
from state.deliveries.form import EMPTY, OWN, chosen_of, form_of, period_name
from state.deliveries.page import DeliveriesState
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.policy import requires
from state.session import actor_of
from state.wording import when

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

WRITE = Permission.DASHBOARDS_SUBSCRIPTION_WRITE
WHOLE = ""
LISTED = 200


class SubscribingState(RecipientChoice, FilterChoice, rx.State):
    """What the form shows; ``editing`` is the id of the subscription that is changed, empty for a new one."""

    opened: bool = False
    editing: str = ""
    values: dict[str, str] = EMPTY
    kind: str = "daily"
    channel: str = "mail"
    tiles: list[dict[str, str]] = []
    periods: list[dict[str, str]] = []
    webhooks: list[dict[str, str]] = []
    problems: list[dict[str, str]] = []
    _known: dict[str, Any] = {}
    _version: int = 0
    _dashboard: str = ""
    _period: dict[str, Any] = {}

    @rx.event
    @requires(WRITE)
    async def open(self) -> None:
        """Open the form for the dashboard of the address."""
        await self._open(WHOLE)

    @rx.event
    @requires(WRITE)
    async def open_for(self, tile_id: str) -> None:
        """Open the form for one figure of the dashboard."""
        await self._open(tile_id)

    async def _open(self, tile_id: str) -> None:
        actor, seen = await actor_of(self), place.read(self.router.url.query_parameters)
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.get_dashboard(actor, session, identity(self))
            chosen = view.spec.tile(tile_id)
            title = view.title if chosen is None else chosen.title
            self.editing, self._known, self._version = "", {}, 0
            self.values = EMPTY | {
                "title": title,
                "tile": WHOLE if chosen is None else chosen.id,
                "period": period_name(seen.relative),
                "time_zone": actor.time_zone,
            }
            await self._offer(actor, session, view, own_period=seen.relative)
            self._show_filters(seen.filters, actor.language)
            await self._show_told(actor, session, user_ids=(), roles=())
            self.opened = True

    @rx.event
    @requires(WRITE)
    async def edit(self, subscription_id: str) -> None:
        """Open the form of a subscription as it stands."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            one = await subscriptions.get_subscription(actor, session, id_of(subscription_id))
            view = await dashboards.get_dashboard(actor, session, one.dashboard_id)
            known = SubscriptionChange.model_validate(one.model_dump(include=set(SubscriptionChange.model_fields)))
            self.editing, self._known, self._version = str(one.id), known.model_dump(mode="json"), one.version
            self.values = form_of(known)
            await self._offer(actor, session, view, own_period=known.period)
            self._show_filters(known.filters, actor.language)
            to = known.recipients
            await self._show_told(actor, session, user_ids=to.user_ids, roles=to.roles)
            self.opened = True

    async def _offer(
        self, actor: Actor, session: AsyncSession, view: DashboardView, *, own_period: RelativePeriod | None
    ) -> None:
        """Read what can be chosen."""
        language = actor.language
        whole = {"value": WHOLE, "label": text("deliveries.whole", language)}
        self.tiles = [whole, *({"value": one.id, "label": one.title} for one in view.spec.tiles)]
        names = ["", *place.PERIODS, *([OWN] if self.values["period"] == OWN else [])]
        labels = {"": "dashboards.period.own", OWN: "deliveries.period_own"}
        self.periods = [
            {"value": name, "label": text(labels.get(name, f"dashboards.period.{name}"), language)} for name in names
        ]
        self.webhooks = await _webhooks(actor, session)
        self._offer_fields(*await offered_fields(actor, session, view.spec))
        self._dashboard = str(view.id)
        self._period = own_period.model_dump(mode="json") if own_period else {}
        self.kind, self.channel, self.problems = self.values["kind"], self.values["channel"], []

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def download(self, kind: str) -> Any:
        """Have the browser fetch the dashboard as a file, with the period and filters that are shown."""
        view = await self.get_state(DashboardViewState)
        actor = await actor_of(self)
        language: Any = actor.language
        seen = place.read(self.router.url.query_parameters)
        overrides = Overrides(period=seen.relative, filters=seen.filters, language=language)
        chosen = "png" if kind == "png" else "pdf"
        query = urlencode({"overrides": overrides.model_dump_json(exclude_none=True)})
        return rx.download(
            url=f"/api/v1/dashboards/{identity(self)}/{chosen}?{query}", filename=f"{view.title}.{chosen}"
        )

    @rx.event
    @requires(WRITE)
    async def choose_kind(self, kind: str) -> None:
        """Show the fields that this kind of schedule needs."""
        self.kind = kind

    @rx.event
    @requires(WRITE)
    async def choose_channel(self, channel: str) -> None:
        """Show the fields that this way needs."""
        self.channel = channel

    @rx.event
    @requires(WRITE)
    async def close(self) -> None:
        """Close the form."""
        self.opened, self.problems = False, []

    @rx.event
    @requires(WRITE)
    async def save(self, form: dict[str, Any]) -> Any:
        """Subscribe as the form says, or change the subscription that is open."""
        actor = await actor_of(self)
        if not self.opened:  # sent twice, and the first time closed it
            return None
        self.problems = self._forgotten(actor.language) if self.channel != "webhook" else []
        chosen = form | {"kind": self.kind, "channel": self.channel}  # the browser shows these a moment later
        request = None if self.problems else self._request(chosen, actor.language)
        if request is None:
            return None
        async with refusals_as_flash(self):
            said = await self._keep(actor, request)
            changed, self.opened = self.editing != "", False
            await flash(self, said)
            return DeliveriesState.load if changed else None
        return None

    def _request(self, form: dict[str, Any], language: str) -> SubscriptionChange | None:
        """Return what the form says, or nothing and what is wrong with it."""
        known = SubscriptionChange.model_validate(self._known) if self._known else None
        chosen = chosen_of(
            form,
            known,
            own_period=RelativePeriod.model_validate(self._period) if self._period else None,
            filters=self._chosen_filters(),
            user_ids=self._told_ids(),
            roles=self._told_roles(),
        )
        try:
            return SubscriptionChange.model_validate(chosen)
        except ValidationError as error:
            self.problems = problems_of(error, language, area="deliveries")
            return None

    async def _keep(self, actor: Actor, request: SubscriptionChange) -> str:
        """Store what was chosen and return what is said of it."""
        async with transaction(actor) as session:
            if self.editing:
                saved = await subscriptions.update_subscription(
                    actor, session, id_of(self.editing), request, expected_version=self._version
                )
                return text("deliveries.saved", actor.language, title=saved.title)
            create = SubscriptionCreate(**request.model_dump(), dashboard_id=UUID(self._dashboard))
            made = await subscriptions.create_subscription(actor, session, create)
            return text("deliveries.made", actor.language, title=made.title, time=when(made.next_at, actor))


async def _webhooks(actor: Actor, session: AsyncSession) -> list[dict[str, str]]:
    """Return where files may be posted to; nothing for those who may not send outside the team."""
    if not (actor.can(Permission.KERNEL_WEBHOOK_READ) and actor.can(Permission.DASHBOARDS_SUBSCRIPTION_OUTSIDE)):
        return []
    page = await webhooks.list_webhooks(actor, session, PageRequest(limit=LISTED))
    return [{"value": str(one.id), "label": one.name} for one in page.items]

"""The first start: language, owner account; the data and the first dashboard follow when signed in."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any
from uuid import UUID

import reflex as rx

from backend_services.datasets import service as datasets
from backend_services.datasets.schemas import IngestionStarted
from backend_services.identity import service as identity
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import has_text, text
from backend_services.kernel.permissions import Permission
from state.builder.page import examples_for
from state.datasets.detail import ingestion_card
from state.feedback import refusals_as_flash
from state.listing import address
from state.live import job_changes
from state.policy import public, requires
from state.session import actor_of, signed_in_actor
from state.shell import ShellState


class SetupState(rx.State):
    """The steps before there is an account."""

    step: int = 1
    token: str = ""
    closed: bool = False
    problem: str = ""

    @rx.event
    @public
    async def load(self) -> None:
        """Take the one-time token from the address and say whether set-up is still open."""
        parameters = self.router.url.query_parameters
        self.token = parameters.get("token", "")[:200]
        self.closed = not self.token or not await identity.setup_open(self.token)
        code = parameters.get("error", "")
        shell = await self.get_state(ShellState)
        self.problem = refusal_text(code, shell.language) if code else ""
        self.step = 2 if code else 1

    @rx.event
    @public
    async def go(self, step: int) -> None:
        """Go to a step that is open."""
        if step in {1, 2}:
            self.step = step


def refusal_text(code: str, language: str) -> str:
    """Return what to do about a refusal, from the code that stands in the address; anybody may have written it."""
    place = code.removeprefix("invalid_")
    keys = [f"errors.{code}", f"people.fix.{'name' if place == 'tenant_name' else place}"]
    parts = code.split("_")
    keys += [f"errors.{'_'.join(parts[:count])}" for count in range(len(parts) - 1, 0, -1)]
    return text(next((key for key in keys if has_text(key, language)), "errors.invalid_input"), language)


class WelcomeState(rx.State):
    """The steps with the new account: some data, and a first question."""

    step: int = 3
    samples: list[dict[str, Any]] = []
    job: dict[str, Any] = {}
    dataset_id: str = ""
    dataset_name: str = ""
    examples: list[str] = []
    busy: str = ""

    @rx.event
    @requires(Permission.DATASETS_DATASET_WRITE)
    async def load(self) -> Any:
        """Offer the samples; with a dataset in the address, go on to the first question."""
        actor = await actor_of(self)
        dataset_id = self.router.url.query_parameters.get("dataset", "")
        self.job, self.busy = {}, ""
        if dataset_id:
            self.dataset_id, self.step = dataset_id, 4
            return WelcomeState.follow
        self.step = 3
        async with refusals_as_flash(self), transaction(actor) as session:
            self.samples = [
                {
                    "id": one.id,
                    "title": one.title.in_language(actor.language),
                    "text": one.description.in_language(actor.language),
                    "generated": one.generated,
                }
                for one in await datasets.list_samples(actor, session)
            ]
        return None

    @rx.event
    @requires(Permission.DATASETS_DATASET_WRITE)
    async def take(self, sample_id: str) -> Any:
        """Copy a sample and go on."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            started = await datasets.take_sample(actor, session, sample_id)
            return rx.redirect(f"/welcome?dataset={started.dataset_id}")
        return None

    @rx.event
    @requires(Permission.DATASETS_DATASET_WRITE)
    async def sent(self, answer: str) -> Any:
        """Go on with the dataset that an upload has begun."""
        try:
            started = IngestionStarted.model_validate_json(answer)
        except ValueError:
            return None
        return rx.redirect(f"/welcome?dataset={started.dataset_id}")

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_BUILD)
    async def ask(self, form: dict[str, Any]) -> Any:
        """Take the question to the builder."""
        question = str(form.get("q", "")).strip()
        return rx.redirect(address("/builder", {"dataset": self.dataset_id, "q": question})) if question else None

    @rx.event(background=True)
    @requires(Permission.DATASETS_DATASET_READ)
    async def follow(self) -> None:
        """Show the ingestion until the data is there, then questions it can answer."""
        async with self:
            actor = await actor_of(self)
            try:
                dataset_id = UUID(self.dataset_id)
            except ValueError:
                self.step = 3
                return
        async with aclosing(job_changes(actor.tenant_id)) as changes:
            async for _ in changes:
                async with transaction(actor) as session:
                    view = await datasets.latest_ingestion(actor, session, dataset_id)
                async with self:
                    if await signed_in_actor(self) is None or self.dataset_id != str(dataset_id):
                        return
                    self.job = {} if view is None else ingestion_card(view, actor)
                    if view is not None and view.status == "failed":
                        return
                    if not self.job.get("open"):
                        break
        async with self:
            actor = await actor_of(self)
            self.job = {}
            async with refusals_as_flash(self), transaction(actor) as session:
                one = await datasets.get_dataset(actor, session, dataset_id)
                catalogue = await datasets.get_catalogue(actor, session, dataset_id)
                self.dataset_name = one.title.in_language(actor.language) or one.name
                self.examples = [text("setup.overview", actor.language), *examples_for(catalogue, actor.language)]

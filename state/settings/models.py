"""Settings: where language models run, which are there, which the builder uses, and downloads as they go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx

from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import format_number, format_short, text
from backend_services.kernel.permissions import Permission
from backend_services.llm import service as llm
from backend_services.llm.errors import LlmUnavailableError
from backend_services.llm.schemas import LlmStatus, ModelDelete, ModelInfo, ModelPull
from state.feedback import flash, refusals_as_flash
from state.following import Following
from state.jobs import cancelling
from state.live import job_changes
from state.policy import requires
from state.session import actor_of
from state.wording import job_row

if TYPE_CHECKING:
    from backend_services.kernel.actor import Actor

_MB, _GB = 1_000_000, 1_000_000_000


class ModelsState(Following, rx.State):
    """What the section about language models shows."""

    loaded: bool = False
    server: str = ""
    url: str = ""
    version: str = ""
    setting: str = ""
    embedded: str = ""
    helps: str = ""
    chosen: str = ""
    manages: bool = False
    models: list[dict[str, Any]] = []
    pulls: list[dict[str, Any]] = []
    doomed: str = ""

    @rx.event
    @requires(Permission.LLM_MODEL_READ)
    async def load(self) -> Any:
        """Ask the servers, read the choice, and follow downloads that run."""
        self.doomed = ""
        await self._read()
        return ModelsState.follow

    async def _read(self) -> None:
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            status = await llm.status(actor)
            try:
                models = await llm.server_models(actor) if status.ollama.state == "ok" else ()
            except LlmUnavailableError:
                models = ()
            self._show(status, models, actor)
            await self._read_pulls(actor)

    async def _read_pulls(self, actor: Actor) -> None:
        async with transaction(actor) as session:
            self.pulls = [job_row(job, actor) for job in await llm.pulls(actor, session)]

    def _show(self, status: LlmStatus, models: tuple[ModelInfo, ...], actor: Actor) -> None:
        language = actor.language
        self.server, self.url, self.version = status.ollama.state, status.ollama.url, status.ollama.version
        self.embedded, self.chosen = status.embedded.state, status.chosen or ""
        self.setting = text(f"models.setting.{status.setting}", language)
        self.manages = status.manages
        kind = "none" if status.used is None else ("decides" if status.may_decide else "small")
        self.helps = text(f"models.helps.{kind}", language, model=status.used or "")
        self.models = [_row(one, status, language) for one in models]
        self.loaded = True

    @rx.event(background=True)
    @requires(Permission.LLM_MODEL_READ)
    async def follow(self) -> None:
        """Read again as downloads go on, while one runs and the section is open."""
        async with self:
            actor = await actor_of(self)
        await self._follow("pulls", job_changes(actor.tenant_id), self._again)

    async def _again(self) -> bool:
        if not self._is_open():
            return False
        await self._read_pulls(await actor_of(self))
        if self._is_open():
            return True
        await self._read()
        return False

    def _is_open(self) -> bool:
        shown = self.router.url.query_parameters.get("tab") == "models"
        return shown and any(row["open"] for row in self.pulls)

    @rx.event
    @requires(Permission.LLM_MODEL_WRITE)
    async def pull(self, form: dict[str, Any]) -> Any:
        """Have the server download a model."""
        actor = await actor_of(self)
        name = str(form.get("model", "")).strip()
        if not name:
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await llm.pull_model(actor, session, ModelPull(model=name[:200]))
            await self._read_pulls(actor)
        return ModelsState.follow

    @rx.event
    @requires(Permission.KERNEL_JOB_CANCEL)
    async def cancel(self, job_id: str) -> Any:
        """Stop a download; what is loaded is kept."""
        await cancelling.cancel(self, job_id)
        return ModelsState.load

    @rx.event
    @requires(Permission.LLM_MODEL_WRITE)
    async def choose(self, name: str) -> Any:
        """Let the builder use this model; an empty name leaves it to the install."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            await llm.choose_model(actor, name or None)
            key = "models.chosen_said" if name else "models.unchosen_said"
            await flash(self, text(key, actor.language, model=name))
        return ModelsState.load

    @rx.event
    @requires(Permission.LLM_MODEL_WRITE)
    async def ask_delete(self, name: str) -> None:
        """Ask before a model is deleted."""
        self.doomed = name

    @rx.event
    @requires(Permission.LLM_MODEL_WRITE)
    async def keep(self) -> None:
        """Delete nothing."""
        self.doomed = ""

    @rx.event
    @requires(Permission.LLM_MODEL_WRITE)
    async def delete(self, form: dict[str, Any]) -> Any:
        """Delete the model if its name was typed."""
        actor, name = await actor_of(self), self.doomed
        async with refusals_as_flash(self):
            await llm.delete_model(actor, name, ModelDelete(confirmation=str(form.get("word", ""))[:200]))
            self.doomed = ""
            await flash(self, text("models.deleted", actor.language, model=name))
            return ModelsState.load
        return None


def _row(one: ModelInfo, status: LlmStatus, language: str) -> dict[str, Any]:
    unit, size = ("GB", _GB) if (one.size_bytes or 0) >= _GB else ("MB", _MB)
    shown = (
        f"{format_number(one.size_bytes / size, language, decimals=1)}\N{NO-BREAK SPACE}{unit}"
        if one.size_bytes
        else ""
    )
    return {
        "id": one.name,
        "name": one.name,
        "size": shown,
        "parameters": format_short(one.parameters, language) if one.parameters else "",
        "quantization": one.quantization,
        "chats": one.chats,
        "used": one.name == status.used,
        "chosen": one.name == status.chosen,
    }

"""Which models are there: listing, downloading, deleting, and choosing the one that the builder uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from backend_services.kernel import journal
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import field_text, text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.schemas import ENDED, JobFilter
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.llm import queries
from backend_services.llm.adapters.ollama import OllamaModels
from backend_services.llm.errors import (
    ModelConfirmationError,
    ModelNameInvalidError,
    ModelNotFoundError,
    ModelsOfOperatorError,
)
from backend_services.llm.models import ModelChoice
from backend_services.llm.names import is_name, tagged
from backend_services.llm.schemas import ModelPull
from backend_services.llm.settings import get_llm_settings, get_ollama_settings

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.jobs.schemas import JobView
    from backend_services.llm.schemas import ModelDelete, ModelInfo

PULL_JOB: Final = "llm.pull_model"


def ollama(model: str | None = None) -> OllamaModels:
    """Return the Ollama server of the settings, to be asked with ``model`` where one is given."""
    settings = get_ollama_settings()
    wanted = settings.model_copy(update={"model": model}) if model else settings
    return OllamaModels(wanted, timeout_s=get_llm_settings().timeout_s)


def manages(actor: Actor) -> bool:
    """Return whether the actor may change which models the server holds."""
    return actor.is_operator and actor.can(Permission.LLM_MODEL_WRITE)


def _require_manager(actor: Actor) -> None:
    actor.require(Permission.LLM_MODEL_WRITE)
    if not actor.is_operator:
        raise ModelsOfOperatorError


def subject_of(name: str) -> UUID:
    """Return what jobs about a model have as their subject, the same for every way to write its name."""
    return uuid5(NAMESPACE_URL, f"ollama:{tagged(name)}")


async def pull_model(actor: Actor, session: AsyncSession, request: ModelPull) -> JobView:
    """Ask for a model to be downloaded, as a job; while one runs for the same model, return that one.

    Raises:
        PermissionDeniedError: The actor may not write models, or does not belong to the operator.
        ModelNameInvalidError: No model can be called so.
    """
    _require_manager(actor)
    if not is_name(request.model):
        raise ModelNameInvalidError(fields={"model": field_text("errors.llm_model_name_invalid")})
    name = tagged(request.model)
    await queries.lock(session, f"llm.pull:{name}")
    reader = PageRequest(limit=1, sort="-created_at")
    wanted = JobFilter(name=PULL_JOB, subject_id=subject_of(name))
    for job in (await jobs.list_jobs(actor, session, reader, wanted)).items:
        if job.state not in ENDED and not job.cancel_requested:
            return job
    title = text("llm.pulling", actor.language, model=name)
    made = await jobs.enqueue(
        actor, session, name=PULL_JOB, payload=ModelPull(model=name), title=title, subject_id=subject_of(name)
    )
    await _note(actor, session, "llm.model.pull", name)
    return made


async def pulls(actor: Actor, session: AsyncSession, *, limit: int = 5) -> tuple[JobView, ...]:
    """Return the latest downloads, newest first."""
    actor.require(Permission.LLM_MODEL_READ)
    page = await jobs.list_jobs(actor, session, PageRequest(limit=limit), JobFilter(name=PULL_JOB))
    return page.items


async def delete_model(actor: Actor, name: str, request: ModelDelete) -> None:
    """Delete a model from the server.

    Raises:
        PermissionDeniedError: The actor may not write models, or does not belong to the operator.
        ModelConfirmationError: The name typed out is another.
        ModelNotFoundError: The server has no such model.
        LlmUnavailableError: The server does not answer.
    """
    _require_manager(actor)
    if not is_name(name):
        raise ModelNotFoundError(params={"model": name[:80]})
    if request.confirmation != name:
        raise ModelConfirmationError(fields={"confirmation": field_text("errors.llm_model_confirmation_wrong")})
    await ollama().delete(name)
    async with transaction(actor) as session:
        await _note(actor, session, "llm.model.delete", name)


async def choose_model(actor: Actor, model: str | None) -> str | None:
    """Let the organisation's builder use this model of the server; ``None`` leaves it to the install.

    Raises:
        PermissionDeniedError: The actor may not write models.
        ModelNotFoundError: The server has no such model, or it cannot chat.
        LlmUnavailableError: The server does not answer.
    """
    actor.require(Permission.LLM_MODEL_WRITE)
    if model is not None:
        model = tagged(model)
        if not any(tagged(one.name) == model and one.chats for one in await ollama().models()):
            raise ModelNotFoundError(params={"model": model})
    async with transaction(actor) as session:
        await queries.lock(session, f"llm.choice:{actor.tenant_id}")
        row = await queries.choice_of(actor, session)
        if model is None:
            if row is not None:
                await session.delete(row)
        elif row is None:
            session.add(ModelChoice(tenant_id=actor.tenant_id, model=model))
        else:
            row.model = model
        await _note(actor, session, "llm.model.choose", model or "")
    return model


async def chosen_model(actor: Actor) -> str | None:
    """Return the model that the actor's organisation chose."""
    async with transaction(actor) as session:
        row = await queries.choice_of(actor, session)
    return row.model if row is not None else None


async def server_models(actor: Actor) -> tuple[ModelInfo, ...]:
    """Return the models that the Ollama server holds.

    Raises:
        OllamaAwayError: No server answers.
    """
    actor.require(Permission.LLM_MODEL_READ)
    return await ollama().models()


async def _note(actor: Actor, session: AsyncSession, action: str, name: str) -> None:
    await journal.note(
        actor,
        session,
        action=action,
        subject_type="model",
        subject_id=subject_of(name) if name else None,
        subject_label=name,
    )

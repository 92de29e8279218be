"""The Ollama server and its models."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from backend_services.kernel.jobs.schemas import JobView
from backend_services.kernel.permissions import Permission
from backend_services.llm import service
from backend_services.llm.names import LONGEST
from backend_services.llm.schemas import LlmHealth, LlmStatus, ModelChoiceChange, ModelDelete, ModelInfo, ModelPull
from state.api.deps import ActorDep, SessionDep, needs
from state.api.faults import in_language

router = APIRouter(prefix="/api/v1/ollama", tags=["ollama"])

READ = needs(Permission.LLM_MODEL_READ)
WRITE = needs(Permission.LLM_MODEL_WRITE)
NameDep = Annotated[str, Path(max_length=LONGEST, description="As the list has it, such as `qwen3:8b`.")]


@router.get("/health", operation_id="ollama_health", **READ)
async def health() -> LlmHealth:
    """Ask the model server whether it answers; where not, `detail` says what to do."""
    return await service.health()


@router.get("/status", operation_id="ollama_status", **READ)
async def status(actor: ActorDep) -> LlmStatus:
    """Show where models run, which one the builder uses, and what you may do about it."""
    return await service.status(actor)


@router.get("/models", operation_id="ollama_models", **READ)
async def models(actor: ActorDep) -> tuple[ModelInfo, ...]:
    """Return the models that can be used; 503 where no server answers."""
    return await service.list_models(actor)


@router.post("/models/pull", operation_id="ollama_pull", status_code=202, **WRITE)
async def pull(body: ModelPull, request: Request, actor: ActorDep, session: SessionDep, response: Response) -> JobView:
    """Download a model onto the server, as a job with progress; of two at once the second joins the first."""
    job = await service.pull_model(actor, session, body)
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return in_language(job, request)


@router.put("/choice", operation_id="ollama_choose", **WRITE)
async def choose(body: ModelChoiceChange, actor: ActorDep) -> LlmStatus:
    """Choose the model that your organisation's builder uses; `null` leaves it to the install."""
    await service.choose_model(actor, body.model)
    return await service.status(actor)


@router.delete("/models/{name:path}", operation_id="ollama_delete", status_code=204, **WRITE)
async def delete(name: NameDep, body: ModelDelete, actor: ActorDep) -> None:
    """Delete a model from the server; the confirmation is its name, typed out."""
    await service.delete_model(actor, name, body)

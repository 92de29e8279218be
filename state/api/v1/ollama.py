"""The Ollama server and its models."""

from __future__ import annotations

from fastapi import APIRouter

from backend_services.kernel.permissions import Permission
from backend_services.llm import service
from backend_services.llm.schemas import LlmHealth, ModelInfo
from state.api.deps import ActorDep, needs

router = APIRouter(prefix="/api/v1/ollama", tags=["ollama"])


@router.get("/health", operation_id="ollama_health", **needs(Permission.LLM_MODEL_READ))
async def health() -> LlmHealth:
    """Ask the model server whether it answers."""
    return await service.health()


@router.get("/models", operation_id="ollama_models", **needs(Permission.LLM_MODEL_READ))
async def models(actor: ActorDep) -> tuple[ModelInfo, ...]:
    """Return the models that can be used."""
    return await service.list_models(actor)

"""The first start."""

from __future__ import annotations

from fastapi import APIRouter, Response

from backend_services.identity import service
from backend_services.identity.schemas import SetupRequest, TokenPair
from backend_services.kernel.schemas import Strict
from state.api.deps import CallerDep, public

router = APIRouter(prefix="/api/v1/setup", tags=["setup"])


class SetupState(Strict):
    """Whether the install has an owner."""

    done: bool


@router.get("", operation_id="setup_state", **public())
async def setup_state() -> SetupState:
    """Say whether the install has been set up."""
    return SetupState(done=await service.is_set_up())


@router.post("", operation_id="setup_complete", status_code=201, **public())
async def set_up(body: SetupRequest, caller: CallerDep, response: Response) -> TokenPair:
    """Make the operator and its owner with the token of the set-up link; works once."""
    response.headers["Cache-Control"] = "no-store"
    standing = await service.set_up(body, caller)
    return await service.open_token_family(standing, caller)

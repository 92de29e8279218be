"""Sign-in over REST and the caller's own account."""

from __future__ import annotations

from fastapi import APIRouter, Response

from backend_services.identity import service
from backend_services.identity.schemas import (
    AccountView,
    LoginRequest,
    PasswordChange,
    ProfileUpdate,
    RefreshRequest,
    RegisterRequest,
    TokenPair,
)
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, CallerDep, SessionDep, needs, public, signed_in

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])


def _secret(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


@router.post("/login", operation_id="auth_login", **public())
async def login(body: LoginRequest, caller: CallerDep, response: Response) -> TokenPair:
    """Give an access token and a refresh token for an e-mail address and a password."""
    _secret(response)
    return await service.login(body, caller)


@router.post("/register", operation_id="auth_register", status_code=201, **public())
async def register(body: RegisterRequest, caller: CallerDep, response: Response) -> TokenPair:
    """Make a new customer with its owner, and sign the owner in."""
    _secret(response)
    standing = await service.register(body, caller)
    return await service.open_token_family(standing, caller)


@router.post("/refresh", operation_id="auth_refresh", **public())
async def refresh(body: RefreshRequest, caller: CallerDep, response: Response) -> TokenPair:
    """Change a refresh token for a new pair; each is good once."""
    _secret(response)
    return await service.refresh(body, caller)


@router.post("/logout", operation_id="auth_logout", status_code=204, **signed_in())
async def logout(actor: ActorDep, session: SessionDep) -> None:
    """End the session that the access token or the cookie belongs to."""
    await service.sign_out(actor, session)


@router.get("/me", operation_id="auth_me", **signed_in())
async def me(actor: ActorDep, session: SessionDep) -> AccountView:
    """Say who is calling and what they may do."""
    return await service.me(actor, session)


@router.patch("/me", operation_id="auth_update_profile", **needs(Permission.SELF_ACCOUNT_WRITE))
async def update_profile(body: ProfileUpdate, actor: ActorDep, session: SessionDep) -> AccountView:
    """Change the caller's name, language or time zone."""
    return await service.update_profile(actor, session, body)


@router.post(
    "/password/change", operation_id="auth_change_password", status_code=204, **needs(Permission.SELF_ACCOUNT_WRITE)
)
async def change_password(body: PasswordChange, actor: ActorDep, session: SessionDep) -> None:
    """Set a new password; every other session of the caller ends."""
    await service.change_password(actor, session, body)

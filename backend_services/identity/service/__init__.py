"""Use cases of identity."""

from backend_services.identity.service.credentials import (
    Caller,
    authenticate_api_key,
    authenticate_bearer,
    authenticate_session,
    load_actor,
)

__all__ = [
    "Caller",
    "authenticate_api_key",
    "authenticate_bearer",
    "authenticate_session",
    "load_actor",
]

"""Routes below ``/api/v1``, an area a module."""

from fastapi import APIRouter

from state.api.v1 import (
    analytics,
    api_keys,
    audit,
    auth,
    builder,
    dashboards,
    health,
    jobs,
    members,
    ollama,
    sessions,
    setup,
    tenants,
)

ROUTERS: tuple[APIRouter, ...] = (
    analytics.router,
    api_keys.router,
    audit.router,
    auth.router,
    builder.router,
    dashboards.router,
    health.router,
    jobs.router,
    members.router,
    ollama.router,
    sessions.router,
    setup.router,
    tenants.router,
)

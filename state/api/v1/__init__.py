"""Routes below ``/api/v1``, an area a module."""

from fastapi import APIRouter

from state.api.v1 import (
    analytics,
    api_keys,
    audit,
    auth,
    builder,
    dashboards,
    datasets,
    health,
    ingestion,
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
    datasets.router,
    health.router,
    ingestion.router,
    jobs.router,
    members.router,
    ollama.router,
    sessions.router,
    setup.router,
    tenants.router,
)

"""Routes below ``/api/v1``, an area a module."""

from fastapi import APIRouter

from state.api.v1 import analytics, api_keys, audit, auth, dashboards, members, sessions, setup, tenants

ROUTERS: tuple[APIRouter, ...] = (
    analytics.router,
    api_keys.router,
    audit.router,
    auth.router,
    dashboards.router,
    members.router,
    sessions.router,
    setup.router,
    tenants.router,
)

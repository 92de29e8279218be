"""Health and metrics: for people, balancers and Prometheus."""

from __future__ import annotations

import hmac
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from backend_services.kernel.errors import UnauthenticatedError
from backend_services.kernel.metrics import CONTENT_TYPE
from backend_services.kernel.permissions import Permission
from backend_services.kernel.schemas import Strict
from backend_services.operations import service
from backend_services.operations.schemas import HealthReport, SystemStatus
from backend_services.operations.settings import get_operations_settings
from state.api.deps import ActorDep, needs, public

router = APIRouter(tags=["health"])

UNAVAILABLE = 503


class Live(Strict):
    """This process answers."""

    status: Literal["ok"] = "ok"


@router.get("/api/health", operation_id="health", responses={503: {"model": HealthReport}}, **public())
async def health(response: Response) -> HealthReport:
    """Ask PostgreSQL, Valkey, a worker, the disk and Ollama; 503 when one that is needed does not answer."""
    return _answered(await service.health(), response)


@router.get("/api/health/live", operation_id="health_live", **public())
async def live() -> Live:
    """Say that this process runs. Restart it when it does not answer."""
    return Live()


@router.get("/api/health/ready", operation_id="health_ready", responses={503: {"model": HealthReport}}, **public())
async def ready(response: Response) -> HealthReport:
    """Say whether this process can take requests: it reaches PostgreSQL and Valkey."""
    return _answered(await service.health(ready_only=True), response)


def _answered(report: HealthReport, response: Response) -> HealthReport:
    response.headers["Cache-Control"] = "no-store"
    if report.status == "down":
        response.status_code = UNAVAILABLE
    return report


@router.get("/api/v1/system/status", operation_id="system_status", **needs(Permission.OPERATIONS_HEALTH_READ))
async def system_status(actor: ActorDep) -> SystemStatus:
    """Show versions, disk, queues and workers. For the team that runs the install."""
    return await service.system_status(actor)


@router.get("/metrics", operation_id="metrics", response_class=PlainTextResponse, **public())
async def metrics(request: Request) -> Response:
    """Answer in Prometheus' text format, for all processes. With `OMNI_METRICS_TOKEN` set, ask for it as a bearer."""
    token = get_operations_settings().metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        raise UnauthenticatedError
    return Response(await service.metrics_page(), media_type=CONTENT_TYPE)

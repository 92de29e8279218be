"""Every table of the platform. Alembic reads only this."""

from sqlmodel import SQLModel

from backend_services.audit import models as audit_models
from backend_services.dashboards import models as dashboards_models
from backend_services.dashboards.alerts import models as alerts_models
from backend_services.dashboards.embeds import models as embeds_models
from backend_services.dashboards.subscriptions import models as subscriptions_models
from backend_services.datasets import models as datasets_models
from backend_services.datasets import rules_models as datasets_rules_models
from backend_services.datasets.connections import models as connections_models
from backend_services.identity import models as identity_models
from backend_services.kernel.events import models as events_models
from backend_services.kernel.idempotency import models as idempotency_models
from backend_services.kernel.jobs import models as jobs_models
from backend_services.kernel.secrets import models as secrets_models
from backend_services.kernel.webhooks import models as webhooks_models
from backend_services.llm import models as llm_models
from backend_services.metering import models as metering_models

metadata = SQLModel.metadata

__all__ = [
    "alerts_models",
    "audit_models",
    "connections_models",
    "dashboards_models",
    "datasets_models",
    "datasets_rules_models",
    "embeds_models",
    "events_models",
    "idempotency_models",
    "identity_models",
    "jobs_models",
    "llm_models",
    "metadata",
    "metering_models",
    "secrets_models",
    "subscriptions_models",
    "webhooks_models",
]

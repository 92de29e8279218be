"""Every permission there is, alphabetical, as ``area:resource:action``."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What an actor may do. Services name one; roles (``identity.roles``) bundle them."""

    AUDIT_EVENT_EXPORT = "audit:event:export"
    AUDIT_EVENT_READ = "audit:event:read"
    DASHBOARDS_DASHBOARD_BUILD = "dashboards:dashboard:build"
    DASHBOARDS_DASHBOARD_DELETE = "dashboards:dashboard:delete"
    DASHBOARDS_DASHBOARD_READ = "dashboards:dashboard:read"
    DASHBOARDS_DASHBOARD_SHARE = "dashboards:dashboard:share"
    DASHBOARDS_DASHBOARD_WRITE = "dashboards:dashboard:write"
    DATASETS_CATALOGUE_WRITE = "datasets:catalogue:write"
    DATASETS_DATASET_DELETE = "datasets:dataset:delete"
    DATASETS_DATASET_READ = "datasets:dataset:read"
    DATASETS_DATASET_WRITE = "datasets:dataset:write"
    DATASETS_PLATFORM_READ = "datasets:platform:read"
    DATASETS_RULE_READ = "datasets:rule:read"
    DATASETS_RULE_WRITE = "datasets:rule:write"
    DATASETS_SQL_RUN = "datasets:sql:run"
    IDENTITY_API_KEY_READ = "identity:api_key:read"
    IDENTITY_API_KEY_WRITE = "identity:api_key:write"
    IDENTITY_MEMBER_READ = "identity:member:read"
    IDENTITY_MEMBER_WRITE = "identity:member:write"
    IDENTITY_SESSION_READ = "identity:session:read"
    IDENTITY_SESSION_REVOKE = "identity:session:revoke"
    IDENTITY_TENANT_READ = "identity:tenant:read"
    IDENTITY_TENANT_WRITE = "identity:tenant:write"
    KERNEL_JOB_CANCEL = "kernel:job:cancel"
    KERNEL_JOB_READ = "kernel:job:read"
    KERNEL_JOB_RETRY = "kernel:job:retry"
    LLM_MODEL_READ = "llm:model:read"
    LLM_MODEL_WRITE = "llm:model:write"
    OPERATIONS_HEALTH_READ = "operations:health:read"
    OPERATIONS_METRICS_READ = "operations:metrics:read"
    SELF_ACCOUNT_READ = "self:account:read"
    SELF_ACCOUNT_WRITE = "self:account:write"

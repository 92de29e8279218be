"""The built-in roles and what each allows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from backend_services.identity.errors import RoleUnknownError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable


class Role(StrEnum):
    """Names of the built-in roles."""

    ADMIN = "admin"
    ANALYST = "analyst"
    DATA_SCIENTIST = "data_scientist"
    DEVELOPER = "developer"
    FINANCE = "finance"
    OPERATOR = "operator"
    OWNER = "owner"
    PRIVACY_OFFICER = "privacy_officer"
    SECURITY_OFFICER = "security_officer"
    SUPPORT = "support"
    VIEWER = "viewer"


NAMES = frozenset(role.value for role in Role)
_P = Permission
_SELF = frozenset({_P.SELF_ACCOUNT_READ, _P.SELF_ACCOUNT_WRITE})
_READER = _SELF | {
    _P.DASHBOARDS_ALERT_READ,
    _P.DASHBOARDS_ALERT_WRITE,
    _P.DASHBOARDS_COMMENT_WRITE,
    _P.DASHBOARDS_DASHBOARD_READ,
    _P.DASHBOARDS_SUBSCRIPTION_WRITE,
    _P.DATASETS_DATASET_READ,
    _P.KERNEL_JOB_READ,
    _P.IDENTITY_TENANT_READ,
}
_BUILDER = _READER | {
    _P.DASHBOARDS_DASHBOARD_BUILD,
    _P.DASHBOARDS_DASHBOARD_SHARE,
    _P.DASHBOARDS_DASHBOARD_WRITE,
    _P.LLM_MODEL_READ,
}
_ANALYST = _BUILDER | {
    _P.DASHBOARDS_DASHBOARD_DELETE,
    _P.DASHBOARDS_EMBED_WRITE,
    _P.DATASETS_CATALOGUE_WRITE,
    _P.DATASETS_CONNECTION_READ,
    _P.DATASETS_DATASET_WRITE,
    _P.DATASETS_PLATFORM_READ,
    _P.DATASETS_RULE_READ,
    _P.DATASETS_SQL_RUN,
    _P.KERNEL_JOB_CANCEL,
    _P.KERNEL_JOB_RETRY,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.ANALYST: _ANALYST,
    Role.DATA_SCIENTIST: _ANALYST | {_P.DATASETS_CONNECTION_WRITE, _P.DATASETS_DATASET_DELETE, _P.LLM_MODEL_WRITE},
    Role.FINANCE: _BUILDER | {_P.DATASETS_PLATFORM_READ},
    Role.PRIVACY_OFFICER: _READER
    | {
        _P.AUDIT_EVENT_EXPORT,
        _P.AUDIT_EVENT_READ,
        _P.DATASETS_DATASET_DELETE,
        _P.DATASETS_PLATFORM_READ,
        _P.DATASETS_RULE_READ,
        _P.DATASETS_RULE_WRITE,
        _P.IDENTITY_MEMBER_READ,
    },
    Role.SECURITY_OFFICER: _BUILDER
    | {
        _P.AUDIT_EVENT_EXPORT,
        _P.AUDIT_EVENT_READ,
        _P.DATASETS_PLATFORM_READ,
        _P.DATASETS_RULE_READ,
        _P.IDENTITY_API_KEY_READ,
        _P.IDENTITY_MEMBER_READ,
        _P.IDENTITY_SESSION_READ,
        _P.IDENTITY_SESSION_REVOKE,
        _P.OPERATIONS_HEALTH_READ,
    },
    Role.OPERATOR: _BUILDER
    | {
        _P.DATASETS_PLATFORM_READ,
        _P.KERNEL_JOB_CANCEL,
        _P.KERNEL_JOB_RETRY,
        _P.LLM_MODEL_WRITE,
        _P.OPERATIONS_HEALTH_READ,
        _P.OPERATIONS_METRICS_READ,
    },
    Role.SUPPORT: _READER | {_P.IDENTITY_MEMBER_READ, _P.OPERATIONS_HEALTH_READ},
    Role.DEVELOPER: _BUILDER
    | {
        _P.DASHBOARDS_EMBED_WRITE,
        _P.DATASETS_CONNECTION_READ,
        _P.DATASETS_CONNECTION_WRITE,
        _P.DATASETS_DATASET_WRITE,
        _P.DATASETS_SQL_RUN,
        _P.IDENTITY_API_KEY_READ,
        _P.IDENTITY_API_KEY_WRITE,
        _P.KERNEL_WEBHOOK_READ,
        _P.KERNEL_WEBHOOK_WRITE,
    },
    Role.VIEWER: _READER,
}


def parse_roles(names: Iterable[str]) -> tuple[Role, ...]:
    """Return the roles with these names, sorted and without repeats.

    Raises:
        RoleUnknownError: One of them does not exist, or there is none.
    """
    wanted = sorted(set(names))
    unknown = [name for name in wanted if name not in NAMES]
    if unknown or not wanted:
        raise RoleUnknownError(
            params={"roles": ", ".join(unknown)}, fields={"roles": field_text("fields.one_of", names=", ".join(Role))}
        )
    return tuple(Role(name) for name in wanted)


def permissions_of(names: Iterable[str]) -> frozenset[Permission]:
    """Return what the roles allow together; a role that does not exist any more allows nothing."""
    held: frozenset[Permission] = frozenset()
    for name in names:
        if name in NAMES:
            held |= PERMISSIONS[Role(name)]
    return held

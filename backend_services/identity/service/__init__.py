"""Use cases of identity."""

from backend_services.identity.attempts import forget_old as forget_old_attempts
from backend_services.identity.service.account import change_password, me, update_profile
from backend_services.identity.service.addressees import active_members, addresses_of
from backend_services.identity.service.api_keys import (
    create_api_key,
    get_api_key,
    list_api_keys,
    revoke_api_key,
    rotate_api_key,
)
from backend_services.identity.service.credentials import (
    Caller,
    authenticate_api_key,
    authenticate_bearer,
    authenticate_session,
    load_actor,
)
from backend_services.identity.service.demo import Demo, DemoAccount, has_demo, seed_demo
from backend_services.identity.service.directory import colleague_by_email, colleagues, colleagues_by_id
from backend_services.identity.service.members import (
    add_member,
    get_member,
    list_members,
    list_roles,
    reset_password,
    update_member,
)
from backend_services.identity.service.sessions import list_sessions, revoke_session, sign_out
from backend_services.identity.service.sign_in import login, open_browser_session, open_token_family, refresh, sign_in
from backend_services.identity.service.tenants import (
    create_tenant,
    get_tenant,
    is_set_up,
    issue_setup_token,
    list_tenants,
    register,
    set_tenant_status,
    set_up,
    setup_open,
    update_tenant,
)

__all__ = [
    "Caller",
    "Demo",
    "DemoAccount",
    "active_members",
    "add_member",
    "addresses_of",
    "authenticate_api_key",
    "authenticate_bearer",
    "authenticate_session",
    "change_password",
    "colleague_by_email",
    "colleagues",
    "colleagues_by_id",
    "create_api_key",
    "create_tenant",
    "forget_old_attempts",
    "get_api_key",
    "get_member",
    "get_tenant",
    "has_demo",
    "is_set_up",
    "issue_setup_token",
    "list_api_keys",
    "list_members",
    "list_roles",
    "list_sessions",
    "list_tenants",
    "load_actor",
    "login",
    "me",
    "open_browser_session",
    "open_token_family",
    "refresh",
    "register",
    "reset_password",
    "revoke_api_key",
    "revoke_session",
    "rotate_api_key",
    "seed_demo",
    "set_tenant_status",
    "set_up",
    "setup_open",
    "sign_in",
    "sign_out",
    "update_member",
    "update_profile",
    "update_tenant",
]

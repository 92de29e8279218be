"""Tables of identity: tenants, people, memberships, sessions, tokens, keys.

Revision: 0001_identity
Follows: None
"""

from __future__ import annotations

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0001_identity"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE tenants (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        name TEXT NOT NULL,
        slug VARCHAR(63) NOT NULL,
        kind VARCHAR(16) NOT NULL,
        status VARCHAR(16) NOT NULL,
        language VARCHAR(8) NOT NULL,
        time_zone VARCHAR(64) NOT NULL,
        accent_colour VARCHAR(7) NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (slug)
    )
    """,
    """
    CREATE TABLE users (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        email VARCHAR(254) NOT NULL,
        name TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        password_changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
        status VARCHAR(16) NOT NULL,
        language VARCHAR(8) NOT NULL,
        time_zone VARCHAR(64) NOT NULL,
        last_sign_in_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        UNIQUE (email)
    )
    """,
    """
    CREATE TABLE memberships (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        tenant_id UUID NOT NULL,
        user_id UUID NOT NULL,
        roles VARCHAR(32)[] NOT NULL,
        status VARCHAR(16) NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (tenant_id, user_id),
        FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
        FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_memberships_tenant_id ON memberships (tenant_id)",
    "CREATE INDEX ix_memberships_user_id ON memberships (user_id)",
    """
    CREATE TABLE browser_sessions (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        tenant_id UUID NOT NULL,
        user_id UUID NOT NULL,
        token_hash VARCHAR(64) NOT NULL,
        ip VARCHAR(64) NOT NULL,
        user_agent TEXT NOT NULL,
        last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        revoked_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
        FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
        UNIQUE (token_hash)
    )
    """,
    "CREATE INDEX ix_browser_sessions_tenant_id ON browser_sessions (tenant_id)",
    "CREATE INDEX ix_browser_sessions_user_id ON browser_sessions (user_id)",
    """
    CREATE TABLE refresh_families (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        tenant_id UUID NOT NULL,
        user_id UUID NOT NULL,
        ip VARCHAR(64) NOT NULL,
        user_agent TEXT NOT NULL,
        last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        revoked_at TIMESTAMP WITH TIME ZONE,
        revoke_reason VARCHAR(32) NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
        FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_refresh_families_tenant_id ON refresh_families (tenant_id)",
    "CREATE INDEX ix_refresh_families_user_id ON refresh_families (user_id)",
    """
    CREATE TABLE refresh_tokens (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        tenant_id UUID NOT NULL,
        family_id UUID NOT NULL,
        token_hash VARCHAR(64) NOT NULL,
        used_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
        FOREIGN KEY(family_id) REFERENCES refresh_families (id) ON DELETE CASCADE,
        UNIQUE (token_hash)
    )
    """,
    "CREATE INDEX ix_refresh_tokens_family_id ON refresh_tokens (family_id)",
    "CREATE INDEX ix_refresh_tokens_tenant_id ON refresh_tokens (tenant_id)",
    """
    CREATE TABLE api_keys (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        tenant_id UUID NOT NULL,
        created_by UUID NOT NULL,
        name TEXT NOT NULL,
        environment VARCHAR(8) NOT NULL,
        tier VARCHAR(16) NOT NULL,
        prefix VARCHAR(32) NOT NULL,
        last4 VARCHAR(4) NOT NULL,
        key_hash VARCHAR(64) NOT NULL,
        scopes VARCHAR(64)[] NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE,
        last_used_at TIMESTAMP WITH TIME ZONE,
        revoked_at TIMESTAMP WITH TIME ZONE,
        rotated_from UUID,
        PRIMARY KEY (id),
        FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
        FOREIGN KEY(created_by) REFERENCES users (id) ON DELETE CASCADE,
        UNIQUE (key_hash),
        FOREIGN KEY(rotated_from) REFERENCES api_keys (id) ON DELETE SET NULL
    )
    """,
    "CREATE INDEX ix_api_keys_created_by ON api_keys (created_by)",
    "CREATE INDEX ix_api_keys_tenant_id ON api_keys (tenant_id)",
    """
    CREATE TABLE setup_tokens (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        token_hash VARCHAR(64) NOT NULL,
        expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
        used_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (id),
        UNIQUE (token_hash)
    )
    """,
    """
    CREATE TABLE sign_in_attempts (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
        tenant_id UUID,
        user_id UUID,
        account_key VARCHAR(64) NOT NULL,
        address_key VARCHAR(64) NOT NULL,
        ip VARCHAR(64) NOT NULL,
        user_agent TEXT NOT NULL,
        door VARCHAR(16) NOT NULL,
        outcome VARCHAR(16) NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE,
        FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
    )
    """,
    "CREATE INDEX ix_sign_in_attempts_account ON sign_in_attempts (account_key, created_at)",
    "CREATE INDEX ix_sign_in_attempts_address ON sign_in_attempts (address_key, created_at)",
    "CREATE INDEX ix_sign_in_attempts_tenant ON sign_in_attempts (tenant_id, created_at)",
)
SYSTEM = "current_setting('omni.system', true) = 'on'"
TENANT = "NULLIF(current_setting('omni.tenant_id', true), '')::uuid"
MEMBER = f"EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id AND m.tenant_id = {TENANT})"  # noqa: S608 - constants
PEOPLE = (
    "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE users FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY people_seen ON users FOR SELECT USING ({SYSTEM} OR {MEMBER})",
    f"CREATE POLICY people_changed ON users FOR UPDATE USING ({SYSTEM} OR {MEMBER}) WITH CHECK ({SYSTEM} OR {MEMBER})",
    f"CREATE POLICY people_removed ON users FOR DELETE USING ({SYSTEM})",
    "CREATE POLICY people_added ON users FOR INSERT WITH CHECK (true)",
    "ALTER TABLE setup_tokens ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE setup_tokens FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY system_rows ON setup_tokens USING ({SYSTEM}) WITH CHECK ({SYSTEM})",
)
TENANT_TABLES = (
    "memberships",
    "browser_sessions",
    "refresh_families",
    "refresh_tokens",
    "api_keys",
    "sign_in_attempts",
)


def upgrade() -> None:
    """Apply."""
    for statement in (*TABLES, *enable_row_level_security("tenants", tenant_column="id"), *PEOPLE):
        op.execute(statement)
    for table in TENANT_TABLES:
        for statement in enable_row_level_security(table):
            op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in ("sign_in_attempts", "setup_tokens", "api_keys", "refresh_tokens", "refresh_families"):
        op.drop_table(table)
    for table in ("browser_sessions", "memberships", "users", "tenants"):
        op.execute(f"DROP TABLE {table} CASCADE")

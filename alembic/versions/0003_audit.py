"""Tables of the audit log, which the database itself refuses to change.

Revision: 0003_audit
Follows: 0002_kernel
"""

from __future__ import annotations

from alembic import op
from backend_services.kernel.partitions import drop_partitions, partition_by_month
from backend_services.kernel.rls import enable_row_level_security

revision = "0003_audit"
down_revision = "0002_kernel"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE audit_events (
        id UUID NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE NOT NULL,
        tenant_id UUID NOT NULL,
        sequence BIGINT NOT NULL,
        actor_kind VARCHAR(16) NOT NULL,
        actor_label TEXT NOT NULL,
        user_id UUID,
        api_key_id UUID,
        session_id UUID,
        action VARCHAR(96) NOT NULL,
        subject_type VARCHAR(48) NOT NULL,
        subject_id VARCHAR(96) NOT NULL,
        subject_label TEXT NOT NULL,
        details JSONB NOT NULL,
        request_id VARCHAR(64) NOT NULL,
        ip VARCHAR(64) NOT NULL,
        previous_hash VARCHAR(64) NOT NULL,
        hash VARCHAR(64) NOT NULL,
        PRIMARY KEY (id, created_at),
        FOREIGN KEY(tenant_id) REFERENCES tenants (id)
    )
     PARTITION BY RANGE (created_at)
    """,
    "CREATE INDEX ix_audit_events_action ON audit_events (tenant_id, action, created_at)",
    "CREATE INDEX ix_audit_events_sequence ON audit_events (tenant_id, sequence)",
    "CREATE INDEX ix_audit_events_subject ON audit_events (tenant_id, subject_id)",
    """
    CREATE TABLE audit_heads (
        tenant_id UUID NOT NULL,
        sequence BIGINT NOT NULL,
        hash VARCHAR(64) NOT NULL,
        PRIMARY KEY (tenant_id),
        FOREIGN KEY(tenant_id) REFERENCES tenants (id) ON DELETE CASCADE
    )
    """,
)
APPEND_ONLY = (
    """
    CREATE FUNCTION omni_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION 'audit events are never changed or deleted' USING ERRCODE = 'insufficient_privilege';
    END
    $body$
    """,
    """
    CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION omni_audit_append_only()
    """,
    """
    CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION omni_audit_append_only()
    """,
)


def upgrade() -> None:
    """Apply."""
    for statement in (*TABLES, *APPEND_ONLY):
        op.execute(statement)
    for table in ("audit_events", "audit_heads"):
        for statement in enable_row_level_security(table):
            op.execute(statement)
    for statement in partition_by_month("audit_events"):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.drop_table("audit_heads")
    for statement in drop_partitions("audit_events"):
        op.execute(statement)
    op.execute("DROP FUNCTION omni_audit_append_only()")

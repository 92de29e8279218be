"""Tables of datasets.

Revision: 0004_datasets
Follows: 0003_audit
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0004_datasets"
down_revision = "0003_audit"
branch_labels = None
depends_on = None

TABLES = ("datasets", "dataset_versions", "ingestions")


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
    ]


def _dataset_id() -> sa.Column[object]:
    return sa.Column(
        "dataset_id", sa.Uuid(), sa.ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False, index=True
    )


def _user(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True)


def _datasets() -> None:
    op.create_table(
        "datasets",
        *_row(),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("description", sa.String(1000), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("license", sa.String(200), nullable=False),
        sa.Column("sample_id", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("data_as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("catalogue", postgresql.JSONB(), nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        _user("owner_id"),
        sa.CheckConstraint("kind IN ('upload', 'sample')", name="ck_datasets_kind"),
        sa.CheckConstraint("state IN ('loading', 'ready', 'failed')", name="ck_datasets_state"),
    )
    op.create_index("ix_datasets_tenant_id_created_at", "datasets", ["tenant_id", "created_at"])


def _versions() -> None:
    op.create_table(
        "dataset_versions",
        *_row(),
        _dataset_id(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_key", sa.String(512), nullable=False),
        sa.Column("rejects_key", sa.String(512), nullable=True),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("profile", postgresql.JSONB(), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("data_as_of", sa.DateTime(timezone=True), nullable=False),
        _user("created_by"),
        sa.UniqueConstraint("tenant_id", "dataset_id", "number", name="uq_dataset_versions_number"),
    )


def _ingestions() -> None:
    op.create_table(
        "ingestions",
        *_row(),
        _dataset_id(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("upload_key", sa.String(512), nullable=True),
        sa.Column("file_name", sa.String(500), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("sheet", sa.String(200), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("rejected", sa.BigInteger(), nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.UniqueConstraint("tenant_id", "dataset_id", "number", name="uq_ingestions_number"),
    )
    op.create_index("ix_ingestions_tenant_id_created_at", "ingestions", ["tenant_id", "created_at"])
    op.create_index("ix_ingestions_tenant_id_job_id", "ingestions", ["tenant_id", "job_id"])


def _rules() -> None:
    """Create the row-level rules of datasets. No foreign key to datasets: the platform's tables have rules too."""
    op.create_table(
        "dataset_rules",
        *_row(),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.UniqueConstraint("tenant_id", "dataset_id", "role", name="uq_dataset_rules_role"),
    )
    for statement in enable_row_level_security("dataset_rules"):
        op.execute(statement)


# The platform's own tables as datasets. They run with the rights of whoever asks, so row-level security holds.
VIEWS = {
    "platform_users": """
        SELECT m.tenant_id, m.user_id::text AS user_id, u.name, u.email, array_to_string(m.roles, ', ') AS role,
            m.status, u.language, m.created_at AS joined_at, u.last_sign_in_at
        FROM memberships m JOIN users u ON u.id = m.user_id
    """,
    "platform_sessions": """
        SELECT s.tenant_id, s.user_id::text AS user_id, u.name, u.email, s.door, s.ip, s.signed_in_at, s.last_seen_at,
            s.revoked_at IS NULL AND s.expires_at > now() AS is_active
        FROM (
            SELECT tenant_id, user_id, 'browser' AS door, ip, created_at AS signed_in_at, last_seen_at, expires_at,
                revoked_at FROM browser_sessions
            UNION ALL
            SELECT tenant_id, user_id, 'api' AS door, ip, created_at, last_seen_at, expires_at, revoked_at
            FROM refresh_families
        ) s LEFT JOIN users u ON u.id = s.user_id
    """,
    "platform_audit": """
        SELECT tenant_id, created_at AS happened_at, action, actor_label, actor_kind, subject_type, subject_label, ip
        FROM audit_events
    """,
    "platform_jobs": """
        SELECT tenant_id, created_at, finished_at, name, title, queue, state, attempts::bigint AS attempts,
            extract(epoch FROM finished_at - started_at)::double precision AS duration_s
        FROM jobs
    """,
    "platform_api_calls": """
        SELECT tenant_id, created_at AS called_at, method, route, status::bigint AS status, status >= 400 AS is_error,
            api_key_id::text AS api_key_id, user_id::text AS user_id, latency_ms
        FROM api_calls
    """,
}


def upgrade() -> None:
    """Apply."""
    _datasets()
    _versions()
    _ingestions()
    for table in TABLES:
        for statement in enable_row_level_security(table):
            op.execute(statement)
    _rules()
    for view, query in VIEWS.items():
        op.execute(f"CREATE VIEW {view} WITH (security_invoker = true) AS {query}")


def downgrade() -> None:
    """Take back."""
    for view in VIEWS:
        op.execute(f"DROP VIEW {view}")
    op.drop_table("dataset_rules")
    for table in reversed(TABLES):
        op.drop_table(table)

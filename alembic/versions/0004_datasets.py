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


def upgrade() -> None:
    """Apply."""
    _datasets()
    _versions()
    _ingestions()
    for table in TABLES:
        for statement in enable_row_level_security(table):
            op.execute(statement)
    _rules()


def downgrade() -> None:
    """Take back."""
    op.drop_table("dataset_rules")
    for table in reversed(TABLES):
        op.drop_table(table)

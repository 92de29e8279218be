"""Tables of dashboards.

Revision: 0005_dashboards
Follows: 0004_datasets
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0005_dashboards"
down_revision = "0004_datasets"
branch_labels = None
depends_on = None

TABLES = ("dashboards", "dashboard_versions", "dashboard_shares")


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
    ]


def _dashboard_id() -> sa.Column[object]:
    return sa.Column(
        "dashboard_id", sa.Uuid(), sa.ForeignKey("dashboards.id", ondelete="CASCADE"), nullable=False, index=True
    )


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "dashboards",
        *_row(),
        sa.Column("owner_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("description", sa.String(1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tile_count", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("type_id", sa.String(40), nullable=True),
        sa.CheckConstraint("origin IN ('person', 'builder', 'type', 'starter')", name="ck_dashboards_origin"),
    )
    op.create_index("ix_dashboards_tenant_id_updated_at", "dashboards", ["tenant_id", "updated_at"])
    op.create_index(
        "uq_dashboards_tenant_id_type_id",
        "dashboards",
        ["tenant_id", "type_id"],
        unique=True,
        postgresql_where=sa.text("type_id IS NOT NULL"),
    )
    op.create_table(
        "dashboard_versions",
        *_row(),
        _dashboard_id(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("spec", postgresql.JSONB(), nullable=False),
        sa.Column("author_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
        sa.Column("author_label", sa.String(320), nullable=False),
        sa.Column("restored_from", sa.Integer(), nullable=True),
        sa.UniqueConstraint("tenant_id", "dashboard_id", "number", name="uq_dashboard_versions_number"),
    )
    op.create_table(
        "dashboard_shares",
        *_row(),
        _dashboard_id(),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("access", sa.String(8), nullable=False),
        sa.UniqueConstraint("tenant_id", "dashboard_id", "role", name="uq_dashboard_shares_role"),
        sa.CheckConstraint("access IN ('read', 'edit')", name="ck_dashboard_shares_access"),
    )
    for table in TABLES:
        for statement in enable_row_level_security(table):
            op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)

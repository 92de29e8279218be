"""Table of embeds.

Revision: 0011_embeds
Follows: 0007_deliveries
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0011_embeds"
down_revision = "0007_deliveries"
branch_labels = None
depends_on = None

TABLE = "dashboard_embeds"


def _of(name: str, table: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=True)


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), primary_key=True),
        _time("created_at", nullable=False),
        _time("updated_at", nullable=False),
        _of("tenant_id", "tenants"),
        _of("owner_id", "users"),
        _of("reader_id", "users"),
        _of("dashboard_id", "dashboards"),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("sealed_before", sa.String(), nullable=True),
        _time("before_until"),
        _time("expires_at", nullable=False),
        _time("revoked_at"),
        sa.Column("uses", sa.Integer(), nullable=False),
        _time("last_used_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("mode IN ('link', 'signed')", name="ck_dashboard_embeds_mode"),
    )
    op.create_index(f"ix_{TABLE}_tenant_id_owner_id", TABLE, ["tenant_id", "owner_id"])
    for statement in enable_row_level_security(TABLE):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.drop_table(TABLE)

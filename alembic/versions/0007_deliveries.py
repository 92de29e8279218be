"""Tables of subscriptions.

Revision: 0007_deliveries
Follows: 0006_dashboard_library
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0007_deliveries"
down_revision = "0006_dashboard_library"
branch_labels = None
depends_on = None

TABLES = ("subscriptions", "subscription_deliveries")
STATES = "state IN ('waiting', 'sent', 'skipped', 'refused', 'failed')"


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
    ]


def _of(name: str, table: str, *, index: bool) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=index)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        *_row(),
        _of("owner_id", "users", index=True),
        _of("dashboard_id", "dashboards", index=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("unsubscribed", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _time("next_at"),
        _time("last_at"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'paused', 'disabled')", name="ck_subscriptions_state"),
    )
    op.create_index("ix_subscriptions_due", "subscriptions", ["next_at"], postgresql_where=sa.text("state = 'active'"))
    op.create_index("ix_subscriptions_tenant_id_owner_id", "subscriptions", ["tenant_id", "owner_id"])


def _deliveries() -> None:
    op.create_table(
        "subscription_deliveries",
        *_row(),
        _of("subscription_id", "subscriptions", index=False),
        sa.Column("occurrence", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipient", sa.String(300), nullable=False),
        _of("user_id", "users", index=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        _time("settled_at"),
        _time("read_at"),
        _time("expires_at"),
        sa.UniqueConstraint("subscription_id", "occurrence", "recipient", name="uq_subscription_deliveries_once"),
        sa.CheckConstraint(STATES, name="ck_subscription_deliveries_state"),
    )
    table = "subscription_deliveries"
    op.create_index(f"ix_{table}_inbox", table, ["tenant_id", "user_id", "created_at"])
    op.create_index(f"ix_{table}_expiring", table, ["expires_at"], postgresql_where=sa.text("file_key IS NOT NULL"))
    op.create_index(f"ix_{table}_waiting", table, ["job_id"], postgresql_where=sa.text("state = 'waiting'"))


def upgrade() -> None:
    """Apply."""
    _subscriptions()
    _deliveries()
    for table in TABLES:
        for statement in enable_row_level_security(table):
            op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)

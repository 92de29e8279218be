"""Tables of webhooks.

Revision: 0013c_webhooks
Follows: 0013b_copy_schedules
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0013c_webhooks"
down_revision = "0013b_copy_schedules"
branch_labels = None
depends_on = None

TABLES = ("webhook_endpoints", "webhook_deliveries")


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        _time("created_at", nullable=False),
        _time("updated_at", nullable=False),
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
    ]


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "webhook_endpoints",
        *_row(),
        sa.Column("maker_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True, index=True),
        _text("name", 120),
        _text("url", 2000),
        sa.Column("events", postgresql.JSONB(), nullable=False),
        _text("state", 16),
        _time("before_until"),
        _time("failing_since"),
        _time("last_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled', 'paused')", name="ck_webhook_endpoints_state"),
    )
    op.create_table(
        "webhook_deliveries",
        *_row(),
        sa.Column("endpoint_id", sa.Uuid(), sa.ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
        _text("message_id", 80),
        _text("event", 64),
        sa.Column("body", sa.String(), nullable=False),
        _text("state", 16),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        _text("reason", 64),
        _text("answer", 500),
        sa.Column("took_ms", sa.Float(), nullable=True),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        _time("settled_at"),
        sa.UniqueConstraint("endpoint_id", "message_id", name="uq_webhook_deliveries_once"),
        sa.CheckConstraint("state IN ('failed', 'sent', 'waiting')", name="ck_webhook_deliveries_state"),
    )
    table = "webhook_deliveries"
    op.create_index(f"ix_{table}_endpoint_id_created_at", table, ["endpoint_id", "created_at"])
    op.create_index(f"ix_{table}_waiting", table, ["job_id"], postgresql_where=sa.text("state = 'waiting'"))
    for name in TABLES:
        for statement in enable_row_level_security(name):
            op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)

"""Tables of alerts.

Revision: 0012_alerts
Follows: 0009_connections
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0012_alerts"
down_revision = "0009_connections"
branch_labels = None
depends_on = None

TABLES = ("alerts", "alert_groups", "alert_evaluations", "alert_history", "alert_notices")
APPEND_ONLY = (
    """
    CREATE FUNCTION omni_alert_history_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION 'the history of alerts is never changed' USING ERRCODE = 'insufficient_privilege';
    END
    $body$
    """,
    """
    CREATE TRIGGER alert_history_append_only BEFORE UPDATE ON alert_history
    FOR EACH ROW EXECUTE FUNCTION omni_alert_history_append_only()
    """,
)


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        _time("created_at", nullable=False),
        _time("updated_at", nullable=False),
        _of("tenant_id", "tenants", index=True),
    ]


def _of(name: str, table: str, *, index: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=index)


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sa.String(length), nullable=False)


def _figure(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Float(), nullable=True)


def _count(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _alerts() -> None:
    op.create_table(
        "alerts",
        *_row(),
        _of("owner_id", "users", index=True),
        _text("title", 120),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        _text("mode", 16),
        _text("state", 16),
        _text("reason", 64),
        _time("since"),
        _time("silenced_until"),
        _figure("value"),
        _figure("compared"),
        _figure("threshold"),
        sa.Column("unit", postgresql.JSONB(), nullable=True),
        _time("began_at"),
        _time("last_at"),
        _time("next_at"),
        _count("sequence"),
        _count("watched_version"),
        _count("version"),
        sa.CheckConstraint("mode IN ('active', 'paused')", name="ck_alerts_mode"),
        sa.CheckConstraint("state IN ('ok', 'pending', 'firing', 'no_data', 'error')", name="ck_alerts_state"),
    )
    op.create_index("ix_alerts_due", "alerts", ["next_at"], postgresql_where=sa.text("mode = 'active'"))
    op.create_index("ix_alerts_tenant_id_owner_id", "alerts", ["tenant_id", "owner_id"])
    op.create_index("ix_alerts_tenant_id_dataset_id", "alerts", ["tenant_id", "dataset_id"])


def _groups() -> None:
    op.create_table(
        "alert_groups",
        *_row(),
        _of("alert_id", "alerts"),
        _text("key", 300),
        _text("state", 16),
        _count("streak"),
        _count("calm"),
        _time("since"),
        _text("told", 16),
        _time("told_at"),
        _time("seen_at"),
        _figure("value"),
        _figure("compared"),
        _figure("threshold"),
        _time("silenced_until"),
        _time("acknowledged_at"),
        _text("acknowledged_by", 320),
        _text("note", 500),
        sa.UniqueConstraint("alert_id", "key", name="uq_alert_groups_alert_id_key"),
    )


def _evaluations() -> None:
    op.create_table(
        "alert_evaluations",
        *_row(),
        _of("alert_id", "alerts"),
        _time("occurrence", nullable=False),
        _text("trigger", 16),
        _time("at", nullable=False),
        _text("state", 16),
        _text("reason", 64),
        _figure("value"),
        _figure("compared"),
        _figure("threshold"),
        _count("dataset_version"),
        _count("groups"),
        sa.Column("took_ms", sa.Float(), nullable=False),
        sa.UniqueConstraint("alert_id", "occurrence", "trigger", name="uq_alert_evaluations_once"),
    )
    op.create_index("ix_alert_evaluations_alert_id_at", "alert_evaluations", ["alert_id", "at"])
    op.create_index("ix_alert_evaluations_at", "alert_evaluations", ["at"])


def _history() -> None:
    op.create_table(
        "alert_history",
        *_row(),
        _of("alert_id", "alerts"),
        _count("sequence"),
        _time("at", nullable=False),
        _text("kind", 16),
        _text("group", 300),
        _text("from_state", 16),
        _text("to_state", 16),
        _figure("value"),
        _figure("compared"),
        _figure("measured"),
        _figure("threshold"),
        _count("dataset_version"),
        sa.Column("took_ms", sa.Float(), nullable=False),
        _text("reason", 64),
        _text("notice", 16),
        _text("by", 320),
        _text("note", 500),
        sa.UniqueConstraint("alert_id", "sequence", name="uq_alert_history_alert_id_sequence"),
    )
    op.create_index("ix_alert_history_alert_id_at", "alert_history", ["alert_id", "at"])
    for statement in APPEND_ONLY:
        op.execute(statement)


def _notices() -> None:
    op.create_table(
        "alert_notices",
        *_row(),
        _of("alert_id", "alerts"),
        _of("entry_id", "alert_history"),
        _of("user_id", "users", index=True),
        _text("kind", 16),
        sa.Column("mail", sa.Boolean(), nullable=False),
        _text("state", 16),
        _text("reason", 64),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        _text("title", 300),
        _text("text", 4000),
        _time("settled_at"),
        _time("read_at"),
        sa.UniqueConstraint("entry_id", "user_id", name="uq_alert_notices_once"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'refused', 'failed')", name="ck_alert_notices_state"),
    )
    op.create_index("ix_alert_notices_inbox", "alert_notices", ["tenant_id", "user_id", "created_at"])
    op.create_index("ix_alert_notices_alert_id", "alert_notices", ["alert_id"])


def upgrade() -> None:
    """Apply."""
    for make in (_alerts, _groups, _evaluations, _history, _notices):
        make()
    for table in TABLES:
        for statement in enable_row_level_security(table):
            op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("DROP FUNCTION omni_alert_history_append_only()")

"""Schedules of copied tables, incremental copies, and the history of copying.

Revision: 0013b_copy_schedules
Follows: 0013_chosen_columns
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0013b_copy_schedules"
down_revision = "0013_chosen_columns"
branch_labels = None
depends_on = None

COPIES, RUNS = "copied_tables", "copy_runs"
ADDED = ("mode", "cursor_column", "overlap", "schedule", "time_zone", "next_at", "failures", "scheduled_by")


def _of(name: str, table: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _extend_copies() -> None:
    added = (
        sa.Column("mode", sa.String(16), nullable=False, server_default="full"),
        sa.Column("cursor_column", sa.String(200), nullable=False, server_default=""),
        sa.Column("overlap", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("schedule", postgresql.JSONB(), nullable=True),
        sa.Column("time_zone", sa.String(64), nullable=False, server_default="UTC"),
        _time("next_at", nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("scheduled_by", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
    )
    for column in added:
        op.add_column(COPIES, column)
        if column.server_default is not None:
            op.alter_column(COPIES, column.name, server_default=None)
    op.create_check_constraint("ck_copied_tables_mode", COPIES, "mode IN ('full', 'incremental')")
    op.create_index("ix_copied_tables_due", COPIES, ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))


def upgrade() -> None:
    """Apply."""
    _extend_copies()
    op.create_table(
        RUNS,
        sa.Column("id", sa.Uuid(), primary_key=True),
        _time("created_at"),
        _time("updated_at"),
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
        _of("dataset_id", "datasets"),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("scheduled", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("cursor_column", sa.String(200), nullable=False),
        sa.Column("watermark", sa.String(64), nullable=True),
        sa.Column("signature", postgresql.JSONB(), nullable=False),
        sa.Column("read_rows", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        _time("started_at"),
        _time("finished_at", nullable=True),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint("mode IN ('full', 'incremental')", name="ck_copy_runs_mode"),
        sa.CheckConstraint("state IN ('running', 'succeeded', 'failed')", name="ck_copy_runs_state"),
        sa.UniqueConstraint("tenant_id", "job_id", name="uq_copy_runs_job_id"),
    )
    op.create_index("ix_copy_runs_dataset_id_started_at", RUNS, ["dataset_id", "started_at"])
    for statement in enable_row_level_security(RUNS):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.drop_table(RUNS)
    op.drop_index("ix_copied_tables_due", COPIES)
    op.drop_constraint("ck_copied_tables_mode", COPIES)
    for name in ADDED:
        op.drop_column(COPIES, name)

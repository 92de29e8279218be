"""Tables of connections, and datasets that are copies of their tables.

Revision: 0009_connections
Follows: 0011_embeds
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0009_connections"
down_revision = "0011_embeds"
branch_labels = None
depends_on = None

TABLES = ("connections", "copied_tables")


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
    ]


def _make_connections() -> None:
    op.create_table(
        "connections",
        *_row(),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("database", sa.String(200), nullable=False),
        sa.Column("username", sa.String(200), nullable=False),
        sa.Column("tls", sa.String(16), nullable=False),
        sa.Column("ca_certificate", sa.String(20_000), nullable=False),
        sa.Column("file_key", sa.String(512), nullable=True),
        sa.Column("file_name", sa.String(500), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("error", postgresql.JSONB(), nullable=True),
        sa.Column("server", sa.String(200), nullable=False),
        sa.Column("can_write", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.Uuid(), sa.ForeignKey("users.id", ondelete="SET NULL"), nullable=True),
        sa.UniqueConstraint("tenant_id", "name", name="uq_connections_tenant_id_name"),
        sa.CheckConstraint("kind IN ('mysql', 'postgresql', 'sqlite')", name="ck_connections_kind"),
        sa.CheckConstraint("tls IN ('disable', 'require', 'verify')", name="ck_connections_tls"),
        sa.CheckConstraint("state IN ('unknown', 'ok', 'failed')", name="ck_connections_state"),
    )


def upgrade() -> None:
    """Apply."""
    _make_connections()
    op.create_table(
        "copied_tables",
        *_row(),
        sa.Column(
            "dataset_id", sa.Uuid(), sa.ForeignKey("datasets.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column(
            "connection_id", sa.Uuid(), sa.ForeignKey("connections.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("schema_name", sa.String(200), nullable=False),
        sa.Column("table_name", sa.String(200), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("tenant_id", "dataset_id", name="uq_copied_tables_dataset_id"),
    )
    for table in TABLES:
        for statement in enable_row_level_security(table):
            op.execute(statement)
    op.drop_constraint("ck_datasets_kind", "datasets", type_="check")
    op.create_check_constraint("ck_datasets_kind", "datasets", "kind IN ('connection', 'sample', 'upload')")


def downgrade() -> None:
    """Take back; copies stay as what they are by then, tables like uploaded ones."""
    op.execute("UPDATE datasets SET kind = 'upload' WHERE kind = 'connection'")
    op.drop_constraint("ck_datasets_kind", "datasets", type_="check")
    op.create_check_constraint("ck_datasets_kind", "datasets", "kind IN ('upload', 'sample')")
    for table in reversed(TABLES):
        op.drop_table(table)

"""The library of dashboards: people as recipients of shares, folders, favourites, comments, names of versions.

Revision: 0006_dashboard_library
Follows: 0005_dashboards
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0006_dashboard_library"
down_revision = "0005_dashboards"
branch_labels = None
depends_on = None

TABLES = ("dashboard_folders", "dashboard_marks", "dashboard_comments")


def _row() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
    ]


def _to(table: str, column: str, *, ondelete: str, nullable: bool = False, index: bool = True) -> sa.Column[object]:
    key = sa.ForeignKey(f"{table}.id", ondelete=ondelete)
    return sa.Column(column, sa.Uuid(), key, nullable=nullable, index=index)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def upgrade() -> None:
    """Apply."""
    _folders_and_marks()
    _comments()
    for table in TABLES:
        for statement in enable_row_level_security(table):
            op.execute(statement)
    _dashboards()
    op.add_column("dashboard_versions", sa.Column("name", sa.String(80), nullable=False, server_default=""))
    op.add_column("dashboard_versions", sa.Column("note", sa.String(500), nullable=False, server_default=""))
    for column in ("name", "note"):
        op.alter_column("dashboard_versions", column, server_default=None)
    _shares()


def _folders_and_marks() -> None:
    op.create_table(
        "dashboard_folders",
        *_row(),
        _to("dashboard_folders", "parent_id", ondelete="RESTRICT", nullable=True),
        sa.Column("name", sa.String(80), nullable=False),
    )
    op.create_index(
        "uq_dashboard_folders_name",
        "dashboard_folders",
        ["tenant_id", "parent_id", sa.text("lower(name)")],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "dashboard_marks",
        *_row(),
        _to("users", "user_id", ondelete="CASCADE"),
        _to("dashboards", "dashboard_id", ondelete="CASCADE"),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        _instant("viewed_at"),
        sa.UniqueConstraint("tenant_id", "user_id", "dashboard_id", name="uq_dashboard_marks_user_dashboard"),
    )


def _comments() -> None:
    op.create_table(
        "dashboard_comments",
        *_row(),
        _to("dashboards", "dashboard_id", ondelete="CASCADE"),
        sa.Column("tile_id", sa.String(40), nullable=True),
        _to("dashboard_comments", "thread_id", ondelete="CASCADE", nullable=True),
        _to("users", "author_id", ondelete="SET NULL", nullable=True, index=False),
        sa.Column("author_label", sa.String(320), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mentions", postgresql.ARRAY(sa.Uuid()), nullable=False),
        _instant("edited_at"),
        _instant("deleted_at"),
        _instant("resolved_at"),
        sa.Column("resolved_by", sa.String(320), nullable=False),
    )
    op.create_index("ix_dashboard_comments_thread", "dashboard_comments", ["tenant_id", "dashboard_id", "created_at"])


def _dashboards() -> None:
    op.add_column("dashboards", _to("dashboard_folders", "folder_id", ondelete="SET NULL", nullable=True))
    op.add_column("dashboards", sa.Column("code_name", sa.String(80), nullable=True))
    op.add_column("dashboards", sa.Column("code_fingerprint", sa.String(64), nullable=True))
    op.create_index(
        "uq_dashboards_tenant_id_code_name",
        "dashboards",
        ["tenant_id", "code_name"],
        unique=True,
        postgresql_where=sa.text("code_name IS NOT NULL"),
    )


def _shares() -> None:
    op.alter_column("dashboard_shares", "role", nullable=True)
    op.add_column("dashboard_shares", _to("users", "user_id", ondelete="CASCADE", nullable=True))
    op.add_column("dashboard_shares", sa.Column("shared_by", sa.String(320), nullable=False, server_default=""))
    op.alter_column("dashboard_shares", "shared_by", server_default=None)
    op.create_unique_constraint(
        "uq_dashboard_shares_user", "dashboard_shares", ["tenant_id", "dashboard_id", "user_id"]
    )
    op.create_check_constraint(
        "ck_dashboard_shares_with_one", "dashboard_shares", "(role IS NULL) <> (user_id IS NULL)"
    )


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM dashboard_shares WHERE role IS NULL")
    op.drop_constraint("ck_dashboard_shares_with_one", "dashboard_shares")
    op.drop_constraint("uq_dashboard_shares_user", "dashboard_shares")
    for column in ("shared_by", "user_id"):
        op.drop_column("dashboard_shares", column)
    op.alter_column("dashboard_shares", "role", nullable=False)
    for column in ("note", "name"):
        op.drop_column("dashboard_versions", column)
    op.drop_index("uq_dashboards_tenant_id_code_name", "dashboards")
    for column in ("code_fingerprint", "code_name", "folder_id"):
        op.drop_column("dashboards", column)
    for table in reversed(TABLES):
        op.drop_table(table)

"""Which columns of a table are copied.

Revision: 0013_chosen_columns
Follows: 0012_alerts
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0013_chosen_columns"
down_revision = "0012_alerts"
branch_labels = None
depends_on = None

TABLE = "copied_tables"


def upgrade() -> None:
    """Apply."""
    op.add_column(TABLE, sa.Column("columns", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column(TABLE, "columns", server_default=None)


def downgrade() -> None:
    """Take back."""
    op.drop_column(TABLE, "columns")

"""MongoDB as a kind of connection.

Revision: 0015_mongodb
Follows: 0014_llm_model_choices
"""

from __future__ import annotations

from alembic import op

revision = "0015_mongodb"
down_revision = "0014_llm_model_choices"
branch_labels = None
depends_on = None

TABLE, NAME = "connections", "ck_connections_kind"


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(NAME, TABLE)
    op.create_check_constraint(NAME, TABLE, "kind IN ('mongodb', 'mysql', 'postgresql', 'sqlite')")


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM connections WHERE kind = 'mongodb'")
    op.drop_constraint(NAME, TABLE)
    op.create_check_constraint(NAME, TABLE, "kind IN ('mysql', 'postgresql', 'sqlite')")

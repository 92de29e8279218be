"""Firestore as a kind of connection.

Revision: 0016_firestore
Follows: 0015_mongodb
"""

from __future__ import annotations

from alembic import op

revision = "0016_firestore"
down_revision = "0015_mongodb"
branch_labels = None
depends_on = None

TABLE, NAME = "connections", "ck_connections_kind"


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(NAME, TABLE)
    op.create_check_constraint(NAME, TABLE, "kind IN ('firestore', 'mongodb', 'mysql', 'postgresql', 'sqlite')")


def downgrade() -> None:
    """Take back."""
    op.execute("DELETE FROM connections WHERE kind = 'firestore'")
    op.drop_constraint(NAME, TABLE)
    op.create_check_constraint(NAME, TABLE, "kind IN ('mongodb', 'mysql', 'postgresql', 'sqlite')")

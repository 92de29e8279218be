"""Tables of identity.

Revision: 0001_identity
Follows: None
"""

from __future__ import annotations

revision = "0001_identity"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Take back."""

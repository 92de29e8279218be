"""Tables of kernel.

Revision: 0002_kernel
Follows: 0001_identity
"""

from __future__ import annotations

revision = "0002_kernel"
down_revision = "0001_identity"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Take back."""

"""Tables of audit.

Revision: 0003_audit
Follows: 0002_kernel
"""

from __future__ import annotations

revision = "0003_audit"
down_revision = "0002_kernel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Take back."""

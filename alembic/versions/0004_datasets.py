"""Tables of datasets.

Revision: 0004_datasets
Follows: 0003_audit
"""

from __future__ import annotations

revision = "0004_datasets"
down_revision = "0003_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Take back."""

"""Tables of dashboards.

Revision: 0005_dashboards
Follows: 0004_datasets
"""

from __future__ import annotations

revision = "0005_dashboards"
down_revision = "0004_datasets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Take back."""

"""Table of the language models that organisations chose.

Revision: 0014_llm_model_choices
Follows: 0013c_webhooks
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from backend_services.kernel.rls import enable_row_level_security

revision = "0014_llm_model_choices"
down_revision = "0013c_webhooks"
branch_labels = None
depends_on = None

TABLE = "llm_model_choices"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), sa.ForeignKey("tenants.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("model", sa.String(200), nullable=False),
        sa.UniqueConstraint("tenant_id", name="uq_llm_model_choices_tenant_id"),
    )
    for statement in enable_row_level_security(TABLE):
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.drop_table(TABLE)

"""Row-level security: the statements that migrations run for every table of a tenant.

PostgreSQL itself filters (``ENABLE`` and ``FORCE ROW LEVEL SECURITY``), so a forgotten ``WHERE`` shows
nothing rather than another tenant's rows. The application's role owns nothing and cannot bypass it.
"""

from __future__ import annotations

POLICY = "tenant_rows"


def enable_row_level_security(table: str, *, tenant_column: str = "tenant_id") -> list[str]:
    """Return the statements that confine ``table`` to the tenant of the running transaction."""
    seen = (
        "current_setting('omni.system', true) = 'on' OR "
        f"{tenant_column} = NULLIF(current_setting('omni.tenant_id', true), '')::uuid"
    )
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {POLICY} ON {table} USING ({seen}) WITH CHECK ({seen})",
    ]

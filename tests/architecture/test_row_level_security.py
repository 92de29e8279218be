"""Every table of a tenant is under forced row-level security, in the database itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from backend_services.kernel.embedded.cellar import Cellar

TENANT_TABLES = """
    SELECT relation.relname, relation.relrowsecurity, relation.relforcerowsecurity,
           (SELECT count(*) FROM pg_policy WHERE polrelid = relation.oid) AS policies
    FROM pg_class AS relation
    JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
    WHERE relation.relkind IN ('r', 'p') AND relation.relnamespace = 'public'::regnamespace
      AND attribute.attname = 'tenant_id' AND NOT attribute.attisdropped
"""


async def test_every_table_with_a_tenant_forces_row_level_security(cellar: Cellar) -> None:
    connection = await asyncpg.connect(cellar.owner_url)
    rows = await connection.fetch(TENANT_TABLES)
    await connection.close()
    assert len(rows) > 10
    assert [row["relname"] for row in rows if not (row["relrowsecurity"] and row["relforcerowsecurity"])] == []
    assert [row["relname"] for row in rows if row["policies"] == 0] == []


async def test_without_a_tenant_the_application_sees_no_row(cellar: Cellar) -> None:
    connection = await asyncpg.connect(cellar.database_url)
    tables = [row["relname"] for row in await connection.fetch(TENANT_TABLES)]
    counts = {table: await connection.fetchval(f'SELECT count(*) FROM "{table}"') for table in tables}  # noqa: S608 - names from the catalogue
    await connection.close()
    assert {table for table, count in counts.items() if count} == set()

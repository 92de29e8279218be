"""Tables that grow without end are parted by month (``RANGE (created_at)``), so old months can go in one step.

The application's role owns nothing, so it cannot create tables. A migration installs :data:`FUNCTIONS`; the
worker calls :func:`ensure_partitions`, whose function in the database runs with its owner's rights and creates the
missing months of every parted table, under row-level security like their parent. A month takes the rows of a tenant
by ``tenant_id``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

MONTHS_AHEAD = 3
MONTHS_AT_FIRST = 12
PARTITION_NAME = re.compile(r"_p\d{4}_\d{2}$")

FUNCTIONS: tuple[str, ...] = (
    """
    CREATE FUNCTION omni_ensure_partitions(months integer, only_table text DEFAULT NULL) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
    DECLARE
        part record;
        month date;
        child text;
        seen constant text :=
            'current_setting(''omni.system'', true) = ''on'' OR '
            'tenant_id = NULLIF(current_setting(''omni.tenant_id'', true), '''')::uuid';
        created integer := 0;
    BEGIN
        IF months < 0 OR months > 36 THEN
            RAISE EXCEPTION 'months must be from 0 to 36';
        END IF;
        PERFORM pg_advisory_xact_lock(hashtext('omni_ensure_partitions'));
        FOR part IN
            SELECT class.relname AS name, class.relrowsecurity AS guarded
            FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
            WHERE class.relkind = 'p' AND space.nspname = 'public'
                AND (only_table IS NULL OR class.relname = only_table)
            ORDER BY class.relname
        LOOP
            FOR step IN -1..months LOOP
                month := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step))::date;
                child := format('%s_p%s', part.name, to_char(month, 'YYYY_MM'));
                CONTINUE WHEN to_regclass(format('public.%I', child)) IS NOT NULL;
                EXECUTE format(
                    'CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
                    child, part.name,
                    to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
                    to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00'
                );
                created := created + 1;
                CONTINUE WHEN NOT part.guarded;
                EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', child);
                EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', child);
                EXECUTE format('CREATE POLICY tenant_rows ON public.%I USING (%s) WITH CHECK (%s)', child, seen, seen);
            END LOOP;
        END LOOP;
        RETURN created;
    END
    $body$
    """,
)


def partition_by_month(table: str) -> list[str]:
    """Return the statements that open a year of months for ``table``, made with ``PARTITION BY RANGE (created_at)``.

    A migration runs them after :data:`FUNCTIONS` (of 0002) and after it has put the table under row-level security.
    """
    return [f"SELECT omni_ensure_partitions({MONTHS_AT_FIRST}, '{table}')"]


def drop_partitions(table: str) -> list[str]:
    """Return the statements that take ``table`` back, with all its months."""
    return [f"DROP TABLE {table} CASCADE"]


async def ensure_partitions(session: AsyncSession, *, months: int = MONTHS_AHEAD) -> int:
    """Create what is missing for this month and the next ``months``; return how many partitions that were."""
    created = await session.scalar(text("SELECT omni_ensure_partitions(:months)"), {"months": months})
    return int(created or 0)


def is_partition(table: str) -> bool:
    """Return whether ``table`` is a month of another table, which migrations do not compare."""
    return PARTITION_NAME.search(table) is not None

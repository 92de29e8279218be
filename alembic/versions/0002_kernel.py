"""Tables of the kernel: jobs, outbox, secrets, idempotency keys, calls; and the months of parted tables.

Revision: 0002_kernel
Follows: 0001_identity
"""

from __future__ import annotations

from alembic import op
from backend_services.kernel.partitions import FUNCTIONS, partition_by_month
from backend_services.kernel.rls import enable_row_level_security

revision = "0002_kernel"
down_revision = "0001_identity"
branch_labels = None
depends_on = None

_ROW = """
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    PRIMARY KEY (id)
"""
_MONTHLY_ROW = """
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    PRIMARY KEY (id, created_at)
"""

TABLES: dict[str, tuple[str, ...]] = {
    "jobs": (
        f"""
        CREATE TABLE jobs ({_ROW},
            name varchar NOT NULL,
            title varchar NOT NULL,
            queue varchar NOT NULL,
            state varchar NOT NULL
                CONSTRAINT ck_jobs_state CHECK (state IN
                    ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead')),
            progress double precision NOT NULL CONSTRAINT ck_jobs_progress CHECK (progress BETWEEN 0 AND 1),
            message varchar NOT NULL,
            counters jsonb NOT NULL,
            payload jsonb NOT NULL,
            actor jsonb NOT NULL,
            result jsonb,
            error jsonb,
            subject_id uuid,
            user_id uuid,
            attempts integer NOT NULL,
            max_attempts integer NOT NULL CONSTRAINT ck_jobs_max_attempts CHECK (max_attempts > 0),
            run_at timestamptz NOT NULL,
            dispatched_at timestamptz,
            lease_owner uuid,
            lease_until timestamptz,
            cancel_requested_at timestamptz,
            started_at timestamptz,
            finished_at timestamptz,
            CONSTRAINT ck_jobs_lease CHECK (state <> 'running' OR (lease_owner IS NOT NULL AND lease_until IS NOT NULL))
        )
        """,
        "CREATE INDEX ix_jobs_tenant_id ON jobs (tenant_id)",
        "CREATE INDEX ix_jobs_tenant_id_created_at ON jobs (tenant_id, created_at)",
        "CREATE INDEX ix_jobs_tenant_id_state ON jobs (tenant_id, state)",
        "CREATE INDEX ix_jobs_tenant_id_subject_id ON jobs (tenant_id, subject_id)",
        "CREATE INDEX ix_jobs_queued ON jobs (run_at) WHERE state = 'queued'",
        "CREATE INDEX ix_jobs_running ON jobs (lease_until) WHERE state = 'running'",
        "CREATE INDEX ix_jobs_lease_owner ON jobs (lease_owner) WHERE state = 'running'",
    ),
    "job_logs": (
        f"""
        CREATE TABLE job_logs ({_ROW},
            job_id uuid NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
            attempt integer NOT NULL,
            level varchar NOT NULL,
            text varchar NOT NULL
        )
        """,
        "CREATE INDEX ix_job_logs_tenant_id ON job_logs (tenant_id)",
        "CREATE INDEX ix_job_logs_tenant_id_job_id ON job_logs (tenant_id, job_id, id)",
        "CREATE INDEX ix_job_logs_job_id ON job_logs (job_id)",
    ),
    "secrets": (
        f"""
        CREATE TABLE secrets ({_ROW},
            name varchar NOT NULL,
            sealed varchar NOT NULL,
            key_id varchar NOT NULL,
            CONSTRAINT uq_secrets_tenant_id_name UNIQUE (tenant_id, name)
        )
        """,
        "CREATE INDEX ix_secrets_tenant_id ON secrets (tenant_id)",
    ),
    "idempotency_keys": (
        f"""
        CREATE TABLE idempotency_keys ({_ROW},
            owner varchar NOT NULL,
            key varchar NOT NULL,
            fingerprint varchar NOT NULL,
            status integer,
            headers jsonb NOT NULL,
            body varchar NOT NULL,
            locked_until timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            CONSTRAINT uq_idempotency_keys_tenant_id_owner_key UNIQUE (tenant_id, owner, key)
        )
        """,
        "CREATE INDEX ix_idempotency_keys_tenant_id ON idempotency_keys (tenant_id)",
        "CREATE INDEX ix_idempotency_keys_expires_at ON idempotency_keys (expires_at)",
    ),
}

MONTHLY_TABLES: dict[str, tuple[str, ...]] = {
    "outbox": (
        f"""
        CREATE TABLE outbox ({_MONTHLY_ROW},
            name varchar NOT NULL,
            subject_id uuid,
            user_id uuid,
            data jsonb NOT NULL,
            heard jsonb NOT NULL,
            attempts integer NOT NULL,
            run_at timestamptz,
            delivered_at timestamptz,
            error varchar NOT NULL
        ) PARTITION BY RANGE (created_at)
        """,
        "CREATE INDEX ix_outbox_tenant_id_created_at ON outbox (tenant_id, created_at)",
        "CREATE INDEX ix_outbox_pending ON outbox (run_at) WHERE delivered_at IS NULL",
    ),
    "api_calls": (
        f"""
        CREATE TABLE api_calls ({_MONTHLY_ROW},
            method varchar NOT NULL,
            route varchar NOT NULL,
            status integer NOT NULL,
            latency_ms double precision NOT NULL,
            api_key_id uuid,
            user_id uuid
        ) PARTITION BY RANGE (created_at)
        """,
        "CREATE INDEX ix_api_calls_tenant_id_created_at ON api_calls (tenant_id, created_at)",
        "CREATE INDEX ix_api_calls_tenant_id_api_key_id ON api_calls (tenant_id, api_key_id, created_at)",
    ),
}


def upgrade() -> None:
    """Apply."""
    for statement in FUNCTIONS:
        op.execute(statement)
    for table, statements in {**TABLES, **MONTHLY_TABLES}.items():
        for statement in (*statements, *enable_row_level_security(table)):
            op.execute(statement)
    for table in MONTHLY_TABLES:
        for statement in partition_by_month(table):
            op.execute(statement)


def downgrade() -> None:
    """Take back."""
    for table in reversed([*TABLES, *MONTHLY_TABLES]):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION omni_ensure_partitions(integer, text)")

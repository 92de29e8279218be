"""What the embedded PostgreSQL and Valkey let whom do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest
import redis.asyncio
import redis.exceptions

if TYPE_CHECKING:
    from backend_services.kernel.embedded.cellar import Cellar


async def test_application_role_owns_nothing_and_cannot_bypass_row_level_security(cellar: Cellar) -> None:
    connection = await asyncpg.connect(cellar.database_url)
    try:
        role = await connection.fetchrow(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
            "WHERE rolname = current_user"
        )
        owned = await connection.fetchval("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE public.mine (id int)")
    finally:
        await connection.close()
    assert tuple(role) == ("omni_app", False, False, False, False)
    assert owned == 0


async def test_application_role_reads_and_writes_what_the_owner_makes(cellar: Cellar) -> None:
    owner = await asyncpg.connect(cellar.owner_url)
    application = await asyncpg.connect(cellar.database_url)
    try:
        await owner.execute("CREATE TABLE throw_away (id bigserial PRIMARY KEY, place vector(3))")
        await application.execute("INSERT INTO throw_away (place) VALUES ('[1,2,3]')")
        nearest = await application.fetchval("SELECT place <-> '[1,2,4]' FROM throw_away")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await application.execute("DROP TABLE throw_away")
    finally:
        await owner.execute("DROP TABLE throw_away")
        await owner.close()
        await application.close()
    assert nearest == 1.0


@pytest.mark.parametrize("role", ["omni_app", "omni_owner", "omni_admin"])
async def test_a_wrong_password_is_refused(cellar: Cellar, role: str) -> None:
    url = f"postgresql://{role}:wrong@127.0.0.1:{cellar.postgres.port}/omni"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url)


async def test_valkey_asks_for_its_password(cellar: Cellar) -> None:
    client = redis.asyncio.Redis(host="127.0.0.1", port=cellar.valkey.port)
    with pytest.raises(redis.exceptions.AuthenticationError):
        await client.ping()
    await client.aclose()


async def test_secrets_are_readable_by_their_owner_only(cellar: Cellar) -> None:
    for name in ("cellar.json", "valkey.conf"):
        assert (cellar.data_dir / name).stat().st_mode & 0o077 == 0
    assert not (cellar.data_dir / "postgres.password").exists()

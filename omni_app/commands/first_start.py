"""Brings a database up to date, and says what a person needs for the first visit. A process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.config import Config
from alembic.util import CommandError
from redis.exceptions import RedisError

from alembic import command
from backend_services.identity import service as identity
from backend_services.identity.service import tenants
from backend_services.kernel.db import UNREACHABLE, dispose_database
from backend_services.kernel.errors import DomainError
from backend_services.kernel.redis import close_redis, get_redis, key
from backend_services.kernel.settings import get_settings
from omni_app import demo
from omni_app.wiring import configure

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO_IN_EARNEST = (
    "This data is the demonstration's, whose passwords everybody knows, so it only starts with --demo. "
    "Choose another --data-dir (or another database) for your own."
)
DEMO_AMONG_REAL = (
    "This data is already an organisation's own, and --demo would add accounts whose passwords everybody knows. "
    "Choose another --data-dir (or another database) for the demonstration."
)
ROOT = Path(__file__).resolve().parent.parent.parent


def migrate() -> None:
    """Bring the tables up to date.

    Raises:
        RefusedError: The database does not answer, refuses us, or was made by a newer Omni.
    """
    with _telling(
        "PostgreSQL (OMNI_DATABASE_OWNER_URL, else OMNI_DATABASE_URL) cannot be brought up to date",
        *(*UNREACHABLE, ValueError, CommandError),
    ):
        command.upgrade(Config(ROOT / "alembic.ini"), "head")


class RefusedError(Exception):
    """The start cannot go on; the message is for the person at the terminal."""


@contextmanager
def _telling(what: str, *kinds: type[Exception]) -> Iterator[None]:
    """Turn what a server that was given answers into one sentence; the log keeps all of it."""
    try:
        yield
    except kinds as error:
        traceback.print_exc()
        reason = next(iter(str(getattr(error, "orig", None) or error).splitlines()), type(error).__name__)
        msg = f"{what}: {reason.rstrip('.')}. logs/first-start.log in the data folder says more."
        raise RefusedError(msg) from error


async def welcome() -> tuple[bool, list[str]]:
    """Seed the demonstration or make a set-up link; return whether the install is set up, and what to tell.

    Raises:
        RefusedError: A server does not answer, or known passwords and real data would come together.
    """
    try:
        with _telling("PostgreSQL (OMNI_DATABASE_URL) cannot be used", *UNREACHABLE):
            has_demo = await identity.has_demo()
        with _telling("Redis (OMNI_REDIS_URL) cannot be used", RedisError, OSError, ValueError):
            await get_redis().get(key("health"))
        if has_demo and not get_settings().demo:
            raise RefusedError(DEMO_IN_EARNEST)
        if get_settings().demo and not has_demo and await tenants.is_set_up():
            raise RefusedError(DEMO_AMONG_REAL)
        if get_settings().demo:
            seeded = await demo.seed()
            lines = [f"{account.email:<24} {account.role:<10} {account.tenant}" for account in seeded.accounts]
            first = f"Demonstration accounts, all with the password {seeded.accounts[0].password}"
            return True, [first, *lines, f"API key  {seeded.api_key}"]
        token = await tenants.issue_setup_token()
        if token is None:
            return True, []
        link = f"{get_settings().base_url}/setup?token={token}"
        return False, ["Set up Omni with this link. It works once:", link]
    finally:
        await close_redis()
        await dispose_database()


def main(answer: Path) -> None:
    """Migrate, seed, and write what the supervisor tells the person."""
    try:
        configure()
        migrate()
        is_set_up, told = asyncio.run(welcome())
        outcome = {"is_set_up": is_set_up, "told": told}
    except (DomainError, RefusedError) as error:
        outcome = {"refused": str(error)}
    answer.touch(mode=0o600)
    answer.write_text(json.dumps(outcome))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Brings a database up to date, and says what a person needs for the first visit. A process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from alembic.config import Config

from alembic import command
from backend_services.identity import service as identity
from backend_services.identity.service import tenants
from backend_services.kernel.db import dispose_database
from backend_services.kernel.redis import close_redis
from backend_services.kernel.settings import get_settings
from omni_app import demo
from omni_app.wiring import configure

DEMO_IN_EARNEST = (
    "This data is the demonstration's, whose passwords everybody knows, so it only starts with --demo. "
    "Choose another --data-dir (or another database) for your own."
)
DEMO_AMONG_REAL = (
    "This data is already an organisation's own, and --demo would add accounts whose passwords everybody knows. "
    "Choose another --data-dir (or another database) for the demonstration."
)
ROOT = Path(__file__).resolve().parent.parent.parent


def migrate(revision: str = "head") -> None:
    """Bring the tables to ``revision``."""
    command.upgrade(Config(ROOT / "alembic.ini"), revision)


class MixedError(Exception):
    """Known passwords and real data would come together; the message says the way out."""


async def welcome() -> tuple[bool, list[str]]:
    """Seed the demonstration or make a set-up link; return whether the install is set up, and what to tell.

    Raises:
        MixedError: The data is the demonstration's and this is none, or the other way round.
    """
    configure()
    try:
        has_demo = await identity.has_demo()
        if has_demo and not get_settings().demo:
            raise MixedError(DEMO_IN_EARNEST)
        if get_settings().demo and not has_demo and await tenants.is_set_up():
            raise MixedError(DEMO_AMONG_REAL)
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
    migrate()
    try:
        is_set_up, told = asyncio.run(welcome())
        outcome = {"is_set_up": is_set_up, "told": told}
    except MixedError as error:
        outcome = {"refused": str(error)}
    answer.touch(mode=0o600)
    answer.write_text(json.dumps(outcome))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Passwords: argon2id off the event loop, and a check of strength that needs no network."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from backend_services.identity.errors import WeakPasswordError
from backend_services.kernel.ids import new_token

if TYPE_CHECKING:
    from collections.abc import Iterable

MEMORY_KIB = 47_104  # OWASP Password Storage Cheat Sheet: argon2id, m = 46 MiB, t = 1, p = 1; one pass more
PASSES = 2
MIN_LENGTH = 8
LONG_ENOUGH = 12
MAX_LENGTH = 256
GOOD_SCORE = 3
AT_ONCE = 2  # each hash holds 46 MiB

_hasher = PasswordHash((Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1),))
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _turn() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    found = _turns.get(loop)
    if found is None:
        found = _turns[loop] = asyncio.Semaphore(AT_ONCE)
    return found


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash(new_token())


async def hash_password(password: str) -> str:
    """Return the argon2id hash of ``password``."""
    async with _turn():
        return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Return whether the password fits and, if it does under outdated parameters, its new hash.

    Without a stored hash (no such account) the same work is done, so that time tells nothing.
    """
    async with _turn():
        if len(password) > MAX_LENGTH:
            password, stored = password[:MAX_LENGTH], None
        fits, renewed = await asyncio.to_thread(_verify, password, stored)
    return fits and stored is not None, renewed if stored is not None else None


def _verify(password: str, stored: str | None) -> tuple[bool, str | None]:
    return _hasher.verify_and_update(password, stored or _nobodys_hash())


async def require_strong(password: str, *, about: Iterable[str] = ()) -> None:
    """Refuse a password that would be guessed: short, common, or made of the person's own words.

    Raises:
        WeakPasswordError: With the reason in ``params``.
    """
    reason = await asyncio.to_thread(weakness, password, tuple(about))
    if reason:
        raise WeakPasswordError(params={"reason": reason}, fields={"password": reason})


def weakness(password: str, about: tuple[str, ...]) -> str:
    """Return why the password is weak (``short``, ``long``, ``personal`` or ``common``), or an empty text."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its word lists take memory; only who sets a password needs them

    if len(password) < MIN_LENGTH:
        return "short"
    if len(password) > MAX_LENGTH:
        return "long"
    words = [word for text in about for word in (text, *text.replace("@", " ").replace(".", " ").split())]
    personal = [word.casefold() for word in words if len(word) >= 3]  # noqa: PLR2004 - shorter words say nothing
    folded = password.casefold()
    if any(word in folded and len(folded) - len(word) < MIN_LENGTH for word in personal):
        return "personal"
    strength = zxcvbn(password[:72], user_inputs=personal)
    if strength["score"] >= GOOD_SCORE:
        return ""
    only_known_words = strength["score"] < GOOD_SCORE - 1
    return "common" if len(password) < LONG_ENOUGH or only_known_words else ""

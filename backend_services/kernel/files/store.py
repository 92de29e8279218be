"""One interface over local folders and object storage (obstore).

A key is a relative path such as ``tenants/<id>/datasets/<id>/v1.parquet``. A file appears whole or not at all.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url

from backend_services.kernel.clock import now
from backend_services.kernel.files.errors import (
    FileKeyInvalidError,
    StorageFullError,
    StorageUnavailableError,
    StoredFileNotFoundError,
)
from backend_services.kernel.files.settings import get_files_settings
from backend_services.kernel.ids import new_token
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterator

    from obstore.store import ObjectStore

CHUNK_BYTES = 5 * 1024 * 1024
WRITE_BYTES = 1024 * 1024
PARALLEL_PARTS = 2
ABANDONED_S = 3600.0
"""A file that nothing was added to for so long belongs to a process that is gone."""
MAX_KEY = 512
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=-]*")
_FULL = ("No space left", "os error 28", "Disk quota exceeded", "os error 122", "QuotaExceeded", "os error 27")


def checked_key(key: str) -> str:
    """Return ``key`` if it is safe in every store.

    Raises:
        FileKeyInvalidError: It is empty, too long, absolute, or a part of it is ``..`` or has odd characters.
    """
    parts = key.split("/")
    if len(key) > MAX_KEY or not all(_PART.fullmatch(part) for part in parts):
        raise FileKeyInvalidError
    return key


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what a store raises into refusals of ours."""
    try:
        yield
    except FileNotFoundError:
        raise StoredFileNotFoundError from None
    except (BaseError, OSError) as error:
        full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        if full or any(sign in str(error) for sign in _FULL):
            raise StorageFullError from error
        raise StorageUnavailableError from error


def _make_incoming(folder: Path) -> None:
    """Make the folder of arriving files, and delete those that a killed process left half-written."""
    folder.mkdir(parents=True, exist_ok=True)
    before = now().timestamp() - ABANDONED_S
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # its own process finished with it meanwhile
            if path.stat().st_mtime < before:
                path.unlink()


def _adopt(staging: Path, path: Path) -> int:
    """Move a written file to its place in one step, on disk before it is seen; return its size."""
    with staging.open("rb") as file:
        os.fsync(file.fileno())
    path.parent.mkdir(parents=True, exist_ok=True)
    staging.replace(path)
    return path.stat().st_size


async def _gathered(chunks: AsyncIterable[bytes]) -> AsyncIterator[list[bytes]]:
    """Yield what arrives in larger portions, as each write crosses into a thread."""
    pieces: list[bytes] = []
    size = 0
    async for chunk in chunks:
        pieces.append(chunk)
        size += len(chunk)
        if size >= WRITE_BYTES:
            yield pieces
            pieces, size = [], 0
    yield pieces


async def _append(file: BinaryIO, chunks: AsyncIterable[bytes], digest: Digest | None) -> None:
    """Write what arrives, one portion behind what is being read."""

    def append(pieces: list[bytes]) -> None:
        file.writelines(pieces)
        if digest is not None:
            for piece in pieces:
                digest.update(piece)

    writing: asyncio.Future[None] | None = None
    try:
        async for pieces in _gathered(chunks):
            if writing is not None:
                with _refusals():
                    await writing
            writing = asyncio.ensure_future(asyncio.to_thread(append, pieces))
        if writing is not None:
            with _refusals():
                await writing
    finally:
        if writing is not None and not writing.done():
            await asyncio.wait({writing})


def _same_disk(path: Path, folder: Path) -> bool:
    return path.stat().st_dev == folder.stat().st_dev


class Digest(Protocol):
    """What :mod:`hashlib` gives."""

    def update(self, data: bytes, /) -> None:
        """Take further bytes."""


class FileStore:
    """Files by key. ``root`` is the folder itself when the store is local."""

    def __init__(self, store: ObjectStore, *, root: Path | None, cache_dir: Path, cache_bytes: int) -> None:
        self._store = store
        self._root = root
        self._cache_dir = cache_dir
        self._cache_bytes = cache_bytes

    @property
    def is_local(self) -> bool:
        """Return whether the files lie on this machine."""
        return self._root is not None

    async def put_file(self, key: str, path: Path) -> int:
        """Store the file at ``path`` under ``key``, replacing what was there; return its size in bytes."""
        checked_key(key)
        with _refusals():
            await obstore.put_async(self._store, key, path, chunk_size=CHUNK_BYTES, max_concurrency=PARALLEL_PARTS)
        return await self.size_bytes(key)

    async def move_file(self, key: str, path: Path) -> int:
        """Store the file at ``path``, which is ours to take away, under ``key``; return its size in bytes."""
        checked_key(key)
        if self._root is not None and await asyncio.to_thread(_same_disk, path, self._root):
            with _refusals():
                return await asyncio.to_thread(_adopt, path, self._root / key)
        return await self.put_file(key, path)

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes], *, digest: Digest | None = None) -> int:
        """Store what ``chunks`` yields under ``key``; return its size. If it raises, nothing is stored.

        ``digest`` is fed with the bytes. It and the disk work in a thread while the next bytes arrive.
        """
        checked_key(key)
        staging = self._cache_dir / "incoming" / new_token(16)
        try:
            with _refusals():
                await asyncio.to_thread(_make_incoming, staging.parent)
                file = await asyncio.to_thread(staging.open, "xb")
            try:
                await _append(file, chunks, digest)
            finally:
                with _refusals():
                    await asyncio.to_thread(file.close)
            if self._root is None:
                return await self.put_file(key, staging)
            with _refusals():
                return await asyncio.to_thread(_adopt, staging, self._root / key)
        finally:
            await asyncio.to_thread(staging.unlink, missing_ok=True)

    async def get_stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield the file's bytes in chunks.

        Raises:
            StoredFileNotFoundError: Nothing is stored under ``key``.
        """
        checked_key(key)
        with _refusals():
            answer = await obstore.get_async(self._store, key)
            async for chunk in answer.stream(min_chunk_size=256 * 1024):
                yield bytes(chunk)

    async def local_path(self, key: str) -> Path:
        """Return a path from which the file can be read: itself, or a copy that is kept for the next time.

        Raises:
            StoredFileNotFoundError: Nothing is stored under ``key``.
        """
        checked_key(key)
        if self._root is not None:
            path = self._root / key
            if not await asyncio.to_thread(path.is_file):
                raise StoredFileNotFoundError
            return path
        with _refusals():
            head = await obstore.head_async(self._store, key)
        version = sha256(f"{key}|{head['e_tag']}|{head['size']}|{head['last_modified']}".encode()).hexdigest()
        path = self._cache_dir / version[:2] / f"{version}{Path(key).suffix}"
        if await asyncio.to_thread(path.is_file):
            with _refusals():
                await asyncio.to_thread(path.touch)
            return path
        await self._fetch(key, path)
        await asyncio.to_thread(self._trim, path)
        return path

    async def _fetch(self, key: str, path: Path) -> None:
        staging = path.with_name(f"{path.name}.{new_token(8)}")
        try:
            with _refusals():
                await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
                file = await asyncio.to_thread(staging.open, "xb")
                try:
                    async for chunk in self.get_stream(key):
                        await asyncio.to_thread(file.write, chunk)
                finally:
                    await asyncio.to_thread(file.close)
                await asyncio.to_thread(staging.replace, path)
        finally:
            await asyncio.to_thread(staging.unlink, missing_ok=True)

    def _trim(self, keep: Path) -> None:
        """Delete the copies used longest ago until the rest fits; a reader that has one open keeps it."""
        copies = [path for path in self._cache_dir.glob("??/*") if path.is_file()]
        copies.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        room = self._cache_bytes
        for path in copies:
            room -= path.stat().st_size
            if room < 0 and path != keep:
                path.unlink(missing_ok=True)

    async def exists(self, key: str) -> bool:
        """Return whether something is stored under ``key``."""
        try:
            await self.size_bytes(key)
        except StoredFileNotFoundError:
            return False
        return True

    async def size_bytes(self, key: str) -> int:
        """Return the file's size.

        Raises:
            StoredFileNotFoundError: Nothing is stored under ``key``.
        """
        checked_key(key)
        with _refusals():
            head = await obstore.head_async(self._store, key)
        return head["size"]

    async def list_keys(self, prefix: str) -> tuple[str, ...]:
        """Return the keys below the folder ``prefix``, sorted."""
        checked_key(prefix)
        keys: list[str] = []
        with _refusals():
            async for batch in obstore.list(self._store, prefix=prefix):
                keys.extend(meta["path"] for meta in batch)
        return tuple(sorted(keys))

    async def delete(self, key: str) -> None:
        """Delete the file; a file that is not there is deleted already."""
        checked_key(key)
        try:
            with _refusals():
                await obstore.delete_async(self._store, key)
        except StoredFileNotFoundError:
            return

    async def delete_prefix(self, prefix: str) -> int:
        """Delete every file below the folder ``prefix``; return how many there were."""
        keys = await self.list_keys(prefix)
        for key in keys:
            await self.delete(key)
        return len(keys)


def open_store(url: str, *, data_dir: Path, cache_dir: Path | None = None, cache_bytes: int = 0) -> FileStore:
    """Return the store at ``url``; without one, the folder ``files`` below ``data_dir``."""
    if url:
        return FileStore(
            from_url(url), root=None, cache_dir=cache_dir or data_dir / "files-cache", cache_bytes=cache_bytes
        )
    root = (data_dir / "files").resolve()
    store = LocalStore(root, mkdir=True, automatic_cleanup=True)
    return FileStore(store, root=root, cache_dir=data_dir / "files-cache", cache_bytes=cache_bytes)


@lru_cache(maxsize=1)
def get_files() -> FileStore:
    """Return this process's file store."""
    settings = get_files_settings()
    return open_store(
        settings.files_url,
        data_dir=get_settings().data_dir,
        cache_dir=settings.files_cache_dir,
        cache_bytes=settings.files_cache_bytes,
    )

"""A file that is read while it is written."""

from __future__ import annotations

import asyncio
import tempfile
from typing import IO

import pytest

from backend_services.datasets.query.following import Growth, following


class BrokenError(Exception):
    """What the writing fails with."""


async def _write(file: IO[bytes], growth: Growth, pieces: asyncio.Queue[bytes | BrokenError | None]) -> None:
    while (piece := await pieces.get()) is not None:
        if isinstance(piece, BrokenError):
            raise piece
        file.write(piece)
        file.flush()
        growth.note()


def _begun() -> tuple[IO[bytes], Growth, asyncio.Queue[bytes | BrokenError | None], asyncio.Task[None]]:
    file, growth = tempfile.TemporaryFile(), Growth()  # noqa: SIM115 - the reading closes it
    pieces: asyncio.Queue[bytes | BrokenError | None] = asyncio.Queue()
    return file, growth, pieces, asyncio.ensure_future(_write(file, growth, pieces))


async def test_what_is_written_is_read_before_the_writing_ends() -> None:
    file, growth, pieces, writing = _begun()
    reading = following(file, writing, growth, size=4)
    pieces.put_nowait(b"abcdef")
    assert [await anext(reading), await anext(reading)] == [b"abcd", b"ef"]
    assert not writing.done()
    pieces.put_nowait(b"gh")
    pieces.put_nowait(None)
    assert [piece async for piece in reading] == [b"gh"]
    assert file.closed


async def test_a_writing_that_fails_breaks_the_reading_off() -> None:
    file, growth, pieces, writing = _begun()
    reading = following(file, writing, growth, size=4)
    pieces.put_nowait(b"ab")
    assert await anext(reading) == b"ab"
    pieces.put_nowait(BrokenError())
    with pytest.raises(BrokenError):
        await anext(reading)
    assert file.closed


async def test_a_reader_who_leaves_stops_the_writing() -> None:
    file, growth, pieces, writing = _begun()
    reading = following(file, writing, growth, size=4)
    pieces.put_nowait(b"ab")
    assert await anext(reading) == b"ab"
    await reading.aclose()  # type: ignore[attr-defined]
    assert writing.cancelled()
    assert file.closed


async def test_what_fails_before_the_first_piece_is_raised_at_once() -> None:
    file, growth, pieces, writing = _begun()
    pieces.put_nowait(BrokenError())
    with file, pytest.raises(BrokenError):
        await growth.until(writing, file, most=10)

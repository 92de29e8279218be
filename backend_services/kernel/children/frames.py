"""Messages over a pipe: a kind, a length and as many bytes. Light: imports nothing of ours."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import IO, Final

_HEAD: Final = struct.Struct("!BI")


class Kind(IntEnum):
    """What a message is."""

    READY = 1
    """The child has begun."""
    PART = 2
    """A piece of a request or of an answer."""
    END = 3
    """The answer is whole; the next request may come."""


_KINDS: Final = frozenset(map(int, Kind))


class FrameError(Exception):
    """What came is no message, or longer than it may be."""


def write(stream: IO[bytes], kind: Kind, body: bytes = b"") -> None:
    """Write one message."""
    stream.write(_HEAD.pack(kind, len(body)) + body)
    stream.flush()


def read(stream: IO[bytes], *, most: int) -> tuple[Kind, bytes] | None:
    """Return the next message, or ``None`` when the other end is gone, also in the middle of a message.

    Raises:
        FrameError: It is longer than ``most`` bytes, or of no known kind.
    """
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    number, length = _HEAD.unpack(head)
    if number not in _KINDS or length > most:
        msg = f"message of kind {number}, {length} bytes"
        raise FrameError(msg)
    body = stream.read(length)
    return (Kind(number), body) if len(body) == length else None

"""A few children of one kind: started when first needed, used again, ended when old, idle, late or not waited for."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from backend_services.kernel.children.child import Child, ChildEndedError
from backend_services.kernel.children.frames import FrameError
from backend_services.kernel.clock import monotonic_s

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = structlog.get_logger(__name__)

_START_S: Final = 30.0
_LEAVING_S: Final = 2.0


class BusyError(Exception):
    """As many requests are waiting for a child as may wait."""


class LateError(Exception):
    """The child had not answered in time; it was ended."""


@dataclass(frozen=True, slots=True)
class ChildKind:
    """What the children run, and how many of them for how long.

    Attributes:
        module: Run with ``python -m``; answers requests as :mod:`.serving` does.
        most: Children at a time.
        requests: After as many a child makes room for a new one.
        idle_s: After as many seconds without a request it ends.
        waiting: Requests that may wait for their turn.
        most_bytes: Longest message that is taken from a child.
    """

    module: str
    arguments: tuple[str, ...]
    most: int
    requests: int
    idle_s: float
    waiting: int
    most_bytes: int


@dataclass(slots=True)
class _Idle:
    child: Child
    about: str
    since_s: float


@dataclass(slots=True)
class _Request:
    """One request on its way through a thread.

    Attributes:
        about: What it is about; a child that has answered about the same is preferred.
    """

    body: bytes
    about: str
    take: Callable[[bytes], None]
    timeout_s: float
    late: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    _child: Child | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def leave(self) -> None:
        """Stop it, or keep it from beginning."""
        self._stop(self.left)

    def expire(self) -> None:
        """Stop it because its time is over."""
        self._stop(self.late)

    def hold(self, child: Child | None) -> None:
        """Note who answers it just now; nobody else's child is ever stopped."""
        with self._lock:
            self._child = child
            if child is not None and self.left.is_set():
                child.kill()

    def _stop(self, why: threading.Event) -> None:
        why.set()
        with self._lock:
            if self._child is not None:
                self._child.kill()


class ChildPool:
    """The children of a process, asked from any of its event loops."""

    def __init__(self, kind: ChildKind) -> None:
        """Start nothing yet."""
        self._kind = kind
        self._lock = threading.Lock()
        self._idle: list[_Idle] = []
        self._running: set[Child] = set()
        self._closed = False
        self._executor = ThreadPoolExecutor(max_workers=kind.most, thread_name_prefix="omni-child")
        self._waiting = 0

    @property
    def pids(self) -> frozenset[int]:
        """Return the processes that there are."""
        with self._lock:
            return frozenset(child.pid for child in self._running)

    async def run(self, body: bytes, take: Callable[[bytes], None], *, about: str, timeout_s: float) -> None:
        """Have a child answer ``body``; ``take`` gets each piece in a thread. Who is cancelled ends the child.

        Raises:
            BusyError: Too many are waiting.
            LateError: It took longer than ``timeout_s`` from when it began.
            ChildEndedError: The child ended by itself, or something but its parent ended it.
            FrameError: It sent a message that is longer than allowed, or none at all; it was ended.
        """
        if self._waiting >= self._kind.waiting:
            raise BusyError
        self._waiting += 1
        request = _Request(body=body, about=about, take=take, timeout_s=timeout_s)
        loop = asyncio.get_running_loop()
        loop.call_later(self._kind.idle_s + timeout_s, self.close_idle)
        future = loop.run_in_executor(self._executor, self._answer, request)
        try:
            await asyncio.shield(future)
        except asyncio.CancelledError:
            request.leave()
            future.cancel()
            with contextlib.suppress(Exception):  # nobody is left to hear of it
                await asyncio.wait({future}, timeout=_LEAVING_S)
            raise
        finally:
            self._waiting -= 1

    def close_idle(self) -> None:
        """End children that nobody has asked anything for a while."""
        before_s = monotonic_s() - self._kind.idle_s
        with self._lock:
            old = [one for one in self._idle if one.since_s <= before_s]
            self._idle = [one for one in self._idle if one.since_s > before_s]
        for one in old:
            self._end(one.child)

    def close(self) -> None:
        """End every child, also those at work."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            working = self._running - {one.child for one in idle}
        for one in idle:
            self._end(one.child)
        for child in working:
            child.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _answer(self, request: _Request) -> None:
        """Do all of it in this thread."""
        with self._leased(request) as child, _deadline(request.timeout_s, request.expire):
            child.ask(request.body, request.take)

    @contextlib.contextmanager
    def _leased(self, request: _Request) -> Iterator[Child]:
        """Lend a child; whatever goes wrong ends it, because nobody knows what it would answer next."""
        found = self._idle_child(request.about)
        child = found or self._started()
        request.hold(child)
        try:
            if found is None:
                _await_start(child)
            yield child
        except BaseException as error:
            request.hold(None)
            self._end(child)
            self._explain(request, error)
            raise
        request.hold(None)
        self._give_back(child, request.about)

    @staticmethod
    def _explain(request: _Request, error: BaseException) -> None:
        if request.left.is_set():
            raise asyncio.CancelledError from error
        if request.late.is_set():
            raise LateError from error
        if isinstance(error, ChildEndedError | FrameError):
            log.warning("child failed", error=str(error), complaint=getattr(error, "complaint", ""))

    def _idle_child(self, about: str) -> Child | None:
        """Return a child that waits for work, if there is one: who knows what it is about, else who waited longest."""
        while (found := self._next_idle(about)) is not None:
            if found.is_running:
                return found
            self._end(found)
        return None

    def _next_idle(self, about: str) -> Child | None:
        with self._lock:
            if not self._idle:
                return None
            index = next((index for index, one in enumerate(self._idle) if one.about == about), 0)
            return self._idle.pop(index).child

    def _started(self) -> Child:
        kind = self._kind
        child = Child(kind.module, kind.arguments, most_bytes=kind.most_bytes)
        with self._lock:
            self._running.add(child)
        return child

    def _give_back(self, child: Child, about: str) -> None:
        with self._lock:
            keeps = not self._closed and child.requests < self._kind.requests and child.is_running
            if keeps:
                self._idle.append(_Idle(child=child, about=about, since_s=monotonic_s()))
        if not keeps:
            self._end(child)

    def _end(self, child: Child) -> None:
        child.end()
        with self._lock:
            self._running.discard(child)


def _await_start(child: Child) -> None:
    slow = threading.Event()

    def give_up() -> None:
        slow.set()
        child.kill()

    try:
        with _deadline(_START_S, give_up):
            child.wait_until_ready()
    except ChildEndedError as error:
        if slow.is_set():
            raise LateError from error
        raise


@contextlib.contextmanager
def _deadline(seconds: float, late: Callable[[], None]) -> Iterator[None]:
    timer = threading.Timer(seconds, late)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

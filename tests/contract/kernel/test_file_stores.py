"""A local folder and S3 keep the same promises."""

from __future__ import annotations

import resource
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.files.errors import (
    FileKeyInvalidError,
    StorageFullError,
    StorageUnavailableError,
    StoredFileNotFoundError,
)
from backend_services.kernel.files.store import FileStore, open_store
from backend_services.kernel.ids import new_id

BIG = 6_000_000
KEY = "tenants/t/datasets/d/v1.parquet"


async def _chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def _broken(size: int) -> AsyncIterator[bytes]:
    yield b"x" * size
    msg = "the client went away"
    raise ConnectionResetError(msg)


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """Serve S3 on a free port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """Return an empty store of each kind."""
    if request.param == "folder":
        return open_store("", data_dir=tmp_path)
    endpoint = request.getfixturevalue("s3_endpoint")
    return await _bucket(endpoint, tmp_path)


async def _bucket(endpoint: str, tmp_path: Path) -> FileStore:
    name = f"bucket-{new_id().hex}"
    async with httpx.AsyncClient() as client:
        (await client.put(f"{endpoint}/{name}")).raise_for_status()
    remote = S3Store(
        name,
        prefix="omni",
        endpoint=endpoint,
        access_key_id="test",
        secret_access_key="test",
        region="us-east-1",
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )
    return FileStore(remote, root=None, cache_dir=tmp_path / "cache", cache_bytes=10_000_000)


def _files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def _read(store: FileStore, key: str) -> bytes:
    return b"".join([chunk async for chunk in store.get_stream(key)])


async def test_what_is_put_is_got(store: FileStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"a" * BIG)
    assert await store.put_file(KEY, source) == BIG
    assert await store.size_bytes(KEY) == BIG
    assert await _read(store, KEY) == b"a" * BIG
    assert (await store.local_path(KEY)).read_bytes() == b"a" * BIG


async def test_a_stream_replaces_what_was_there_whole(store: FileStore) -> None:
    assert await store.put_stream(KEY, _chunks(b"one")) == 3
    first = await store.local_path(KEY)
    assert first.read_bytes() == b"one"
    assert await store.put_stream(KEY, _chunks(b"tw", b"", b"o!")) == 4
    assert (await store.local_path(KEY)).read_bytes() == b"two!"


@pytest.mark.parametrize("size", [10, BIG])
async def test_a_put_that_breaks_off_leaves_nothing(store: FileStore, tmp_path: Path, size: int) -> None:
    with pytest.raises(ConnectionResetError):
        await store.put_stream(KEY, _broken(size))
    assert not await store.exists(KEY)
    assert await store.list_keys("tenants") == ()
    assert _files_below(tmp_path) == []


async def test_what_is_not_there_is_refused(store: FileStore) -> None:
    for refused in (store.size_bytes(KEY), store.local_path(KEY), _read(store, KEY)):
        with pytest.raises(StoredFileNotFoundError):
            await refused
    await store.delete(KEY)


async def test_a_folder_is_deleted_and_its_neighbour_stays(store: FileStore) -> None:
    for key in ("a/b/1", "a/b/2", "a/bc/3"):
        await store.put_stream(key, _chunks(b"x"))
    assert await store.delete_prefix("a/b") == 2
    assert await store.list_keys("a") == ("a/bc/3",)


async def test_keys_cannot_leave_the_store(store: FileStore) -> None:
    for key in ("../x", "/etc/passwd", "a/../../x", ""):
        with pytest.raises(FileKeyInvalidError):
            await store.put_stream(key, _chunks(b"x"))
        with pytest.raises(FileKeyInvalidError):
            await store.local_path(key)


async def test_copies_of_remote_files_are_kept_within_their_room(s3_endpoint: str, tmp_path: Path) -> None:
    store = await _bucket(s3_endpoint, tmp_path)
    for number in range(3):
        await store.put_stream(f"f/{number}", _chunks(b"x" * 4_500_000))
        assert (await store.local_path(f"f/{number}")).stat().st_size == 4_500_000
    assert sum(path.stat().st_size for path in _files_below(tmp_path / "cache")) <= 10_000_000
    again = await store.local_path("f/2")
    assert again == await store.local_path("f/2")


async def test_a_store_that_does_not_answer_is_said_so(tmp_path: Path) -> None:
    remote = S3Store(
        "bucket",
        endpoint=f"http://127.0.0.1:{free_port()}",
        access_key_id="test",
        secret_access_key="test",
        region="us-east-1",
        client_options={"allow_http": True, "connect_timeout": "1s"},
        retry_config={"max_retries": 0},
    )
    store = FileStore(remote, root=None, cache_dir=tmp_path / "cache", cache_bytes=0)
    with pytest.raises(StorageUnavailableError):
        await store.put_stream(KEY, _chunks(b"x"))


async def test_a_full_disk_is_said_so_and_nothing_stays(tmp_path: Path) -> None:
    store = open_store("", data_dir=tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(StorageFullError):
            await store.put_stream(KEY, _chunks(b"x" * 900_000, b"x" * 900_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert not await store.exists(KEY)
    assert _files_below(tmp_path) == []

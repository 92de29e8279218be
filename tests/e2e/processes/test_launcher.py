"""The launcher on a machine that has Python only: made once, repaired after an interruption, one at a time."""

from __future__ import annotations

import base64
import functools
import hashlib
import http.server
import io
import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backend_services.kernel.embedded.process import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).resolve().parents[3]
WHEEL = "tiny-1.0-py3-none-any.whl"
CLI = "import os, sys, tiny; print('ran', sys.argv[1:], os.environ['OMNI_CALLED_FROM'])\n"


def wheel() -> bytes:
    """Return a package of one module."""
    content = {
        "tiny.py": b"",
        "tiny-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {
        name: base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
        for name, text in content.items()
    }
    record = "".join(f"{name},sha256={digests[name]},{len(text)}\n" for name, text in content.items())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in {**content, "tiny-1.0.dist-info/RECORD": record.encode()}.items():
            archive.writestr(name, text)
    return packed.getvalue()


@dataclass(slots=True)
class Index:
    """A package index that makes pip wait until it may go on."""

    server: http.server.ThreadingHTTPServer
    may_go_on: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the package is."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/{WHEEL}"


class _Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, index: list[Index], *arguments: object) -> None:
        self._index = index
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Deliver the package, as soon as it may."""
        (index,) = self._index
        index.asked.append(self.path)
        index.may_go_on.wait(120)
        self.send_response(200)
        self.end_headers()
        try:
            self.wfile.write(wheel())
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # pip was killed meanwhile

    def log_message(self, *_arguments: object) -> None:
        """Keep the terminal of the tests quiet."""


@pytest.fixture
def index() -> Iterator[Index]:
    """Return a running index."""
    holder: list[Index] = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, holder))
    holder.append(Index(server))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield holder[0]
    holder[0].may_go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def clone(tmp_path: Path, index: Index) -> Path:
    """Return a house of one package below a folder that few expect, with the real launcher."""
    root = tmp_path / "moja mapa čšž" / "it's here"
    (root / "omni_app" / "commands").mkdir(parents=True)
    shutil.copy(ROOT / "omni", root / "omni")
    shutil.copy(ROOT / "omni_app/commands/fetch_pip.py", root / "omni_app/commands/fetch_pip.py")
    (root / "omni_app" / "__init__.py").touch()
    (root / "omni_app" / "cli.py").write_text(CLI)
    (root / "requirements.lock").write_text(f"# [core]\ntiny @ {index.url}\n\n# [nlp]\ntiny @ {index.url}\n")
    return root


def launch(clone: Path, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Start the launcher in a process group of its own; what it prints goes to a file beside the house."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMNI_", "PIP_", "PYTHON"))}  # noqa: TID251
    with (clone.parent / "printed.txt").open("ab") as output:
        return subprocess.Popen(
            [clone / "omni", *arguments],
            cwd=cwd or clone,
            env={**kept, "OMNI_PYTHON": sys.executable},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def printed(clone: Path) -> str:
    """Return what all launches printed."""
    return (clone.parent / "printed.txt").read_text()


def test_it_is_made_once_and_knows_where_it_was_called_from(clone: Path, index: Index, tmp_path: Path) -> None:
    index.may_go_on.set()
    assert launch(clone, "run", "a b", "č").wait(120) == 0, printed(clone)
    assert printed(clone).endswith(f"ran ['run', 'a b', 'č'] {clone}\n")
    assert launch(clone, "doctor", cwd=tmp_path).wait(60) == 0
    assert printed(clone).endswith(f"ran ['doctor'] {tmp_path}\n")
    assert printed(clone).count("Installing core") == 1


def test_help_needs_no_set_up(clone: Path) -> None:
    assert launch(clone, "help").wait(30) == 0
    assert "./omni run --demo" in printed(clone)
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_set_up_is_repaired_by_running_it_again(
    clone: Path, index: Index, number: signal.Signals
) -> None:
    first = launch(clone, "run")
    assert wait_until(lambda: bool(index.asked), 60.0), printed(clone)

    def ended() -> bool:
        if first.poll() is None:
            os.killpg(first.pid, number)  # again: pip may lose one that comes while Python tidies up
        return first.poll() is not None

    assert wait_until(ended, 30.0, every_s=1.0), printed(clone)
    assert first.returncode != 0
    index.may_go_on.set()
    assert launch(clone, "run").wait(120) == 0, printed(clone)
    assert "The last set-up was interrupted" in printed(clone)
    assert printed(clone).endswith(f"ran ['run'] {clone}\n")


def test_a_pip_that_outlived_its_launcher_is_waited_for(clone: Path, index: Index) -> None:
    first = launch(clone, "run")
    assert wait_until(lambda: bool(index.asked), 60.0), printed(clone)
    first.kill()
    first.wait(30)
    second = launch(clone, "run")
    assert wait_until(lambda: "Another set-up is running" in printed(clone), 60.0), printed(clone)
    assert index.asked == [f"/{WHEEL}"]
    index.may_go_on.set()
    assert second.wait(120) == 0, printed(clone)
    assert printed(clone).endswith(f"ran ['run'] {clone}\n")


def test_two_at_the_same_time_make_one_environment(clone: Path, index: Index) -> None:
    both = [launch(clone, "run"), launch(clone, "run")]
    index.may_go_on.set()
    assert [one.wait(120) for one in both] == [0, 0], printed(clone)
    assert printed(clone).count("Installing core") == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_named(clone: Path) -> None:
    clone.chmod(0o555)
    assert launch(clone, "run").wait(30) == 1
    clone.chmod(0o755)
    assert f"{clone} is not yours to write in" in printed(clone)

"""Apache Superset as a peer: its own environment, its own processes, and the questions that it is asked.

The environment is made once by pip under ``~/.cache/omni-bench`` from ``superset.txt`` and kept; delete the folder to
make it anew. Each run has a folder of its own for metadata and settings, which is removed.
"""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import psutil

from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.embedded.process import wait_until

PINS = Path(__file__).with_name("superset.txt")
CACHE = Path.home() / ".cache" / "omni-bench"
STARTED_S = 120.0
STOPPED_S = 15.0
SETTINGS = """SECRET_KEY = {key!r}
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
DATA_CACHE_CONFIG = {{"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 3600}}
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
"""
SERVE = (
    "--workers",
    "1",
    "--worker-class",
    "gthread",
    "--threads",
    "20",
    "--timeout",
    "120",
    "superset.app:create_app()",
)
"""How its own image serves it (``docker/entrypoints/run-server.sh``)."""
VIEW = """import sys, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute(f"CREATE VIEW million AS SELECT * FROM read_parquet('{sys.argv[2]}')")
"""


@dataclass(frozen=True)
class Superset:
    """A running Superset that knows the table."""

    client: httpx.Client
    server: psutil.Process
    dataset_id: int

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """Return what its chart-data API answers to one question."""
        answer = self.client.post("/api/v1/chart/data", json=question)
        answer.raise_for_status()
        (result,) = answer.json()["result"]
        return dict(result)

    def question(self, *columns: str, by_month: bool = False, limit: int = 1000, number: int) -> dict[str, Any]:
        """Return the sum of ``amount`` by some columns; ``number`` makes it one that nobody asked before."""
        month = {"timeGrain": "P1M", "columnType": "BASE_AXIS", "sqlExpression": "day", "label": "day"}
        total = {"expressionType": "SQL", "sqlExpression": "SUM(amount)", "label": "amount"}
        query = {
            "columns": [*([month | {"expressionType": "SQL"}] if by_month else []), *columns],
            "metrics": [total],
            "filters": [{"col": "city", "op": "!=", "val": f"none {number}"}],
            "orderby": [] if by_month else [[total, False]],
            "row_limit": limit,
        }
        where = {"id": self.dataset_id, "type": "table"}
        return {"datasource": where, "queries": [query], "result_format": "json", "result_type": "full"}

    def family(self) -> list[psutil.Process]:
        """Return its processes."""
        return [self.server, *self.server.children(recursive=True)]


def environment() -> Path:
    """Return the folder of Superset's environment, making it if it is not there: some minutes and 900 MB."""
    folder = CACHE / f"superset-{sha256(PINS.read_bytes()).hexdigest()[:12]}"
    done = folder / "complete"
    if not done.exists():
        sys.stderr.write(f"making {folder}\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", "-r", str(PINS)], check=True)
        done.touch()
    return folder


@contextmanager
def superset(table: Path, folder: Path) -> Iterator[Superset]:
    """Run Superset over a Parquet file through DuckDB, in ``folder``; its processes end with the block."""
    programs = environment() / "bin"
    settings = folder / "superset_config.py"
    settings.write_text(SETTINGS.format(key=secrets.token_hex(32), folder=folder))
    env = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder), "SUPERSET_CONFIG_PATH": str(settings)}
    password, port = secrets.token_hex(12), free_port()
    database = folder / "tables.duckdb"
    person = ["--username", "admin", "--firstname", "A", "--lastname", "B", "--email", "a@example.com"]
    with (folder / "superset.log").open("wb") as log:
        for command in (
            [str(programs / "python"), "-c", VIEW, str(database), str(table)],
            [str(programs / "superset"), "db", "upgrade"],
            [str(programs / "superset"), "fab", "create-admin", *person, "--password", password],
            [str(programs / "superset"), "init"],
        ):
            subprocess.run(command, env=env, check=True, stdout=log, stderr=log)
        serving = subprocess.Popen(
            [str(programs / "gunicorn"), "--bind", f"127.0.0.1:{port}", *SERVE], env=env, stdout=log, stderr=log
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
                yield Superset(client, psutil.Process(serving.pid), _connect(client, password, database))
        finally:
            _end(serving)


def _connect(client: httpx.Client, password: str, database: Path) -> int:
    """Sign in, and make the table known; return its id."""

    def answers() -> bool:
        try:
            return client.get("/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    assert wait_until(answers, STARTED_S, every_s=0.2), "Superset did not start"
    who = {"username": "admin", "password": password, "provider": "db"}
    client.headers["Authorization"] = f"Bearer {_made(client, '/api/v1/security/login', who)['access_token']}"
    extra = json.dumps({"engine_params": {"connect_args": {"read_only": True}}})
    where = {"database_name": "tables", "sqlalchemy_uri": f"duckdb:///{database}", "extra": extra}
    database_id = _made(client, "/api/v1/database/", where)["id"]
    table = {"database": database_id, "schema": "main", "table_name": "million"}
    return int(_made(client, "/api/v1/dataset/", table)["id"])


def _made(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text[:300]}"
    return dict(answer.json())


def _end(serving: subprocess.Popen[bytes]) -> None:
    """End the server and whatever it started."""
    family = psutil.Process(serving.pid).children(recursive=True) if serving.poll() is None else []
    serving.send_signal(signal.SIGTERM)
    try:
        serving.wait(STOPPED_S)
    except subprocess.TimeoutExpired:
        serving.kill()
        serving.wait(STOPPED_S)
    for left in psutil.wait_procs(family, timeout=STOPPED_S)[1]:
        left.kill()

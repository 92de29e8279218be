"""The whole system for bad days: servers, web process and worker of its own, so that each may be broken."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from backend_services.kernel.embedded.cellar import Cellar
from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.embedded.process import wait_until

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "kamen-most-oblak-7-reka"
START_S = 150.0
SECRET_WORDS = (PASSWORD, "Traceback", "asyncpg", "sqlalchemy", "site-packages", "/backend_services/")


@dataclass(slots=True)
class System:
    """A running web process and worker over servers of their own; everything about it is seen over its doors."""

    cellar: Cellar
    data_dir: Path
    logs: Path
    port: int = field(default_factory=free_port)
    secret_key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    operator_email: str = ""

    @property
    def url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **more: str) -> dict[str, str]:
        """Return what the processes are told, as ``omni run`` tells them, with shorter leases."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OMNI_")}  # noqa: TID251 - a fresh start
        return {
            **kept,
            "OMNI_DATA_DIR": str(self.data_dir),
            "OMNI_DATABASE_URL": self.cellar.database_url,
            "OMNI_REDIS_URL": self.cellar.redis_url,
            "OMNI_SECRET_KEY": self.secret_key,
            "OMNI_PORT": str(self.port),
            "OMNI_LOG_FORMAT": "json",
            "OMNI_WORKER_LEASE_S": "3",
            "OMNI_WORKER_BEAT_S": "0.5",
            "OMNI_WORKER_SWEEP_S": "0.3",
            "OMNI_DATASETS_MIN_FREE_BYTES": "0",
            "OMNI_IDENTITY_CREDENTIAL_CACHE_S": "0.2",
            "PYTHONPATH": str(ROOT),
            "REFLEX_ENV_MODE": "prod",
            "REFLEX_TELEMETRY_ENABLED": "false",
            "__REFLEX_SKIP_COMPILE": "true",
            **more,
        }

    def migrate(self) -> None:
        """Bring the tables in."""
        environment = self.environment(OMNI_DATABASE_OWNER_URL=self.cellar.owner_url)
        subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], check=True, cwd=ROOT, env=environment)

    def start_web(self, **more: str) -> None:
        """Start the web process and wait until it answers."""
        serve = ("-m", "uvicorn", "--factory", "omni_app.web:create", "--host", "127.0.0.1", "--port", str(self.port))
        options = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header")
        self._start("web", *serve, *options, more=more)
        self.until(lambda: self.answers("/api/health/live"), why="the web process did not start", within_s=START_S)

    def start_worker(self, **more: str) -> None:
        """Start the worker."""
        self._start("worker", "-m", "omni_app.worker", more=more)

    def _start(self, name: str, *arguments: str, more: dict[str, str]) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env=self.environment(**more), stdout=log, stderr=log
            )

    def end(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End a process and wait for it."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(15)

    def answers(self, path: str) -> bool:
        """Return whether a path answers with success."""
        try:
            return httpx.get(f"{self.url}{path}", timeout=10).is_success
        except httpx.TransportError:
            return False

    def until(self, holds: Callable[[], Any], *, why: str, within_s: float = 60.0) -> None:
        """Ask until the answer is yes; fail at the deadline."""
        assert wait_until(lambda: bool(holds()), within_s, every_s=0.1), f"{why}\n{self.tail()}"

    def tail(self) -> str:
        """Return how the logs end."""
        return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-3000:]}" for path in self.logs.glob("*.log"))

    def logged(self) -> str:
        """Return everything that our processes logged."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.logs.glob("*.log")))

    def files(self) -> set[str]:
        """Return every file below the data folder of the processes."""
        return {str(path.relative_to(self.data_dir)) for path in self.data_dir.rglob("*") if path.is_file()}


@dataclass(slots=True)
class Person:
    """Somebody with an account, calling REST."""

    system: System
    email: str
    headers: dict[str, str]
    tokens: dict[str, Any]

    def call(self, method: str, path: str, *, timeout: float = 60.0, **options: Any) -> httpx.Response:
        """Call a path with this person's token."""
        headers = self.headers | options.pop("headers", {})
        return httpx.request(method, f"{self.system.url}{path}", headers=headers, timeout=timeout, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Read a path."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """Post JSON."""
        return self.call("POST", path, json=body, **options)

    def upload(
        self, content: bytes | Iterator[bytes] | Any, *, file_name: str = "t.csv", name: str = "T", **options: Any
    ) -> httpx.Response:
        """Upload a file as a new dataset."""
        return self.call(
            "POST",
            "/api/v1/ingestion/uploads",
            data={"name": name},
            files={"file": (file_name, content)},
            **options,
        )

    def ingestion(self, job_id: str) -> dict[str, Any]:
        """Return how an upload stands."""
        view: dict[str, Any] = self.get(f"/api/v1/ingestion/jobs/{job_id}").json()
        return view

    def finished(self, job_id: str, *, within_s: float = 90.0) -> dict[str, Any]:
        """Wait until an upload has succeeded or failed; return how it ended."""
        ended: dict[str, Any] = {}

        def holds() -> bool:
            ended.update(self.ingestion(job_id))
            return ended.get("status") in {"succeeded", "failed"}

        self.system.until(holds, why=f"the upload did not end: {ended}", within_s=within_s)
        return ended

    def dataset(self, content: bytes | str, *, file_name: str = "t.csv", name: str = "T") -> str:
        """Bring in a table and return its dataset's id."""
        raw = content.encode() if isinstance(content, str) else content
        answer = self.upload(raw, file_name=file_name, name=name)
        assert answer.status_code == 202, answer.text
        ended = self.finished(answer.json()["job_id"])
        assert ended["status"] == "succeeded", ended
        return str(answer.json()["dataset_id"])

    def datasets(self) -> list[dict[str, Any]]:
        """Return the own datasets."""
        items: list[dict[str, Any]] = self.get("/api/v1/datasets?kind=upload&limit=200").json()["items"]
        return items


def sign_in(system: System, email: str, password: str = PASSWORD) -> Person:
    """Return somebody signed in over REST."""
    answer = httpx.post(f"{system.url}/api/v1/auth/login", json={"email": email, "password": password}, timeout=30)
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    return Person(system, email, {"Authorization": f"Bearer {tokens['access_token']}"}, tokens)


def new_owner(system: System) -> Person:
    """Return the owner of a customer that is made for the test."""
    name = f"team-{secrets.token_hex(6)}"
    email = f"owner@{name}.example.org"
    body = {"name": name, "owner_email": email, "owner_name": "Ana Novak", "owner_password": PASSWORD}
    operator = sign_in(system, system.operator_email)  # anew: a session's tests take longer than a token lives
    made = operator.call("POST", "/api/v1/tenants", json=body)
    assert made.status_code == 201, made.text
    return sign_in(system, email)


def new_member(owner: Person, role: str) -> Person:
    """Return somebody with ``role`` in the team of ``owner``."""
    email = f"{role}-{secrets.token_hex(4)}@{owner.email.partition('@')[2]}"
    body = {"email": email, "name": "Bor Kos", "roles": [role], "password": PASSWORD}
    made = owner.post("/api/v1/members", body)
    assert made.status_code == 201, made.text
    return sign_in(owner.system, email)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a problem document of that kind which tells nothing of our insides; return it."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body["request_id"]
    no_leak(answer.text)
    return body


def no_leak(text: str) -> None:
    """Check that a text tells nothing of our insides."""
    for word in SECRET_WORDS:
        assert word not in text, (word, text[:2000])


def in_both_languages(person: Person, method: str, path: str, **options: Any) -> tuple[str, str]:
    """Return what a refusal says in English and in Slovenian."""
    said = []
    for language in ("en", "sl"):
        headers = {**options.get("headers", {}), "Accept-Language": language}
        answer = person.call(method, path, **{**options, "headers": headers})
        assert answer.headers["content-language"] == language
        said.append(str(json.loads(answer.text)["detail"]))
    return said[0], said[1]


@contextmanager
def stopped(system: System, server: Any, require_ready: Callable[[Any], None]) -> Iterator[None]:
    """Keep PostgreSQL or Valkey down for a while."""
    server.stop()
    try:
        yield
    finally:
        server.start()
        require_ready(server)
        system.until(lambda: system.answers("/api/health/ready"), why="the web process did not recover")

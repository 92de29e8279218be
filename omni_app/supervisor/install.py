"""One running install: the data folder, the servers, the worker and the web process, in their order."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
from typing import TYPE_CHECKING

from backend_services.kernel.embedded.errors import CellarError
from backend_services.kernel.embedded.folder import DataFolder, write_private
from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.embedded.postgres import OWNER, PostgresServer
from backend_services.kernel.embedded.process import Launch, last_lines, spawn, wait_until
from backend_services.kernel.embedded.valkey import ValkeyServer
from omni_app.commands import frontend
from omni_app.supervisor.parts import ProcessPart, answers_http
from omni_app.supervisor.plan import secret_key_file
from omni_app.supervisor.readiness import Readiness
from omni_app.supervisor.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend_services.kernel.embedded.account import Account
    from omni_app.supervisor.parts import Part
    from omni_app.supervisor.plan import Plan
    from omni_app.supervisor.terminal import Terminal

_PREPARE_TIMEOUT_S = 900.0
_READY_TIMEOUT_S = 60.0
_WEB_TRIES = 3  # a server may wait for what a killed one left; a web process that ends has a reason that stays


class StartFailedError(Exception):
    """A step of the start failed; the message says which, and how its log ends."""


class Install:
    """Everything that ``omni run`` starts."""

    def __init__(self, plan: Plan, terminal: Terminal, watch: Watch, *, account: Account) -> None:
        self._plan = plan
        self._terminal = terminal
        self._watch = watch
        self._folder = DataFolder(plan.data_dir, account)
        self._servers: list[Part] = []
        self._processes: list[Part] = []
        self._environment: dict[str, str] = dict(plan.environment)
        self._owner_url = plan.environment.get("OMNI_DATABASE_OWNER_URL", "")

    def start(self) -> None:
        """Start everything and print the address.

        Raises:
            CellarError: The data folder or an embedded server cannot be used.
            BuildFailedError: The front end cannot be built.
            StartFailedError: A process did not come up.
        """
        self._folder.open()
        self._fill_environment()
        self._build_frontend()
        is_fresh = self._start_servers()
        self._publish_addresses()
        told = self._prepare(is_fresh=is_fresh)
        self._start_processes()
        self._terminal.step(f"Ready: {self._plan.address}")
        if told:
            self._terminal.block(told)

    def stop(self) -> None:
        """Stop everything: first who uses the servers, then the servers."""
        self._watch.stop(groups=(self._processes, self._servers))
        if self._folder.is_ours:
            (self._folder.path / "addresses.json").unlink(missing_ok=True)
        self._folder.close()

    def _fill_environment(self) -> None:
        plan = self._plan
        self._environment |= {
            "OMNI_DATA_DIR": str(self._folder.path),
            "OMNI_HOST": plan.host,
            "OMNI_PORT": str(plan.port),
            "OMNI_DEMO": "true" if plan.demo else "false",
            "PYTHONPATH": str(frontend.ROOT),
        }
        self._environment.pop("OMNI_DATABASE_OWNER_URL", None)  # only migrations are the owner
        if not plan.environment.get("OMNI_SECRET_KEY") and not plan.environment.get("OMNI_SECRET_KEY_FILE"):
            self._environment["OMNI_SECRET_KEY_FILE"] = str(secret_key_file(self._folder.path))

    def _build_frontend(self) -> None:
        if frontend.is_current():
            return
        self._terminal.step("Building the pages (about a minute, only now and when they change)")
        self._run_step(
            "Building the pages",
            [sys.executable, "-m", "omni_app.commands.frontend", str(self._folder.logs / "frontend.log")],
            log_name="frontend.log",
            environment=self._environment,
        )

    def _start_servers(self) -> bool:
        """Start what is embedded, both at once; return whether the database is new."""
        is_fresh = False
        if not self._plan.database_url:
            database = PostgresServer(self._folder, port=free_port())
            is_fresh = not database.exists()
            self._terminal.step("Making the database" if is_fresh else "Starting PostgreSQL and Valkey")
            database.prepare()
            self._servers.append(database)
            self._watch.start(database)
            self._environment["OMNI_DATABASE_URL"] = database.url()
            self._owner_url = database.url(OWNER)
        if not self._plan.redis_url:
            store = ValkeyServer(self._folder, port=free_port())
            store.prepare()
            self._servers.append(store)
            self._watch.start(store)
            self._environment["OMNI_REDIS_URL"] = store.url()
        for server in self._servers:
            self._require_ready(server)
        return is_fresh

    def _publish_addresses(self) -> None:
        """Leave the addresses for commands that are run beside us, readable by our own account only."""
        names = ("OMNI_DATABASE_URL", "OMNI_REDIS_URL", "OMNI_SECRET_KEY_FILE", "OMNI_DATA_DIR", "OMNI_DEMO")
        values = {name: self._environment[name] for name in names if name in self._environment}
        values["OMNI_DATABASE_OWNER_URL"] = self._owner_url
        write_private(self._folder.path / "addresses.json", json.dumps(values))

    def _prepare(self, *, is_fresh: bool) -> list[str]:
        """Migrate and seed where needed; return what the person should be told."""
        readiness = Readiness(self._folder.path, is_trusted=not (self._plan.database_url or self._plan.redis_url))
        if is_fresh:
            readiness.forget()
        if readiness.holds(demo=self._plan.demo):
            return readiness.told()
        self._terminal.step("Bringing the tables up to date" + (" and the demonstration in" if self._plan.demo else ""))
        answer = self._folder.path / "first-start.json"
        answer.unlink(missing_ok=True)
        self._run_step(
            "Preparing the database",
            [sys.executable, "-m", "omni_app.commands.first_start", str(answer)],
            log_name="first-start.log",
            environment={**self._environment, "OMNI_DATABASE_OWNER_URL": self._owner_url},
        )
        outcome = json.loads(answer.read_text())
        answer.unlink()
        if "refused" in outcome:
            raise StartFailedError(outcome["refused"])
        readiness.remember(is_set_up=outcome["is_set_up"], demo=self._plan.demo, told=outcome["told"])
        told: list[str] = outcome["told"]
        return told

    def _start_processes(self) -> None:
        plan = self._plan
        web = self._process(
            "web",
            *("-m", "uvicorn", "--factory", "omni_app.web:create", "--host", plan.host, "--port", str(plan.port)),
            *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"),
            *("--timeout-graceful-shutdown", "2"),
        )
        self._watch.start(web)
        if plan.with_worker:
            self._watch.start(self._process("worker", "-m", "omni_app.worker"))
        self._require_ready(web, tries=_WEB_TRIES)

    def _process(self, name: str, *arguments: str) -> ProcessPart:
        log = self._folder.logs / f"{name}.log"
        environment = {
            **self._environment,
            **frontend.quiet_reflex(),
            "OMNI_PROCESS_NAME": name,
            "REFLEX_ENV_MODE": "prod",
            "__REFLEX_SKIP_COMPILE": "true",
            "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        }
        launch = Launch(
            (sys.executable, *arguments), environment, death_signal=signal.SIGKILL, log=log, cwd=frontend.ROOT
        )
        host, port = self._plan.asked_host, self._plan.port
        part = ProcessPart(
            name, launch, log, is_ready=(lambda: answers_http(host, port)) if name == "web" else (lambda: True)
        )
        self._processes.append(part)
        return part

    def _require_ready(self, part: Part, *, tries: int | None = None) -> None:
        if not self._watch.wait_ready(part, timeout_s=_READY_TIMEOUT_S, tries=tries):
            msg = f"{part.name} did not start. The end of {part.log}:\n{last_lines(part.log)}"
            raise StartFailedError(msg)

    def _run_step(self, what: str, argv: list[str], *, log_name: str, environment: Mapping[str, str]) -> None:
        """Run a process that must end well before the start goes on; healing and Ctrl-C go on meanwhile."""
        log = self._folder.logs / log_name
        child = spawn(Launch(argv, environment, death_signal=signal.SIGTERM, log=log, cwd=frontend.ROOT))
        try:
            wait_until(
                lambda: self._watch.is_stopping or child.exit_code() is not None, _PREPARE_TIMEOUT_S, every_s=0.02
            )
            self._watch.require_running()
        finally:
            child.stop()
        if child.exit_code() != 0:
            msg = f"{what} failed. The whole log is {log}; it ends with:\n{last_lines(log, count=12)}"
            raise StartFailedError(msg)


EXPECTED = (CellarError, StartFailedError, OSError)  # such as a full disk; the message names the file


def stop_quietly(install: Install) -> None:
    """Stop whatever of a failed start is there."""
    with contextlib.suppress(OSError):
        install.stop()

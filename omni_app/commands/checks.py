"""``omni check``: one list of checks, the same locally and in CI. They run beside each other, a line for each."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.embedded.cellar import open_cellar

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ("omni_app", "components", "state", "backend_services", "alembic", "tests", "rxconfig.py")
ARCHITECTURE = "tests/architecture"
"""Sizes, names, imports, guides in both languages, row-level security; without the tests of the checks themselves."""
_AT_ONCE = max(2, os.cpu_count() or 2)


@dataclass(frozen=True, slots=True)
class Check:
    """One command that must end well.

    Attributes:
        way_out: What to do when it does not.
    """

    name: str
    command: tuple[str, ...]
    way_out: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a check went."""

    check: Check
    passed: bool
    took_s: float
    said: str


def _tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def checks() -> list[Check]:
    """Return every check but the migrations, the slowest first."""
    return [
        Check("types (mypy)", (sys.executable, "-m", "mypy")),
        Check("architecture", (sys.executable, "-m", "pytest", "-q", "-m", "not slow", ARCHITECTURE)),
        Check("documentation", (sys.executable, "-m", "omni_app.commands.checks", "documentation"), "./omni docs"),
        Check("imports (import-linter)", (_tool("lint-imports"), "--no-cache")),
        Check("lint (ruff)", (_tool("ruff"), "check", "--quiet", *SOURCES)),
        Check("format (ruff)", (_tool("ruff"), "format", "--check", "--quiet", *SOURCES), "ruff format"),
        Check("patterns (ast-grep)", (_tool("ast-grep"), "scan", "--error", "--report-style", "short")),
        Check("pattern rules (ast-grep)", (_tool("ast-grep"), "test", "--skip-snapshot-tests")),
    ]


def run_checks() -> int:
    """Run every check, print a line for each, and return the exit code."""
    begun_s = monotonic_s()
    failed: list[Outcome] = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = [pool.submit(_run, check, dict(os.environ)) for check in checks()]  # noqa: TID251 - handed on
        for outcome in [_migrations(), *(future.result() for future in as_completed(running))]:
            _print(outcome)
            if not outcome.passed:
                failed.append(outcome)
    for outcome in failed:
        hint = f"\nTo mend it: {outcome.check.way_out}" if outcome.check.way_out else ""
        sys.stdout.write(f"\n== {outcome.check.name}\n{outcome.said.strip()}{hint}\n")
    word = f"{len(failed)} failed" if failed else "all passed"
    sys.stdout.write(f"\nchecks: {word} in {monotonic_s() - begun_s:.1f} s\n")
    return 1 if failed else 0


def _run(check: Check, environment: dict[str, str]) -> Outcome:
    begun_s = monotonic_s()
    done = subprocess.run(
        check.command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return Outcome(check, done.returncode == 0, monotonic_s() - begun_s, done.stdout + done.stderr)


def _migrations() -> Outcome:
    """Apply every migration to an empty database, compare it with the models, and take everything back."""
    begun_s = monotonic_s()
    steps = (("upgrade", "head"), ("check",), ("downgrade", "base"), ("upgrade", "head"))
    with (
        tempfile.TemporaryDirectory(prefix="omni-check-") as folder,
        open_cellar(Path(folder), durable=False) as cellar,
    ):
        environment = {
            **os.environ,  # noqa: TID251 - handed on
            "OMNI_DATA_DIR": folder,
            "OMNI_DATABASE_URL": cellar.database_url,
            "OMNI_DATABASE_OWNER_URL": cellar.owner_url,
            "OMNI_REDIS_URL": cellar.redis_url,
        }
        for step in steps:
            check = Check(f"migrations (alembic {' '.join(step)})", (sys.executable, "-m", "alembic", *step))
            outcome = _run(check, environment)
            if not outcome.passed:
                return outcome
    return Outcome(Check("migrations (alembic)", ()), passed=True, took_s=monotonic_s() - begun_s, said="")


def _print(outcome: Outcome) -> None:
    mark = "ok  " if outcome.passed else "FAIL"
    sys.stdout.write(f"{mark} {outcome.check.name:<40} {outcome.took_s:6.1f} s\n")
    sys.stdout.flush()


def check_documentation() -> int:
    """Return 1 when a generated page is stale or something is not described, and say which."""
    from omni_app.commands.reference import stale_pages  # noqa: PLC0415 - loads the product
    from omni_app.environment import settings_classes  # noqa: PLC0415

    problems = [f"{name} is not up to date" for name in stale_pages(ROOT)]
    problems += [
        f"{settings.__name__}.{name} has no description"
        for settings in settings_classes(ROOT)
        for name, field in settings.model_fields.items()
        if not field.description
    ]
    sys.stdout.write("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(check_documentation())

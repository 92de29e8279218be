"""``omni dashboards`` as real processes: build, export and apply, on this machine and against an address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend_services.dashboards import service as dashboards
from backend_services.identity.schemas import ApiKeyCreate
from backend_services.identity.service import api_keys
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.embedded.process import wait_until
from backend_services.kernel.pagination import PageRequest
from tests.conftest import ROOT
from tests.factories.identity import make_actor
from tests.factories.shop import store_shop

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(900)]  # many processes start
SHORT_S = 240


def omni(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "omni_app.cli", "dashboards", *arguments],
        cwd=ROOT,
        env=os.environ | {"OMNI_CALLED_FROM": str(folder), "OMNI_LLM_PROVIDER": "none", **environment},  # noqa: TID251 - a child gets what this process has
        capture_output=True,
        text=True,
        check=False,
        timeout=SHORT_S,
    )


@contextmanager
def served() -> Iterator[str]:
    """Serve REST on a free port, in a process of its own."""
    port = free_port()
    command = [*("-m", "uvicorn", "--factory", "state.api.app:create_api"), "--port", str(port), "--log-level", "error"]
    with subprocess.Popen([sys.executable, *command], cwd=ROOT, env=os.environ) as process:  # noqa: TID251
        url = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            try:
                return httpx.get(f"{url}/api/v1/health", trust_env=False).status_code > 0
            except httpx.HTTPError:
                return False

        try:
            assert wait_until(answers, SHORT_S, every_s=0.2)
            yield url
        finally:
            process.terminate()
            process.wait(30)


async def _key(actor: Actor) -> str:
    async with transaction(actor) as session:
        return (await api_keys.create_api_key(actor, session, ApiKeyCreate(name="pipeline"))).key


async def test_a_question_is_answered_refused_or_asked_back_at_the_terminal() -> None:
    actor = await make_actor()
    dataset_id = str(await store_shop(actor))
    one = ("--as", actor.label, "--dataset", dataset_id)
    shown = omni("build", "net revenue by country", *one, "--sql")
    assert shown.returncode == 0, shown.stderr
    assert "Net revenue by country" in shown.stdout
    assert "Italy" in shown.stdout
    assert "SELECT" in shown.stdout
    asked = omni("build", "revenue by country", *one)
    assert asked.returncode == 4
    choice = next(line.split("'")[1] for line in asked.stdout.splitlines() if "--choice" in line)
    kept = omni("build", "revenue by country", *one, "--choice", choice, "--save", "--json")
    assert kept.returncode == 0, kept.stderr
    answer: dict[str, Any] = json.loads(kept.stdout)
    assert len(answer["dashboard"]["tiles"][0]["rows"]) == 10
    async with transaction(actor) as session:
        saved = await dashboards.get_dashboard(actor, session, answer["dashboard_id"])
    assert saved.title == answer["dashboard"]["title"]
    refused = omni("build", "profit by planet", *one)
    assert refused.returncode == 1
    assert "profit" in refused.stderr
    nothing = omni("build", "--as", actor.label)
    assert nothing.returncode == 1
    assert "--type" in nothing.stderr


async def test_export_apply_and_build_reach_an_install_by_its_address(tmp_path: Path) -> None:
    actor = await make_actor()
    dataset_id = str(await store_shop(actor))
    key = await _key(actor)
    with served() as url:
        there = {"OMNI_URL": url, "OMNI_KEY": key}
        built = omni("build", "net revenue by country", "--dataset", dataset_id, "--save", **there)
        assert built.returncode == 0, built.stderr
        assert "Saved as" in built.stdout
        named = omni("build", "--type", "User Engagement", "--type", "Revenue Analytics", **there)
        assert named.returncode == 1, named.stderr
        assert "+ User Analytics" in named.stdout
        assert "paid invoices" in named.stdout
        every = omni("build", "--all", "--json", **there)
        assert every.returncode == 0, every.stderr
        assert json.loads(every.stdout)["total_dashboards"] == 20
        exported = omni("export", "boards", "--only", "Net revenue by country", folder=tmp_path, **there)
        assert exported.returncode == 0, exported.stderr
        (file,) = (tmp_path / "boards").glob("*.yaml")
        file.write_text(file.read_text().replace("Net revenue by country", "Net revenue by land"))
        planned = omni("apply", "boards", "--dry-run", folder=tmp_path, **there)
        assert planned.returncode == 3, planned.stderr
        applied = omni("apply", "boards", folder=tmp_path, **there)
        assert applied.returncode == 0, applied.stderr
    async with transaction(actor) as session:
        page = await dashboards.list_dashboards(actor, session, PageRequest(limit=50))
    assert "Net revenue by land" in {one.title for one in page.items}
    wrong = omni("build", "--all", OMNI_URL=url, OMNI_KEY=key)
    assert wrong.returncode == 1
    assert "did not answer" in wrong.stderr

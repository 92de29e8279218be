"""The questions with gold SQL asked of the builder: of its rules, with search by meaning, with a small model."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.schemas import BuildRequest
from backend_services.datasets.query.execution import close_pool
from backend_services.kernel.errors import DomainError
from backend_services.llm import worker
from backend_services.llm.settings import get_llm_settings
from tests.benchmarks.gold_questions import Outcome, Question, judge
from tests.benchmarks.real_tables import TABLES, open_gold
from tests.factories.datasets import make_dataset
from tests.factories.identity import make_actor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from backend_services.kernel.actor import Actor


@dataclass(frozen=True)
class Judged:
    """A question and what came of it; ``asked_back``: whether a person was to choose."""

    question: Question
    outcome: Outcome
    asked_back: bool = False


@dataclass(frozen=True)
class Tables:
    """The real tables as datasets of one tenant."""

    actor: Actor
    ids: dict[str, UUID]


async def bring_in() -> Tables:
    """Bring every table in as a person does; its catalogue is the one that is proposed."""
    actor = await make_actor()
    made = {
        name: await make_dataset(actor, one.content(), file_name=one.file_name, name=one.title)
        for name, one in TABLES.items()
    }
    return Tables(actor, {name: one.id for name, one in made.items()})


async def ask(tables: Tables, questions: Sequence[Question]) -> list[Judged]:
    """Ask, and judge each answer by the gold SQL."""
    try:
        with tempfile.TemporaryDirectory() as folder, open_gold(Path(folder)) as gold:
            found = []
            for one in questions:
                request = BuildRequest(question=one.question, dataset_id=tables.ids[one.table])
                try:
                    answer = await service.build(tables.actor, request)
                except DomainError:
                    found.append(Judged(one, Outcome.FAILED))
                    continue
                found.append(Judged(one, judge(one, answer, gold), asked_back=answer.status == "clarify"))
            return found
    finally:
        close_pool()


@asynccontextmanager
async def helped(*, works: bool, **settings: str) -> AsyncIterator[None]:
    """Set what helps the rules; ``works``: a worker computes vectors and answers of the embedded model."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        get_llm_settings.cache_clear()
        task = asyncio.create_task(worker.serve()) if works else None
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            get_llm_settings.cache_clear()

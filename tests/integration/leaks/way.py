"""A way out of a dataset, and what they have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from backend_services.kernel.errors import DomainError
from state.api.app import create_api
from state.api.deps import authenticate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from backend_services.datasets.catalogue import QueryResult
    from tests.integration.leaks.questions import Question
    from tests.integration.leaks.world import World

Client = httpx.AsyncClient


def client_of(world: World) -> httpx.AsyncClient:
    """Return a client that asks in the reader's name."""
    api = create_api()
    api.dependency_overrides[authenticate] = lambda: world.reader
    return httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://omni.test/api/v1")


@dataclass(frozen=True, slots=True)
class Path:
    """A way out.

    Attributes:
        ask: Gives back what the reader is shown.
        covers: Use cases (``module.function``) and routes (operation ids) that it goes through.
        every: In how many worlds it is tried: each one, every second …
        is_per_table: Asked once for a table; what is asked about makes no difference.
        shows_rows: It gives out rows, so that some must be seen for the test to mean anything.
    """

    name: str
    ask: Callable[[World, Question, Client], Awaitable[bytes]]
    covers: tuple[str, ...]
    every: int = 1
    is_per_table: bool = False
    shows_rows: bool = True


def shown(result: QueryResult) -> bytes:
    """Return an answer without its SQL, which says the rules' own conditions."""
    return json.dumps(result.model_dump(mode="json", exclude={"sql"})).encode()


def check_answer(result_rows: Any, world: World, question: Question) -> None:
    """Compare an answer with the right one."""
    assert not question.names(world) & world.hidden
    assert {tuple(row) for row in result_rows} == question.answer(world)


async def answered(asking: Awaitable[bytes]) -> bytes:
    """Return what is shown, or what a refusal says, which is something too."""
    try:
        return await asking
    except DomainError as error:
        return f"{error} {error.params}".encode()


def body_of(answer: httpx.Response) -> bytes:
    """Return what came back, refusals too, but no SQL."""
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR, answer.text
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        return json.dumps(without_sql(answer.json())).encode()
    return answer.content


def without_sql(document: Any) -> Any:
    """Return a document without SQL at any depth."""
    if isinstance(document, dict):
        return {name: without_sql(one) for name, one in document.items() if name not in {"sql", "how"}}
    return [without_sql(one) for one in document] if isinstance(document, list) else document

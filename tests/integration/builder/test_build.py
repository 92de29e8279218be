"""Questions through the builder on a stored table: figures, questions back, refusals, rights, saving, models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import pytest_asyncio

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.errors import ChoiceUnknownError
from backend_services.dashboards.builder.schemas import BuildAnswer, BuildJob, BuildRequest
from backend_services.dashboards.builder.settings import get_builder_settings
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets import rules_service
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.datasets.errors import DatasetNotFoundError
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.llm.settings import get_llm_settings, get_ollama_settings
from omni_app.wiring import register_domains
from tests.factories.identity import make_actor, without
from tests.factories.shop import store_shop, write_shop
from tests.ollama_server.running import ollama_server
from tests.ollama_server.server import NAME

pytestmark = pytest.mark.usefixtures("database")

QUARTERS = (
    "SELECT date_trunc('quarter', ordered_at)::DATE::VARCHAR, sum(net_amount) FROM shop "
    "WHERE year(ordered_at) = 2025 AND month(ordered_at) < 7 GROUP BY 1"
)
GERMAN = (
    "SELECT date_trunc('month', ordered_at)::DATE::VARCHAR, sum(net_amount), "
    "sum(net_amount) FILTER (country = 'Germany') / sum(net_amount) FROM shop GROUP BY 1"
)


@dataclass(frozen=True)
class Shop:
    """A tenant with one dataset, and the same table outside the platform."""

    actor: Actor
    dataset_id: Any
    path: Path

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE VIEW shop AS SELECT * FROM '{self.path}'")  # noqa: S608 - a path of ours
            return connection.execute(query).fetchall()

    async def ask(self, question: str, **request: Any) -> BuildAnswer:
        return await service.build(self.actor, BuildRequest(question=question, dataset_id=self.dataset_id, **request))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(database: object, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    assert database
    actor = await make_actor()
    return Shop(actor, await store_shop(actor), write_shop(tmp_path_factory.mktemp("shop") / "shop.parquet"))


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMNI_LLM_PROVIDER", "none")
    for cached in (get_llm_settings, get_ollama_settings, get_builder_settings):
        cached.cache_clear()
    yield
    for cached in (get_llm_settings, get_ollama_settings, get_builder_settings):
        cached.cache_clear()
    close_pool()


def rows_of(answer: BuildAnswer, tile: int = 0) -> list[tuple[Any, ...]]:
    assert answer.status == "ok", answer
    assert answer.dashboard is not None
    return [tuple(row) for row in answer.dashboard.tiles[tile].rows]


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("net revenue by country", "SELECT country, sum(net_amount) v FROM shop GROUP BY 1 ORDER BY v DESC, 1"),
        ("število naročil po kategorijah", "SELECT category, count(*) v FROM shop GROUP BY 1 ORDER BY v DESC, 1"),
        (
            "top 3 cities by quantity in Germany",
            "SELECT city, sum(quantity) v FROM shop WHERE country = 'Germany' GROUP BY 1 ORDER BY v DESC, 1 LIMIT 3",
        ),
        (
            "koliko naročil je bilo v letu 2025 brez Nemčije",
            "SELECT count(*) FROM shop WHERE year(ordered_at) = 2025 AND country <> 'Germany'",
        ),
        (
            "customers with more than 14 orders",
            "SELECT customer_id, count(*) v FROM shop GROUP BY 1 HAVING v > 14 ORDER BY v DESC, 1",
        ),
        ("median net revenue", "SELECT median(net_amount) FROM shop"),
        (
            "unique customers by segment",
            "SELECT segment, count(DISTINCT customer_id) v FROM shop GROUP BY 1 ORDER BY v DESC",
        ),
        (
            "how many orders over 100 euros by country",
            "SELECT country, count(*) v FROM shop WHERE net_amount > 100 GROUP BY 1 ORDER BY v DESC",
        ),
        (
            "delež daril po kategorijah",
            "SELECT category, avg(is_gift::INT) v FROM shop GROUP BY 1 ORDER BY v DESC",
        ),
        (
            "net revenue q2 2025 vs q1 2025",
            QUARTERS,
        ),
        ("orders in Celje", "SELECT count(*) FROM shop WHERE city = 'Celje'"),
    ],
)
async def test_the_figures_are_those_of_the_table(shop: Shop, question: str, sql: str) -> None:
    answer = await shop.ask(question)
    got = sorted((tuple(round(x, 4) if isinstance(x, float) else x for x in row) for row in rows_of(answer)), key=str)
    wanted = sorted((tuple(round(x, 4) if isinstance(x, float) else x for x in row) for row in shop.sql(sql)), key=str)
    assert got == wanted
    assert answer.planner == "rules"
    assert answer.dashboard is not None
    assert "dry_run" in answer.dashboard.tiles[0].checks
    assert "SELECT" in answer.dashboard.tiles[0].sql.upper()


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        (
            "growth of net revenue by month in 2025",
            (
                "WITH m AS (SELECT date_trunc('month', ordered_at)::DATE d, sum(net_amount) v FROM shop GROUP BY 1), "
                "g AS (SELECT d, v, v / lag(v) OVER (ORDER BY d) - 1 w FROM m) "
                "SELECT d::VARCHAR, v, w FROM g WHERE year(d) = 2025"
            ),
        ),
        (
            "tekoča vsota: število naročil po mesecih v letu 2025",
            (
                "WITH m AS (SELECT date_trunc('month', ordered_at)::DATE d, count(*) v FROM shop "
                "WHERE year(ordered_at) = 2025 GROUP BY 1) SELECT d::VARCHAR, v, sum(v) OVER (ORDER BY d) FROM m"
            ),
        ),
        (
            "share of net revenue by city",
            "WITH m AS (SELECT city c, sum(net_amount) v FROM shop GROUP BY 1) SELECT c, v, v / sum(v) OVER () FROM m",
        ),
        (
            "delež čistih prihodkov iz Nemčije po mesecih",
            GERMAN,
        ),
    ],
)
async def test_what_follows_from_the_figures_is_that_of_the_table(shop: Shop, question: str, sql: str) -> None:
    answer = await shop.ask(question, save=True)
    got = sorted(rows_of(answer), key=lambda row: str(row[0]))
    wanted = sorted(shop.sql(sql), key=lambda row: str(row[0]))
    assert len(wanted) > 5
    assert [row[0] for row in got] == [row[0] for row in wanted]
    for ours, theirs in zip(got, wanted, strict=True):
        assert ours[1:] == pytest.approx([float(value) for value in theirs[1:]])
    assert answer.dashboard is not None
    assert answer.dashboard.tiles[0].understood.derived
    assert {one.slot for one in answer.dashboard.tiles[0].understood.chips} & {"derived", "part", "share"}


async def test_two_clauses_make_two_tiles_and_an_overview_makes_several(shop: Shop) -> None:
    answer = await shop.ask("net revenue by country and number of orders by month")
    assert answer.dashboard is not None
    assert [one.chart for one in answer.dashboard.tiles] == [ChartKind.BAR, ChartKind.LINE]
    overview = await shop.ask("pregled čistih prihodkov")
    assert overview.dashboard is not None
    assert len(overview.dashboard.tiles) >= 5
    assert overview.language == "sl"


async def test_an_ambiguous_question_is_asked_back_and_every_option_answers(shop: Shop) -> None:
    answer = await shop.ask("revenue by country")
    assert answer.status == "clarify"
    assert answer.dashboard is None
    assert answer.clarification is not None
    assert {one.label for one in answer.clarification.options} == {"Net revenue", "Gross revenue"}
    sums = set()
    for option in answer.clarification.options:
        settled = await shop.ask("revenue by country", choice=option.id)
        sums.add(round(sum(row[1] for row in rows_of(settled)), 2))
    assert len(sums) == 2


async def test_a_choice_of_another_question_is_refused(shop: Shop) -> None:
    answer = await shop.ask("revenue by country")
    assert answer.clarification is not None
    with pytest.raises(ChoiceUnknownError):
        await shop.ask("orders by month", choice=answer.clarification.options[0].id)


@pytest.mark.parametrize(
    "question", ["profit by country", "orders by planet", "dobiček po državah", "orders in Atlantis"]
)
async def test_what_is_not_there_is_refused_with_the_nearest_things(shop: Shop, question: str) -> None:
    answer = await shop.ask(question)
    assert answer.status == "refused"
    assert answer.dashboard is None
    assert answer.refusal is not None
    assert answer.refusal.terms
    assert answer.refusal.nearest or "Atlantis" in answer.refusal.terms


async def test_without_a_dataset_the_fitting_one_is_found_or_asked_for() -> None:
    actor = await make_actor()
    first = await store_shop(actor)
    answer = await service.build(actor, BuildRequest(question="net revenue by country"))
    assert answer.dashboard is not None
    assert answer.dashboard.tiles[0].understood.dataset_id == first
    await store_shop(actor, name="Shop orders again")
    asked = await service.build(actor, BuildRequest(question="net revenue by country"))
    assert asked.status == "clarify"
    assert asked.clarification is not None
    chosen = await service.build(
        actor, BuildRequest(question="net revenue by country", choice=asked.clarification.options[0].id)
    )
    assert chosen.status == "ok"


async def test_saving_makes_a_dashboard_that_can_be_read(shop: Shop) -> None:
    answer = await shop.ask("net revenue by month", save=True)
    assert answer.dashboard_id is not None
    async with transaction(shop.actor) as session:
        saved = await dashboards.get_dashboard(shop.actor, session, answer.dashboard_id)
    assert saved.spec == answer.spec
    assert saved.spec.question == "net revenue by month"


async def test_row_rules_hold_and_are_mentioned() -> None:
    owner = await make_actor()
    dataset_id = await store_shop(owner)
    rule = RuleInput(
        role="viewer", filters=(Filter(field="country", operator=Operator.EQ, values=("Germany",)),), hidden_columns=()
    )
    async with transaction(owner) as session:
        await rules_service.create_rule(owner, session, dataset_id, rule)
    viewer = replace(
        without(owner, "datasets:rule:write"), roles=frozenset({"viewer"})
    )  # who may change rules sees everything
    answer = await service.build(viewer, BuildRequest(question="orders by country", dataset_id=dataset_id))
    assert [row[0] for row in rows_of(answer)] == ["Germany"]
    assert answer.notes
    hidden = await service.build(viewer, BuildRequest(question="orders in Sloveniaa", dataset_id=dataset_id))
    assert hidden.status == "refused"
    assert "Slovenia" not in {one.label for one in (hidden.refusal.nearest if hidden.refusal else ())}
    other = await service.build(viewer, BuildRequest(question="orders in Slovenia", dataset_id=dataset_id))
    assert other.status == "refused"


async def test_rights_are_needed_and_other_tenants_are_not_there(shop: Shop) -> None:
    request = BuildRequest(question="net revenue", dataset_id=shop.dataset_id)
    with pytest.raises(PermissionDeniedError):
        await service.build(without(shop.actor, "dashboards:dashboard:build"), request)
    saving = request.model_copy(update={"save": True})
    with pytest.raises(PermissionDeniedError):
        await service.build(without(shop.actor, "dashboards:dashboard:write"), saving)
    with pytest.raises(DatasetNotFoundError):
        await service.build(await make_actor(), request)


async def test_a_question_without_budget_becomes_a_job(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNI_BUILDER_BUDGET_S", "0")
    get_builder_settings.cache_clear()
    register_domains()
    started = await service.start(shop.actor, BuildRequest(question="net revenue", dataset_id=shop.dataset_id))
    assert isinstance(started, BuildJob)
    async with transaction(shop.actor) as session:
        status = await service.status(shop.actor, session, started.job_id)
    assert status.status in {"queued", "running", "succeeded"}


def use_ollama(monkeypatch: pytest.MonkeyPatch, address: str, *, timeout_s: float) -> None:
    monkeypatch.setenv("OMNI_LLM_PROVIDER", "ollama")
    monkeypatch.setenv("OMNI_LLM_TIMEOUT_S", str(timeout_s))
    monkeypatch.setenv("OMNI_LLM_DECIDE_MIN_PARAMETERS", "0")
    monkeypatch.setenv("OMNI_OLLAMA_URL", address)
    get_llm_settings.cache_clear()
    get_ollama_settings.cache_clear()


async def test_a_model_may_choose_between_readings_and_it_is_said(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with ollama_server() as address:
        use_ollama(monkeypatch, address, timeout_s=60)
        answer = await shop.ask("revenue by country")
    assert answer.model == NAME
    if answer.status == "ok":
        assert answer.planner == "llm"
        assert answer.dashboard is not None
        assert answer.dashboard.tiles[0].understood.measures[0] in {"net_revenue", "gross_revenue"}
    else:
        assert answer.status == "clarify"


@pytest.mark.parametrize("behaviour", ["slow", "cuts", "invents"])
async def test_a_model_gone_wrong_costs_a_note_only(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    with ollama_server(behaviour) as address:
        use_ollama(monkeypatch, address, timeout_s=2)
        answer = await shop.ask("orders by country")
        asked = await shop.ask("revenue by country")
    assert answer.status == "ok"
    assert (answer.planner, answer.model) == ("rules", None)
    assert len(rows_of(answer)) == 10
    assert any("language model" in one for one in answer.notes)
    assert asked.status == "clarify"

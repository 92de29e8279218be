"""Free SQL: what passes, what does not and why, and that nothing gets past the engine's own locks either."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import duckdb
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from backend_services.datasets.catalogue import Operator
from backend_services.datasets.query import allowed, errors
from backend_services.datasets.query.guard import guard
from backend_services.datasets.rules import RowRule, RowScope, RuleCondition
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import has_text
from tests.unit.datasets_query import hostile
from tests.unit.datasets_query.surroundings import orders, view

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.datasets_query.conftest import OrdersDatabase

NORTH = RowScope(
    alternatives=(
        RowRule(
            role="viewer",
            conditions=(RuleCondition(column="region", operator=Operator.EQ, values=("north",)),),
            hidden_columns=("cost",),
        ),
    )
)


@pytest.mark.parametrize("sql", hostile.DUCKDB)
def test_hostile_statements_are_refused(sql: str) -> None:
    with pytest.raises(errors.SqlRefusedError):
        guard(sql, view(), limit=10)


@pytest.mark.parametrize("sql", hostile.POSTGRES)
def test_hostile_statements_on_platform_tables_are_refused(sql: str) -> None:
    seen = view(live=True)
    try:
        confined = guard(sql, seen, limit=10).sql
    except errors.SqlRefusedError:
        return
    # what passes has become harmless: names are quoted columns now, and the only tables are ours
    tables = {table.name for table in sqlglot.parse_one(confined, read="postgres").find_all(exp.Table)}
    assert tables <= {seen.source.relation}
    assert '"user"' in confined or '"session_user"' in confined


GOOD = (
    "select count(*) from data",
    "select region, sum(amount) as total from data group by region having sum(amount) > 1 order by total desc",
    "select date_trunc('month', day) as m, avg(amount) from data group by 1 order by 1",
    "with a as (select * from data where paid), b as (select region, count(*) n from a group by 1) select * from b",
    "select a.region, b.n from data a join (select region, count(*) n from data group by 1) b using (region)",
    "select id from data union select cost from data except select 1",
    "select case when amount > 5 then 'big' else 'small' end k, count(*) from data group by all",
    "select row_number() over (partition by region order by id) r, lag(amount) over (order by id) from data",
    "select region, count(*) filter (where paid) from data where day >= current_date - interval 90 day group by 1",
    "select coalesce(region, '?'), upper(region), round(amount, 1), extract(year from day), day::text from data",
    "select quantile_cont(amount, 0.9), stddev(amount), median(cost) from data",
    "select * from data where region ilike 'n%' and id between 1 and 5 and region is not null limit 3",
    "select exists(select 1 from data where id > 3), (select max(id) from data)",
    "select strftime(day, '%Y-%m'), year(day), monthname(day) from data qualify row_number() over (order by id) < 3",
    "from data",
    "SELECT DISTINCT Region FROM DATA AS d WHERE d.ID < 10",
    "select try_cast(region as integer), replace(region, 'n', 'm'), date_diff('day', day, now()) from data",
)


@pytest.mark.parametrize("sql", GOOD)
async def test_ordinary_queries_run(orders_database: OrdersDatabase, sql: str) -> None:
    assert len(await orders_database.run(guard(sql, view(), limit=20).sql)) <= 21
    await orders_database.run(guard(sql.replace("cost", "id"), view(scope=NORTH), limit=20).sql)


async def test_limit_is_one_more_than_asked_or_its_own(orders_database: OrdersDatabase) -> None:
    assert len(await orders_database.run(guard("select * from data", view(), limit=5).sql)) == 6
    assert len(await orders_database.run(guard("select * from data limit 2", view(), limit=5).sql)) == 2
    assert len(await orders_database.run(guard("select * from data limit 99999", view(), limit=5).sql)) == 6


def test_a_refusal_says_which_part_and_where() -> None:
    sql = "select region, pg_read_file('x') from data"
    with pytest.raises(errors.SqlFunctionRefusedError) as function:
        guard(sql, view(), limit=5)
    assert (function.value.part, function.value.position) == ("pg_read_file", sql.index("pg_read_file"))
    with pytest.raises(errors.SqlTableRefusedError) as table:
        guard("select * from data, secrets", view(), limit=5)
    assert (table.value.part, table.value.position) == ("secrets", 20)
    with pytest.raises(errors.SqlFunctionRefusedError) as misspelt:
        guard("select cuont(id) from data", view(), limit=5)
    assert "count" in misspelt.value.suggestions


def _subclasses(base: type[DomainError]) -> set[type[DomainError]]:
    return {base, *(found for one in base.__subclasses__() for found in _subclasses(one))}


def test_every_refusal_has_words_in_both_languages() -> None:
    ours = {one for one in _subclasses(DomainError) if one.__module__ == errors.__name__}
    assert len(ours) > 20
    assert [one.code for one in ours for language in ("en", "sl") if not has_text(f"errors.{one.code}", language)] == []


@pytest.mark.parametrize(
    "sql",
    [
        "select " + "(" * 200 + "1" + ")" * 200,
        "select " + "not " * 2000 + "true",
        "select " + "- " * 2000 + "1",
        "select " + "case when true then " * 500 + "1" + " end" * 500,
        "select * from " + "(select * from " * 100 + "data" + ")" * 100,
        "select 1" + " union select 1" * 900,
        "select 1" + " + 1" * 4000,
        hostile.of("select count(*) from data group by rollup(X)", X=", ".join(f"id + {n}" for n in range(400))),
        "select * from data" + ", data" * 20,
    ],
    ids=lambda sql: sql[:24],
)
def test_bombs_for_the_reader_are_refused(sql: str) -> None:
    with contextlib.suppress(errors.SqlRefusedError):
        assert len(guard(sql, view(), limit=5).sql) < 1_000_000
        assert "union" in sql, "only the flat chain of unions may pass"


async def test_bombs_for_the_engine_hit_the_limits(orders_database: OrdersDatabase) -> None:
    cross = "select sum(a.id * b.id * c.id * d.id) from data a, data b, data c, data d"
    with pytest.raises(errors.QueryTimeoutError):
        await orders_database.run(guard(cross, view(), limit=5).sql, timeout_s=0.3)
    grown = "select string_agg(a.region || b.region || c.region, '') from data a, data b, data c"
    with pytest.raises((errors.QueryMemoryError, errors.QueryTimeoutError, errors.SqlFailedError)):
        await orders_database.run(guard(grown, view(), limit=5).sql, timeout_s=10)
    assert await orders_database.run("select count(*) from data") == [(400,)]


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("sql", hostile.GROWING, ids=lambda sql: sql[:40])
def test_texts_that_grow_are_refused(sql: str, *, live: bool) -> None:
    with pytest.raises(errors.SqlGrowsError) as found:
        guard(sql, view(live=live), limit=5)
    assert found.value.part


@pytest.mark.parametrize("sql", hostile.JOINED, ids=lambda sql: sql[:40])
async def test_texts_that_stay_short_are_joined(orders_database: OrdersDatabase, sql: str) -> None:
    guard(sql, view(live=True), limit=500)
    assert await orders_database.run(guard(sql, view(), limit=500).sql)


async def test_a_groups_joined_text_is_whole_or_refused(orders_database: OrdersDatabase) -> None:
    every = guard("select string_agg(region, '-' order by id) from data", view(), limit=5).sql
    expected = "-".join(row[1] for row in orders() if row[1] is not None)
    assert await orders_database.run(every) == [(expected,)]
    long = guard("select string_agg(a.region, '') from data a, data b", view(), limit=5).sql
    with pytest.raises(errors.SqlFailedError, match="a joined text is longer than 10000 characters"):
        await orders_database.run(long)


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    "call", ["length({}, 2)", "initcap({})", "instr('a', day, {})", "floor(2, {})", "left('a', {}, 1)", "({}) ^ 2"]
)
def test_calls_in_calls_are_never_written_out_exponentially_long(call: str, *, live: bool) -> None:
    inner = "region"
    for _ in range(25):
        inner = call.format(inner)
    with contextlib.suppress(errors.SqlRefusedError):
        assert len(guard(hostile.of("select X from data", X=inner), view(live=live), limit=5).sql) < 1_000_000


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{other}')",
        "select * from read_parquet('{other}')",
        "select * from '{other}'",
        "copy (select 1) to '{other}'",
        "copy data to '{own}'",
        "attach '{other}.db'",
        "export database '{other}.d'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_paths = ['/']",
        "set memory_limit = '100GB'",
        "set lock_configuration = false",
        "select * from read_csv('http://127.0.0.1/x')",
        "select * from glob('/*')",
    ],
)
async def test_without_the_guard_the_engine_is_locked_too(
    orders_database: OrdersDatabase, tmp_path: Path, sql: str
) -> None:
    other = tmp_path / "other.parquet"
    duckdb.connect().execute(f"COPY (SELECT 1 AS secret) TO '{other}' (FORMAT parquet)")
    before = (other.read_bytes(), orders_database.path.read_bytes())
    filled = sql.format(other=other, own=orders_database.path)
    found: object = []
    with contextlib.suppress(DomainError):
        found = await orders_database.run(filled)
    assert found == []
    assert (other.read_bytes(), orders_database.path.read_bytes()) == before
    assert [one.name for one in tmp_path.iterdir()] == [other.name]  # noqa: ASYNC240 - a test may wait


async def test_own_expressions_never_see_rows_outside_the_rules(orders_database: OrdersDatabase) -> None:
    """An error raised by a row outside would tell of it: casting a text of another region must not be tried."""
    sql = "select count(*) from data where cast(case when region = 'south' then 'x' else '1' end as integer) = 1"
    assert await orders_database.run(guard(sql, view(scope=NORTH), limit=5).sql) == [(100,)]
    with pytest.raises(errors.SqlFailedError):
        await orders_database.run(guard(sql, view(), limit=5).sql)


async def test_hidden_columns_do_not_exist(orders_database: OrdersDatabase) -> None:
    for column in ("cost", "owner"):
        for sql in ("select {} from data", "select data.{} from data", "select 1 from data order by {}"):
            with pytest.raises(errors.SqlFailedError):
                await orders_database.run(guard(sql.format(column), view(scope=NORTH), limit=5).sql)
    everything = guard("select * from data", view(scope=NORTH), limit=5).sql
    names = await orders_database.work(lambda cursor: [one[0] for one in cursor.execute(everything).description])
    assert "cost" not in names
    assert "owner" not in names


# --- fuzzing

NAMES = st.sampled_from(["data", "DATA", '"data"', "d", "users", "secrets", "main.data", "x", "region", "id", "cost"])
WORDS = st.sampled_from(
    ["select", "from", "where", "with", "as", "(", ")", ",", "*", "union all", "join", "on", "true", "using",
     "group by",
     "order by", "limit", "1", "'a'", "=", "count(*)", "read_csv('x')", "recursive", "exists", "in", "not", "having",
     "over ()", "lateral", "into", ";", "--", "/*", "*/", "$$", "cross join", "natural join", "semi join", "intersect"]
)  # fmt: skip


def check_confined(sql: str) -> None:
    """What passes reads nothing but ``data`` and its own WITH parts, and calls nothing that is not on the list."""
    seen = view(scope=NORTH)
    try:
        confined = guard(sql, seen, limit=10).sql
    except errors.SqlRefusedError:
        return
    try:
        duckdb.extract_statements(confined)
    except duckdb.ParserException:
        return  # no query at all: the engine refuses it
    tree = sqlglot.parse_one(confined, read="duckdb")
    ctes = {one.alias.lower() for one in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        assert table.name.lower() in ctes | {"data"}
        if table.name.lower() == "data":
            select = table.find_ancestor(exp.Select)
            assert select is not None
            assert "'north'" in select.sql()
            assert "cost" not in {column.name for column in select.find_all(exp.Column) if column.table == "data"}
    assert all(one.name.lower() in allowed.PLAIN_FUNCTIONS for one in tree.find_all(exp.Anonymous))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(NAMES, WORDS), max_size=25))
def test_any_words_are_refused_or_confined(words: list[str]) -> None:
    check_confined(" ".join(["select", *words]))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_any_text_is_refused_or_confined(text: str) -> None:
    check_confined(text)
    check_confined(f"select {text} from data")  # noqa: S608 - what is tested


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(hostile.DUCKDB + GOOD), st.sampled_from(hostile.DUCKDB + GOOD), st.integers(0, 60))
def test_crossings_of_statements_are_refused_or_confined(one: str, other: str, cut: int) -> None:
    check_confined(one[:cut] + other[cut:])
    check_confined(f"select * from ({one}) a, ({other}) b")  # noqa: S608 - what is tested


def test_orders_have_rows_outside_the_rules() -> None:
    assert {row[1] for row in orders()} == {"north", "south", "east", None}

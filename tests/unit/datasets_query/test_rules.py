"""Row-level rules: what each role sees, and that no query sees more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_services.datasets.catalogue import FieldType, Filter, Grain, GroupBy, MetricQuery, Operator, Scalar
from backend_services.datasets.query import drill
from backend_services.datasets.query.compile import compile_metric
from backend_services.datasets.query.errors import FilterValueError, UnknownFieldError
from backend_services.datasets.query.guard import guard
from backend_services.datasets.query.source import Column
from backend_services.datasets.query.view import View
from backend_services.datasets.rules import RowRule, RowScope, RuleCondition, check_rule, scope_of, unknown_attributes
from tests.unit.datasets_query.surroundings import COLUMNS, DATASET_ID, orders, view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ATTRIBUTES: dict[str, str | None] = {"user.email": "person1@example.org", "user.id": None, "tenant.id": "t"}
ROWS = orders()
INDEX = {column.name: index for index, column in enumerate(COLUMNS)}


def rule(role: str, *conditions: RuleCondition, hidden: tuple[str, ...] = ()) -> RowRule:
    return RowRule(role=role, conditions=conditions, hidden_columns=hidden)


def on(column: str, operator: Operator, *values: Scalar) -> RuleCondition:
    return RuleCondition(column=column, operator=operator, values=values)


NORTH = rule("north", on("region", Operator.EQ, "north"), hidden=("cost",))
MINE = rule("mine", on("owner", Operator.EQ, "{user.email}"))
BY_ID = rule("by_id", on("owner", Operator.EQ, "{user.id}"))


def seen_by(*roles: str, may_change: bool = False, rules: tuple[RowRule, ...] = (NORTH, MINE, BY_ID)) -> RowScope:
    return scope_of(rules, roles=roles, may_change_rules=may_change, attributes=ATTRIBUTES)


def test_without_rules_everybody_sees_everything() -> None:
    assert seen_by("viewer", rules=()).alternatives is None


def test_with_rules_a_role_without_one_sees_nothing() -> None:
    assert seen_by("viewer").denied
    assert seen_by().denied


def test_who_may_change_rules_sees_everything_unless_a_rule_is_for_them() -> None:
    assert seen_by("owner", may_change=True).alternatives is None
    assert seen_by("north", may_change=True).roles == ("north",)


def test_several_roles_add_up_and_others_add_nothing() -> None:
    assert seen_by("north", "mine", "viewer").roles == ("mine", "north")


def test_values_come_from_the_actor() -> None:
    found = seen_by("mine").alternatives
    assert found is not None
    assert found[0].conditions[0].values == ("person1@example.org",)


def test_a_rule_on_a_missing_attribute_shows_nothing() -> None:
    assert seen_by("by_id").denied


def test_hidden_by_all_is_gone_hidden_by_some_is_masked() -> None:
    assert seen_by("north").hidden == {"cost"}
    assert seen_by("north", "mine").hidden == frozenset()
    assert seen_by("north", "mine").masked == {"cost"}


def test_fingerprint_tells_what_is_seen_apart() -> None:
    every = {
        seen_by("north").fingerprint,
        seen_by("mine").fingerprint,
        seen_by("north", "mine").fingerprint,
        seen_by("x", may_change=True).fingerprint,
        seen_by("x").fingerprint,
    }
    assert len(every) == 5
    assert seen_by("north", "viewer").fingerprint == seen_by("north").fingerprint


def test_a_rule_must_fit_its_columns() -> None:
    columns = {"id": Column("id", FieldType.INTEGER), "owner": Column("owner", FieldType.TEXT)}
    zone = ZoneInfo("UTC")
    check_rule(rule("a", on("owner", Operator.IN, "{user.email}", "x")), columns, zone=zone)
    with pytest.raises(FilterValueError):
        check_rule(rule("a", on("id", Operator.EQ, "{user.email}")), columns, zone=zone)
    with pytest.raises(FilterValueError):
        check_rule(rule("a", on("id", Operator.EQ, "one")), columns, zone=zone)
    assert unknown_attributes(rule("a", on("owner", Operator.EQ, "{user.name}"))) == ("user.name",)


def test_a_rule_that_hides_a_column_of_another_name_shows_nothing() -> None:
    scope = scope_of([rule("a", hidden=("salary",))], roles=["a"], may_change_rules=False, attributes=ATTRIBUTES)
    assert "FALSE" in compile_metric(MetricQuery(dataset_id=DATASET_ID, measures=("orders",)), view(scope=scope)).sql
    known = scope_of([rule("a", hidden=("cost",))], roles=["a"], may_change_rules=False, attributes=ATTRIBUTES)
    assert (
        "FALSE" not in compile_metric(MetricQuery(dataset_id=DATASET_ID, measures=("orders",)), view(scope=known)).sql
    )


# --- the property: no path shows a row or value outside

CONDITIONS: list[tuple[RuleCondition, Callable[[tuple[Any, ...]], bool]]] = [
    (on("region", Operator.EQ, "north"), lambda row: row[1] == "north"),
    (on("region", Operator.NOT_IN, "north", "east"), lambda row: row[1] not in {"north", "east"}),
    (on("region", Operator.IS_NULL), lambda row: row[1] is None),
    (on("owner", Operator.EQ, "{user.email}"), lambda row: row[2] == ATTRIBUTES["user.email"]),
    (on("owner", Operator.EQ, "{user.id}"), lambda _: False),
    (on("amount", Operator.GT, 250), lambda row: row[3] > 250),
    (on("cost", Operator.BETWEEN, 2, 4), lambda row: 2 <= row[4] <= 4),
    (on("paid", Operator.EQ, "true"), lambda row: row[8]),
    (on("gone", Operator.EQ, "x"), lambda _: False),
    (on("gone", Operator.IS_NULL), lambda _: False),
]
HIDEABLE = ("cost", "region", "odd \"name'", "renamed")


DRAWN = st.lists(
    st.tuples(st.lists(st.integers(0, len(CONDITIONS) - 1), max_size=2), st.sets(st.sampled_from(HIDEABLE))),
    min_size=1,
    max_size=3,
)


def worked_out(drawn: list[tuple[list[int], set[str]]]) -> tuple[RowScope, list[tuple[Any, ...]]]:
    """Return what somebody with the drawn rules sees, and their rows, worked out without SQL."""
    rules = [
        rule(f"role{index}", *(CONDITIONS[one][0] for one in chosen), hidden=tuple(sorted(hidden)))
        for index, (chosen, hidden) in enumerate(drawn)
    ]
    held = [one.role for one in rules] + ["other"]
    scope = scope_of([*rules, NORTH], roles=held, may_change_rules=False, attributes=ATTRIBUTES)
    visible: list[tuple[Any, ...]] = []
    for row in ROWS:
        showing = [
            hidden
            for chosen, hidden in drawn
            if "renamed" not in hidden and all(CONDITIONS[one][1](row) for one in chosen)
        ]
        if showing:
            lost = set.intersection(*showing)
            visible.append(tuple(None if column.name in lost else row[INDEX[column.name]] for column in COLUMNS))
    return scope, visible


@pytest.fixture(scope="module")
def database(orders_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.read_parquet(str(orders_path)).create_view("data")
        yield connection


def run(database: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = database.execute(sql)
    names = [one[0] for one in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def ask(*measures: str, by: tuple[GroupBy, ...] = (), **more: Any) -> MetricQuery:
    return MetricQuery(dataset_id=DATASET_ID, measures=measures, dimensions=by, limit=10_000, **more)


def check_listing(database: duckdb.DuckDBPyConnection, sql: str, visible: list[tuple[Any, ...]]) -> None:
    allowed = {row[0]: row for row in visible}
    found = run(database, sql)
    assert sorted(row["id"] for row in found) == sorted(allowed)
    for row in found:
        for name in set(row) & {"region", "cost", "odd", "odd \"name'", "owner"}:
            stored = "odd \"name'" if name == "odd" else name
            assert row[name] == allowed[row["id"]][INDEX[stored]]


def check_figures(database: duckdb.DuckDBPyConnection, seen: View, visible: list[tuple[Any, ...]]) -> None:
    found = run(database, compile_metric(ask("orders", "revenue", "last_day"), seen).sql)[0]
    assert found["orders"] == len(visible)
    assert float(found["revenue"] or 0) == sum(row[3] for row in visible)
    assert found["last_day"] == max((row[5] for row in visible), default=None)
    free = run(database, guard("select count(*) n, sum(amount) s, max(id) m from data", seen, limit=5).sql)[0]
    assert (free["n"], free["m"]) == (len(visible), max((row[0] for row in visible), default=None))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DRAWN)
def test_no_path_shows_anything_outside_the_rules(
    database: duckdb.DuckDBPyConnection, drawn: list[tuple[list[int], set[str]]]
) -> None:
    scope, visible = worked_out(drawn)
    if scope.denied:
        assert visible == []
        return
    seen = view(scope=scope)
    check_listing(database, compile_metric(ask(), seen).sql, visible)
    check_listing(database, guard("select * from data", seen, limit=10_000).sql, visible)
    check_listing(
        database,
        guard("with a as (select * from data) select a.* from a join data b using (id)", seen, limit=10_000).sql,
        visible,
    )
    check_figures(database, seen, visible)
    try:
        by = (GroupBy(field="region"), GroupBy(field="day", grain=Grain.MONTH))
        groups = run(database, compile_metric(ask("orders", by=by), seen).sql)
    except UnknownFieldError:
        assert "region" in scope.hidden
        return
    assert {row["region"] for row in groups} == {row[1] for row in visible}
    for row in groups[:3]:
        cell = {"region": row["region"], "day": row["day"].isoformat()}
        listing = drill.rows_of(ask("orders", by=by), cell=cell, catalogue=seen.source.catalogue, zone=seen.zone)
        behind = run(database, compile_metric(listing, seen).sql)
        assert {one["id"] for one in behind} <= {one[0] for one in visible}
        assert len(behind) == row["orders"]
    outside = ask("orders", filters=(Filter(field="region", operator=Operator.NE, values=("nowhere",)),))
    assert run(database, compile_metric(outside, seen).sql)[0]["orders"] == len(visible)

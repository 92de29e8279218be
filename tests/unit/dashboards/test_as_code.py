"""Dashboards as code: what is written is read back as it was, through the text of a file."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards import as_code
from backend_services.dashboards.code_schemas import Document
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, SqlSource, Tile
from backend_services.datasets.catalogue import Filter, Grain, GroupBy, MetricQuery, Operator, RelativePeriod, SqlQuery
from backend_services.kernel.errors import InvalidInputError
from omni_app.commands import code_files
from tests.factories.dashboards import DATASET_ID, query, spec, tile

OTHER = UUID("01900000-0000-7000-8000-000000000002")
NAMES = {DATASET_ID: "Orders", OTHER: "Stranke: vse"}
IDS = {name: [dataset_id] for dataset_id, name in NAMES.items()}

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
titles = words.filter(str.strip)
lines = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30), min_size=1)
fields = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
scalars = st.one_of(
    words, st.integers(-(2**53), 2**53), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)
filters = st.builds(
    Filter, field=fields, operator=st.sampled_from(Operator), values=st.lists(scalars, max_size=3).map(tuple)
)
periods = st.builds(
    RelativePeriod,
    kind=st.sampled_from(["last", "this", "to_date", "between"]),
    n=st.integers(1, 9),
    grain=st.sampled_from(Grain),
    start=st.none() | st.just("2026-01-31"),
)
datasets = st.sampled_from(sorted(NAMES))
metrics = st.builds(
    MetricQuery,
    dataset_id=datasets,
    measures=st.lists(fields, max_size=3).map(tuple),
    dimensions=st.lists(st.builds(GroupBy, field=fields, grain=st.none() | st.sampled_from(Grain)), max_size=2).map(
        tuple
    ),
    filters=st.lists(filters, max_size=2).map(tuple),
    period=st.none() | periods,
    limit=st.integers(1, 10_000),
)
sql = lines.map("\n".join).filter(str.strip)
sources = st.builds(MetricSource, query=metrics) | st.builds(
    SqlSource, query=st.builds(SqlQuery, dataset_id=datasets, sql=sql)
)
tiles = st.lists(
    st.builds(
        Tile,
        id=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,5}", fullmatch=True),
        title=titles,
        chart=st.sampled_from(["bar", "line", "table"]).map(ChartKind),
        source=sources,
        width=st.integers(2, 12),
        height=st.none() | st.integers(2, 20),
        horizontal=st.none() | st.booleans(),
    ),
    max_size=4,
    unique_by=lambda one: one.id,
).map(tuple)
specs = st.builds(
    DashboardSpec,
    title=titles,
    description=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=30),
    tiles=tiles,
    period=st.none() | periods,
    filters=st.lists(filters, max_size=2).map(tuple),
    default_dataset_id=st.none() | datasets,
)


@given(specs)
def test_a_specification_comes_back_through_a_file_as_it_was(before: DashboardSpec) -> None:
    document = as_code.document_of(before, name="one", folder="", datasets=NAMES)
    text = code_files.written(document)
    again = code_files.read(text, name="one.yaml")
    assert as_code.spec_of(again, IDS) == before
    assert code_files.written(again) == text
    assert as_code.fingerprint(again) == as_code.fingerprint(document)
    assert not any(str(dataset_id) in text for dataset_id in NAMES)


def test_sql_stands_as_lines_and_defaults_are_left_out() -> None:
    source = SqlSource(query=SqlQuery(dataset_id=DATASET_ID, sql="SELECT country,\n  sum(amount)\nFROM data"))
    shown = spec(Tile(id="one", title="By country", chart=ChartKind.TABLE, source=source))
    text = code_files.written(as_code.document_of(shown, name="sales", folder="Sales/Weekly", datasets=NAMES))
    assert (
        text
        == """\
format: omni.dashboard.code/1
name: sales
folder: Sales/Weekly
dashboard:
  title: Sales
  tiles:
    - id: one
      title: By country
      chart: table
      source:
        kind: sql
        query:
          dataset: Orders
          sql: |-
            SELECT country,
              sum(amount)
            FROM data
"""
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [1", "one.yaml"),
        ("name: one\nname: two", "one.yaml"),
        ("name: one\ndashboard: {}\ncolour: red", "one.yaml: colour"),
        ("format: omni.dashboard.code/2\nname: one\ndashboard: {}", "one.yaml: format"),
        ("!!python/object/apply:os.system [ls]", "one.yaml"),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        code_files.read(text, name="one.yaml")
    assert told in refused.value.fields


def test_a_country_called_no_and_a_date_stay_texts() -> None:
    text = "name: one\ndashboard: {country: no, day: 2026-01-31, on: yes, flag: true, n: 3}"
    found = code_files.read(text, name="one.yaml").dashboard
    assert found == {"country": "no", "day": "2026-01-31", "on": "yes", "flag": True, "n": 3}


def test_datasets_without_a_name_of_their_own_are_refused() -> None:
    shown = spec(tile(ChartKind.BAR, query("revenue")))
    with pytest.raises(as_code.NotAsCodeError):
        as_code.document_of(shown, name="one", folder="", datasets={})
    document = as_code.document_of(shown, name="one", folder="", datasets=NAMES)
    for known in ({}, {"Orders": [DATASET_ID, OTHER]}):
        with pytest.raises(as_code.NotAsCodeError):
            as_code.spec_of(document, known)


@pytest.mark.parametrize(
    ("title", "taken", "name"),
    [
        ("Prodaja po tednih", [], "prodaja-po-tednih"),
        ("Čaša & žlica", [], "casa-zlica"),
        ("数据", [], "dashboard"),
        ("Sales", ["sales"], "sales-2"),
        ("x" * 200, [], "x" * 70),
    ],
)
def test_names_follow_from_titles(title: str, taken: list[str], name: str) -> None:
    assert as_code.name_for(title, taken) == name
    assert Document(name=name, dashboard={}).name == name

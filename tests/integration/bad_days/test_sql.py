"""SQL that writes, reads files, sleeps or crosses tenants, through REST and through a dashboard's tile."""

from __future__ import annotations

import pytest

from tests.integration.bad_days.system import Person, System, in_both_languages, new_owner, no_leak, problem

pytestmark = pytest.mark.timeout(300)

HOSTILE = (
    "insert into data values (1, 2)",
    "delete from data",
    "drop table data",
    "update data set a = 1",
    "create table x as select 1",
    "copy data to '/tmp/omni-bad-days.csv'",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from '/etc/passwd'",
    'select * from "/etc/passwd"',
    "select * from glob('/*')",
    "attach '/tmp/x.db' as x",
    "install httpfs",
    "pragma database_list",
    "set memory_limit = '100GB'",
    "select pg_sleep(30)",
    "select sleep(30)",
    "select * from range(100000000000)",
    "select * from generate_series(1, 100000000000)",
    "select repeat('x', 2000000000)",
    "with recursive t as (select 1 n union all select n + 1 from t) select max(n) from t",
    "select * from datasets",
    "select * from users",
    "select * from pg_catalog.pg_user",
    "select * from information_schema.tables",
    "select * from duckdb_settings()",
    "select getenv('OMNI_SECRET_KEY')",
    "select current_setting('omni.tenant_id')",
    "select set_config('omni.system', 'on', false)",
    "select 1; select 2",
    "select * from data d, lateral (select * from secrets) s",
    "select\x00 1",
    "select " + "(" * 5000 + "1" + ")" * 5000,
    "select 1 " + "+ 1" * 20_000,
    "",
)
PLATFORM = (
    "select * from users",
    "select pg_sleep(30)",
    "select pg_read_file('/etc/passwd')",
    "select set_config('omni.system', 'on', true) from data",
    "select set_config('omni.tenant_id', '00000000-0000-0000-0000-000000000000', true) from data",
    "select * from public.users",
    "select * from pg_stat_activity",
    "select lo_export(1, '/tmp/x')",
    "copy data to program 'id'",
    "set role postgres",
)


@pytest.fixture(scope="module")
def table(whole: System) -> tuple[Person, str]:
    """Return somebody with a small table."""
    person = new_owner(whole)
    return person, person.dataset("a,b\n1,2\n")


@pytest.mark.parametrize("sql", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_sql_is_refused_at_both_doors(table: tuple[Person, str], sql: str) -> None:
    owner, dataset_id = table
    question = {"kind": "sql", "dataset_id": dataset_id, "sql": sql}
    answer = owner.post("/api/v1/analytics/query", question)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    no_leak(answer.text)
    assert owner.post("/api/v1/analytics/exports", {"query": question}).status_code == 422
    english, slovenian = in_both_languages(owner, "POST", "/api/v1/analytics/query", json=question)
    assert english != slovenian
    source = {"kind": "sql", "query": {"dataset_id": dataset_id, "sql": sql}}
    tile = {"id": "a", "title": "A", "chart": "table", "source": source}
    made = owner.post("/api/v1/dashboards", {"spec": {"title": "Evil", "tiles": [tile]}})
    if made.status_code == 201:
        shown = owner.get(f"/api/v1/dashboards/{made.json()['id']}/tiles/a/result")
        assert shown.status_code == 422, shown.text
        no_leak(shown.text)
    else:
        assert made.status_code == 422, made.text
    assert owner.get(f"/api/v1/datasets/{dataset_id}/rows").json()["rows"] == [[1, 2]]


@pytest.mark.parametrize("sql", PLATFORM)
def test_the_platforms_own_tables_give_no_way_out(table: tuple[Person, str], sql: str) -> None:
    owner, _ = table
    listed = owner.get("/api/v1/datasets?kind=platform&limit=200").json()["items"]
    question = {"kind": "sql", "dataset_id": listed[0]["id"], "sql": sql}
    answer = owner.post("/api/v1/analytics/query", question)
    assert answer.status_code == 422, answer.text
    no_leak(answer.text)


def test_live_tables_hold_only_the_own_teams_rows(owner: Person, stranger: Person) -> None:
    listed = owner.get("/api/v1/datasets?kind=platform&limit=200").json()["items"]
    asked = 0
    for dataset in listed:
        question = {"kind": "sql", "dataset_id": dataset["id"], "sql": "select * from data"}
        answer = owner.post("/api/v1/analytics/query", question)
        assert answer.status_code == 200, (dataset["name"], answer.text)
        asked += len(answer.json()["rows"])
        assert stranger.email not in answer.text
    assert asked > 0


def test_a_heavy_query_ends_at_its_limit_and_others_go_on(owner: Person) -> None:
    dataset_id = owner.dataset("a\n" + "\n".join(str(n) for n in range(20_000)) + "\n")
    heavy = "select count(*) from data a, data b, data c where a.a + b.a * c.a > 7"
    answer = owner.post("/api/v1/analytics/query", {"kind": "sql", "dataset_id": dataset_id, "sql": heavy}, timeout=120)
    problem(answer, 413, "query.timeout")
    light = {"kind": "sql", "dataset_id": dataset_id, "sql": "select count(*) from data"}
    assert owner.post("/api/v1/analytics/query", light).json()["rows"] == [[20_000]]

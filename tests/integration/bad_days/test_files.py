"""Broken, hostile and huge files through the upload door: a clear refusal, and nothing of them stays."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import xlsxwriter

from tests.integration.bad_days.system import Person, System, no_leak, problem

pytestmark = pytest.mark.timeout(300)

GOOD = b"a,b\n1,2\n3,4\n"


def workbook(*cells: tuple[int, int, object]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        for row, column, value in cells:
            sheet.write(row, column, value)
    return target.getvalue()


def archive(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return target.getvalue()


def lying_workbook() -> bytes:
    """Return a workbook whose sheet is larger than its directory says."""
    sheet = b"<worksheet>" + b" " * 3_000_000 + b"</worksheet>"
    whole = bytearray(archive(**{"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": sheet}))
    size = len(sheet).to_bytes(4, "little")
    return bytes(whole.replace(size, (100).to_bytes(4, "little")))


BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "blank": ("a.csv", lambda: b" \n\n", "file_empty"),
    "only a header": ("a.csv", lambda: b"a,b\n", "file_empty"),
    "one endless line": ("a.csv", lambda: b"x" * 9_000_000, "too_many_rejects"),
    "a quote never closed": ("a.csv", lambda: b'a,b\n"1,2\n' + b"3,4\n" * 5000, "too_many_rejects"),
    "picture": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n" + bytes(400), "file_binary"),
    "bytes of every kind": ("a.csv", lambda: bytes(range(256)) * 50, "file_binary"),
    "zero bytes": ("a.csv", lambda: b"a,b\n1,\x00\n2,3\n", "file_binary"),
    "broken parquet": ("a.parquet", lambda: b"PAR1" + bytes(100) + b"PAR1", "file_broken"),
    "cut gzip": ("a.csv.gz", lambda: gzip.compress(GOOD * 999)[:-9], "file_broken"),
    "gzip in gzip": ("a.csv.gz", lambda: gzip.compress(gzip.compress(GOOD)), "file_binary"),
    "no workbook": ("a.xlsx", lambda: b"PK\x03\x04 not a workbook", "file_broken"),
    "another archive": ("a.xlsx", lambda: archive(**{"readme.txt": b"hello"}), "file_binary"),
    "open document": ("a.xlsx", lambda: archive(**{"content.xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "file_binary"),
    "lying workbook": ("a.xlsx", lying_workbook, "file_broken"),
    "far cell": ("a.xlsx", lambda: workbook((0, 0, "a"), (1, 0, 1), (1_048_575, 16_383, 1)), "file_expands_too_much"),
    "deep json": ("a.json", lambda: b"[" * 100_000 + b"]" * 100_000, "file_broken"),
    "deep objects": ("a.json", lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "file_broken"),
    "cut json": ("a.json", lambda: b'[{"a": 1}, {"a": ', "file_broken"),
    "gzip bomb": ("a.csv.gz", lambda: gzip.compress(b"a,b\n" + b"1,2\n" * 30_000_000), "file_expands_too_much"),
    "5,000 columns": (
        "a.csv",
        lambda: b"\n".join([",".join(f"c{n}" for n in range(5000)).encode(), b",".join([b"1"] * 5000), b""]),
        "too_many_columns",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_and_nothing_of_it_stays(system: System, owner: Person, case: str) -> None:
    file_name, content, code = BAD[case]
    worker = system.processes["worker"].pid
    started = owner.upload(content(), file_name=file_name)
    assert started.status_code == 202, started.text
    job_id, dataset_id = started.json()["job_id"], started.json()["dataset_id"]
    ended = owner.finished(job_id)
    assert (ended["status"], ended["error"]["code"], ended["can_retry"]) == ("failed", code, False), ended
    assert "{" not in ended["error"]["message"]
    said = owner.get(f"/api/v1/ingestion/jobs/{job_id}", headers={"Accept-Language": "sl"}).json()["error"]["message"]
    assert said != ended["error"]["message"]
    no_leak(str(ended))
    no_leak(owner.get(f"/api/v1/jobs/{job_id}/log").text)
    assert owner.get(f"/api/v1/datasets/{dataset_id}").json()["state"] == "failed"
    assert owner.get(f"/api/v1/datasets/{dataset_id}/rows").status_code == 409
    assert not _kept(system, owner)
    assert system.processes["worker"].poll() is None
    assert system.processes["worker"].pid == worker


def _kept(system: System, owner: Person) -> list[str]:
    """Return the files that the owner's team has in the store, and what lies in work folders."""
    tenant = owner.get("/api/v1/auth/me").json()["tenant"]["id"]
    return [path for path in system.files() if tenant in path or path.startswith(("ingest/", "files-cache/incoming/"))]


def test_an_empty_file_is_refused_at_once(system: System, owner: Person) -> None:
    problem(owner.upload(b""), 422, "file_empty")
    assert owner.datasets() == []
    assert not _kept(system, owner)


FORMS: dict[str, dict[str, Any]] = {
    "no form": {"content": GOOD},
    "no file": {"data": {"name": "x"}, "files": {"other": ("a.csv", GOOD)}},
    "unknown field": {"data": {"owner_id": "x"}, "files": {"file": ("a.csv", GOOD)}},
    "two files": {"files": [("file", ("a.csv", GOOD)), ("file", ("b.csv", GOOD))]},
    "cut off": {
        "content": b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\n1,2',
        "headers": {"Content-Type": "multipart/form-data; boundary=b"},
    },
}


@pytest.mark.parametrize("case", FORMS)
def test_a_form_that_is_none_is_refused_and_nothing_stays(system: System, owner: Person, case: str) -> None:
    problem(owner.call("POST", "/api/v1/ingestion/uploads", **FORMS[case]), 422, "upload_invalid")
    assert owner.datasets() == []
    assert not _kept(system, owner)


@pytest.mark.parametrize(
    "file_name",
    ["../../../../etc/cron.d/x.csv", "..\\..\\x.csv", "x\x00y.csv", "C:\\x.csv", "x" * 3000, "\u202evsc.exe", "š 😀"],
)
def test_a_file_name_is_only_a_name(system: System, owner: Person, file_name: str) -> None:
    before = {path for path in system.files() if not path.startswith("files/tenants/")}
    started = owner.upload(GOOD, file_name=file_name, name="")
    assert started.status_code == 202, started.text
    assert owner.finished(started.json()["job_id"])["status"] == "succeeded"
    name = owner.get(f"/api/v1/datasets/{started.json()['dataset_id']}").json()["name"]
    assert 0 < len(name) <= 120
    assert ".." not in name
    assert {path for path in system.files() if not path.startswith("files/tenants/")} == before


def test_formulas_are_kept_as_text_and_leave_harmless(owner: Person) -> None:
    formulas = ['=HYPERLINK("http://evil")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1+1"]
    lines = ["name,n"] + [f'"{text.replace(chr(34), chr(34) * 2)}",{n}' for n, text in enumerate(formulas)]
    dataset_id = owner.dataset("\n".join(lines) + "\n")
    rows = owner.get(f"/api/v1/datasets/{dataset_id}/rows").json()["rows"]
    assert [row[0].strip() for row in rows] == [text.strip() for text in formulas]
    query = {"kind": "sql", "dataset_id": dataset_id, "sql": "select name from data"}
    exported = owner.post("/api/v1/analytics/exports", {"query": query, "format": "csv", "byte_order_mark": False})
    cells = exported.text.splitlines()[1:]
    assert len(cells) >= len(formulas)
    assert not [cell for cell in cells if cell.strip('"').lstrip()[:1] in set("=+-@")]
    sheets = owner.post("/api/v1/analytics/exports", {"query": query, "format": "xlsx"}).content
    with zipfile.ZipFile(io.BytesIO(sheets)) as packed:
        assert not [name for name in packed.namelist() if b"<f>" in packed.read(name)]


def test_columns_of_the_same_name_and_odd_ones_can_be_asked_for(owner: Person) -> None:
    dataset_id = owner.dataset('a,a,A,"b""; drop table data; --",š\n1,2,3,4,5\n')
    columns = [one["name"] for one in owner.get(f"/api/v1/datasets/{dataset_id}/schema").json()["columns"]]
    assert len({name.casefold() for name in columns}) == 5
    chosen = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    query = {"kind": "sql", "dataset_id": dataset_id, "sql": f"select {chosen} from data"}  # noqa: S608 - our names
    answer = owner.post("/api/v1/analytics/query", query)
    assert answer.json()["rows"] == [[1, 2, 3, 4, 5]]


def test_two_thousand_columns(owner: Person) -> None:
    names = ",".join(f"c{n}" for n in range(2000))
    values = ",".join(str(n) for n in range(2000))
    dataset_id = owner.dataset(f"{names}\n{values}\n{values}\n")
    assert owner.get(f"/api/v1/datasets/{dataset_id}").json()["columns"] == 2000
    assert owner.get(f"/api/v1/datasets/{dataset_id}/rows").json()["rows"][1][1999] == 1999
    assert owner.get(f"/api/v1/datasets/{dataset_id}/catalogue").status_code == 200


@pytest.mark.slow
def test_ten_million_rows(owner: Person) -> None:
    def body() -> bytes:
        return b"n,k\n" + b"".join(b"%d,a\n%d,b\n" % (n, n) for n in range(10)) * 500_000

    started = owner.upload(gzip.compress(body(), 1), file_name="a.csv.gz", timeout=120)
    ended = owner.finished(started.json()["job_id"], within_s=150)
    assert (ended["status"], ended["rows"], ended["rejected"]) == ("succeeded", 10_000_000, 0)
    query = {
        "kind": "sql",
        "dataset_id": started.json()["dataset_id"],
        "sql": "select k, count(*) n, sum(n) s from data group by k order by k",
    }
    assert owner.post("/api/v1/analytics/query", query).json()["rows"] == [
        ["a", 5_000_000, 22_500_000],
        ["b", 5_000_000, 22_500_000],
    ]


def test_one_team_never_sees_anothers_upload(owner: Person, stranger: Person) -> None:
    dataset_id = owner.dataset(GOOD)
    assert stranger.datasets() == []
    problem(stranger.get(f"/api/v1/datasets/{dataset_id}/rows"), 404, "dataset_not_found")
    answer: httpx.Response = stranger.call(
        "POST", f"/api/v1/datasets/{dataset_id}/versions", files={"file": ("a.csv", GOOD)}
    )
    problem(answer, 404, "dataset_not_found")

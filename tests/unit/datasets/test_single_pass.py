"""Large delimited files are read in one pass, and that never gives another table than the careful way."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from backend_services.datasets.ingestion.conversion import Conversion, Converted
from backend_services.datasets.ingestion.delimited import open_delimited
from backend_services.datasets.ingestion.engine import Engine
from backend_services.datasets.ingestion.writing import ORDERED_ROWS, write_at_once
from backend_services.datasets.settings import DatasetSettings

ROWS = ORDERED_ROWS + 10
ALWAYS = DatasetSettings(single_pass_bytes=0)
NEVER = DatasetSettings(single_pass_bytes=10**12)
HEAD = "id,day,amount,share,note\n"
SURPRISES = {
    "empty cells and a row too short": (
        "900001,2024-01-01,,0.5,x\n900002,2024-01-01,-,0.5,x\n900010,2024-01-01\n",
        True,
    ),
    "a third digit": ("900003,2024-01-01,1.125,0.5,x\n", False),
    "a long number": ("900005,2024-01-01,12345678901234567890.25,0.5,x\n", False),
    "a leading zero": ("000006,2024-01-01,1.25,0.5,x\n", False),
    "a word among numbers": ("900008,2024-01-01,many,0.5,x\n", False),
    "a time among days": ("900009,2024-01-01 12:30,1.25,0.5,x\n", False),
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the text of a large file without surprises."""
    path = tmp_path_factory.mktemp("clean") / "clean.csv"
    duckdb.execute(
        "COPY (SELECT range AS id, DATE '2022-01-01' + (range % 900)::INTEGER AS day, (range % 9973) / 4.0 AS amount,"  # noqa: S608 - numbers of ours
        f" round((range % 31) / 7, 6) AS share, 'n' || range % 5 AS note FROM range({ROWS})) TO '{path}' (HEADER false)"
    )
    return path.read_text()


def converted(path: Path, work: Path, settings: DatasetSettings) -> Converted:
    """Convert a file in a folder of its own."""
    work.mkdir()
    return Conversion(path, file_name="large.csv", work_dir=work, settings=settings).run()


def differences(one: Path | None, other: Path | None) -> int:
    """Return how many rows stand in one table only."""
    if one is None or other is None:
        return int(one is not other)
    answer = duckdb.execute(
        f"SELECT count(*) FROM ((FROM '{one}' EXCEPT ALL FROM '{other}') UNION ALL (FROM '{other}' EXCEPT ALL FROM '{one}'))"  # noqa: S608, E501 - our own paths
    ).fetchone()
    assert answer is not None
    return int(answer[0])


@pytest.mark.parametrize("surprise", SURPRISES)
def test_one_pass_and_two_agree(clean: str, tmp_path: Path, surprise: str) -> None:
    last, takes_one = SURPRISES[surprise]
    path = tmp_path / "large.csv"
    path.write_text(HEAD + clean + last)
    quick, careful = converted(path, tmp_path / "one", ALWAYS), converted(path, tmp_path / "two", NEVER)

    assert quick.columns == careful.columns
    assert (quick.rows, quick.rejected) == (careful.rows, careful.rejected)
    assert differences(quick.data, careful.data) == 0
    assert differences(quick.rejects, careful.rejects) == 0
    assert [(one.nulls, one.minimum, one.maximum) for one in quick.profile.columns] == [
        (one.nulls, one.minimum, one.maximum) for one in careful.profile.columns
    ]
    with Engine(temp_dir=tmp_path, settings=ALWAYS) as engine:
        source = open_delimited(path, tmp_path, ALWAYS)
        written = write_at_once(engine, source, tmp_path / "at-once.parquet", from_bytes=0)
    assert (written is not None) is takes_one


def test_nothing_is_written_beside_the_statement(tmp_path: Path) -> None:
    """DuckDB's own threads for writing can wait for ever once a COPY fails; a statement that fails must return."""
    with Engine(temp_dir=tmp_path, settings=DatasetSettings()) as engine:
        assert engine.run("SELECT current_setting('async_threads')") == [(0,)]

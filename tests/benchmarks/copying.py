"""A CSV of a million rows and twelve columns to Parquet: bare DuckDB's ``COPY`` and our conversion.

Each side runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROWS = 1_000_000
TABLE = f"""SELECT range AS id, DATE '2022-01-01' + (range % 1000)::INTEGER AS day, 'city' || (range % 500) AS city,
(hash(range) % 100000) / 100.0 AS amount, hash(range) % 10 AS quantity, 'product' || (range % 37) AS product,
lpad((range % 9000)::VARCHAR, 5, '0') AS zip, (hash(range + 7) % 100000) / 1000.0 AS price,
TIMESTAMP '2023-01-01' + INTERVAL (range) SECOND AS at, range % 2 = 0 AS paid, md5(range::VARCHAR) AS code,
hash(range) % 1000000 AS visits FROM range({ROWS})"""  # noqa: S608 - a number of ours
MEASURED = """
import json, resource, sys
from pathlib import Path
from backend_services.kernel.clock import elapsed_ms, monotonic_s
{imports}
began_s = monotonic_s()
{work}
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({{"ms": elapsed_ms(began_s), "peak_mb": peak_mb, "rows": rows}}))
"""
BARE = MEASURED.format(
    imports="import duckdb\nconnection = duckdb.connect(config={'threads': 2})",
    work=(
        "rows = connection.execute("
        "f\"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}/bare.parquet'\").fetchall()[0][0]"
    ),
)
OURS = MEASURED.format(
    imports=(
        "from backend_services.datasets.ingestion.conversion import Conversion\n"
        "from backend_services.datasets.settings import DatasetSettings"
    ),
    work=(
        "rows = Conversion(Path(sys.argv[1]), file_name='a.csv', work_dir=Path(sys.argv[2]),"
        " settings=DatasetSettings()).run().rows"
    ),
)


def _measured(script: str, source: Path, folder: Path) -> dict[str, float]:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script, str(source), str(folder)], check=True, capture_output=True, text=True, cwd=root
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def best(script: str, source: Path, folder: Path, *, runs: int = 3) -> dict[str, float]:
    """Return the quickest of a few runs: how long it took, its peak memory and its rows."""
    return min((_measured(script, source, folder) for _ in range(runs)), key=lambda one: one["ms"])

"""The questions with gold SQL, and how an answer to one is judged: by the values, not by the reading."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from backend_services.dashboards.builder.choices import decode
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import EACH
from tests.benchmarks.same_values import Rows, agree

if TYPE_CHECKING:
    import duckdb

    from backend_services.dashboards.builder.schemas import BuildAnswer, BuiltTile

FOLDER: Final = Path(__file__).parent / "questions" / "gold"
Half = Literal["tuned", "held_out"]


class Outcome(StrEnum):
    """What came of a question."""

    RIGHT = "right"
    OTHER = "other figures"
    ASKED = "asked back"
    REFUSED = "refused"
    INVENTED = "invented"
    FAILED = "failed"


@dataclass(frozen=True)
class Question:
    """A question with what is expected: figures, a question back or a refusal.

    Attributes:
        sql: Gold SQL; each of several is as good a reading as the others.
        ordered: Whether the order of the rows was asked for.
        asks: Columns among which the builder has to let the person choose.
        half: Decided by the question's own hash, before any answer was seen; of those of ``later`` every other one of
            a table is held out. A question that became a test of the builder is looked at, whatever its hash.
        later: Written when the builder was there, by somebody who did not know how it reads.
    """

    table: str
    language: str
    level: str
    question: str
    half: Half
    sql: tuple[str, ...] = ()
    ordered: bool = False
    asks: tuple[str, ...] = ()
    refuses: bool = False
    later: bool = False


def half_of(question: str) -> Half:
    """Return to which half a question belongs that was written before the builder."""
    return "tuned" if sha256(question.encode()).digest()[0] % 2 else "held_out"


def load() -> list[Question]:
    """Return every question of every table."""
    return [_read(path.stem, line) for path in sorted(FOLDER.glob("*.jsonl")) for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _read(table: str, line: str) -> Question:
    fields: dict[str, Any] = json.loads(line)
    sql = fields.pop("sql", ())
    asks = tuple(fields.pop("asks", ()))
    return Question(table=table, sql=(sql,) if isinstance(sql, str) else tuple(sql), asks=asks, **fields)


def judge(question: Question, answer: BuildAnswer, gold: duckdb.DuckDBPyConnection) -> Outcome:
    """Return what an answer comes to."""
    match answer.status:
        case "refused":
            return Outcome.RIGHT if question.refuses else Outcome.REFUSED
        case "clarify":
            right = bool(question.asks) and set(question.asks) <= _offered(answer)
            return Outcome.RIGHT if right else Outcome.ASKED
        case "ok":
            if question.refuses:
                return Outcome.INVENTED
            return Outcome.RIGHT if _same_figures(question, answer, gold) else Outcome.OTHER


def _offered(answer: BuildAnswer) -> set[str]:
    """Return the columns among which a person may choose."""
    assert answer.clarification is not None
    pins = [one for option in answer.clarification.options for one in decode(option.id).pins.values()]
    return {one.field_id.split("__")[0].removesuffix(EACH) for one in pins}


def _same_figures(question: Question, answer: BuildAnswer, gold: duckdb.DuckDBPyConnection) -> bool:
    shown = shown_rows(answer)
    if shown is None:
        return False
    return any(agree(gold.execute(one).fetchall(), shown, ordered=question.ordered) for one in question.sql)


def shown_rows(answer: BuildAnswer) -> Rows | None:
    """Return the rows of the one figure; single numbers side by side are one row, and a pie's parts are shares."""
    assert answer.dashboard is not None
    tiles = answer.dashboard.tiles
    if len(tiles) == 1:
        return _with_shares(tiles[0]) if tiles[0].chart is ChartKind.PIE else tiles[0].rows
    if all(len(tile.rows) == 1 for tile in tiles):
        return [tuple(value for tile in tiles for value in tile.rows[0])]
    return None


def _with_shares(tile: BuiltTile) -> Rows:
    place = next(place for place, one in enumerate(tile.columns) if one.role == "measure")
    whole = sum(float(row[place] or 0) for row in tile.rows)
    return [(*row, float(row[place] or 0) / whole) for row in tile.rows]

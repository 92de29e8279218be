"""Questions, drawn at random, and what the right answer to each is, worked out without SQL."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from backend_services.datasets.catalogue import Filter, GroupBy, MetricQuery, Operator, Scalar, SqlQuery
from tests.integration.leaks.world import Row, World, value_of

if TYPE_CHECKING:
    from collections.abc import Callable

FIGURES: Final = ("orders", "total", "most", "marks")
_GROUPS: Final = ("mark", "secret", "region", "owner", "day", "paid")
STATEMENTS: Final = (
    "SELECT * FROM data",
    "SELECT count(*) AS n, sum(amount) AS total, max(mark) AS last FROM data",
    "SELECT mark, row_number() OVER (ORDER BY amount, id) AS place FROM data",
    "WITH a AS (SELECT * FROM data) SELECT a.mark, b.secret FROM a JOIN data b ON a.region = b.region ORDER BY 1, 2",
    "SELECT string_agg(mark, ',') AS marks, string_agg(secret, ',') AS secrets FROM data",
    "SELECT id FROM data WHERE mark LIKE 'mk%' UNION SELECT amount FROM data ORDER BY 1",
    "SELECT cast(secret AS integer) AS number FROM data",
    "SELECT cast(mark AS date) AS day FROM data WHERE secret IS NOT NULL",
    "SELECT (SELECT max(secret) FROM data) AS most, min(mark) AS least FROM data GROUP BY region ORDER BY 2",
    "SELECT DISTINCT region, lag(secret) OVER (ORDER BY id) AS before FROM data ORDER BY 1, 2",
    "SELECT mark FROM data ORDER BY secret DESC LIMIT 3",
    "SELECT count(*) AS n FROM data HAVING max(secret) > 'a'",
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: figures by groups under a condition, a statement, and one of the rows that are stored.

    Attributes:
        row: Number of a stored row, whether the reader may see it or not; conditions and cells are about it.
        condition: 0 none; 1 the row's mark; 2 its secret; 3 its region; 4 a piece of every mark; 5 its day.
    """

    figures: tuple[str, ...]
    groups: tuple[str, ...]
    row: int
    condition: int
    statement: int

    def about(self, world: World) -> Row:
        """Return the stored row that the question is about."""
        return world.rows[self.row % len(world.rows)]

    def metric(self, world: World, *, listing: bool = False) -> MetricQuery:
        """Return the question in catalogue terms."""
        return MetricQuery(
            dataset_id=world.dataset_id,
            measures=() if listing else self.figures,
            dimensions=() if listing else tuple(GroupBy(field=one) for one in self.groups),
            filters=tuple(Filter(field=f, operator=o, values=v) for f, o, v in self._conditions(world)),
            limit=10_000,
        )

    def sql(self, world: World) -> SqlQuery:
        """Return the statement."""
        return SqlQuery(dataset_id=world.dataset_id, sql=STATEMENTS[self.statement], limit=10_000)

    def cell(self, world: World) -> dict[str, Scalar | None]:
        """Return the cell that the question's row is in, whether or not the reader was ever shown it."""
        return {one: value_of(self.about(world), one) for one in self.groups}

    def _conditions(self, world: World) -> list[tuple[str, Operator, tuple[Scalar, ...]]]:
        row = self.about(world)
        match self.condition:
            case 1 | 2:
                name = "mark" if self.condition == 1 else "secret"
                return [(name, Operator.EQ, (row[name],))]
            case 3 if row["region"] is None:
                return [("region", Operator.IS_NULL, ())]
            case 3:
                return [("region", Operator.EQ, (row["region"],))]
            case 4:
                return [("mark", Operator.CONTAINS, ("mk",))]
            case 5:
                return [("day", Operator.GTE, (value_of(row, "day") or "",))]
            case _:
                return []

    def names(self, world: World, *, listing: bool = False) -> set[str]:
        """Return the columns that the question reads."""
        folded = {"total": "amount", "most": "amount", "marks": "mark"}
        grouped = set() if listing else {*self.groups, *(folded[one] for one in self.figures if one in folded)}
        return grouped | {name for name, _, _ in self._conditions(world)}

    def matching(self, world: World) -> list[Row]:
        """Return the visible rows that the question is about."""
        wanted = self.about(world)
        tests: dict[int, Callable[[Row], bool]] = {
            1: lambda row: row["mark"] == wanted["mark"],
            2: lambda row: row["secret"] == wanted["secret"],
            3: lambda row: row["region"] == wanted["region"],
            4: lambda row: row["mark"] is not None,
            5: lambda row: row["day"] >= wanted["day"],
        }
        holds = tests.get(self.condition)
        return [row for row in world.visible if holds is None or holds(row)]

    def answer(self, world: World) -> set[tuple[Any, ...]]:
        """Return the right answer: groups, then figures."""
        groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        if not self.groups:
            groups[()] = []
        for row in self.matching(world):
            groups[tuple(value_of(row, one) for one in self.groups)].append(row)
        return {(*key, *(_folded(one, rows) for one in self.figures)) for key, rows in groups.items()}

    def behind(self, world: World) -> set[int]:
        """Return the ids of the visible rows behind the question's cell."""
        wanted = self.about(world)
        return {row["id"] for row in self.matching(world) if all(row[one] == wanted[one] for one in self.groups)}


def _folded(figure: str, rows: list[Row]) -> int | None:
    amounts = [row["amount"] for row in rows if row["amount"] is not None]
    match figure:
        case "orders":
            return len(rows)
        case "total":
            return sum(amounts) if amounts else None
        case "most":
            return max(amounts, default=None)
        case _:
            return len({row["mark"] for row in rows} - {None})


QUESTIONS: Final = st.lists(
    st.builds(
        Question,
        figures=st.lists(st.sampled_from(FIGURES), min_size=1, max_size=3, unique=True).map(tuple),
        groups=st.lists(st.sampled_from(_GROUPS), max_size=2, unique=True).map(tuple),
        row=st.integers(0, 23),
        condition=st.integers(0, 5),
        statement=st.integers(0, len(STATEMENTS) - 1),
    ),
    min_size=8,
    max_size=8,
)

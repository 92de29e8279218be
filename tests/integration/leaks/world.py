"""A small table with rules and a reader, drawn at random; and who may see what, worked out without SQL.

Every row has a ``mark`` and a ``secret`` that no other row of any table has, so that a leak is seen in any bytes.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from backend_services.datasets.catalogue import (
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Grain,
    Measure,
    Operator,
    Scalar,
    Text,
)
from backend_services.datasets.models import Dataset, DatasetVersion, Ingestion
from backend_services.datasets.rules import RowRule, RuleCondition
from backend_services.datasets.rules_models import DatasetRule
from backend_services.datasets.schemas import ColumnProfile, ColumnView, Profile
from backend_services.identity.models import Membership
from backend_services.identity.roles import permissions_of
from backend_services.kernel.db import transaction
from backend_services.kernel.files import get_files
from backend_services.kernel.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from backend_services.kernel.actor import Actor

Row = dict[str, Any]
TYPES: Final = {
    "id": (FieldType.INTEGER, "INTEGER"),
    "mark": (FieldType.TEXT, "VARCHAR"),
    "secret": (FieldType.TEXT, "VARCHAR"),
    "region": (FieldType.TEXT, "VARCHAR"),
    "owner": (FieldType.TEXT, "VARCHAR"),
    "amount": (FieldType.INTEGER, "INTEGER"),
    "day": (FieldType.DATE, "DATE"),
    "at": (FieldType.DATETIME, "TIMESTAMPTZ"),
    "paid": (FieldType.BOOLEAN, "BOOLEAN"),
    "lat": (FieldType.DECIMAL, "DOUBLE"),
    "lon": (FieldType.DECIMAL, "DOUBLE"),
}
REGIONS: Final = ("north", "rgx1 '\"%_;--", "=rgx2+1", "rgx3\u202e čšž", " ", "", None)
AS_OF: Final = datetime(2026, 11, 1, tzinfo=UTC)
ROLES: Final = ("analyst", "viewer", "editor-of-north", "guest")
HIDEABLE: Final = (*("secret", "region", "amount", "mark") * 3, "gone")
_TOKEN: Final = re.compile(rb"(?:mk|sx)[0-9a-f]{12}n\d{3}")


def _label(name: str) -> Text:
    return Text(en=name.title(), sl=f"{name} po slovensko")


CATALOGUE: Final = Catalogue(
    version=1,
    measures=(
        Measure(id="orders", aggregation=Aggregation.COUNT, label=_label("orders")),
        Measure(id="total", column="amount", aggregation=Aggregation.SUM, label=_label("total")),
        Measure(id="most", column="amount", aggregation=Aggregation.MAX, label=_label("most")),
        Measure(id="marks", column="mark", aggregation=Aggregation.COUNT_DISTINCT, label=_label("marks")),
        Measure(id="stock", column="amount", aggregation=Aggregation.LAST, label=_label("stock"), over="day"),
    ),
    dimensions=tuple(
        Dimension(
            id=name, column=name, label=_label(name), type=kind, grain=Grain.DAY if name in {"day", "at"} else None
        )
        for name, (kind, _) in TYPES.items()
        if name not in {"id", "amount", "lat", "lon"}
    )
    + tuple(
        Dimension(id=one, column=column, label=_label(one), type=TYPES[column][0])
        for one, column in (("amount_of", "amount"), ("lat", "lat"), ("lon", "lon"))
    ),
    default_time="day",
    default_measure="total",
)

CONDITIONS: Final[tuple[tuple[RuleCondition, Callable[[Row], bool]], ...]] = (
    (RuleCondition(column="region", operator=Operator.EQ, values=("north",)), lambda row: row["region"] == "north"),
    (
        RuleCondition(column="region", operator=Operator.NOT_IN, values=("north", "=rgx2+1")),
        lambda row: row["region"] not in {"north", "=rgx2+1"},
    ),
    (RuleCondition(column="region", operator=Operator.IS_NULL), lambda row: row["region"] is None),
    (
        RuleCondition(column="owner", operator=Operator.EQ, values=("{user.email}",)),
        lambda row: row["owner"] == row["reader"],
    ),
    (
        RuleCondition(column="amount", operator=Operator.GT, values=(1_500,)),
        lambda row: row["amount"] is not None and row["amount"] > 1_500,
    ),
    (RuleCondition(column="paid", operator=Operator.EQ, values=("true",)), lambda row: row["paid"] is True),
    (
        RuleCondition(column="day", operator=Operator.GTE, values=("2026-03-01",)),
        lambda row: row["day"] >= date(2026, 3, 1),
    ),
    (RuleCondition(column="gone", operator=Operator.EQ, values=("x",)), lambda _: False),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn: the cells of each row, the rules (role → conditions, hidden columns), and the reader's roles."""

    cells: tuple[tuple[int, int | None, bool | None, bool, int], ...]
    rules: dict[str, tuple[tuple[int, ...], frozenset[str]]]
    roles: frozenset[str]


_CELLS = st.tuples(
    st.integers(0, len(REGIONS) - 1),
    st.one_of(st.none(), st.integers(1, 3_000)),
    st.sampled_from((True, False, None)),
    st.booleans(),
    st.integers(0, 120),
)
_MOSTLY: Final = (*range(len(CONDITIONS) - 1), *range(len(CONDITIONS)))
"""Conditions by number; the one on a column that is gone, which shows nothing, comes up less often."""
_RULE = st.tuples(
    st.lists(st.sampled_from(_MOSTLY), max_size=1).map(tuple), st.frozensets(st.sampled_from(HIDEABLE), max_size=2)
)
DRAWN: Final = st.builds(
    Drawn,
    cells=st.lists(_CELLS, min_size=6, max_size=24).map(tuple),
    rules=st.dictionaries(st.sampled_from(ROLES), _RULE, min_size=1, max_size=4),
    roles=st.frozensets(st.sampled_from(ROLES), min_size=2),
)


@dataclass(frozen=True, slots=True)
class Team:
    """Who stores the tables, and who reads them: a member whose stored roles are those of each world."""

    owner: Actor
    member: Actor


@dataclass(frozen=True, slots=True)
class World:
    """A stored table, its owner and a reader of it.

    Attributes:
        rows: Everything that is stored.
        visible: The rows that the reader may see, with nothing in the cells that are hidden in that row.
        hidden: Columns that the reader sees in no row.
        is_denied: No rule shows the reader anything.
        job_id: Of the ingestion that brought the table in.
    """

    dataset_id: UUID
    job_id: UUID
    owner: Actor
    reader: Actor
    rows: tuple[Row, ...]
    visible: tuple[Row, ...]
    hidden: frozenset[str]
    is_denied: bool
    open_tokens: frozenset[bytes] = field(default=frozenset())

    @property
    def member_id(self) -> UUID:
        """Return the reader's user id."""
        assert self.reader.user_id is not None
        return self.reader.user_id

    def leaked(self, shown: bytes, *, asked: bytes = b"") -> set[bytes]:
        """Return the marks in ``shown`` that the reader may not see; what he wrote himself is no secret."""
        return set(_TOKEN.findall(shown)) - self.open_tokens - set(_TOKEN.findall(asked))


async def made(drawn: Drawn, owner: Actor, member: Actor) -> World:
    """Store the drawn table and rules in the owner's tenant. The reader is the member, with the drawn roles."""
    rows = rows_of(drawn, member)
    return await stored(drawn, rows, rows, owner, member)


def rows_of(drawn: Drawn, member: Actor) -> tuple[Row, ...]:
    """Return the drawn rows, with marks that no other table has."""
    label = new_id().hex[-12:]
    return tuple(_row(label, number, cells, member) for number, cells in enumerate(drawn.cells))


async def stored(drawn: Drawn, rows: tuple[Row, ...], kept: tuple[Row, ...], owner: Actor, member: Actor) -> World:
    """Store those rows that are ``kept`` under the drawn rules; the world knows all ``rows``, to ask about them."""
    rules = tuple(
        RowRule(
            role=role,
            conditions=tuple(CONDITIONS[one][0] for one in chosen),
            hidden_columns=tuple(sorted(hidden)),
        )
        for role, (chosen, hidden) in drawn.rules.items()
    )
    dataset_id, job_id = await _store(owner, kept, rules)
    async with transaction(owner) as session:
        await session.execute(
            update(Membership)
            .where(col(Membership.tenant_id) == owner.tenant_id, col(Membership.user_id) == member.user_id)
            .values(roles=sorted(drawn.roles))
        )
    held = held_rules(drawn)
    visible = tuple(seen(row, held) for row in kept if showing(row, held))
    tokens = (row[name] for row in visible for name in ("mark", "secret"))
    return World(
        dataset_id=dataset_id,
        job_id=job_id,
        owner=owner,
        reader=replace(member, roles=drawn.roles, permissions=permissions_of(["analyst"])),
        rows=rows,
        visible=visible,
        hidden=frozenset.intersection(*(hidden for _, hidden in held)) - {"gone"} if held else frozenset(),
        is_denied=not held,
        open_tokens=frozenset(one.encode() for one in tokens if one is not None),
    )


def held_rules(drawn: Drawn) -> list[tuple[tuple[int, ...], frozenset[str]]]:
    """Return the rules of the reader's roles."""
    return [drawn.rules[role] for role in sorted(drawn.roles & drawn.rules.keys())]


def _row(label: str, number: int, cells: tuple[int, int | None, bool | None, bool, int], member: Actor) -> Row:
    region, amount, paid, is_mine, days = cells
    day = date(2026, 1, 15) + timedelta(days=days)
    return {
        "id": number,
        "mark": f"mk{label}n{number:03d}",
        "secret": f"sx{label}n{number:03d}",
        "region": REGIONS[region],
        "owner": member.label if is_mine else "somebody@example.org",
        "amount": amount,
        "day": day,
        "at": datetime(day.year, day.month, day.day, number % 24, tzinfo=UTC),
        "paid": paid,
        "lat": 40.0 + number % 20 + 0.5,
        "lon": 10.0 + number % 30 + 0.25,
        "reader": member.label,
    }


def showing(row: Row, held: list[tuple[tuple[int, ...], frozenset[str]]]) -> list[frozenset[str]]:
    """Return what each rule that shows the row hides of it; a rule that hides a column not there shows none."""
    return [
        hidden for chosen, hidden in held if "gone" not in hidden and all(CONDITIONS[one][1](row) for one in chosen)
    ]


def seen(row: Row, held: list[tuple[tuple[int, ...], frozenset[str]]]) -> Row:
    lost = frozenset.intersection(*showing(row, held))
    return {name: None if name in lost else row[name] for name in TYPES}


async def _store(owner: Actor, rows: tuple[Row, ...], rules: tuple[RowRule, ...]) -> tuple[UUID, UUID]:
    dataset = Dataset(
        tenant_id=owner.tenant_id,
        name="Orders",
        kind="upload",
        state="ready",
        version=1,
        rows=len(rows),
        size_bytes=4_096 + len(rows),
        columns=len(TYPES),
        catalogue=_proposed(rows).model_dump(mode="json"),
        data_as_of=AS_OF,
    )
    job_id = new_id()
    key = f"tenants/{owner.tenant_id}/datasets/{dataset.id}/v1.parquet"
    with tempfile.TemporaryDirectory() as folder:
        size = await get_files().put_file(key, _written(Path(folder) / "orders.parquet", rows))
    async with transaction(owner) as session:
        session.add(dataset)
        await session.flush()
        session.add(_version(owner, dataset.id, key, size, rows))
        session.add(
            Ingestion(
                tenant_id=owner.tenant_id,
                dataset_id=dataset.id,
                number=1,
                job_id=job_id,
                file_name="orders.csv",
                size_bytes=size,
                rows=len(rows),
                rejected=len(rows),
            )
        )
        session.add_all(
            DatasetRule(
                tenant_id=owner.tenant_id, dataset_id=dataset.id, role=one.role, rule=one.model_dump(mode="json")
            )
            for one in rules
        )
    return dataset.id, job_id


def _proposed(rows: tuple[Row, ...]) -> Catalogue:
    """Return the catalogue as ingestion proposes it: with values from the rows."""
    dimensions = tuple(
        one.model_copy(update={"values": _values(one.column, rows), "distinct": len(_values(one.column, rows))})
        for one in CATALOGUE.dimensions
    )
    return CATALOGUE.model_copy(update={"dimensions": dimensions})


def _values(name: str, rows: tuple[Row, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(row[name]) for row in rows if row[name] is not None))


def _version(owner: Actor, dataset_id: UUID, key: str, size: int, rows: tuple[Row, ...]) -> DatasetVersion:
    columns = tuple(_profiled(name, rows) for name in TYPES)
    fields = [
        ColumnView(name=name, original=name, type=kind, stored_as=stored).model_dump(mode="json")
        for name, (kind, stored) in TYPES.items()
    ]
    return DatasetVersion(
        tenant_id=owner.tenant_id,
        dataset_id=dataset_id,
        number=1,
        file_key=key,
        source="orders.csv",
        rows=len(rows),
        rejected=len(rows),
        size_bytes=size,
        sha256=f"{len(rows):064d}",
        fields=fields,
        profile=Profile(rows=len(rows), columns=columns).model_dump(mode="json"),
        changes=[],
        data_as_of=AS_OF,
    )


def _profiled(name: str, rows: tuple[Row, ...]) -> ColumnProfile:
    """Return a profile as ingestion writes them: with ends and examples from the rows."""
    texts = [str(row[name]) for row in rows if row[name] is not None]
    return ColumnProfile(
        name=name,
        type=TYPES[name][0],
        nulls=len(rows) - len(texts),
        null_share=1 - len(texts) / len(rows) if rows else 0.0,
        distinct=len(set(texts)),
        distinct_exact=True,
        minimum=min(texts, default=None),
        maximum=max(texts, default=None),
        examples=tuple(texts[:20]),
    )


def _written(path: Path, rows: tuple[Row, ...]) -> Path:
    fields = ", ".join(f'"{name}" {stored}' for name, (_, stored) in TYPES.items())
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE orders ({fields})")
        marks = ", ".join("?" for _ in TYPES)
        if rows:
            connection.executemany(f"INSERT INTO orders VALUES ({marks})", [[row[n] for n in TYPES] for row in rows])  # noqa: S608
        connection.execute(f"COPY orders TO '{path}' (FORMAT parquet)")
    return path


def value_of(row: Row, name: str) -> Scalar | None:
    """Return a cell as answers write it."""
    value = row[name]
    return value.isoformat() if isinstance(value, date) else value

"""What an incremental copy reads, worked out without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.connections.errors import CursorColumnError
from backend_services.datasets.connections.incremental import (
    Kept,
    Plan,
    Reason,
    Value,
    before,
    greatest,
    parsed,
    plan_of,
    signature_of,
    written,
)
from backend_services.datasets.connections.ports import RemoteColumn
from backend_services.datasets.connections.schedule import EveryHours, checked, next_after
from backend_services.kernel.schedule import Daily, ScheduleInvalidError

ID = RemoteColumn(name="id", native="integer", type=FieldType.INTEGER, stored_as="BIGINT")
AT = RemoteColumn(name="at", native="timestamptz", type=FieldType.DATETIME, stored_as="TIMESTAMPTZ")
CITY = RemoteColumn(name="city", native="text", type=FieldType.TEXT, stored_as="VARCHAR")
COLUMNS = (ID, AT, CITY)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _plan(kept: Kept | None, *, cursor: str = "id", overlap: int = 0, has_version: bool = True) -> Plan:
    return plan_of(COLUMNS, cursor_column=cursor, overlap=overlap, kept=kept, has_version=has_version)


def _kept(*, cursor: str = "id", watermark: str | None = "7", columns: tuple[RemoteColumn, ...] = COLUMNS) -> Kept:
    return Kept(cursor_column=cursor, watermark=watermark, signature=signature_of(columns), file_key="key")


def test_it_begins_at_the_watermark_less_the_overlap() -> None:
    plan = _plan(_kept(), overlap=3)
    assert plan.since is not None
    assert (plan.since.column, plan.since.value, plan.reason) == (ID, 4, Reason.NONE)
    plan = _plan(_kept(cursor="at", watermark=str(NOON)), cursor="at", overlap=3600)
    assert plan.since is not None
    assert plan.since.value == NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("kept", "has_version", "reason"),
    [
        (None, False, Reason.FIRST),
        (None, True, Reason.VERSION_REPLACED),
        (_kept(watermark=None), True, Reason.FIRST),
        (_kept(cursor="at"), True, Reason.FIRST),
        (_kept(columns=(ID, AT)), True, Reason.COLUMNS_CHANGED),
        (_kept(columns=(AT, ID, CITY)), True, Reason.COLUMNS_CHANGED),
    ],
)
def test_everything_is_read_where_there_is_nothing_to_go_on_from(
    *, kept: Kept | None, has_version: bool, reason: Reason
) -> None:
    plan = _plan(kept, has_version=has_version)
    assert (plan.since, plan.kept, plan.reason, plan.cursor) == (None, None, reason, ID)


@pytest.mark.parametrize("cursor", ["city", "nothing", ""])
def test_a_column_that_cannot_tell_is_refused(cursor: str) -> None:
    with pytest.raises(CursorColumnError):
        _plan(_kept(), cursor=cursor)


@pytest.mark.parametrize(
    ("value", "overlap", "start"),
    [
        (10, 3, 7),
        (date(2026, 3, 1), 0, date(2026, 3, 1)),
        (date(2026, 3, 1), 1, date(2026, 2, 28)),
        (date(2026, 3, 1), 86_401, date(2026, 2, 27)),
        (NOON, 60, NOON - timedelta(minutes=1)),
        (date(1, 1, 3), 10**9, date(1, 1, 2)),
        (NOON, 10**12, NOON.replace(year=1, month=1, day=2)),
    ],
)
def test_before(value: Value, overlap: int, start: Value) -> None:
    assert before(value, overlap) == start


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (12, FieldType.INTEGER),
        (2**63 + 5, FieldType.INTEGER),
        (date(2026, 3, 1), FieldType.DATE),
        (NOON, FieldType.DATETIME),
        (NOON.replace(tzinfo=None, microsecond=5), FieldType.DATETIME),
    ],
)
def test_a_watermark_survives_being_written(value: Value, kind: FieldType) -> None:
    text = written(value)
    assert text is not None
    assert parsed(text, kind) == value


def test_the_greatest_never_falls_and_nothing_counts_as_nothing() -> None:
    assert greatest([None, 3, 2], than=None) == 3
    assert greatest([1], than=9) == 9
    assert greatest([None], than=None) is None


def test_every_few_hours_counts_from_when_it_was_due() -> None:
    assert next_after(EveryHours(hours=6), "UTC", NOON) == NOON + timedelta(hours=6)
    assert next_after(Daily(at="07:00"), "Europe/Ljubljana", NOON) == datetime(2026, 3, 2, 6, tzinfo=UTC)
    with pytest.raises(ScheduleInvalidError):
        checked(EveryHours(), "Mars/Base", at=NOON)

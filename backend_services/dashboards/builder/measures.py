"""Which measure a word and an aggregation come to. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import vocabulary
from backend_services.dashboards.builder.normalise import fold, words_of
from backend_services.datasets.catalogue import PER, ROW_COUNT, Aggregation, Grain, UnitKind

if TYPE_CHECKING:
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.retrieve import Candidate, Mention
    from backend_services.datasets.catalogue import Catalogue, Measure

COUNTS: Final = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT})
CLOSE: Final = 0.045
_UNSURE: Final = 0.2
_WHOLE_NAME: Final = 0.8
_LEAST_COUNTED: Final = 0.1
_AMOUNT: Final = words_of("amount value znesek vrednost")


def close_candidates(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return the best candidate and those of other fields or values that are as good."""
    if not candidates:
        return ()
    best = candidates[0].score
    close = CLOSE if best >= _WHOLE_NAME or candidates[0].kind != "measure" else _UNSURE
    return tuple(one for one in candidates if best - one.score <= close)


def alike_amounts(catalogue: Catalogue, best: Candidate, said: Token | None) -> tuple[Candidate, ...]:
    """Return every measure that a bare "amount" may be: of the same unit, where none of them is called so itself."""
    measure = next((one for one in catalogue.measures if one.id == best.field_id), None)
    if said is None or said.keys.isdisjoint(_AMOUNT) or measure is None or best.via == "person":
        return ()
    alike = [
        one
        for one in catalogue.measures
        if not one.hidden and one.aggregation is measure.aggregation and one.unit == measure.unit and one.column
    ]
    named = any(not _AMOUNT.isdisjoint(words_in(one)) for one in alike)
    return () if named or len(alike) == 1 else tuple(replace(best, field_id=one.id) for one in alike)


def words_in(measure: Measure) -> frozenset[str]:
    """Return the words of a measure's own name."""
    words = fold(f"{measure.id} {measure.label.en} {measure.label.sl}").replace("_", " ").split()
    return frozenset((*words, *(full for word in words for full in vocabulary.spelled_out(word))))


def same_column(catalogue: Catalogue, candidates: tuple[Candidate, ...]) -> bool:
    """Return whether the candidates fold one and the same column."""
    columns = {
        (measure.column or measure.id) for one in candidates if (measure := catalogue.measure(one.field_id)) is not None
    }
    return len(columns) == 1


def row_count(catalogue: Catalogue) -> str:
    """Return the measure that counts rows: the catalogue's own, or the derived one."""
    own = next(
        (one.id for one in catalogue.measures if one.aggregation is Aggregation.COUNT and one.column is None), None
    )
    return own or ROW_COUNT


def folded_as(catalogue: Catalogue, field_id: str, asked: Aggregation) -> str:
    """Return the measure that folds the column of ``field_id`` as ``asked``; the field itself where it does not fit."""
    measure = next((one for one in catalogue.measures if one.id == field_id), None)
    if measure is None:
        return f"{field_id}__{asked}" if catalogue.measure(f"{field_id}__{asked}") else field_id
    if measure.aggregation is Aggregation.LAST and asked is Aggregation.SUM:
        return field_id  # "total population" adds up countries, never years
    if measure.aggregation is asked or (measure.aggregation in COUNTS and asked in COUNTS | {Aggregation.SUM}):
        return field_id
    if measure.aggregation is Aggregation.RATIO or measure.column is None:
        return field_id
    if measure.aggregation in COUNTS:
        return field_id
    sibling = next(
        (
            one.id
            for one in catalogue.measures
            if one.column == measure.column and one.aggregation is asked and not one.hidden
        ),
        None,
    )
    return sibling or f"{field_id}__{asked}"


def counted(catalogue: Catalogue, mention: Mention, *, distinct: bool) -> tuple[Candidate, ...] | str | None:
    """Return what "number of <mention>" means: candidates for a measure, a derived measure's id, or ``None``."""
    best = mention.candidates[0].score
    counting = tuple(
        one
        for one in mention.of_kind("measure")
        if best - one.score <= _LEAST_COUNTED
        and (measure := catalogue.measure(one.field_id)) is not None
        and measure.aggregation in (COUNTS if not distinct else {Aggregation.COUNT_DISTINCT})
    )
    if counting:
        return counting
    dimension = next(iter(mention.of_kind("dimension")), None)
    if dimension is not None and best - dimension.score <= _LEAST_COUNTED:
        column = next((one for one in catalogue.dimensions if one.id == dimension.field_id), None)
        own = next(
            (
                one.id
                for one in catalogue.measures
                if column is not None and one.column == column.column and one.aggregation is Aggregation.COUNT_DISTINCT
            ),
            None,
        )
        return own or f"{dimension.field_id}__count_distinct"
    return mention.of_kind("measure") or None


def default_measure(catalogue: Catalogue) -> str:
    """Return what is meant when no measure is named."""
    if catalogue.default_measure and catalogue.measure(catalogue.default_measure):
        return catalogue.default_measure
    return row_count(catalogue)


def ranked_by(catalogue: Catalogue) -> str:
    """Return what things are put in order by when no measure is named: money, or how many rows they have."""
    chosen = catalogue.measure(default_measure(catalogue))
    is_money = chosen is not None and chosen.unit.kind is UnitKind.CURRENCY
    return chosen.id if chosen is not None and is_money else row_count(catalogue)


def only_number(catalogue: Catalogue) -> str | None:
    """Return the one measure that is no count, where there is no other."""
    found = [one.id for one in catalogue.measures if not one.hidden and one.column and one.aggregation not in COUNTS]
    return found[0] if len(found) == 1 else None


def ratio_of(catalogue: Catalogue, above: str, below: str) -> str | None:
    """Return the derived ratio of two measures, or ``None`` where it cannot be built."""
    field_id = f"{above}{PER}{below}"
    return field_id if len(field_id) <= 63 and catalogue.measure(field_id) else None  # noqa: PLR2004 - FieldId's bound


def money_measure(catalogue: Catalogue) -> Measure | None:
    """Return the measure that "over 100 euros" speaks of: the only currency, or the default if it is one."""
    money = [one for one in catalogue.measures if one.unit.kind is UnitKind.CURRENCY and not one.hidden]
    default = next((one for one in money if one.id == catalogue.default_measure), None)
    return default or (money[0] if money else None)


def is_sold(catalogue: Catalogue) -> bool:
    """Return whether there is money that comes in."""
    money = money_measure(catalogue)
    return money is not None and money.unit.kind is UnitKind.CURRENCY


def finest_grain(catalogue: Catalogue) -> Grain | None:
    """Return the finest grain of the default time."""
    time = catalogue.dimension(catalogue.default_time) if catalogue.default_time else None
    return time.grain if time else None

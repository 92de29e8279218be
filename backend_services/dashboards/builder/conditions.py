"""What numeric conditions test: rows, groups, or how many there are of a thing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import converting, durations, kinds, measures
from backend_services.dashboards.builder.comparisons import numeric_dimension
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.draft import Ambiguity
from backend_services.dashboards.builder.measures import words_in
from backend_services.dashboards.builder.normalise import words_of
from backend_services.dashboards.builder.unexplained import Unknown
from backend_services.datasets.catalogue import EACH, Aggregation, Filter, GroupBy

if TYPE_CHECKING:
    from backend_services.dashboards.builder.comparisons import Condition
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.dashboards.builder.retrieve import Mention

_OF_SINGLE: Final = ("longer", "shorter", "older", "younger", "dalj", "kraj", "starej", "mlaj")
_UNITS: Final = (
    (words_of("mile miles mi km kilometre kilometres kilometer kilometers milj milje kilometrov"),
     words_of("distance mileage razdalja")),
    (words_of("lb lbs pound pounds kg kilogram kilograms kilo kilogramov"), words_of("weight teza masa")),
)  # fmt: skip
"""Words of a unit → what numbers in it are called."""


def apply(parse: Parse, draft: Draft, found: list[Condition]) -> None:
    """Turn the conditions into filters of rows or of groups, now that the groups are known."""
    for condition in found:
        draft.understood += condition.last - condition.first
        field = _field(parse, draft, condition) or _each_row(parse, draft, condition)
        field = field or _of_listed(parse, draft, condition)
        values = _values(parse, condition, field[0]) if field is not None else None
        if field is None or values is None:
            words = " ".join(
                token.text for token in parse.tokens[condition.first : condition.last + (field is not None)]
            )
            draft.unknown.append(Unknown(words, "filter", condition.first, is_head=True))
            continue
        name, on_rows = field
        one = Filter(field=name, operator=condition.operator, values=values)
        if on_rows:
            draft.conditions.append(one)
            draft.compared.append((condition.first, one))
            continue
        draft.having.append(one)
        if name not in draft.measures:
            draft.measures.append(name)


def _values(parse: Parse, condition: Condition, name: str) -> tuple[int | float, ...] | None:
    """Return the numbers of a condition, lengths of time in the unit of the field; ``None`` where that is not known."""
    values: tuple[float, ...] | None = condition.values
    unit = parse.tokens[condition.last].folded if condition.last < len(parse.tokens) else ""
    seconds = durations.seconds_of(unit)
    if seconds is not None:
        half = durations.with_half(parse.tokens, condition.last)
        told = (*condition.values[:-1], condition.values[-1] + half)
        values = converting.in_unit_of(parse.index.catalogue, name, told, seconds)
    return values and tuple(int(value) if value.is_integer() else value for value in values)


def _field(parse: Parse, draft: Draft, condition: Condition) -> tuple[str, bool] | None:
    """Return the field a condition tests and whether it tests rows (else groups)."""
    catalogue = parse.index.catalogue
    if condition.counts and draft.groups:
        return measures.row_count(catalogue), False
    target = condition.target
    measured = _of_unit(parse, condition)
    if measured is not None:
        return _counting_rows(parse, draft, measured, measured)
    if target is not None and target.first in parse.punctual:
        return _of_delay(parse, draft, target)
    if target is not None and (condition.single or (draft.share and _is_plain_number(parse, target))):
        return _own_number(parse, draft, target)
    return _of_single_rows(parse, draft, condition) or _of_figures(parse, draft, condition)


def _of_unit(parse: Parse, condition: Condition) -> str | None:
    """Return the only number that is measured in the unit said, where no other is named: "flights over 1000 miles"."""
    after = parse.tokens[condition.last].folded if condition.last < len(parse.tokens) else ""
    wanted = next((words for units, words in _UNITS if after in units), None)
    named = condition.target is not None and condition.target.last - condition.target.first > 1
    if wanted is None or named or parse.mention_at(condition.last) is not None:
        return None
    fitting = [one for one in parse.index.catalogue.measures if not one.hidden and not words_in(one).isdisjoint(wanted)]
    return fitting[0].id if len(fitting) == 1 else None


def _of_figures(parse: Parse, draft: Draft, condition: Condition) -> tuple[str, bool] | None:
    """Test the measure that is named, or asked for where none is."""
    money = _money_meant(parse, condition)
    if money is not None:
        return _of_measure(parse, draft, money)
    if condition.target is None:
        return _of_what_is_asked(parse, draft)
    target = condition.target
    are_rows = kinds.is_amount_of_rows(parse, target) or kinds.is_total_of_rows(parse, target)
    if are_rows and target.first < condition.first:
        return _own_number(parse, draft, target)  # "total of bills over 30 by sex"
    return _of_target(parse, draft, target)


def _of_what_is_asked(parse: Parse, draft: Draft) -> tuple[str, bool] | None:
    """Test the measure asked for; where rows are counted, or nothing is asked, the only number that there is."""
    catalogue, rows = parse.index.catalogue, measures.row_count(parse.index.catalogue)
    only = measures.only_number(catalogue) or _called_like_rows(parse)
    if only is not None and draft.measures in ([], [rows]) and not draft.groups:
        return f"{only}{EACH}", True
    return _of_measure(parse, draft, draft.measures[0]) if draft.measures else None


def _called_like_rows(parse: Parse) -> str | None:
    """Return the number that the rows are called after: the ``tip`` of "tips greater than 5"."""
    said = [token for token in parse.tokens if token.position in parse.subjects]
    hits = [one for token in said for one in parse.index.matching(token) if one.kind == "measure"]
    found = {one.field_id for one in hits if len(one.phrase.words) == 1}
    return found.pop() if len(found) == 1 else None


def _money_meant(parse: Parse, condition: Condition) -> str | None:
    """Return the measure that "over 100 euros" is about where nothing else in money is named."""
    catalogue = parse.index.catalogue
    money = measures.money_measure(catalogue) if condition.money else None
    if money is None:
        return None
    candidates = condition.target.of_kind("measure") if condition.target is not None else ()
    named = any((one := catalogue.measure(each.field_id)) is not None and one.unit == money.unit for each in candidates)
    return None if named else money.id


def _of_target(parse: Parse, draft: Draft, target: Mention) -> tuple[str, bool] | None:
    """Return the field that the named thing is: a measure, a number of each row, or how many there are of it."""
    catalogue = parse.index.catalogue
    numeric = numeric_dimension(parse, target)
    best = next(iter(target.of_kind("measure")), None)
    if best is not None and kinds.is_amount_of_rows(parse, target):
        return (measures.row_count(catalogue), False) if draft.groups else None
    if best is not None and (numeric is None or best.score >= numeric.score):
        draft.asked.setdefault(best.field_id, target.text)
        return _of_measure(parse, draft, _asked_folding(parse, target, best.field_id))
    if numeric is not None:
        draft.asked.setdefault(numeric.field_id, target.text)
        return numeric.field_id, True
    best_dimension = catalogue.dimension(target.candidates[0].field_id)
    dated = best_dimension is not None and best_dimension.type.is_time  # nobody counts the dates of loans
    counted = None if dated else measures.counted(catalogue, target, distinct=True)
    return _of_measure(parse, draft, counted) if isinstance(counted, str) else None


def _own_number(parse: Parse, draft: Draft, target: Mention) -> tuple[str, bool] | None:
    """Return the number that each row has."""
    dimension, best = numeric_dimension(parse, target), next(iter(target.of_kind("measure")), None)
    name = dimension.field_id if dimension is not None else f"{best.field_id}{EACH}" if best is not None else ""
    if parse.index.catalogue.dimension(name) is None:
        return None
    draft.asked.setdefault(name, target.text)
    return name, True


def _of_delay(parse: Parse, draft: Draft, target: Mention) -> tuple[str, bool] | None:
    """Test the delay of each row; the rows are counted where nothing else is asked for."""
    delays = target.of_kind("measure")
    if len(delays) > 1:
        draft.ambiguities.append(Ambiguity(target.text, "measure", delays))
    return _counting_rows(parse, draft, delays[0].field_id, target.text)


def _of_single_rows(parse: Parse, draft: Draft, condition: Condition) -> tuple[str, bool] | None:
    """Count the rows that meet a condition themselves: "orders over 200 euros by country", "patients older than 80"."""
    catalogue = parse.index.catalogue
    target = condition.target
    single = parse.tokens[condition.first].folded.startswith(_OF_SINGLE)
    if target is not None and single and target.of_kind("measure") and target.first >= condition.first:
        return _counting_rows(parse, draft, target.of_kind("measure")[0].field_id, target.text)
    before = parse.mention_at(condition.first - 1)
    if condition.money and draft.groups and before is not None and before.candidates[0].kind == "value":
        money = measures.money_measure(catalogue)  # "flats over 300,000 euros by district"
        return _counting_rows(parse, draft, money.id, before.text) if money is not None else None
    if target is not None and target.first >= condition.first and _counts_rows(parse, draft) and draft.groups:
        best = next(iter(target.of_kind("measure")), None)
        plain = best is not None and _is_plain_number(parse, target)
        return _counting_rows(parse, draft, best.field_id, target.text) if plain and best is not None else None
    if target is None or target.first >= condition.first:
        return None
    marks, _ = parse.lead(target.first)
    counted = any(one.cue is Cue.AGGREGATE and Aggregation(one.value) in measures.COUNTS for one in marks)
    folded = any(one.cue is Cue.AGGREGATE for one in marks) and not counted
    tested: str | None = None
    told = any(place < target.first for place in parse.subjects) or _counts_amounts(parse, target.first)
    told = told and not folded and bool(draft.groups)
    if target.of_kind("measure") and (told or (kinds.is_bearer(parse, target) and not folded)):
        tested = target.of_kind("measure")[0].field_id
    elif counted and not folded and _is_plain_number(parse, target):
        tested = target.of_kind("measure")[0].field_id  # "how many bills were over 30"
        draft.measures = [one for one in draft.measures if one != tested]
    elif condition.money and kinds.counts_rows(parse, target) and (draft.groups or counted):
        money = measures.money_measure(catalogue)
        tested = money.id if money is not None else None
    return _counting_rows(parse, draft, tested, target.text) if tested is not None else None


def _counts_rows(parse: Parse, draft: Draft) -> bool:
    """Return whether the rows are counted by their name: "how many cars with more than 4 cylinders by origin"."""
    counted = any(one.value == Aggregation.COUNT and one.last in parse.rows for one in parse.having(Cue.AGGREGATE))
    return counted and draft.measures == [measures.row_count(parse.index.catalogue)]


def _counts_amounts(parse: Parse, place: int) -> bool:
    """Return whether rows are counted before ``place`` by the name of their amount: "how many bills have a tip …"."""
    counting = [one for one in parse.having(Cue.AGGREGATE) if one.value == Aggregation.COUNT and one.last < place]
    counted = [mention for one in counting if (mention := parse.mention_at(one.last)) is not None]
    return any(kinds.is_amount_of_rows(parse, one) for one in counted if one.first < place)


def _is_plain_number(parse: Parse, target: Mention) -> bool:
    best = next(iter(target.of_kind("measure")), None)
    measure = parse.index.catalogue.measure(best.field_id) if best is not None else None
    return measure is not None and measure.aggregation not in measures.COUNTS | {Aggregation.RATIO}


def _counting_rows(parse: Parse, draft: Draft, tested: str, text: str) -> tuple[str, bool] | None:
    catalogue = parse.index.catalogue
    if catalogue.dimension(f"{tested}{EACH}") is None:
        return None
    if not draft.measures:
        draft.measures.append(measures.row_count(catalogue))
    draft.asked.setdefault(tested, text)
    draft.listing = False
    return f"{tested}{EACH}", True


def _each_row(parse: Parse, draft: Draft, condition: Condition) -> tuple[str, bool] | None:
    """Test each row by its identifier where the rows are named: "orders over 500 euros"."""
    catalogue = parse.index.catalogue
    money = measures.money_measure(catalogue) if condition.money else None
    rows = measures.row_count(catalogue)
    if money is None or draft.groups or any(one != rows for one in draft.measures):
        return None
    for mention in parse.mentions:
        for one in mention.of_kind("dimension"):
            dimension = catalogue.dimension(one.field_id)
            named = any(other.field_id == rows for other in mention.of_kind("measure"))
            if named and dimension is not None and not dimension.type.is_time and not dimension.values:
                draft.groups.append(GroupBy(field=dimension.id))
                draft.measures, draft.listing = [], False
                return money.id, False
    return None


def _of_listed(parse: Parse, draft: Draft, condition: Condition) -> tuple[str, bool] | None:
    """Test each row where rows are listed: "cars with horsepower between 100 and 150"."""
    best = next(iter(condition.target.of_kind("measure")), None) if condition.target is not None else None
    name = f"{best.field_id}{EACH}" if best is not None else ""
    if not draft.listing or draft.groups or parse.index.catalogue.dimension(name) is None:
        return None
    draft.asked.setdefault(name, condition.target.text if condition.target is not None else "")
    return name, True


def _asked_folding(parse: Parse, target: Mention, field_id: str) -> str:
    marks, _ = parse.lead(target.first)
    asked = next((mark for mark in marks if mark.cue is Cue.AGGREGATE), None)
    return measures.folded_as(parse.index.catalogue, field_id, Aggregation(asked.value)) if asked else field_id


def _of_measure(parse: Parse, draft: Draft, field_id: str) -> tuple[str, bool] | None:
    """Test groups where there are any; else the rows, if a number of the rows is the measure's column."""
    catalogue = parse.index.catalogue
    measure = catalogue.measure(field_id)
    if measure is None:
        return None
    column = next(
        (one for one in catalogue.dimensions if one.column == measure.column and one.type.is_number and not one.hidden),
        None,
    )
    counting = measure.aggregation in measures.COUNTS or measure.aggregation is Aggregation.RATIO
    rows_asked = draft.measures == [measures.row_count(catalogue)] and any(
        one.value in measures.COUNTS for one in parse.having(Cue.AGGREGATE)
    )
    if column is None and rows_asked and not draft.groups and catalogue.dimension(f"{field_id}{EACH}") is not None:
        return f"{field_id}{EACH}", True
    if column is not None and not counting and not draft.groups:
        return column.id, True
    beside = bool(draft.measures) and field_id not in draft.measures and not draft.groups
    if column is None and beside and catalogue.dimension(f"{field_id}{EACH}") is not None:
        return f"{field_id}{EACH}", True  # "average consumption of cars with less than 80 horsepower"
    return (field_id, False) if draft.groups else None

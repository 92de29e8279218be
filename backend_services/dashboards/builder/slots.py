"""Decides what each named thing is for: measure, group, filter. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import kinds, measures
from backend_services.dashboards.builder.cues import Cue, Mark
from backend_services.dashboards.builder.draft import Ambiguity, Draft
from backend_services.dashboards.builder.lexicon import AND, FILTER_WORDS
from backend_services.dashboards.builder.normalise import words_of
from backend_services.dashboards.builder.retrieve import Candidate, Mention
from backend_services.datasets.catalogue import EACH, Aggregation, FieldType, GroupBy

if TYPE_CHECKING:
    from backend_services.dashboards.builder.draft import Slot
    from backend_services.dashboards.builder.reading import Parse

_ENTITY: Final = frozenset({Cue.BY, Cue.WHICH, Cue.TOP, Cue.BOTTOM, Cue.LISTING})
_NEARLY: Final = 0.12
_PER: Final = words_of("per na")
_IS: Final = words_of("is equals are = je so v")
_DECIDING: Final = frozenset(
    {Cue.AGGREGATE, Cue.BY, Cue.WHICH, Cue.TOP, Cue.BOTTOM, Cue.NEGATION, Cue.LISTING, Cue.SHARE}
)


@dataclass(slots=True)
class Slots:
    """Walks over the mentions of a question and fills a draft.

    Attributes:
        roles: Place of a mention → the cue that decided it, for what follows an "and".
        singular: Place of a measure under a superlative without a thing to order.
    """

    parse: Parse
    draft: Draft
    roles: dict[int, Mark | None] = field(default_factory=dict)
    entities: list[tuple[Mention, str]] = field(default_factory=list)
    loose: list[tuple[Mention, str]] = field(default_factory=list)
    measured: list[tuple[int, str]] = field(default_factory=list)

    @property
    def deciding(self) -> list[Mark]:
        """Return the cues that decided a mention."""
        return [one for one in self.roles.values() if one is not None]

    def fill(self, skip: set[int]) -> None:
        """Decide every mention whose place is not in ``skip``."""
        for mention in self.parse.mentions:
            if mention.first not in skip:
                self._decide(mention)

    def _decide(self, mention: Mention) -> None:
        marks, joined = self.parse.lead(mention.first)
        decisive = self.roles[mention.first] = self._deciding(mention, marks, joined)
        value = next(iter(mention.of_kind("value")), None)
        group = next(iter(mention.of_kind("dimension")), None)
        measure = next(iter(mention.of_kind("measure")), None)
        cue = decisive.cue if decisive else None
        averaged = cue is Cue.AGGREGATE and any(mark.value == Aggregation.AVG for mark in marks)
        taken = self._is_counted(mention, group, cue) or self._is_which_number(mention, marks)
        if taken or self._is_grouped_number(mention, marks):
            return
        if cue is Cue.AGGREGATE and decisive is not None:
            self._aggregated(mention, Aggregation(decisive.value), averaged=averaged)
        elif group is not None and self._names_a_value(mention, {group.field_id}, near=cue is Cue.BY):
            self.draft.understood += mention.last - mention.first
        elif (
            value is not None
            and self._is_condition(mention, value, measure, cue)
            and (group is None or cue not in _ENTITY)
        ):
            self._filtered(mention, negated=any(mark.cue is Cue.NEGATION for mark in (decisive, *marks) if mark))
        elif group is not None and self._is_entity(mention, group, measure, cue):
            self._grouped(mention, entity=cue is not Cue.BY)
        elif self._is_who(mention, measure, decisive):
            self.draft.understood += mention.last - mention.first
        elif group is not None and (measure is None or group.score > measure.score or self._tells_rows(mention, group)):
            self._plain_dimension(mention, negated=cue is Cue.NEGATION)
        elif measure is not None:
            self._measured(mention, mention.of_kind("measure"), None)
        elif value is not None:
            self._filtered(mention, negated=cue is Cue.NEGATION)

    def _deciding(self, mention: Mention, marks: list[Mark], joined: Mention | None) -> Mark | None:
        """Return the cue that decides a mention; what follows an "and" is decided by the same one."""
        decisive = next((mark for mark in marks if mark.cue in _DECIDING), None)
        before = self.parse.mention_at(mention.first - 1)
        if decisive is None and (joined is not None or before is not None):
            decisive = self.roles.get((joined or before or mention).first)
            decisive = decisive if joined is not None or (decisive and decisive.cue is Cue.NEGATION) else None
        return decisive

    def _is_counted(self, mention: Mention, group: Candidate | None, cue: Cue | None) -> bool:
        """Count rows where a mention only says what they are; return whether it does."""
        if cue in {None, Cue.AGGREGATE} and kinds.is_bearer(self.parse, mention):
            self._take_measure(mention, measures.row_count(self.parse.index.catalogue), mention.candidates[0])
            return True
        if cue is Cue.AGGREGATE and group is not None and self._names_a_value(mention, {group.field_id}, near=True):
            self.draft.understood += mention.last - mention.first  # "how often did alarm E22 occur"
            return True
        if cue is Cue.SHARE and (kinds.is_amount_of_rows(self.parse, mention) or self._is_compared_step(group)):
            self._take_measure(mention, measures.row_count(self.parse.index.catalogue), mention.candidates[0])
            return True
        if cue is Cue.BY and self._is_average_per_row(mention):
            self.draft.understood += mention.last - mention.first
            return True
        return False

    def _is_compared_step(self, group: Candidate | None) -> bool:
        """Return whether the steps in time are what a condition is told of: "share of months in which …"."""
        dimension = self.parse.index.catalogue.dimension(group.field_id) if group is not None else None
        return dimension is not None and dimension.type.is_time and bool(self.parse.having(Cue.COMPARE, Cue.BETWEEN))

    def _is_grouped_number(self, mention: Mention, marks: list[Mark]) -> bool:
        """Group by a number that is only known as a measure: "by cylinders", "by origin and number of cylinders"."""
        best = mention.candidates[0]
        each = f"{best.field_id}{EACH}"
        counts = [one for one in marks if one.cue is Cue.AGGREGATE and Aggregation(one.value) in measures.COUNTS]
        others = [one for one in marks if one not in counts]
        if best.kind != "measure" or self.parse.index.catalogue.dimension(each) is None:
            return False
        if self.parse.having(Cue.TOP, Cue.BOTTOM) or not self._is_other_measured(mention):
            return False  # "top 5 cities by revenue" are put in order
        first = min((one.first for one in marks), default=mention.first)
        before = self.parse.mention_at(first - 1)
        if [one.cue for one in others] == [Cue.BY]:
            quotient = self.parse.tokens[others[0].first].folded in _PER
            if quotient and not counts and before is not None and before.of_kind("measure"):
                return False  # "fuel cost per kilometre" is a quotient
        elif others or not (counts or self.parse.subjects) or not self._goes_on_grouping(first):
            return False
        self._add_group(each)
        self.roles[mention.first] = next(iter(others), None)
        self._took(mention, each, best)
        return True

    def _is_which_number(self, mention: Mention, marks: list[Mark]) -> bool:
        """Put a number's values in order: "which size has the highest average bill"."""
        best = mention.candidates[0]
        each = f"{best.field_id}{EACH}"
        asked = bool(marks) and marks[0].cue is Cue.WHICH and marks[0].last == mention.first
        known = best.kind == "measure" and self.parse.index.catalogue.dimension(each) is not None
        if not (asked and known and self._is_other_measured(mention)):
            return False
        self._add_group(each)
        self.entities.append((mention, each))
        self._took(mention, each, best)
        return True

    def _is_other_measured(self, mention: Mention) -> bool:
        """Return whether another measure is asked for, or the rows are counted."""
        others = (one for one in self.parse.mentions if one is not mention)
        return bool(self.parse.subjects) or any(one.of_kind("measure") for one in others)

    def _goes_on_grouping(self, place: int) -> bool:
        """Return whether an "and" before ``place`` joins to what is grouped by."""
        joins = place > 1 and self.parse.tokens[place - 1].folded in AND
        joined = self.parse.mention_at(place - 2) if joins else None
        role = self.roles.get(joined.first) if joined is not None else None
        return role is not None and role.cue is Cue.BY

    def _is_condition(self, mention: Mention, value: Candidate, measure: Candidate | None, cue: Cue | None) -> bool:
        """Return whether a value narrows the rows, rather than being a measure of the same name ("rain")."""
        if value.score < mention.candidates[0].score - 0.01:
            return False
        if measure is None or measure.score < value.score or cue is Cue.NEGATION:
            return True
        return mention.first > 0 and self.parse.tokens[mention.first - 1].folded in FILTER_WORDS

    def _is_who(self, mention: Mention, measure: Candidate | None, decisive: Mark | None) -> bool:
        """Return whether a countable thing only carries a value: "how many orders did business customers place"."""
        counted = self.parse.index.catalogue.measure(measure.field_id) if measure is not None else None
        before = self.parse.mention_at(mention.first - 1)
        return (
            decisive is None
            and counted is not None
            and counted.aggregation is Aggregation.COUNT_DISTINCT
            and bool(self.measured)
            and before is not None
            and before.candidates[0].kind == "value"
        )

    def _is_average_per_row(self, mention: Mention) -> bool:
        """Return whether "per order" only says again that an average is over the orders."""
        averages = [one for one in self.parse.having(Cue.AGGREGATE) if one.value == Aggregation.AVG]
        if not averages or not kinds.is_called_row(self.parse, mention):
            return False
        for place, (first, field_id) in enumerate(self.measured):
            folded = measures.folded_as(self.parse.index.catalogue, field_id, Aggregation.AVG)
            self.measured[place] = (first, folded)
            self.draft.measures = [folded if one == field_id else one for one in self.draft.measures]
            self.draft.asked.setdefault(folded, self.draft.asked.get(field_id, ""))
        return bool(self.measured)

    def _narrows(self, mention: Mention, group: Candidate) -> bool:
        """Return whether a yes/no column stands right before a measure: "the most billable hours"."""
        dimension = self.parse.index.catalogue.dimension(group.field_id)
        after = self.parse.mention_at(mention.last)
        is_answer = dimension is not None and dimension.type is FieldType.BOOLEAN
        measured = after is not None and bool(after.of_kind("measure"))
        return is_answer and (measured or bool(self.entities))  # "which products are returned most"

    def _tells_rows(self, mention: Mention, group: Candidate) -> bool:
        """Return whether a yes/no column stands right before the rows' name ("refunded orders")."""
        dimension = self.parse.index.catalogue.dimension(group.field_id)
        after = self.parse.mention_at(mention.last)
        return (
            dimension is not None
            and dimension.type is FieldType.BOOLEAN
            and group.score >= mention.candidates[0].score - _NEARLY
            and kinds.counts_rows(self.parse, after)
        )

    def _is_entity(self, mention: Mention, group: Candidate, measure: Candidate | None, cue: Cue | None) -> bool:
        """Return whether a dimension is what the answer has one line for."""
        if cue in {Cue.TOP, Cue.BOTTOM} and self._narrows(mention, group):
            return False
        if cue in {Cue.BY, Cue.LISTING}:
            ordered = self.parse.having(Cue.TOP, Cue.BOTTOM) or self._is_numeric(group.field_id)
            slack = 0.0 if cue is Cue.LISTING or ordered else _NEARLY  # "by customer" does not count customers
            return measure is None or group.score >= measure.score - slack
        if cue is Cue.WHICH:
            return group.score >= mention.candidates[0].score - _NEARLY
        if measure is None:
            return cue in _ENTITY
        if group.score < measure.score or self._is_numeric(group.field_id) or self.entities:
            return False
        followed = any(
            mark.first >= mention.last and mark.cue in {Cue.COMPARE, Cue.TOP, Cue.BOTTOM} for mark in self.parse.marks
        )
        return cue in _ENTITY or followed

    def _aggregated(self, mention: Mention, aggregation: Aggregation, *, averaged: bool) -> None:
        catalogue = self.parse.index.catalogue
        best = mention.candidates[0]
        named = next((one for one in mention.of_kind("dimension") if one.score >= best.score - _NEARLY), None)
        dimension = catalogue.dimension(named.field_id) if named is not None else None
        if aggregation is Aggregation.COUNT and dimension is not None and dimension.type is FieldType.BOOLEAN:
            self._plain_dimension(mention, negated=False)
            if not self.draft.measures:
                self.draft.measures.append(measures.row_count(catalogue))
            return
        if aggregation is Aggregation.COUNT and dimension is not None and dimension.type.is_time:
            self._take_measure(mention, measures.row_count(catalogue), best)  # the loans of "loan date"
            return
        if aggregation in measures.COUNTS:
            found = measures.counted(catalogue, mention, distinct=aggregation is Aggregation.COUNT_DISTINCT)
            if isinstance(found, str):
                self._take_measure(mention, found, best)
            elif found:
                self._measured(mention, found, Aggregation.AVG if averaged else None)
            else:
                self._filtered(mention, negated=False)
            return
        candidates = mention.of_kind("measure")
        if candidates and candidates[0].score >= best.score - _NEARLY:
            self._measured(mention, candidates, aggregation)
            return
        numeric = next((one for one in mention.of_kind("dimension") if self._is_numeric(one.field_id)), None)
        if numeric is not None:
            self._take_measure(mention, measures.folded_as(catalogue, numeric.field_id, aggregation), numeric)
        elif best.kind == "value":
            self._filtered(mention, negated=False)
        else:
            self._plain_dimension(mention, negated=False)

    def _measured(self, mention: Mention, candidates: tuple[Candidate, ...], asked: Aggregation | None) -> None:
        catalogue = self.parse.index.catalogue
        said = self.parse.tokens[mention.first] if mention.last - mention.first == 1 else None
        close = measures.alike_amounts(catalogue, candidates[0], said) or measures.close_candidates(candidates)
        if len(close) > 1 and not measures.same_column(catalogue, close):
            self._ambiguous(mention, "measure", close)
        chosen = close[0]
        if len(close) > 1 and asked is None:
            chosen = next((one for one in close if one.field_id == catalogue.default_measure), chosen)
        field_id = measures.folded_as(catalogue, chosen.field_id, asked) if asked else chosen.field_id
        self._take_measure(mention, field_id, chosen)

    def _take_measure(self, mention: Mention, field_id: str, candidate: Candidate) -> None:
        if field_id not in self.draft.measures:
            self.draft.measures.append(field_id)
        self.measured.append((mention.first, field_id))
        self._took(mention, field_id, candidate)

    def _filtered(self, mention: Mention, *, negated: bool) -> None:
        values = self._near_dimension(mention, measures.close_candidates(mention.of_kind("value")))
        if len({one.field_id for one in values}) > 1:
            self._ambiguous(mention, "value", values)
        chosen = values[0]
        target = self.draft.excluded if negated else self.draft.included
        wanted = target.setdefault(chosen.field_id, [])
        typed = self._typed(chosen)
        if typed not in wanted:
            wanted.append(typed)
        self._took(mention, chosen.field_id, chosen)

    def _typed(self, candidate: Candidate) -> str | int | float | bool:
        """Return the value as the column holds it."""
        dimension = self.parse.index.catalogue.dimension(candidate.field_id)
        value = candidate.value or ""
        match dimension.type if dimension else FieldType.TEXT:
            case FieldType.INTEGER:
                return int(value)
            case FieldType.DECIMAL:
                return float(value)
            case FieldType.BOOLEAN:
                return value.casefold() in {"true", "1", "yes"}
            case FieldType.TEXT | FieldType.DATE | FieldType.DATETIME:
                return value

    def _near_dimension(self, mention: Mention, values: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Keep the values of a dimension that is named beside them, or in the same "and" as an earlier value."""
        fields = {one.field_id for one in values}
        if len(fields) > 1:
            for other in self.parse.mentions:
                near = other.last in {mention.first, mention.first - 1} or other.first == mention.last
                named = [one for one in other.of_kind("dimension", "value") if one.field_id in fields] if near else []
                if named and other is not mention:
                    return tuple(one for one in values if one.field_id == named[0].field_id)
        return values

    def _grouped(self, mention: Mention, *, entity: bool) -> None:
        close = measures.close_candidates(mention.of_kind("dimension"))
        if len(close) > 1:
            self._ambiguous(mention, "dimension", close)
        self._add_group(close[0].field_id)
        if entity:
            self.entities.append((mention, close[0].field_id))
        self._took(mention, close[0].field_id, close[0])

    def _add_group(self, field_id: str) -> None:
        if all(one.field != field_id for one in self.draft.groups):
            self.draft.groups.append(GroupBy(field=field_id))

    def _plain_dimension(self, mention: Mention, *, negated: bool) -> None:
        """Place a dimension that no cue decides: an attribute of a value, a yes/no filter, or a group."""
        close = measures.close_candidates(mention.of_kind("dimension"))
        dimension = self.parse.index.catalogue.dimension(close[0].field_id)
        if dimension is not None and dimension.type is FieldType.BOOLEAN:
            if self.draft.included.get(dimension.id) == [negated]:
                del self.draft.included[dimension.id]
                self._add_group(dimension.id)  # "smokers vs non-smokers"
            else:
                self.draft.included[dimension.id] = [not negated]
            self._took(mention, dimension.id, close[0])
            return
        if self._names_a_value(mention, {one.field_id for one in close}):
            self.draft.understood += mention.last - mention.first
            return
        self.loose.append((mention, close[0].field_id))
        if len(close) > 1:
            self._ambiguous(mention, "dimension", close)
        self._took(mention, close[0].field_id, close[0])

    def _names_a_value(self, mention: Mention, fields: set[str], *, near: bool = False) -> bool:
        """Return whether a value of this very dimension stands beside it ("country Germany").

        ``near``: right beside it; else "is", "not" and the like may stand between.
        """
        tokens = self.parse.tokens
        reach = mention.last
        while not near and reach < len(tokens) and (tokens[reach].folded in _IS or self._is_negation(reach)):
            reach += 1
        for other in self.parse.mentions:
            beside = other.first in {mention.last, reach} or other.last == mention.first
            if other is not mention and beside and any(one.field_id in fields for one in other.of_kind("value")):
                return True
        return False

    def _is_negation(self, place: int) -> bool:
        mark = self.parse.mark_at(place)
        return mark is not None and mark.cue is Cue.NEGATION

    def _is_numeric(self, field_id: str) -> bool:
        dimension = self.parse.index.catalogue.dimension(field_id)
        return dimension is not None and dimension.type.is_number

    def _ambiguous(self, mention: Mention, slot: Slot, candidates: tuple[Candidate, ...]) -> None:
        self.draft.ambiguities.append(Ambiguity(mention.text, slot, candidates))

    def _took(self, mention: Mention, field_id: str, candidate: Candidate) -> None:
        self.draft.asked.setdefault(field_id, mention.text)
        self.draft.scores.append(candidate.score)
        self.draft.via.add(candidate.via)
        self.draft.understood += mention.last - mention.first

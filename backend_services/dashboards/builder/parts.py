"""How much of the whole meets conditions: "percent of bills over 25", "share of flights from JFK". Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.lexicon import AND
from backend_services.dashboards.builder.normalise import words_of
from backend_services.datasets.catalogue import FieldType, Filter, Operator
from backend_services.datasets.lexicon import concept_of
from backend_services.datasets.query.part import PARTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.datasets.catalogue import Catalogue, Scalar

_TELLS: Final = words_of(
    "is are was were be been has have had having that which who whose je so bil bila bilo bili bile ima imajo imel"
    " imela imelo imeli ki go goes went come comes came fly flies flew land landed arrive arrived depart departed"
    " pay pays paid cost costs weigh exceed gre gredo prihaja prihajajo leti letijo letelo zamuja zamujajo stane"
    " stanejo traja trajajo presega presegajo placa placajo"
)
_AMONG: Final = words_of("among amongst within inside med izmed znotraj")
_ARTICLES: Final = words_of("a an the all of vseh vse")


@dataclass(frozen=True, slots=True)
class _Told:
    """A condition on the rows and where it stands; ``compares``: with a number."""

    place: int
    filter: Filter
    compares: bool


def read(parse: Parse, draft: Draft) -> None:
    """Let a share be that of the rows which meet the conditions told of them."""
    told = sorted(_told(parse, draft), key=lambda one: one.place) if draft.share else []
    if not told or draft.ratio or not _of_part(parse, told):
        return
    if draft.listing and not draft.groups:
        draft.listing, draft.sort, draft.limit = False, [], None
    asked = draft.measures or [_whole(parse, draft, told)]
    found = [parse.index.catalogue.measure(one) for one in asked]
    if any(one is None or one.aggregation not in PARTED for one in found):
        draft.note("share_of_filter")
        return
    draft.measures, draft.share = asked, False
    for one in _of_part(parse, told):
        draft.part.append(one.filter)
        draft.included.pop(one.filter.field, None)
        draft.excluded.pop(one.filter.field, None)
        draft.conditions = [kept for kept in draft.conditions if kept is not one.filter]


def _whole(parse: Parse, draft: Draft, told: list[_Told]) -> str:
    """Return what a share is of where it is not said: the rows that are compared or are people, else the main number.

    "Share of smokers", "share of women", but "share of renewables".
    """
    catalogue = parse.index.catalogue
    rows, main = measures.row_count(catalogue), catalogue.measure(measures.default_measure(catalogue))
    if parse.rows or any(one.compares or _is_people(one.filter, catalogue) for one in told):
        return rows
    draft.default_measure = main is not None and main.aggregation in PARTED and main.id != rows
    return main.id if main is not None and draft.default_measure else rows


def _is_people(one: Filter, catalogue: Catalogue) -> bool:
    dimension = catalogue.dimension(one.field)
    concept = concept_of(dimension.column, numbers=False) if dimension is not None else None
    is_answer = dimension is not None and dimension.type is FieldType.BOOLEAN
    return is_answer or (concept is not None and concept[0].key == "gender")


def _told(parse: Parse, draft: Draft) -> Iterator[_Told]:
    """Yield what is told of the rows, but for what the answer is parted by."""
    grouped = {one.field for one in draft.groups}
    for wanted, operators in (
        (draft.included, (Operator.EQ, Operator.IN)),
        (draft.excluded, (Operator.NE, Operator.NOT_IN)),
    ):
        for name, values in wanted.items():
            if name not in grouped:
                yield _Told(_place_of(parse, name, values), _filter(name, values, operators), compares=False)
    for place, one in draft.compared:
        yield _Told(place, one, compares=True)


def _filter(name: str, values: list[Scalar], operators: tuple[Operator, Operator]) -> Filter:
    single, several = operators
    return Filter(field=name, operator=single if len(values) == 1 else several, values=tuple(values))


def _place_of(parse: Parse, name: str, values: list[Scalar]) -> int:
    """Return where a condition on values is told."""
    texts = {str(one) for one in values}
    known = [mention for mention in parse.mentions if any(one.field_id == name for one in mention.candidates)]
    said = [one for one in known if any(each.value in texts for each in one.of_kind("value"))]
    return min((one.first for one in said or known), default=len(parse.tokens))


def _of_part(parse: Parse, told: list[_Told]) -> list[_Told]:
    """Return those conditions that the part meets; the others narrow the whole.

    What stands behind the groups narrows the whole: "share of revenue by product in Slovenia".
    """
    share = parse.having(Cue.SHARE)[0].first
    by = max((one.first for one in parse.having(Cue.BY, Cue.GRAIN) if one.first > share), default=len(parse.tokens))
    after = [one for one in told if one.place > share] or told
    after = [one for one in after if one.place < by]
    after = [one for one in after if _word_before(parse, one.place) not in _AMONG] or after
    tells = next((token.position for token in parse.tokens[share:] if token.folded in _TELLS), None)
    if tells is not None:
        after = [one for one in after if one.place > tells] or after
    return _main(parse, after, share=share)


def _main(parse: Parse, told: list[_Told], *, share: int) -> list[_Told]:
    """Return the conditions that belong together: a comparison, or the thing right after "share of"."""
    compared = [one for one in told if one.compares]
    if compared and len(compared) < len(told) and not _are_joined(parse, told):
        return compared
    if not compared and len(told) > 1 and not _are_joined(parse, told) and _is_thing(parse, told[0], share):
        return told[:1]
    return told


def _are_joined(parse: Parse, told: list[_Told]) -> bool:
    """Return whether an "and" stands between the conditions."""
    joins = AND if parse.language == "sl" else AND - {"in"}
    return any(token.folded in joins for token in parse.tokens[told[0].place : told[-1].place])


def _is_thing(parse: Parse, one: _Told, share: int) -> bool:
    """Return whether a share is of a value as of a thing: of "smokers on Sunday", not of "JFK flights to MIA"."""
    mark = next(mark for mark in parse.having(Cue.SHARE) if mark.first == share)
    mention = parse.mention_at(one.place)
    between = parse.tokens[mark.last : one.place]
    bare = mention is not None and mention.last not in parse.rows
    return bare and all(token.folded in _ARTICLES for token in between)


def _word_before(parse: Parse, place: int) -> str:
    place -= 1
    while place >= 0 and parse.tokens[place].folded in _ARTICLES:
        place -= 1
    return parse.tokens[place].folded if place >= 0 else ""

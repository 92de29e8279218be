"""The three kinds of answer: a dashboard, a question back, a refusal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import execute, wording
from backend_services.dashboards.builder.choices import Choices
from backend_services.dashboards.builder.draft import Note
from backend_services.dashboards.builder.nearest import nearest_things
from backend_services.dashboards.builder.schemas import (
    BuiltDashboard,
    Clarification,
    ClarificationOption,
    Refusal,
)
from backend_services.dashboards.spec import ChartKind, DashboardSpec
from backend_services.datasets.catalogue import Aggregation
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.draft import Ambiguity
    from backend_services.dashboards.builder.execute import Executed
    from backend_services.dashboards.builder.plan import Plan
    from backend_services.dashboards.builder.retrieve import Candidate
    from backend_services.dashboards.builder.sources import Source
    from backend_services.dashboards.builder.unexplained import Unknown
    from backend_services.datasets.catalogue import Catalogue, MetricQuery

MOST_OPTIONS: Final = 6


def which_dataset(sources: Sequence[Source], language: str, choices: Choices) -> Clarification:
    """Ask which data is meant."""
    options = tuple(
        ClarificationOption(id=Choices(one.dataset_id, choices.pins).encoded(), label=one.name)
        for one in sources[:MOST_OPTIONS]
    )
    return Clarification(question=text("builder.clarify.dataset", language), options=options)


def which_reading(ambiguity: Ambiguity, source: Source, language: str, choices: Choices) -> Clarification:
    """Ask what some words stand for."""
    settled = Choices(source.dataset_id, choices.pins)
    options = tuple(
        ClarificationOption(
            id=settled.with_pin(ambiguity.text, one).encoded(),
            label=option_label(one, source, language),
            description=_description(one, source, language),
        )
        for one in ambiguity.candidates[:MOST_OPTIONS]
    )
    question = text(f"builder.clarify.{ambiguity.slot}", language, words=ambiguity.text)
    return Clarification(question=question, options=options)


def option_label(one: Candidate, source: Source, language: str) -> str:
    """Return a reading's name."""
    label = wording.field_label(source.index.catalogue, one.field_id, language)
    if one.kind == "value":
        return text("builder.clarify.value_option", language, field=label, value=one.value or "")
    return label


def _description(one: Candidate, source: Source, language: str) -> str:
    catalogue = source.index.catalogue
    found = catalogue.measure(one.field_id) if one.kind == "measure" else catalogue.dimension(one.field_id)
    return found.description.in_language(language) if found else ""


def unknown_terms(missing: Sequence[Unknown], sources: Sequence[Source], language: str) -> Refusal:
    """Refuse what the data does not have, naming the nearest things it has."""
    terms = tuple(dict.fromkeys(one.text for one in missing))
    nearest = nearest_things(missing, sources, language)
    quoted = ", ".join(f"\u00bb{one}\u00ab" if language == "sl" else f"\u201c{one}\u201d" for one in terms)
    key = "unknown_term" if nearest else "unknown_term_bare"
    return Refusal(
        reason=text(f"builder.refuse.{key}", language, terms=quoted), code="unknown_term", terms=terms, nearest=nearest
    )


def not_understood(sources: Sequence[Source], language: str) -> Refusal:
    """Refuse a question that names nothing there is."""
    if not sources:
        return Refusal(reason=text("builder.refuse.no_dataset", language), code="no_dataset")
    return Refusal(
        reason=text("builder.refuse.not_understood", language),
        code="not_understood",
        nearest=nearest_things((), sources, language),
    )


def unreadable(problem: str, language: str) -> Refusal:
    """Refuse what was understood but cannot be computed."""
    return Refusal(reason=text("builder.refuse.unreadable", language, problem=problem), code="unreadable")


def dashboard(
    plan: Plan, done: Sequence[Executed], source: Source, *, question: str, language: str
) -> tuple[BuiltDashboard, DashboardSpec]:
    """Return the answer and the specification that would be stored."""
    tiles = [execute.built(one, source, number=place, language=language) for place, one in enumerate(done, 1)]
    overview = len(tiles) > 1 and any(tile.draft.overview for tile in plan.tiles)
    title = tiles[0].title if not overview else text("builder.title.overview", language, name=source.name)
    title = title[: wording.LONGEST_TITLE]
    spec = DashboardSpec(
        title=title,
        tiles=tuple(
            execute.as_spec(tile, one.planned, alone=len(tiles) == 1) for tile, one in zip(tiles, done, strict=True)
        ),
        question=question,
        default_dataset_id=source.dataset_id,
    )
    return BuiltDashboard(title=title, tiles=tuple(tiles)), spec


def _levels(query: MetricQuery, catalogue: Catalogue, language: str) -> list[Note]:
    """Return a note for each level that is shown for a whole stretch of time by its last value."""
    grouped = {one.field for one in query.dimensions}
    found = []
    for name in query.measures:
        measure = catalogue.measure(name)
        over = catalogue.dimension_over(measure) if measure and measure.aggregation is Aggregation.LAST else None
        if over is not None and over.id not in grouped:
            found.append(Note("level", (("words", wording.field_label(catalogue, name, language)),)))
    return found


def result_notes(plan: Plan, done: Sequence[Executed], source: Source, language: str) -> list[Note]:
    """Return what has to be said about the figures: what was assumed, what is hidden, what is empty."""
    found: list[Note] = []
    for one in done:
        result, draft = one.result, one.planned.draft
        if result is None:
            continue
        if draft.default_measure:
            name = wording.field_label(source.index.catalogue, one.planned.query.measures[0], language)
            found.append(Note("default_measure", (("words", name),)))
        found += _levels(one.planned.query, source.index.catalogue, language)
        if not result.rows or all(value is None for row in result.rows for value in row):
            found.append(Note("empty"))
        if result.truncated and one.planned.query.limit >= wording.MANY:
            found.append(Note("truncated"))
        if result.rules_applied:
            found.append(Note("row_rules"))
        if draft.share and one.planned.chart is ChartKind.PIE:
            found.append(Note("share_in_pie"))
    return [*plan.notes, *dict.fromkeys(found)]

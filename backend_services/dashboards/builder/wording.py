"""What the builder says: titles, chips, notes, questions back. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.schemas import Chip
from backend_services.dashboards.builder.slovenian import after_po
from backend_services.datasets.catalogue import (
    Derivation,
    Derived,
    FieldType,
    Filter,
    Grain,
    GroupBy,
    Operator,
    RelativePeriod,
)
from backend_services.datasets.query import part
from backend_services.datasets.query.wording import condition_text, scalar_text
from backend_services.kernel.i18n import format_date, format_number, has_text, plural, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend_services.dashboards.builder.draft import Draft, Note
    from backend_services.dashboards.builder.plan import PlannedTile
    from backend_services.dashboards.builder.schemas import ChipSlot
    from backend_services.datasets.catalogue import Catalogue, MetricQuery

LONGEST_TITLE: Final = 120
MANY: Final = 1000
_DETAILS: Final = {"type": ("datasets.type",), "action": ("datasets.aggregation", "builder.grain")}
_NAMES: Final = frozenset({"part", "field"})


def field_label(catalogue: Catalogue, field_id: str, language: str) -> str:
    """Return the name of a measure or dimension."""
    found = catalogue.measure(field_id) or catalogue.dimension(field_id)
    return found.label.in_language(language) if found else field_id


def inside(label: str) -> str:
    """Return a label as it stands inside a sentence: abbreviations keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def tile_title(tile: PlannedTile, catalogue: Catalogue, language: str) -> str:
    """Return a title that says what is shown, such as "Net revenue by month and country"."""
    query = tile.query
    if not query.measures:
        title = text("builder.title.rows", language)
    else:
        title = _joined([_figure_name(query, one, catalogue, language) for one in query.measures], language)
        title = by_groups(title, query.dimensions, catalogue, language)
        for kind in dict.fromkeys(one.kind for one in query.derived if one.kind is not Derivation.PART):
            title = text(f"builder.title.with_{kind}", language, title=title)
    if tile.draft.superlative and query.limit < MANY and query.sort:
        key = "top" if query.sort[0].descending else "bottom"
        title = text(f"builder.title.{key}", language, n=format_number(query.limit, language), title=title)
    conditions = [_value_text(one, language) for one in query.filters if one.operator in {Operator.EQ, Operator.IN}]
    conditions += [
        text("builder.title.without", language, value=_value_text(one, language))
        for one in query.filters
        if one.operator in {Operator.NE, Operator.NOT_IN}
    ]
    if query.period is not None:
        conditions.append(period_text(query.period, language))
    return ", ".join([title, *conditions])[:LONGEST_TITLE]


def _figure_name(query: MetricQuery, name: str, catalogue: Catalogue, language: str) -> str:
    measure = catalogue.measure(name)
    if measure is None or Derived(kind=Derivation.PART, of=name) not in query.derived:
        return field_label(catalogue, name, language)
    return part.label(query, measure, catalogue, language)


def by_groups(title: str, groups: tuple[GroupBy, ...], catalogue: Catalogue, language: str) -> str:
    """Return a title with what it is split by: "Revenue by month and region", "Prihodki po mesecih in regijah"."""
    ordered = sorted(groups, key=lambda one: one.grain is None)
    names: list[str] = []
    apart: list[str] = []
    for one in ordered:
        name = _group_name(one, catalogue, language)
        if name is None:
            apart.append(inside(field_label(catalogue, one.field, language)))
        else:
            names.append(name)
    if names:
        title = text("builder.title.by", language, title=title, names=_joined(names, language))
    if apart:
        title = text("builder.title.apart", language, title=title, names=_joined(apart, language))
    return title


def _group_name(one: GroupBy, catalogue: Catalogue, language: str) -> str | None:
    """Return a group's name as it stands after "by"; ``None`` where its Slovenian form is not known."""
    if one.grain is not None:
        return text(f"builder.title.unit_{one.grain}", language)
    dimension = catalogue.dimension(one.field)
    label = field_label(catalogue, one.field, language)
    if language != "sl":
        return inside(label)
    if dimension is None or dimension.type is FieldType.BOOLEAN or not label.strip():
        return None
    return after_po(label)


def _joined(names: list[str], language: str) -> str:
    if len(names) == 1:
        return names[0]
    last = inside(names[-1])
    return text("builder.and", language, first=", ".join([names[0], *map(inside, names[1:-1])]), last=last)


def _value_text(one: Filter, language: str) -> str:
    return ", ".join(scalar_text(value, language) for value in one.values)


def period_text(period: RelativePeriod, language: str) -> str:
    """Return a stretch of time in words, such as "last 6 months" or "1 Mar 2025 to 30 Jun 2025"."""
    if period.kind in {"last", "trailing"}:
        return plural(f"builder.period.last_{period.grain}", period.n, language)
    if period.kind != "between":
        return text(f"builder.period.{period.kind}_{period.grain}", language)
    start = date.fromisoformat(period.start[:10]) if period.start else None
    end = date.fromisoformat(period.end[:10]) - timedelta(days=1) if period.end else None
    if start and end:
        return _stretch(start, end, language)
    if start:
        return text("builder.period.since", language, start=format_date(start, language))
    return text("builder.period.until", language, end=format_date(end, language)) if end else ""


def _stretch(start: date, end: date, language: str) -> str:
    """Return two dates in words: one day, whole years, or from one to the other."""
    if start == end:
        return format_date(start, language)
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
        return str(start.year) if start.year == end.year else f"{start.year}\u2013{end.year}"
    return text("builder.period.from_to", language, start=format_date(start, language), end=format_date(end, language))


def chips(tile: PlannedTile, catalogue: Catalogue, *, dataset_name: str, language: str) -> tuple[Chip, ...]:
    """Return what was understood, one chip a thing."""
    query, draft = tile.query, tile.draft
    found = [_chip("dataset", dataset_name, language)]
    found += [
        _chip("measure", field_label(catalogue, one, language), language, field=one, asked=draft.asked.get(one, ""))
        for one in query.measures
    ]
    found += [_group_chip(one, draft, catalogue, language) for one in query.dimensions]
    told: dict[ChipSlot, tuple[Filter, ...]] = {"filter": query.filters, "having": query.having, "part": query.part}
    for slot, conditions in told.items():
        found += [_condition_chip(slot, one, draft, catalogue, language) for one in conditions]
    if query.period is not None:
        found.append(_chip("period", period_text(query.period, language), language, asked=draft.period_asked))
    if draft.superlative and query.sort:
        key = "top" if query.sort[0].descending else "bottom"
        found.append(_chip("limit", text(f"builder.chip.{key}", language, n=str(query.limit)), language))
    found += [
        _chip("derived", text(f"builder.chip.{kind}", language), language)
        for kind in dict.fromkeys(one.kind for one in query.derived)
        if kind not in {Derivation.PART, Derivation.SHARE}
    ]
    if draft.share:
        found.append(_chip("share", text("builder.chip.share_on", language), language))
    found.append(_chip("chart", text(f"builder.chart.{tile.chart}", language), language))
    return tuple(found)


def _chip(slot: ChipSlot, value: str, language: str, *, field: str | None = None, asked: str = "") -> Chip:
    return Chip(slot=slot, label=text(f"builder.slot.{slot}", language), text=value, field=field, asked_as=asked)


def _group_chip(one: GroupBy, draft: Draft, catalogue: Catalogue, language: str) -> Chip:
    asked = draft.asked.get(one.field, "")
    if one.grain is not None:
        return _chip("grain", grain_text(one.grain, language), language, field=one.field, asked=asked)
    return _chip("dimension", field_label(catalogue, one.field, language), language, field=one.field, asked=asked)


def _condition_chip(slot: ChipSlot, one: Filter, draft: Draft, catalogue: Catalogue, language: str) -> Chip:
    label = field_label(catalogue, one.field, language)
    shown = condition_text(one, label, language)
    return _chip(slot, shown, language, field=one.field, asked=draft.asked.get(one.field, ""))


def grain_text(grain: Grain, language: str) -> str:
    """Return the name of a grain."""
    return text(f"builder.grain.{grain}", language)


def detail_texts(params: Mapping[str, object], catalogue: Catalogue, language: str) -> dict[str, object]:
    """Return the details of a refusal in the reader's language: names of fields, types, ways to fold, steps in time."""
    found = dict(params)
    for name, value in params.items():
        keys = [f"{prefix}.{value}" for prefix in _DETAILS.get(name, ())]
        known = next((key for key in keys if has_text(key, language)), None)
        if known is not None:
            found[name] = text(known, language)
        elif name in _NAMES and isinstance(value, str):
            found[name] = field_label(catalogue, value, language)
    return found


def note_text(note: Note, language: str) -> str:
    """Return a note in words."""
    params = dict(note.params)
    if "chart" in params:
        params["chart"] = text(f"builder.chart.{params['chart']}", language)
    if "start" in params:
        params["start"] = format_date(date.fromisoformat(params["start"]), language)
    key = f"builder.note.{note.code}"
    if not has_text(key, language):
        key = "builder.note.later_other"
    return text(key, language, **params)

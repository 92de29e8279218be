"""Which kinds of chart a dataset can fill, and the fields of the form that each kind begins with. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import EACH, ROW_COUNT, Catalogue, FieldType, Grain
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from backend_services.datasets.catalogue import Dimension

GRID_VALUES: Final = 60
_LATITUDE: Final = re.compile(r"(?:^|_)(?:lat|latitude|geo_?sirina|zemljepisna_sirina|sirina)(?:_|$)")
_LONGITUDE: Final = re.compile(r"(?:^|_)(?:lon|lng|long|longitude|geo_?dolzina|zemljepisna_dolzina|dolzina)(?:_|$)")
_COUNTRY: Final = re.compile(r"(?:^|_)(?:country|drzava|nation|iso|iso2|iso3)(?:_|$)")


def numbers(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """Return the numbers in single rows, as id and label in English and Slovenian."""
    found = {
        one.id: (one.label.en, one.label.in_language("sl"))
        for one in catalogue.dimensions
        if one.type.is_number and not one.hidden
    }
    columns = {one.column for one in catalogue.dimensions if one.type.is_number}
    for measure in catalogue.measures:
        each = catalogue.dimension(f"{measure.id}{EACH}")
        if each is not None and not measure.hidden and each.column not in columns:
            columns.add(each.column)
            found[each.id] = (measure.label.en, measure.label.in_language("sl"))
    return [(name, *labels) for name, labels in found.items()]


def coordinates(catalogue: Catalogue) -> tuple[str, str] | None:
    """Return the ids of the latitude and the longitude, known by their names."""
    shown = [name for name, _, _ in numbers(catalogue)]
    north = next((one for one in shown if _LATITUDE.search(one.removesuffix(EACH))), None)
    east = next((one for one in shown if _LONGITUDE.search(one.removesuffix(EACH))), None)
    return None if north is None or east is None else (north, east)


def countries(catalogue: Catalogue) -> str | None:
    """Return the id of the dimension that names countries, known by its name."""
    return next((one.id for one in _texts(catalogue) if _COUNTRY.search(one.id)), None)


def charts_for(catalogue: Catalogue, language: str) -> list[dict[str, str]]:
    """Return the kinds that this data can fill; a kind that is closed is not offered."""
    closed = set()
    if not numbers(catalogue):
        closed |= {ChartKind.HISTOGRAM}
    if coordinates(catalogue) is None and countries(catalogue) is None:
        closed |= {ChartKind.MAP}
    shown = [one for one in catalogue.dimensions if not one.hidden]
    if len(shown) < 2:  # noqa: PLR2004 - down and across
        closed |= {ChartKind.HEATMAP}
    if not shown:
        closed |= {ChartKind.PIVOT, ChartKind.BAR, ChartKind.PIE}
    return [
        {"value": one.value, "label": text(f"dashboards.chart.{one.value}", language)}
        for one in ChartKind
        if one not in closed
    ]


def fitted(form: Mapping[str, str], catalogue: Catalogue) -> dict[str, str]:
    """Return the form with what its kind of chart needs, as far as it is not there yet."""
    chart = ChartKind(form["chart"])
    if chart is ChartKind.TEXT:
        return {**form, "kind": "text"}
    fit = {**form, "kind": "metric" if form["kind"] == "text" else form["kind"]}
    fit["measure"] = fit["measure"] or catalogue.default_measure or ROW_COUNT
    match chart:
        case ChartKind.HISTOGRAM:
            _number_along(fit, catalogue)
        case ChartKind.HEATMAP:
            _two_groups(fit, catalogue)
        case ChartKind.PIVOT:
            _grouped(fit, catalogue)
        case ChartKind.MAP:
            _placed(fit, catalogue)
        case ChartKind.NUMBER | ChartKind.TABLE:
            pass
        case _:
            _grouped(fit, catalogue)
            if fit["dimension"].endswith(EACH):
                fit["dimension"] = next(iter(_small(catalogue, without="")), "")
    return fit


def _number_along(form: dict[str, str], catalogue: Catalogue) -> None:
    offered = [name for name, _, _ in numbers(catalogue)]
    if form["dimension"] not in offered:
        own = f"{form['measure']}{EACH}"
        form["dimension"] = own if own in offered else next(iter(offered), "")
        form["measure"] = ROW_COUNT
    form |= {"split": "", "second": "", "derive": ""}


def _two_groups(form: dict[str, str], catalogue: Catalogue) -> None:
    _grouped(form, catalogue)
    form["second"] = ""
    if not form["split"] or form["split"] == form["dimension"]:
        form["split"] = next(iter(_small(catalogue, without=form["dimension"])), "")


def _grouped(form: dict[str, str], catalogue: Catalogue) -> None:
    if not form["dimension"]:
        form["dimension"] = catalogue.default_time or next(iter(_small(catalogue, without="")), "")
    dimension = catalogue.dimension(form["dimension"])
    if dimension is not None and dimension.type.is_time and not form["grain"]:
        form["grain"] = Grain.MONTH.value


def _placed(form: dict[str, str], catalogue: Catalogue) -> None:
    spots, land = coordinates(catalogue), countries(catalogue)
    form |= {"second": "", "split": "", "derive": ""}
    if spots is not None:
        form["latitude"], form["longitude"] = spots
        named = catalogue.dimension(form["dimension"])
        if named is None or named.type is not FieldType.TEXT:
            form["dimension"] = next((one.id for one in _texts(catalogue)), "")
    elif land is not None:
        form["dimension"] = land


def _texts(catalogue: Catalogue) -> Iterator[Dimension]:
    return (one for one in catalogue.dimensions if one.type is FieldType.TEXT and not one.hidden)


def _small(catalogue: Catalogue, *, without: str) -> Iterator[str]:
    """Yield dimensions to group by, those with few values first."""
    shown = [one for one in catalogue.dimensions if not one.hidden and one.id != without]
    few = [one.id for one in shown if 1 < one.distinct <= GRID_VALUES and not one.type.is_time]
    yield from few
    yield from (one.id for one in shown if one.id not in few)

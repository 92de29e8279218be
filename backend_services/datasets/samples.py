"""The samples: real tables that installed packages deliver, and a demo company. Each with a curated catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path

from backend_services.datasets.catalogue import Aggregation, Catalogue, Text, Unit, UnitKind, Words
from backend_services.datasets.demo_company import ORDERS, demo_orders_sql
from backend_services.datasets.naming import literal

EUR = Unit(kind=UnitKind.CURRENCY, code="EUR")
PEOPLE = Unit(kind=UnitKind.COUNT)


@dataclass(frozen=True, slots=True)
class Curated:
    """What a person wrote about a field instead of what would be proposed."""

    en: str
    sl: str
    unit: Unit | None = None
    aggregation: Aggregation | None = None
    en_words: tuple[str, ...] = ()
    sl_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A table that can be taken.

    Attributes:
        license: Under which the data may be used.
        generated: Made by a generator, not measured anywhere; said wherever it shows.
        fields: By catalogue field id.
    """

    id: str
    title: Text
    description: Text
    source: str
    license: str
    rows: int
    generated: bool = False
    default_measure: str = ""
    fields: dict[str, Curated] = field(default_factory=dict)


def _packaged(package: str, *parts: str) -> Path:
    return Path(str(files(package).joinpath(*parts)))


WEATHER = Sample(
    id="seattle-weather",
    title=Text(en="Weather in Seattle", sl="Vreme v Seattlu"),
    description=Text(
        en="Daily precipitation, temperatures and wind, 2012 to 2015.",
        sl="Dnevne padavine, temperature in veter od leta 2012 do 2015.",
    ),
    source="NOAA National Centers for Environmental Information, by way of the package vega_datasets",
    license="Public domain (US government)",
    rows=1461,
    default_measure="precipitation",
    fields={
        "rows": Curated(en="Days", sl="Dnevi", en_words=("number of days",), sl_words=("število dni",)),
        "date": Curated(en="Date", sl="Datum", en_words=("day",), sl_words=("dan",)),
        "precipitation": Curated(en="Precipitation", sl="Padavine", unit=Unit(code="mm"), en_words=("rain", "rainfall"),
                                 sl_words=("dež", "količina padavin")),
        "temp_max": Curated(en="Maximum temperature", sl="Najvišja temperatura", unit=Unit(code="°C"),
                            en_words=("high", "highest temperature", "daytime temperature"),
                            sl_words=("dnevna temperatura",)),
        "temp_min": Curated(en="Minimum temperature", sl="Najnižja temperatura", unit=Unit(code="°C"),
                            en_words=("low", "lowest temperature", "night temperature"),
                            sl_words=("nočna temperatura",)),
        "wind": Curated(en="Wind speed", sl="Hitrost vetra", unit=Unit(code="m/s"), en_words=("wind",),
                        sl_words=("veter",)),
        "weather": Curated(en="Weather", sl="Vreme", en_words=("weather type", "conditions"),
                           sl_words=("vrsta vremena", "vremenske razmere")),
    },
)  # fmt: skip
COUNTRIES = Sample(
    id="gapminder",
    title=Text(en="Countries of the world", sl="Države sveta"),
    description=Text(
        en="Population, life expectancy and income of 142 countries, every fifth year from 1952 to 2007.",
        sl="Prebivalstvo, življenjska doba in dohodek 142 držav, vsako peto leto od 1952 do 2007.",
    ),
    source="Gapminder.org, by way of the package plotly",
    license="CC BY 4.0, free data from Gapminder.org",
    rows=1704,
    default_measure="pop",
    fields={
        "year": Curated(en="Year", sl="Leto", en_words=("date",), sl_words=("datum",)),
        "country": Curated(en="Country", sl="Država", en_words=("nation",), sl_words=("države",)),
        "continent": Curated(en="Continent", sl="Celina", en_words=("part of the world",), sl_words=("kontinent",)),
        "life_exp": Curated(en="Life expectancy", sl="Pričakovana življenjska doba", unit=Unit(code="years"),
                            en_words=("longevity",), sl_words=("življenjska doba",)),
        "pop": Curated(en="Population", sl="Prebivalstvo", unit=PEOPLE, en_words=("inhabitants", "people"),
                       sl_words=("prebivalci", "število prebivalcev")),
        "gdp_percap": Curated(en="GDP per capita", sl="BDP na prebivalca",
                              unit=Unit(kind=UnitKind.CURRENCY, code="USD"), aggregation=Aggregation.AVG,
                              en_words=("income per person",), sl_words=("dohodek na prebivalca",)),
        "iso_alpha": Curated(en="Country code", sl="Oznaka države"),
    },
)  # fmt: skip
ELECTRICITY = Sample(
    id="iowa-electricity",
    title=Text(en="Electricity in Iowa", sl="Elektrika v Iowi"),
    description=Text(
        en="Electricity made each year by source, 2001 to 2017.",
        sl="Proizvedena elektrika po letih in virih od 2001 do 2017.",
    ),
    source="US Energy Information Administration, by way of the package vega_datasets",
    license="Public domain (US government)",
    rows=51,
    default_measure="net_generation",
    fields={
        "year": Curated(en="Year", sl="Leto", en_words=("date",), sl_words=("datum",)),
        "source": Curated(en="Source", sl="Vir", en_words=("energy source", "fuel"), sl_words=("vir energije",)),
        "net_generation": Curated(en="Net generation", sl="Neto proizvodnja", unit=Unit(code="GWh"),
                                  aggregation=Aggregation.SUM, en_words=("electricity", "energy", "production"),
                                  sl_words=("elektrika", "energija", "proizvodnja")),
    },
)  # fmt: skip
DEMO_COMPANY = Sample(
    id="demo-company",
    title=Text(en="Demo company: orders", sl="Demo podjetje: naročila"),
    description=Text(
        en="Generated data, not a real company: 200,000 orders of a coffee seller over three years up to today.",
        sl="Izmišljeni podatki, ne resnično podjetje: 200.000 naročil prodajalca kave v treh letih do danes.",
    ),
    source="Generated by Omni with a fixed seed; not real data",
    license="Apache-2.0, as Omni itself",
    rows=ORDERS,
    generated=True,
    default_measure="revenue",
    fields={
        "rows": Curated(en="Orders", sl="Naročila", en_words=("order count", "purchases", "rows"),
                        sl_words=("število naročil", "nakupi")),
        "order_id": Curated(en="Order number", sl="Številka naročila", en_words=("order",), sl_words=("naročilo",)),
        "ordered_at": Curated(en="Order date", sl="Datum naročila", en_words=("date", "ordered", "time"),
                              sl_words=("datum", "čas naročila")),
        "customer_id": Curated(en="Customer", sl="Stranka", en_words=("client", "buyer"), sl_words=("kupec",)),
        "customers": Curated(en="Customers", sl="Stranke", en_words=("clients", "buyers", "number of customers"),
                             sl_words=("kupci", "število strank", "število kupcev")),
        "customer_segment": Curated(en="Customer segment", sl="Segment strank", en_words=("segment", "customer type"),
                                    sl_words=("segment", "vrsta strank", "segment kupcev")),
        "country": Curated(en="Country", sl="Država", en_words=("market", "nation"), sl_words=("trg", "države")),
        "city": Curated(en="City", sl="Mesto", en_words=("town", "place"), sl_words=("kraj", "mesta")),
        "channel": Curated(en="Channel", sl="Kanal", en_words=("sales channel",), sl_words=("prodajni kanal",)),
        "payment_method": Curated(en="Payment method", sl="Način plačila", en_words=("payment",),
                                  sl_words=("plačilo", "vrsta plačila")),
        "category": Curated(en="Category", sl="Kategorija", en_words=("product category", "product group"),
                            sl_words=("skupina izdelkov", "kategorija izdelkov")),
        "product": Curated(en="Product", sl="Izdelek", en_words=("item", "article"), sl_words=("artikel", "izdelki")),
        "quantity": Curated(en="Quantity", sl="Količina", unit=PEOPLE, en_words=("units", "items sold", "pieces"),
                            sl_words=("kosi", "prodani kosi")),
        "unit_price": Curated(en="Unit price", sl="Cena na enoto", unit=EUR, en_words=("price",), sl_words=("cena",)),
        "discount_amount": Curated(en="Discount", sl="Popust", unit=EUR, en_words=("discounts",),
                                   sl_words=("popusti", "rabat")),
        "revenue": Curated(en="Revenue", sl="Prihodki", unit=EUR, en_words=("sales", "turnover", "income"),
                           sl_words=("prihodek", "promet", "prodaja")),
        "cost": Curated(en="Cost", sl="Strošek", unit=EUR, en_words=("costs", "cost of goods"), sl_words=("stroški",)),
        "profit": Curated(en="Profit", sl="Dobiček", unit=EUR, en_words=("earnings", "gain"), sl_words=("zaslužek",)),
        "is_refunded": Curated(en="Refunded", sl="Vrnjeno", en_words=("returned",), sl_words=("vrnjena naročila",)),
        "refund_amount": Curated(en="Refunds", sl="Vračila", unit=EUR, en_words=("refund", "refunded amount"),
                                 sl_words=("vračilo", "povračila")),
        "rating": Curated(en="Rating", sl="Ocena", aggregation=Aggregation.AVG, en_words=("score", "stars"),
                          sl_words=("ocena strank", "povprečna ocena")),
    },
)  # fmt: skip
SAMPLES = {sample.id: sample for sample in (DEMO_COMPANY, WEATHER, COUNTRIES, ELECTRICITY)}


def sample_sql(sample: Sample, *, last_day: date) -> str:
    """Return the query whose rows are the sample's."""
    match sample.id:
        case "demo-company":
            return demo_orders_sql(last_day=last_day)
        case "seattle-weather":
            path = _packaged("vega_datasets", "_data", "seattle-weather.csv")
            return f"SELECT * FROM read_csv({literal(str(path))})"  # noqa: S608 - a file of a package
        case "iowa-electricity":
            path = _packaged("vega_datasets", "_data", "iowa-electricity.csv")
            return f"SELECT * FROM read_csv({literal(str(path))})"  # noqa: S608 - a file of a package
        case "gapminder":
            path = _packaged("plotly", "package_data", "datasets", "gapminder.csv.gz")
            return (
                "SELECT country, continent, make_date(year, 1, 1) AS year, lifeExp AS life_exp, pop, "  # noqa: S608 - made of our own names and quoted literals
                f"gdpPercap AS gdp_percap, iso_alpha FROM read_csv({literal(str(path))})"
            )
        case _:
            msg = f"no query for the sample {sample.id}"
            raise ValueError(msg)


def curate(proposed: Catalogue, sample: Sample) -> Catalogue:
    """Return the proposed catalogue with what was written for the sample."""
    measures = []
    for measure in proposed.measures:
        words = sample.fields.get(measure.id)
        if words is None:
            measures.append(measure)
            continue
        update: dict[str, object] = {
            "label": Text(en=words.en, sl=words.sl),
            "synonyms": Words(en=words.en_words, sl=words.sl_words),
        }
        if words.unit is not None:
            update["unit"] = words.unit
        if words.aggregation is not None:
            update["aggregation"] = words.aggregation
        measures.append(measure.model_copy(update=update))
    units = {one.id: one.unit for one in measures}
    measures = [
        one.model_copy(update={"unit": units[one.numerator]})
        if one.numerator in units and one.unit.kind is not UnitKind.PERCENT
        else one
        for one in measures
    ]
    dimensions = []
    for dimension in proposed.dimensions:
        words = sample.fields.get(dimension.id)
        if words is not None:
            label, synonyms = Text(en=words.en, sl=words.sl), Words(en=words.en_words, sl=words.sl_words)
            dimensions.append(dimension.model_copy(update={"label": label, "synonyms": synonyms}))
        else:
            dimensions.append(dimension)
    known = {one.id for one in measures}
    return proposed.model_copy(
        update={
            "measures": tuple(measures),
            "dimensions": tuple(dimensions),
            "default_measure": sample.default_measure if sample.default_measure in known else proposed.default_measure,
        }
    )

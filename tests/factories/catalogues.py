"""Catalogues written by hand: a company's orders, weather, countries over the years, and an ugly upload."""

from __future__ import annotations

from backend_services.datasets.catalogue import (
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Grain,
    Measure,
    Text,
    Unit,
    UnitKind,
    Words,
)

A, T, G = Aggregation, FieldType, Grain
EUR = Unit(kind=UnitKind.CURRENCY, code="EUR")
COUNT = Unit(kind=UnitKind.COUNT)


def _words(en: str, sl: str) -> Words:
    return Words(en=tuple(one for one in en.split("|") if one), sl=tuple(one for one in sl.split("|") if one))


def measure(
    name: str,
    column: str | None,
    folding: Aggregation,
    en: str,
    sl: str,
    *,
    unit: Unit | None = None,
    also: str = "",
    tudi: str = "",
) -> Measure:
    """Return a measure; further words are separated by bars."""
    return Measure(
        id=name,
        column=column,
        aggregation=folding,
        label=Text(en=en, sl=sl),
        unit=unit or Unit(),
        synonyms=_words(also, tudi),
    )


def dimension(  # noqa: PLR0913 - a row of a table
    name: str,
    column: str,
    kind: FieldType,
    en: str,
    sl: str,
    *,
    values: tuple[str, ...] = (),
    distinct: int = 0,
    also: str = "",
    tudi: str = "",
    grain: Grain | None = None,
) -> Dimension:
    """Return a dimension; further words are separated by bars."""
    return Dimension(
        id=name,
        column=column,
        type=kind,
        label=Text(en=en, sl=sl),
        values=values,
        distinct=distinct or len(values),
        synonyms=_words(also, tudi),
        grain=grain,
    )


COUNTRIES = (
    "Slovenia",
    "Austria",
    "Germany",
    "Italy",
    "Croatia",
    "France",
    "Spain",
    "Poland",
    "Hungary",
    "Netherlands",
)
CITIES = (
    "Ljubljana",
    "Maribor",
    "Vienna",
    "Graz",
    "Berlin",
    "Munich",
    "Rome",
    "Milan",
    "Zagreb",
    "Paris",
    "Madrid",
    "New York",
)

ORDERS = Catalogue(
    measures=(
        measure(
            "net_revenue",
            "net_amount",
            A.SUM,
            "Net revenue",
            "Čisti prihodki",
            unit=EUR,
            also="net sales",
            tudi="neto prihodki",
        ),
        measure(
            "gross_revenue", "gross_amount", A.SUM, "Gross revenue", "Bruto prihodki", unit=EUR, also="gross sales"
        ),
        measure(
            "orders",
            None,
            A.COUNT,
            "Orders",
            "Naročila",
            unit=COUNT,
            also="order count|purchases",
            tudi="nakupi|število naročil",
        ),
        measure(
            "customers",
            "customer_id",
            A.COUNT_DISTINCT,
            "Customers",
            "Stranke",
            unit=COUNT,
            also="clients|buyers",
            tudi="kupci",
        ),
        measure(
            "quantity",
            "quantity",
            A.SUM,
            "Quantity",
            "Količina",
            unit=COUNT,
            also="units|units sold|items",
            tudi="kosi|prodani kosi",
        ),
        measure("discount", "discount_amount", A.SUM, "Discount", "Popust", unit=EUR, also="discounts", tudi="popusti"),
        measure(
            "shipping_cost",
            "shipping_cost",
            A.SUM,
            "Shipping cost",
            "Strošek dostave",
            unit=EUR,
            also="delivery cost|freight",
            tudi="stroški dostave|poštnina",
        ),
        measure(
            "order_value",
            "net_amount",
            A.AVG,
            "Average order value",
            "Povprečna vrednost naročila",
            unit=EUR,
            also="basket size|aov",
            tudi="povprečna košarica",
        ),
        measure("rating", "rating", A.AVG, "Rating", "Ocena", also="customer rating|score", tudi="ocena strank"),
    ),
    dimensions=(
        dimension(
            "ordered_at",
            "ordered_at",
            T.DATETIME,
            "Order date",
            "Datum naročila",
            grain=G.HOUR,
            also="date|ordered",
            tudi="datum",
        ),
        dimension(
            "country", "country", T.TEXT, "Country", "Država", values=COUNTRIES, also="market|nation", tudi="trg"
        ),
        dimension("city", "city", T.TEXT, "City", "Mesto", values=CITIES, distinct=60, also="town", tudi="kraj"),
        dimension(
            "category",
            "category",
            T.TEXT,
            "Category",
            "Kategorija",
            values=("Coffee", "Tea", "Accessories", "Machines", "Books"),
            also="product category|product group",
            tudi="skupina izdelkov",
        ),
        dimension(
            "product",
            "product",
            T.TEXT,
            "Product",
            "Izdelek",
            values=("Espresso Blend", "Green Tea", "Milk Frother", "Hand Grinder"),
            distinct=120,
            also="item name|article",
            tudi="artikel|produkt",
        ),
        dimension(
            "channel",
            "channel",
            T.TEXT,
            "Channel",
            "Kanal",
            values=("Web", "Store", "Phone", "Partner"),
            also="sales channel",
            tudi="prodajni kanal",
        ),
        dimension(
            "status",
            "status",
            T.TEXT,
            "Status",
            "Stanje",
            values=("Delivered", "Returned", "Cancelled", "Pending"),
            also="order status|state",
            tudi="status|stanje naročila",
        ),
        dimension(
            "segment",
            "segment",
            T.TEXT,
            "Customer segment",
            "Segment strank",
            values=("Consumer", "Business", "Public sector"),
            also="segment",
            tudi="segment",
        ),
        dimension(
            "customer_id",
            "customer_id",
            T.TEXT,
            "Customer",
            "Stranka",
            distinct=8000,
            also="client|buyer",
            tudi="kupec",
        ),
        dimension(
            "payment_method",
            "payment_method",
            T.TEXT,
            "Payment method",
            "Način plačila",
            values=("Card", "Invoice", "PayPal", "Cash on delivery"),
            also="payment",
            tudi="plačilo",
        ),
        dimension(
            "is_gift", "is_gift", T.BOOLEAN, "Gift", "Darilo", distinct=2, also="gifts|gift orders", tudi="darila"
        ),
        dimension("quantity_n", "quantity", T.INTEGER, "Quantity per order", "Količina na naročilo", distinct=20),
    ),
    default_time="ordered_at",
    default_measure="net_revenue",
)

WEATHER = Catalogue(
    measures=(
        measure(
            "precipitation",
            "precipitation",
            A.SUM,
            "Precipitation",
            "Padavine",
            unit=Unit(code="mm"),
            also="rain|rainfall",
            tudi="dež",
        ),
        measure(
            "temp_max",
            "temp_max",
            A.AVG,
            "Maximum temperature",
            "Najvišja temperatura",
            unit=Unit(code="°C"),
            also="max temperature|daytime temperature|high",
            tudi="maksimalna temperatura|dnevna temperatura",
        ),
        measure(
            "temp_min",
            "temp_min",
            A.AVG,
            "Minimum temperature",
            "Najnižja temperatura",
            unit=Unit(code="°C"),
            also="min temperature|night temperature|low",
            tudi="minimalna temperatura|nočna temperatura",
        ),
        measure("wind", "wind", A.AVG, "Wind speed", "Hitrost vetra", unit=Unit(code="m/s"), also="wind", tudi="veter"),
        measure("days", None, A.COUNT, "Days", "Dnevi", unit=COUNT, also="number of days", tudi="število dni"),
    ),
    dimensions=(
        dimension("date", "date", T.DATE, "Date", "Datum", grain=G.DAY),
        dimension(
            "weather",
            "weather",
            T.TEXT,
            "Weather",
            "Vreme",
            values=("sun", "rain", "fog", "drizzle", "snow"),
            also="weather type|conditions",
            tudi="vrsta vremena|vremenske razmere",
        ),
        dimension(
            "location",
            "location",
            T.TEXT,
            "Location",
            "Lokacija",
            values=("Seattle", "New York"),
            also="city|place|station",
            tudi="mesto|kraj|postaja",
        ),
        dimension("wind_n", "wind", T.DECIMAL, "Wind value", "Vrednost vetra", distinct=79),
        dimension(
            "temp_max_n",
            "temp_max",
            T.DECIMAL,
            "Maximum temperature value",
            "Vrednost najvišje temperature",
            distinct=67,
        ),
    ),
    default_time="date",
    default_measure="temp_max",
)

GAPMINDER = Catalogue(
    measures=(
        measure(
            "population",
            "pop",
            A.SUM,
            "Population",
            "Prebivalstvo",
            unit=COUNT,
            also="people|inhabitants",
            tudi="prebivalci|število prebivalcev",
        ),
        measure(
            "life_expectancy",
            "lifeExp",
            A.AVG,
            "Life expectancy",
            "Pričakovana življenjska doba",
            unit=Unit(code="years"),
            also="lifespan|life span",
            tudi="življenjska doba",
        ),
        measure(
            "gdp_per_capita",
            "gdpPercap",
            A.AVG,
            "GDP per capita",
            "BDP na prebivalca",
            unit=Unit(kind=UnitKind.CURRENCY, code="USD"),
            also="gdp|income per person",
            tudi="bdp",
        ),
        measure("rows", None, A.COUNT, "Rows", "Vrstice", unit=COUNT, also="records", tudi="zapisi"),
    ),
    dimensions=(
        dimension(
            "country",
            "country",
            T.TEXT,
            "Country",
            "Država",
            values=(
                "Slovenia",
                "Germany",
                "France",
                "Italy",
                "Japan",
                "China",
                "India",
                "Brazil",
                "Kenya",
                "Nigeria",
                "United States",
                "Canada",
            ),
            distinct=142,
            also="nation",
            tudi="dežela",
        ),
        dimension(
            "continent",
            "continent",
            T.TEXT,
            "Continent",
            "Celina",
            values=("Africa", "Americas", "Asia", "Europe", "Oceania"),
            tudi="kontinent",
        ),
        dimension(
            "year",
            "year",
            T.INTEGER,
            "Year",
            "Leto",
            values=("1952", "1957", "1962", "1967", "1972", "1977", "1982", "1987", "1992", "1997", "2002", "2007"),
        ),
    ),
    default_measure="population",
)

UGLY = Catalogue(
    measures=(
        measure("amt_eur_2", "Amt (EUR) 2", A.SUM, "Amt (EUR) 2", "", unit=EUR),
        measure("hrs_wrkd", "HRS_WRKD", A.SUM, "Hrs wrkd", "", also="hours worked|hours", tudi="opravljene ure|ure"),
        measure(
            "cost_center_budget",
            "costCenterBudget",
            A.SUM,
            "Cost center budget",
            "",
            unit=EUR,
            tudi="proračun stroškovnega mesta",
        ),
        measure("rows", None, A.COUNT, "Rows", "Vrstice", unit=COUNT, also="records|entries", tudi="zapisi|vnosi"),
    ),
    dimensions=(
        dimension(
            "dt_booked", "dt booked", T.DATE, "Dt booked", "", grain=G.DAY, also="booking date", tudi="datum knjiženja"
        ),
        dimension(
            "proj_name",
            "Proj. Name!!",
            T.TEXT,
            "Proj. Name",
            "",
            values=("Apollo", "Zeus", "Hermes-2", "Old Intranet"),
            also="project",
            tudi="projekt",
        ),
        dimension(
            "emp_dept",
            "emp_dept",
            T.TEXT,
            "Emp dept",
            "",
            values=("R&D", "Sales", "HR", "Finance"),
            also="department",
            tudi="oddelek",
        ),
        dimension(
            "bill_flag", "bill_flag", T.BOOLEAN, "Bill flag", "", distinct=2, also="billable", tudi="zaračunljiv"
        ),
        dimension(
            "mgr", "mgr", T.TEXT, "Mgr", "", values=("Ana Novak", "Bojan Kos", "Eva Zajc"), also="manager", tudi="vodja"
        ),
    ),
    default_time="dt_booked",
    default_measure="amt_eur_2",
)

CATALOGUES = {"orders": ORDERS, "weather": WEATHER, "gapminder": GAPMINDER, "ugly": UGLY}
NAMES = {
    "orders": "Demo company orders",
    "weather": "Weather",
    "gapminder": "Countries over the years",
    "ugly": "timesheet export FINAL",
}

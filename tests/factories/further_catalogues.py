"""Catalogues written by hand: countries over the years, and an ugly upload."""

from __future__ import annotations

from backend_services.datasets.catalogue import Catalogue, Unit, UnitKind
from tests.factories.catalogue_terms import COUNT, EUR, A, G, T, dimension, measure

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

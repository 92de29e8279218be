"""Proposes the metric catalogue of a table from its profile. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from backend_services.datasets import levels, units
from backend_services.datasets.catalogue import (
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Measure,
    Text,
    Unit,
    UnitKind,
    Words,
)
from backend_services.datasets.described import Described, described
from backend_services.datasets.ingestion.inference import CURRENCIES
from backend_services.datasets.lexicon import LEVELS, Role, is_slovenian
from backend_services.datasets.naming import field_id, readable
from backend_services.datasets.schemas import ColumnView, Profile

ROWS_ID = "rows"
_ROWS_LABEL = "Number of rows"
MAX_LABEL = 200
LONG_TEXT = 80
MAX_SHARE = 1.5
_AVERAGE_WORDS = frozenset({"avg", "average", "mean", "median", "rate", "ratio", "share", "percent", "percentage", "pct",  # noqa: E501 - one line an entry
                            "per", "povprecje", "povprecna", "povprecni", "delez", "stopnja", "odstotek", "level", "price",  # noqa: E501 - one line an entry
                            "cena", "temp", "temperature", "score", "rating", "index", "degree", "max", "min", "ctr", "cvr",  # noqa: E501 - one line an entry
                            "cpc", "cpm", "cpa", "cac", "roas", "roi", "aov", "arpu", "ltv", "satisfaction", "zadovoljstvo",  # noqa: E501 - one line an entry
                            "rank", "rssi", "snr", "ph", "bmi", "gpa", "elevation", "altitude", "seniority", "tenure",
                            "experience", "doba", "probability", "verjetnost", "confidence", "percentile", "density",
                            "gostota", "factor", "faktor", "coefficient", "koeficient", "std", "stddev", "yield",
                            "velocity", "depth", "globina", "odds", "coord", "coordinate"})  # fmt: skip
_PER_UNIT_WORDS = frozenset({"avg", "average", "mean", "per", "povprecje", "povprecna", "povprecni", "unit"})
_BIRTH_WORDS = frozenset({"birth", "birthday", "dob", "rojstva", "rojen", "expiry", "expires", "veljavnosti"})
_CURRENCY_WORDS = {code.lower(): code for code in set(CURRENCIES.values())} | {
    "euro": "EUR", "euros": "EUR", "evro": "EUR", "evri": "EUR", "evrov": "EUR", "dollar": "USD", "dollars": "USD",
}  # fmt: skip
_PERCENT_WORDS = frozenset({"percent", "percentage", "pct", "odstotek", "odstotki", "odstotkov", "prozent"})
_DURATION_WORDS = {
    "ms": "ms",
    "millis": "ms",
    "milliseconds": "ms",
    "seconds": "s",
    "sec": "s",
    "secs": "s",
    "sekunde": "s",
}
_SURFACES = {"m2": "m²", "sqm": "m²", "km2": "km²", "ha": "ha"}
_TIME_KEYS = ("order_date", "invoice_date", "date", "timestamp", "created", "payment_date")


def _label(column: Described) -> Text:
    own = readable(column.name)[:MAX_LABEL]
    concept = column.concept if column.whole else None
    if is_slovenian(column.view.name):
        return Text(en=concept.en if concept else own, sl=own)
    return Text(en=own, sl=concept.sl if concept else "")


def _words(column: Described, label: Text) -> Words:
    concept = column.concept
    if concept is None:
        return Words(en=(f"{label.en} number".lower(),)) if column.is_named_by_number else Words()
    taken = {label.en.casefold(), label.sl.casefold(), ""}
    en = dict.fromkeys(word for word in (concept.en, *concept.en_words) if word.casefold() not in taken)
    sl = dict.fromkeys(word for word in (concept.sl, *concept.sl_words) if word.casefold() not in taken)
    return Words(en=tuple(en), sl=tuple(sl))


def _unit(column: Described, currency: str) -> Unit:  # noqa: PLR0911 - a table of cases
    affix = column.affix
    highest = abs(float(column.profile.maximum)) if column.profile.maximum else 0.0
    role = column.concept.role if column.concept else None
    named = next((_CURRENCY_WORDS[word] for word in sorted(column.words) if word in _CURRENCY_WORDS), "")
    if affix == "%" or column.is_percentage:
        return Unit(kind=UnitKind.PERCENT)
    if affix in CURRENCIES or named:
        return Unit(kind=UnitKind.CURRENCY, code=CURRENCIES.get(affix, named))
    if column.words & _PERCENT_WORDS or "%" in column.view.name:
        return Unit(kind=UnitKind.PERCENT) if highest <= MAX_SHARE else Unit(code="%")
    if "€" in column.view.name or "$" in column.view.name or "£" in column.view.name:
        sign = next(sign for sign in "€$£" if sign in column.view.name)
        return Unit(kind=UnitKind.CURRENCY, code=CURRENCIES[sign])
    duration = next((code for word, code in _DURATION_WORDS.items() if word in column.words), "")
    if duration or affix in {"s", "ms"}:
        return Unit(kind=UnitKind.DURATION, code=duration or affix)
    if column.words & {"bytes", "bajti", "bajtov"} or affix == "B":
        return Unit(kind=UnitKind.BYTES)
    surface = next((code for word, code in _SURFACES.items() if word in column.words), "")
    if affix or column.measured or surface:
        return Unit(code=affix or column.measured or surface)
    if role in {Role.MONEY, Role.MONEY_AVERAGE, Role.MONEY_LEVEL} and currency:
        return Unit(kind=UnitKind.CURRENCY, code=currency)
    if role in {Role.LEVEL, Role.SUM} and column.view.type is FieldType.INTEGER:
        return Unit(kind=UnitKind.COUNT)
    return Unit()


def _table_currency(columns: Iterable[Described]) -> str:
    """Return the one currency of the table, if a column or its values name only one."""
    found: set[str] = set()
    for column in columns:
        if column.affix in CURRENCIES:
            found.add(CURRENCIES[column.affix])
        found |= {_CURRENCY_WORDS[word] for word in column.words if word in _CURRENCY_WORDS}
        found |= {code for sign, code in CURRENCIES.items() if sign in "€$£" and sign in column.view.name}
        if column.concept is not None and column.concept.key == "currency":
            found |= {one.value for one in column.profile.top}
    return next(iter(found)) if len(found) == 1 else ""


def _aggregation(column: Described, unit: Unit) -> Aggregation:
    role = column.concept.role if column.concept else None
    if unit.kind is UnitKind.PERCENT or (unit.kind is UnitKind.NUMBER and units.is_intensive(unit.code)):
        return Aggregation.AVG
    if role in {Role.AVERAGE, Role.MONEY_AVERAGE, *LEVELS}:
        return Aggregation.AVG  # of a level until it is known along which time it may not be added
    if role in {Role.MONEY, Role.SUM}:
        return Aggregation.AVG if column.words & _PER_UNIT_WORDS or column.is_share else Aggregation.SUM
    averaged = column.words & _AVERAGE_WORDS or column.is_share or column.is_opinion
    return Aggregation.AVG if averaged else Aggregation.SUM


def _is_measure(column: Described) -> bool:
    if not column.view.type.is_number or column.is_identifier or column.is_group or column.profile.distinct == 0:
        return False
    if column.concept is not None and column.words.isdisjoint(_CURRENCY_WORDS):
        return column.concept.role not in {Role.DIMENSION, Role.TIME, Role.CODE}
    return True


def _dimension(column: Described, identifier: str) -> Dimension:
    label = _label(column)
    profile = column.profile
    long_text = column.view.type is FieldType.TEXT and any(len(one) > LONG_TEXT for one in profile.examples)
    return Dimension(
        id=identifier,
        column=column.view.name,
        label=label,
        type=column.view.type,
        synonyms=_words(column, label),
        hidden=long_text and column.is_unique,
        grain=profile.grain,
        distinct=profile.distinct,
        values=tuple(one.value for one in profile.top),
    )


class _Draft:
    """Collects fields with ids of their own."""

    def __init__(self) -> None:
        self.measures: list[Measure] = []
        self.dimensions: list[Dimension] = []

    def new_id(self, text: str) -> str:
        return field_id(text, [one.id for one in self.measures] + [one.id for one in self.dimensions])

    def by_concept(self, columns: list[Described], *keys: str) -> Measure | None:
        """Return the first summed measure that is about one of ``keys``, in their order."""
        for key in keys:
            for column in columns:
                if column.concept is not None and column.concept.key == key:
                    for one in self.measures:
                        if one.column == column.view.name and one.aggregation is Aggregation.SUM:
                            return one
        return None


_SUBJECTS = {
    "order": ("Orders", "Naročila", ("order count", "purchases"), ("število naročil", "nakupi")),
    "invoice": ("Invoices", "Računi", ("invoice count", "bills"), ("število računov", "fakture")),
    "transaction": ("Transactions", "Transakcije", ("transaction count",), ("število transakcij",)),
    "customer": ("Customers", "Stranke", ("clients", "buyers"), ("kupci", "število strank")),
    "user": ("Users", "Uporabniki", ("people",), ("število uporabnikov",)),
    "employee": ("Employees", "Zaposleni", ("staff",), ("število zaposlenih", "delavci")),
    "supplier": ("Suppliers", "Dobavitelji", ("vendors",), ("število dobaviteljev",)),
    "product_id": ("Products", "Izdelki", ("items", "articles"), ("artikli", "število izdelkov")),
}


def _rows_measure(columns: list[Described]) -> Measure:
    """Return the count of rows, named after what a row is when a unique identifier tells."""
    for column in columns:
        subject = _SUBJECTS.get(column.concept.key) if column.concept else None
        if subject is not None and column.is_unique and column.is_identifier:
            en, sl, en_words, sl_words = subject
            return Measure(
                id=ROWS_ID,
                aggregation=Aggregation.COUNT,
                label=Text(en=en, sl=sl),
                unit=Unit(kind=UnitKind.COUNT),
                synonyms=Words(en=(*en_words, "rows", "count"), sl=(*sl_words, "vrstice", "število")),
            )
    return Measure(
        id=ROWS_ID,
        aggregation=Aggregation.COUNT,
        label=Text(en=_ROWS_LABEL, sl="Število vrstic"),
        unit=Unit(kind=UnitKind.COUNT),
        synonyms=Words(en=("rows", "count", "records", "entries"), sl=("vrstice", "število", "zapisi", "vnosi")),
    )


def _distinct_measure(draft: _Draft, column: Described) -> Measure:
    subject = _SUBJECTS.get(column.concept.key) if column.concept else None
    own = _label(column)
    distinct = (f"Distinct {own.en}"[:MAX_LABEL], f"Različne vrednosti: {own.sl or own.en}"[:MAX_LABEL])
    en, sl, en_words, sl_words = subject or (*distinct, (), ())
    return Measure(
        id=draft.new_id(en if subject else f"distinct_{column.view.name}"),
        column=column.view.name,
        aggregation=Aggregation.COUNT_DISTINCT,
        label=Text(en=en, sl=sl),
        unit=Unit(kind=UnitKind.COUNT),
        synonyms=Words(en=en_words, sl=sl_words),
    )


_BOOKED = {
    "Orders": ("order", "naročila"),
    "Invoices": ("invoice", "računa"),
    "Transactions": ("transaction", "transakcije"),
}


def _orders(draft: _Draft) -> Measure | None:
    """Return the measure that counts orders, if rows or an identifier are orders."""
    return next((one for one in draft.measures if one.label.en in _BOOKED), None)


def _ratios(draft: _Draft, columns: list[Described]) -> Iterable[Measure]:
    """Propose ratios whose meaning is plain: sum over sum."""
    revenue = draft.by_concept(columns, "net_revenue", "revenue", "gross_revenue", "amount")
    orders = _orders(draft)
    subject, subject_sl = _BOOKED.get(orders.label.en if orders else "", ("order", "naročila"))
    pairs = (
        (f"average_{subject}_value", revenue, orders, f"Average {subject} value", f"Povprečna vrednost {subject_sl}",
         ("aov", "basket size", "average basket"), ("povprečna košarica", "povprečni nakup"), False),
        ("profit_margin", draft.by_concept(columns, "profit"), revenue, "Profit margin", "Dobičkovnost",
         ("margin",), ("marža", "stopnja dobička"), True),
        ("click_through_rate", draft.by_concept(columns, "clicks"), draft.by_concept(columns, "impressions"),
         "Click-through rate", "Stopnja klikov", ("ctr",), ("delež klikov",), True),
        ("conversion_rate", draft.by_concept(columns, "conversions"), draft.by_concept(columns, "visits", "clicks"),
         "Conversion rate", "Stopnja konverzije", ("conversion",), ("konverzija",), True),
    )  # fmt: skip
    for name, top, bottom, en, sl, en_words, sl_words, is_share in pairs:
        if top is None or bottom is None or top.id == bottom.id:
            continue
        yield Measure(
            id=draft.new_id(name),
            aggregation=Aggregation.RATIO,
            label=Text(en=en, sl=sl),
            unit=Unit(kind=UnitKind.PERCENT) if is_share else top.unit,
            synonyms=Words(en=en_words, sl=sl_words),
            numerator=top.id,
            denominator=bottom.id,
            higher_is_better=True,
        )


_TURNOVER = (("turnover", "sales", "revenue", "amount"), ("promet", "prihodki", "prodaja", "znesek"))


def _call_turnover(draft: _Draft, columns: list[Described]) -> None:
    """Let the amount of an invoice or order be asked for as turnover, where nothing else is called so."""
    revenues = {"net_revenue", "revenue", "gross_revenue"}
    main = draft.by_concept(columns, "amount")
    if main is None or any(column.concept is not None and column.concept.key in revenues for column in columns):
        return
    both = zip((main.synonyms.en, main.synonyms.sl), _TURNOVER, (main.label.en, main.label.sl), strict=True)
    en, sl = (
        tuple(dict.fromkeys((*own, *(word for word in more if word != label.casefold())))) for own, more, label in both
    )
    draft.measures = [
        one.model_copy(update={"synonyms": Words(en=en, sl=sl)}) if one is main else one for one in draft.measures
    ]


_BETTER = {"revenue": True, "net_revenue": True, "gross_revenue": True, "profit": True, "cost": False, "refund": False,
           "shipping_cost": False, "latency": False, "rating": True, "visits": True, "conversions": True}  # fmt: skip


def _default_time(columns: list[Described], draft: _Draft) -> str | None:
    times = [column for column in columns if column.view.type.is_time]

    def rank(column: Described) -> tuple[bool, bool, int, int]:
        key = column.concept.key if column.concept else ""
        order = _TIME_KEYS.index(key) if key in _TIME_KEYS else len(_TIME_KEYS)
        mostly_empty = column.profile.null_share > 0.5  # noqa: PLR2004 - one half
        return mostly_empty, bool(column.words & _BIRTH_WORDS), order, columns.index(column)

    if not times:
        return None
    best = min(times, key=rank)
    return next(one.id for one in draft.dimensions if one.column == best.view.name)


def _measure(column: Described, identifier: str, currency: str) -> Measure:
    unit, label = _unit(column, currency), _label(column)
    return Measure(
        id=identifier,
        column=column.view.name,
        aggregation=_aggregation(column, unit),
        label=label,
        unit=unit,
        synonyms=_words(column, label),
        higher_is_better=_BETTER.get(column.concept.key) if column.concept else None,
    )


def _default_measure(draft: _Draft, found: list[Described]) -> Measure:
    sums = [one for one in draft.measures if one.aggregation in {Aggregation.LAST, Aggregation.SUM}]
    money = [one for one in sums if one.unit.kind is UnitKind.CURRENCY]
    main = draft.by_concept(found, "net_revenue", "revenue", "gross_revenue", "amount")
    known = {column.view.name for column in found if column.concept is not None}
    about = [one for one in sums if one.column in known]
    counted = [one for one in draft.measures if one.id == ROWS_ID and one.label.en != _ROWS_LABEL]
    return main or next(iter(money or about or counted or sums), draft.measures[0])


def _traits(columns: list[Described], draft: _Draft) -> levels.Traits:
    ids = {one.column: one.id for one in draft.dimensions}
    keys = {column.view.name: column.concept.key if column.concept else "" for column in columns}
    return levels.Traits(
        levels=frozenset(one.view.name for one in columns if one.concept is not None and one.concept.role in LEVELS),
        keys={ids[name]: key for name, key in keys.items() if name in ids},
        unique=frozenset(ids[one.view.name] for one in columns if one.is_unique and one.view.name in ids),
    )


def propose(columns: tuple[ColumnView, ...], profile: Profile) -> Catalogue:
    """Return the catalogue that the table's names, types and values suggest."""
    found = described(columns, profile)
    currency = _table_currency(found)
    draft = _Draft()
    draft.measures.append(_rows_measure(found))
    used = {ROWS_ID}
    for column in found:
        identifier = field_id(column.view.name, used)
        used.add(identifier)
        if _is_measure(column):
            draft.measures.append(_measure(column, identifier, currency))
        else:
            draft.dimensions.append(_dimension(column, identifier))
    for column in found:
        several = not column.is_unique and column.profile.distinct > 1
        if column.is_identifier and several and not column.is_named_by_number:
            draft.measures.append(_distinct_measure(draft, column))
    draft.measures.extend(list(_ratios(draft, found)))
    _call_turnover(draft, found)
    default_time = _default_time(found, draft)
    draft.measures = levels.folded(draft.measures, draft.dimensions, _traits(found, draft), default_time=default_time)
    return Catalogue(
        measures=tuple(draft.measures),
        dimensions=tuple(draft.dimensions),
        default_time=default_time,
        default_measure=_default_measure(draft, found).id,
    )

"""How the texts of a column become typed values: one :class:`Reading` each, as an SQL expression. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.naming import literal

EMPTY_SPELLINGS = (
    "",
    "-",
    "--",
    "–",
    "—",
    "?",
    "#N/A",
    "#N/A N/A",
    "#NA",
    "#DIV/0!",
    "#NULL!",
    "#REF!",
    "#VALUE!",
    "(null)",
    "\\N",
    "N/A",
    "n/a",
    "NA",
    "na",
    "NaN",
    "nan",
    "None",
    "none",
    "NULL",
    "Null",
    "null",
    "brez podatka",
    "ni podatka",
    "k. A.",
)
"""What people write for "nothing" in a column of numbers, dates or truth values."""

EMPTY_TEXTS = ("", "-", "--", "#N/A", "(null)", "\\N", "N/A", "n/a", "NULL", "Null", "null")
"""The same in a column of texts, where ``None`` or ``?`` may be a word of its own."""

MAX_EXACT_SCALE = 6
MAX_EXACT_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read a column.

    Attributes:
        template: SQL with ``{v}`` for the column; NULL where the text does not fit.
        stored_as: Type in the stored table.
        format: For people: how the source spelled it; empty when plainly.
        number: SQL with ``{v}`` for the plain spelling of a number, when it is one; decides between exact and float.
        exact_template: Like ``template``, with ``{t}`` for the exact type.
        plain_integer: Values should read back as they were written (no leading zeros, no fractions).
        affix: Currency, percent sign or unit that stood at the numbers.
        rivals: Readings that fit the sample as well; the whole column decides.
        ladder: Wider readings to fall back to, narrowest first, before text.
    """

    type: FieldType
    template: str
    stored_as: str
    format: str = ""
    number: str = ""
    exact_template: str = ""
    plain_integer: bool = False
    affix: str = ""
    rivals: tuple[Reading, ...] = ()
    ladder: tuple[Reading, ...] = ()

    def sql(self, column: str) -> str:
        """Return the expression for ``column``, an SQL identifier."""
        return self.template.replace("{v}", column)

    @property
    def is_text(self) -> bool:
        """Return whether everything fits."""
        return self.type is FieldType.TEXT and not self.number


def sql_list(values: tuple[str, ...]) -> str:
    """Return ``values`` as an SQL list of strings."""
    return ", ".join(literal(value) for value in values)


def text_reading(*, keep_na: bool = False) -> Reading:
    """Return the reading of texts. ``keep_na`` keeps ``NA``, which is Namibia among codes of two letters."""
    empty = EMPTY_TEXTS if keep_na else (*EMPTY_TEXTS, "NA")
    return Reading(
        type=FieldType.TEXT,
        template=f"CASE WHEN {{v}} IN ({sql_list(empty)}) THEN NULL ELSE {{v}} END",
        stored_as="VARCHAR",
    )


def decimal_reading(*, wider: Reading | None = None) -> Reading:
    """Return the reading of plainly written numbers with a decimal point; ``wider`` reads more spellings."""
    return Reading(
        type=FieldType.DECIMAL,
        template=_finite("{v}"),
        stored_as="DOUBLE",
        number="TRIM({v})",
        exact_template="TRY_CAST({v} AS {t})",
        ladder=(wider,) if wider is not None else (),
    )


def _finite(number: str) -> str:
    """Return a cast to a float that refuses infinity and not-a-number."""
    value = f"TRY_CAST({number} AS DOUBLE)"
    return f"CASE WHEN abs({value}) <= 1.7976931348623157e308 THEN {value} END"


def huge_reading() -> Reading:
    """Return the reading of integers beyond 64 bits, up to 38 digits."""
    guard = "regexp_full_match(TRIM({v}), '[-+]?[0-9]{1,38}')"
    return Reading(
        type=FieldType.INTEGER,
        template=f"CASE WHEN {guard} THEN TRY_CAST({{v}} AS DECIMAL(38,0)) END",
        stored_as="DECIMAL(38,0)",
    )


def integer_reading(*, wider: Reading | None = None) -> Reading:
    """Return the reading of plainly written integers; ``wider`` reads more spellings of numbers."""
    return Reading(
        type=FieldType.INTEGER,
        template="TRY_CAST({v} AS BIGINT)",
        stored_as="BIGINT",
        plain_integer=True,
        ladder=(huge_reading(), *((wider,) if wider is not None else ()), decimal_reading()),
    )


def boolean_reading(yes: str, no: str) -> Reading:
    """Return the reading of two words as true and false."""
    return Reading(
        type=FieldType.BOOLEAN,
        template=f"CASE lower(trim({{v}})) WHEN {literal(yes)} THEN true WHEN {literal(no)} THEN false END",
        stored_as="BOOLEAN",
        format=f"{yes}/{no}",
    )


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How numbers are spelled.

    Attributes:
        decimal: Decimal separator, ``.`` or ``,``.
        thousands: Separator of thousands, or an empty text.
        affix: What stands before or after each number, such as ``€`` or ``%``.
        late_sign: Negative numbers may stand in brackets or have their sign at the end.
    """

    decimal: str = "."
    thousands: str = ""
    affix: str = ""
    late_sign: bool = False

    @property
    def is_percent(self) -> bool:
        """Return whether the numbers are hundredths."""
        return self.affix == "%"

    @property
    def pattern(self) -> str:
        """Return the regular expression of a number without affix and spaces."""
        marks = {".": "\\.", ",": ",", "'": "'", "’": "’"}
        grouped = f"|[0-9]{{1,3}}({marks[self.thousands]}[0-9]{{3}})+" if self.thousands in marks else ""
        return f"[-+]?([0-9]+{grouped}|)({marks[self.decimal]}[0-9]*)?"

    @property
    def example(self) -> str:
        """Return a number spelled so."""
        number = f"1{self.thousands}234{self.decimal}5"
        return f"{number} {self.affix}".strip()


_SPACES = ("\u00a0", "\u202f", "\u2009", " ")


def styled_reading(style: NumberStyle) -> Reading:
    """Return the reading of numbers spelled in ``style``. Percentages become shares: ``12 %`` is 0.12."""
    plain = "{v}"
    for space in _SPACES:
        plain = f"replace({plain}, {literal(space)}, '')"
    plain = f"replace({plain}, '−', '-')"
    if style.affix:
        plain = f"replace({plain}, {literal(style.affix)}, '')"
    if style.late_sign:
        plain = f"regexp_replace({plain}, '^\\(([^()-]+)\\)$|^([^()-]+)-$', '-\\1\\2')"
    number = plain
    if style.thousands and style.thousands not in _SPACES:
        number = f"replace({number}, {literal(style.thousands)}, '')"
    if style.decimal != ".":
        number = f"replace({number}, {literal(style.decimal)}, '.')"
    guard = f"regexp_full_match({plain}, {literal(style.pattern)})"
    divided = " / 100" if style.is_percent else ""
    return Reading(
        type=FieldType.DECIMAL,
        template=f"CASE WHEN {guard} THEN TRY_CAST({number} AS DOUBLE){divided} END",
        stored_as="DOUBLE",
        format=style.example,
        number="" if style.is_percent else number,
        exact_template=f"CASE WHEN {guard} THEN TRY_CAST({number} AS {{t}}) END",
        affix=style.affix,
    )


def exact(reading: Reading, *, scale: int, width: int, with_exponent: bool) -> Reading:
    """Return ``reading`` with the exact type that holds every number of the column, if there is one."""
    if not reading.number or with_exponent or scale > MAX_EXACT_SCALE or width > MAX_EXACT_DIGITS:
        return reading
    stored_as = "BIGINT" if scale == 0 else f"DECIMAL({MAX_EXACT_DIGITS},{scale})"
    kind = FieldType.INTEGER if scale == 0 else FieldType.DECIMAL
    template = reading.exact_template.replace("{t}", stored_as)
    return replace(reading, type=kind, template=template, stored_as=stored_as)


def strict(reading: Reading) -> Reading:
    """Return a reading of integers that does not round ``1.5`` or accept ``0x1F``."""
    if not reading.plain_integer:
        return reading
    guard = "regexp_full_match(trim({v}), '[-+]?[0-9]+')"
    return replace(reading, template=f"CASE WHEN {guard} THEN TRY_CAST({{v}} AS BIGINT) END")


def lossless(reading: Reading) -> Reading:
    """Return ``reading`` so that a value which its stored type would change gives NULL."""
    if reading.plain_integer:
        template = f"CASE WHEN CAST({reading.template} AS VARCHAR) = {{v}} THEN {reading.template} END"
        return replace(reading, template=template)
    if not reading.number or reading.stored_as == "DOUBLE":
        return reading
    scale = 0 if reading.stored_as == "BIGINT" else int(reading.stored_as.rstrip(")").rsplit(",", maxsplit=1)[-1])
    number = reading.number
    guard = (
        f"length({number}) <= {MAX_EXACT_DIGITS} AND NOT contains(lower({number}), 'e') AND "
        f"(NOT contains({number}, '.') OR length({number}) - strpos({number}, '.') <= {scale})"
    )
    return replace(reading, template=f"CASE WHEN {guard} THEN {reading.template} END")

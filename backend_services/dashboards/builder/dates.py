"""Stretches of time in a question: "last quarter", "since March", "od marca do junija 2025". Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.lexicon import NUMBERS
from backend_services.dashboards.builder.normalise import words_of
from backend_services.datasets.catalogue import Grain, RelativePeriod

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.normalise import Token

_MONTH_NAMES: Final = (
    "january jan januar januarja januarju januarjem",
    "february feb februar februarja februarju februarjem",
    "march mar marec marca marcu marcem",
    "april apr aprila aprilu aprilom",
    "may maj maja maju majem",
    "june jun junij junija juniju junijem",
    "july jul julij julija juliju julijem",
    "august aug avgust avgusta avgustu avgustom",
    "september sep sept septembra septembru septembrom",
    "october oct oktober oktobra oktobru oktobrom okt",
    "november nov novembra novembru novembrom",
    "december dec decembra decembru decembrom",
)
MONTHS: Final = {word: index for index, names in enumerate(_MONTH_NAMES, 1) for word in names.split()}
_ORDINALS: Final = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
    "prvo": 1,
    "prvem": 1,
    "prvega": 1,
    "drugo": 2,
    "drugem": 2,
    "drugega": 2,
    "tretje": 3,
    "tretjem": 3,
    "tretjega": 3,
    "cetrto": 4,
    "cetrtem": 4,
    "cetrtega": 4,
    "prvi": 1,
    "drugi": 2,
    "tretji": 3,
    "cetrti": 4,
}
_QUARTER = words_of("quarter cetrtletje cetrtletju cetrtletja kvartal kvartalu kvartala")
_HALF = words_of("half polletje polletju polletja")
UNITS: Final[dict[str, Grain]] = {
    **dict.fromkeys(["hour", "hours", "hrs", "ura", "ure", "uri", "ur", "uro", "urah"], Grain.HOUR),
    **dict.fromkeys(["day", "days", "dan", "dni", "dneva", "dneh", "dnevi", "dnevih"], Grain.DAY),
    **dict.fromkeys(
        ["week", "weeks", "teden", "tedna", "tedne", "tednov", "tednu", "tednih", "tedni", "tednom"], Grain.WEEK
    ),
    **dict.fromkeys(
        ["month", "months", "mesec", "meseca", "mesece", "mesecev", "mesecu", "mesecih", "meseci", "mesecem"],
        Grain.MONTH,
    ),
    **dict.fromkeys(
        ["quarter", "quarters", *_QUARTER, "cetrtletij", "cetrtletjih", "kvartale", "kvartalov", "kvartalih"],
        Grain.QUARTER,
    ),
    **dict.fromkeys(["year", "years", "leto", "leta", "letu", "let", "letih"], Grain.YEAR),
}
_LAST = words_of(
    "last past previous prior latest trailing zadnji zadnja zadnje zadnjih zadnjem zadnjega zadnjo zadnjega prejsnji"
    " prejsnja prejsnje prejsnjem prejsnjega prejsnjo minuli minulem minulega minulih preteklih preteklem pretekli"
    " preteklo pretekla preteklega preteklih prejsnjih"
)
_THIS = words_of("this current ta to tega tem tekoci tekoce tekocem tekocega trenutni trenutnem to trenutno letosnje")
_SINCE = words_of("since from after od starting")
_BEFORE = words_of("before until till pred do through")
_CONNECT = words_of("to and until till do in through - pa")
RANGE = words_of("between from med od")
_LEAD = words_of("in during for of the v iz za na leta leto letu year on from tekom obdobju obdobje from")
_YEAR_WORDS = words_of("leta leto letu letom letoma the year years")
_NOT_A_YEAR = words_of("over above than under below least most nad pod top kot vsaj exceeding preko more less")
_SINGLE: Final[dict[str, RelativePeriod]] = {
    **dict.fromkeys(["today", "danes"], RelativePeriod(kind="this", grain=Grain.DAY)),
    **dict.fromkeys(["yesterday", "vceraj"], RelativePeriod(kind="previous", grain=Grain.DAY)),
    **dict.fromkeys(["lani", "lansko", "lanskem", "lanskega"], RelativePeriod(kind="previous", grain=Grain.YEAR)),
    **dict.fromkeys(["letos", "letosnje", "letosnjem"], RelativePeriod(kind="this", grain=Grain.YEAR)),
    **dict.fromkeys(["ytd"], RelativePeriod(kind="to_date", grain=Grain.YEAR)),
    **dict.fromkeys(["mtd"], RelativePeriod(kind="to_date", grain=Grain.MONTH)),
    **dict.fromkeys(["qtd"], RelativePeriod(kind="to_date", grain=Grain.QUARTER)),
}
_THIS_YEAR = words_of("letos letosnje letosnjem letosnjega")
_LAST_YEAR = words_of("lani lansko lanskem lanskega lanske")
_BEGINNING = words_of("beginning start zacetka zacetku")
_HALF_YEAR = words_of("half pol polovico")
_ALIKE = words_of("and in ter vs versus proti")
_LATEST_YEAR: Final = 2100
_EARLIEST_YEAR: Final = 1700
_DECEMBER: Final = 12
WORDS: Final = _LAST | _THIS | frozenset(UNITS)
"""Words of periods, for the correction of typing errors."""


@dataclass(frozen=True, slots=True)
class DateFind:
    """A stretch of time that tokens ``first`` up to, not including, ``last`` speak of.

    Attributes:
        years: First and last year, where only years were named: some tables hold a year as a number.
        assumed: The year was not said; the nearest past one was taken.
        width: What it is one of, or several next to each other: "Q1 and Q2" are quarters.
    """

    period: RelativePeriod
    first: int
    last: int
    years: tuple[int | None, int | None] | None = None
    assumed: bool = False
    width: Grain | None = None


@dataclass(frozen=True, slots=True)
class _Atom:
    """A point of the calendar with its own width, ``end`` excluded."""

    start: date
    end: date
    length: int
    only_year: bool = False
    assumed: bool = False


def find(tokens: Sequence[Token], today: date) -> tuple[DateFind, ...]:
    """Return the stretches of time in a question, in its order."""
    found: list[DateFind] = []
    position = 0
    while position < len(tokens):
        hit = _relative(tokens, position) or _from_beginning(tokens, position) or _span(tokens, position, today)
        if hit is None:
            position += 1
            continue
        found.append(hit)
        position = max(hit.last, position + 1)
    return tuple(found)


def _word(tokens: Sequence[Token], position: int) -> str:
    if not 0 <= position < len(tokens):
        return ""
    token = tokens[position]
    mistyped = token.corrected in WORDS and token.folded not in _SINGLE
    return token.corrected if mistyped else token.folded


def _relative(tokens: Sequence[Token], at: int) -> DateFind | None:
    word, following = _word(tokens, at), _word(tokens, at + 1)
    if word in _SINGLE:
        extra = 1 if word.startswith(("lansk", "letosnj")) and following in UNITS else 0
        return DateFind(_SINGLE[word], at, at + 1 + extra)
    if word in UNITS and following in {"to", "do"} and _word(tokens, at + 2) in {"date", "danes", "zdaj"}:
        return DateFind(RelativePeriod(kind="to_date", grain=UNITS[word]), at, at + 3)
    if word in _THIS and following in UNITS:
        return DateFind(RelativePeriod(kind="this", grain=UNITS[following]), at, at + 2)
    return _last(tokens, at) if word in _LAST else None


def _from_beginning(tokens: Sequence[Token], at: int) -> DateFind | None:
    """Read "since the beginning of the year", "od začetka meseca"."""
    place = at
    if _word(tokens, place) in _SINCE:
        place += 1
    while place > at and _word(tokens, place) in {"the", "samega"}:
        place += 1
    if place == at or _word(tokens, place) not in _BEGINNING:
        return None
    place += 1
    while _word(tokens, place) in {"of", "the", "this"} | _THIS | _THIS_YEAR:
        place += 1
    grain = UNITS.get(_word(tokens, place))
    return DateFind(RelativePeriod(kind="to_date", grain=grain), at, place + 1) if grain else None


def _last(tokens: Sequence[Token], at: int) -> DateFind | None:
    following = _word(tokens, at + 1)
    if following in _HALF_YEAR and UNITS.get(_word(tokens, at + 2)) is Grain.YEAR:
        return DateFind(RelativePeriod(kind="last", n=6, grain=Grain.MONTH), at, at + 3)
    if following in UNITS:
        return DateFind(RelativePeriod(kind="previous", grain=UNITS[following]), at, at + 2)
    count = int(following) if following.isdigit() else NUMBERS.get(following, 0)
    if 0 < count <= 1000 and _word(tokens, at + 2) in UNITS:  # noqa: PLR2004 - the bound of RelativePeriod.n
        grain = UNITS[_word(tokens, at + 2)]
        return DateFind(RelativePeriod(kind="last", n=count, grain=grain), at, at + 3)
    return None


def _span(tokens: Sequence[Token], at: int, today: date) -> DateFind | None:
    """Read "between X and Y", "since X", "before X" or a bare date at ``at``."""
    word = _word(tokens, at)
    after = at + 1
    while word in RANGE | _SINCE | _BEFORE and _word(tokens, after) in _YEAR_WORDS:
        after += 1
    first = _atom(tokens, after, today) if word in RANGE | _SINCE | _BEFORE else None
    if first is not None:
        following = after + first.length
        second = _atom(tokens, following + 1, today) if _word(tokens, following) in _CONNECT else None
        if word in RANGE and second is not None:
            start = _with_year_of(first, second)
            return _between(start, second, at, following + 1 + second.length)
        if word in _SINCE:
            start_on = first.end if word == "after" else first.start
            year = start_on.year if first.only_year else None
            return DateFind(
                RelativePeriod(kind="between", start=start_on.isoformat()),
                at,
                following,
                years=(year, None) if year else None,
                assumed=first.assumed,
            )
        if word in _BEFORE:
            end_on = first.start if word in {"before", "pred"} else first.end
            year = end_on.year - 1 if first.only_year else None
            return DateFind(
                RelativePeriod(kind="between", end=end_on.isoformat()),
                at,
                following,
                years=(None, year) if year else None,
                assumed=first.assumed,
            )
    return _bare(tokens, at, today)


def _bare(tokens: Sequence[Token], at: int, today: date) -> DateFind | None:
    atom = _atom(tokens, at, today)
    if atom is None:
        return None
    following = at + atom.length
    second = _atom(tokens, following + 1, today) if _word(tokens, following) in {"and", "in", "-", "to", ","} else None
    if second is not None:
        atom = _with_year_of(atom, second)
    if second is not None and atom.end == second.start:
        return _between(atom, second, at, following + 1 + second.length)
    return _between(atom, atom, at, following)


def _between(first: _Atom, second: _Atom, at: int, last: int) -> DateFind:
    low, high = sorted((first, second), key=lambda one: one.start)
    only_years = first.only_year and second.only_year
    return DateFind(
        RelativePeriod(kind="between", start=low.start.isoformat(), end=high.end.isoformat()),
        at,
        last,
        years=(low.start.year, high.start.year) if only_years else None,
        assumed=first.assumed or second.assumed,
        width=_width(low) if _width(low) is _width(high) else None,
    )


def _width(atom: _Atom) -> Grain | None:
    months = (atom.end.year - atom.start.year) * 12 + atom.end.month - atom.start.month
    return {1: Grain.MONTH, 3: Grain.QUARTER, 12: Grain.YEAR}.get(months) if atom.start.day == 1 else None


def _with_year_of(first: _Atom, second: _Atom) -> _Atom:
    """Return ``first`` in the year of ``second`` where only the second one's year was said."""
    if not first.assumed or second.assumed:
        return first
    start = first.start.replace(year=second.start.year)
    if start > second.start:
        start = start.replace(year=start.year - 1)
    return _Atom(start, start + (first.end - first.start), first.length)


def _year_at(tokens: Sequence[Token], at: int) -> int | None:
    word = _word(tokens, at)
    if len(word) == 4 and word.isdigit() and _EARLIEST_YEAR <= int(word) <= _LATEST_YEAR:  # noqa: PLR2004 - yyyy
        return None if _word(tokens, at - 1) in _NOT_A_YEAR else int(word)
    return None


def _said_year(tokens: Sequence[Token], at: int, today: date) -> tuple[int, int] | None:
    """Return the year said at ``at`` and how many words say it: "2025", "last year", "lanskega leta"."""
    word, following = _word(tokens, at), _word(tokens, at + 1)
    number = _year_at(tokens, at)
    if number is not None:
        return number, 1
    if word in _THIS_YEAR | _LAST_YEAR:
        return today.year - (word in _LAST_YEAR), 2 if following in UNITS else 1
    if UNITS.get(following) is Grain.YEAR and word in _THIS | _LAST:
        return today.year - (word in _LAST), 2
    return None


def _atom(tokens: Sequence[Token], at: int, today: date) -> _Atom | None:
    return _day(tokens, at) or _month(tokens, at, today) or _part_of_year(tokens, at, today) or _year(tokens, at)


def _year(tokens: Sequence[Token], at: int) -> _Atom | None:
    skip = 0
    while _word(tokens, at + skip) in {"leta", "leto", "letu", "year"} and skip == 0:
        skip = 1
    year = _year_at(tokens, at + skip)
    return _Atom(date(year, 1, 1), date(year + 1, 1, 1), skip + 1, only_year=True) if year else None


def _day(tokens: Sequence[Token], at: int) -> _Atom | None:
    word = _word(tokens, at)
    try:
        if word.count("-") == 2:  # noqa: PLR2004 - yyyy-mm-dd
            day = date.fromisoformat(word)
        elif word.count(".") == 2 and all(part.strip().isdigit() for part in word.split(".")):  # noqa: PLR2004
            number, month, year = (int(part) for part in word.split("."))
            day = date(year, month, number)
        else:
            return None
    except ValueError:
        return None
    return _Atom(day, day + timedelta(days=1), 1)


def _month(tokens: Sequence[Token], at: int, today: date) -> _Atom | None:
    word = _word(tokens, at)
    day = int(word) if word.isdigit() and len(word) <= 2 else None  # noqa: PLR2004 - one or two digits
    named = at + 1 if day else at
    month = MONTHS.get(_word(tokens, named))
    if month is None or (_word(tokens, named) in {"may", "mar"} and not _is_date_like(tokens, named)):
        return None
    following = named + 1
    while _word(tokens, following) in {"of", "leta", "letu", ","} and _said_year(tokens, following + 1, today):
        following += 1
    said = _said_year(tokens, following, today)
    year = said[0] if said else today.year if month <= today.month else today.year - 1
    length = following + said[1] - at if said else named + 1 - at
    if day:
        try:
            start = date(year, month, day)
        except ValueError:
            return None
        return _Atom(start, start + timedelta(days=1), length, assumed=not said)
    return _Atom(date(year, month, 1), _month_after(year, month), length, assumed=not said)


def _is_date_like(tokens: Sequence[Token], at: int) -> bool:
    return _year_at(tokens, at + 1) is not None or _word(tokens, at - 1) in _LEAD | _SINCE | _BEFORE | RANGE


def _month_after(year: int, month: int) -> date:
    return date(year + 1, 1, 1) if month == _DECEMBER else date(year, month + 1, 1)


def _part_of_year(tokens: Sequence[Token], at: int, today: date) -> _Atom | None:
    """Read "Q2", "second quarter of 2025", "drugo četrtletje 2025", "H1 2024"."""
    word, following = _word(tokens, at), _word(tokens, at + 1)
    months, part, length = 0, 0, 1
    if len(word) == 2 and word[0] in "qh" and word[1] in "1234":  # noqa: PLR2004 - q1
        months, part = (3, int(word[1])) if word[0] == "q" else (6, int(word[1]))
    elif word in _ORDINALS and following in _QUARTER:
        months, part, length = 3, _ORDINALS[word], 2
    elif word in _ORDINALS and following in _HALF:
        months, part, length = 6, _ORDINALS[word], 2
    elif word in _ORDINALS and following in _ALIKE and _word(tokens, at + 2) in _ORDINALS:
        months, part = 3 * (_word(tokens, at + 3) in _QUARTER), _ORDINALS[word]  # "first and second quarter"
    if not months or part * months > _DECEMBER:
        return None
    skip = 1 if _word(tokens, at + length) in {"of", "leta", "in", "v"} else 0
    said = _said_year(tokens, at + length + skip, today)
    first_month = (part - 1) * months + 1
    year = said[0] if said else today.year if first_month <= today.month else today.year - 1
    return _Atom(
        date(year, first_month, 1),
        _month_after(year, first_month + months - 1),
        length + (skip + said[1] if said else 0),
        assumed=said is None,
    )

"""A column as the proposal of a catalogue sees it: its name, what that is about, and what its values tell. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_services.datasets import codes, units
from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.ingestion.inference import CURRENCIES, UNITS
from backend_services.datasets.lexicon import NUMERIC, Concept, Role, concept_of
from backend_services.datasets.naming import words_of
from backend_services.datasets.schemas import ColumnProfile, ColumnView, Profile

MIN_COUNTED = 20
LONG_CODE = 10**11
MAX_GROUPS = 50
_GROUP_WORDS = frozenset({"bracket", "bucket", "bin", "class", "cluster", "cona", "floor", "grade", "group", "izmena",
                          "nadstropje", "razred", "round", "shift", "skupina", "tier", "zone"})  # fmt: skip
_SHARES = frozenset({"click_rate", "discount", "margin_amount", "rate", "tax"})
_QUOTES = frozenset({"open", "high", "low", "close"})
_QUOTE = Concept(key="quote", role=Role.MONEY_AVERAGE, en="", sl="", phrases=(), en_words=(), sl_words=())
_NO_SHARES = frozenset({"exchange", "fx", "currency", "menjalni", "tecaj"})
_OPINION = re.compile(r"q_?\d+[a-z]?")
MAX_OPINION = 10
_PLACED = frozenset({"latitude", "longitude"})


@dataclass(frozen=True, slots=True)
class Described:
    """A column with its profile.

    Attributes:
        concept: What its name is about.
        whole: The concept's phrase is the whole name.
        rows: Of the table.
        name: Without the unit at its end.
        measured: That unit.
    """

    view: ColumnView
    profile: ColumnProfile
    concept: Concept | None
    whole: bool
    rows: int
    name: str
    measured: str

    @property
    def words(self) -> frozenset[str]:
        """The words of its name."""
        return frozenset(words_of(self.view.name))

    @property
    def is_unique(self) -> bool:
        """Whether each row has another value."""
        return _unique(self.profile, self.rows)

    @property
    def is_identifier(self) -> bool:
        """Whether it says which thing a row is about."""
        if self.view.type.is_time or self.view.type in {FieldType.BOOLEAN, FieldType.DECIMAL} or self.is_count:
            return False
        if self.concept is not None and self.concept.role is Role.CODE:
            return True
        if self.concept is not None and self.concept.role is not Role.DIMENSION:
            return False
        if codes.says_code(self.view.name):
            return not _is_below_zero(self.profile)
        return self.concept is None and (self._is_counter or self._is_long_code or self.is_named_by_number)

    @property
    def is_count(self) -> bool:
        """Whether its integers count things; whether they number them, the name says, and where it may, the values."""
        return _is_count(self.view, self.profile, self.rows)

    @property
    def affix(self) -> str:
        """The currency or unit that stood at the values."""
        _, _, affix = self.view.format.rpartition(" ")
        return affix if affix in CURRENCIES or affix in UNITS else ""

    @property
    def is_named_by_number(self) -> bool:
        """Whether one of many things is called by this number: flight 1545; few and low ones count: ``room`` 1 to 6."""
        if self.view.type is not FieldType.INTEGER or self.affix or self.measured:
            return False
        bounds = self._bounds
        if bounds is None:
            return False
        many = self.profile.distinct > codes.MANY and bounds[1] >= codes.HIGH
        return many and bounds[0] >= 0 and codes.is_named_by_number(self.view.name)

    @property
    def is_group(self) -> bool:
        """Whether its integers stand for groups: floors, classes, brackets."""
        few = 0 < self.profile.distinct <= MAX_GROUPS and not self.is_count
        return self.view.type is FieldType.INTEGER and few and bool(self.words & _GROUP_WORDS)

    @property
    def is_share(self) -> bool:
        """Whether its numbers are parts of a whole, as fractions."""
        if self.view.type is not FieldType.DECIMAL or self.profile.distinct <= 2 or self.words & _NO_SHARES:  # noqa: PLR2004 - a flag
            return False
        bounds = self._bounds
        known = self.concept is None or self.concept.key in _SHARES
        return known and bounds is not None and bounds[0] >= -1 and bounds[1] <= 1

    @property
    def is_percentage(self) -> bool:
        """Whether it is a share of something that is told in hundredths."""
        return self.is_share and self.concept is not None

    @property
    def is_opinion(self) -> bool:
        """Whether it is a question of a survey, answered on a scale."""
        bounds = self._bounds
        scale = bounds is not None and bounds[0] >= 0 and bounds[1] <= MAX_OPINION
        return scale and bool(_OPINION.fullmatch(self.view.name.strip().lower()))

    @property
    def _bounds(self) -> tuple[float, float] | None:
        if self.profile.minimum is None or self.profile.maximum is None:
            return None
        return float(self.profile.minimum), float(self.profile.maximum)

    @property
    def _is_counter(self) -> bool:
        """Whether it only numbers the rows: 1, 2, 3 and so on."""
        bounds = self._bounds
        if self.view.type is not FieldType.INTEGER or bounds is None or self.profile.nulls or self.rows < MIN_COUNTED:
            return False
        return self.is_unique and bounds[1] - bounds[0] + 1 == self.rows

    @property
    def _is_long_code(self) -> bool:
        bounds = self._bounds
        if self.view.type is not FieldType.INTEGER or bounds is None or bounds[0] < LONG_CODE:
            return False
        same_length = len(self.profile.minimum or "") == len(self.profile.maximum or "")
        return same_length and self.profile.distinct * 2 >= self.rows - self.profile.nulls


def _is_below_zero(profile: ColumnProfile) -> bool:
    return profile.mean is not None and profile.minimum is not None and float(profile.minimum) < 0


def _unique(profile: ColumnProfile, rows: int) -> bool:
    present = rows - profile.nulls
    tolerance = 1.0 if profile.distinct_exact else 0.95
    return present > 1 and profile.distinct >= present * tolerance


def _is_count(view: ColumnView, profile: ColumnProfile, rows: int) -> bool:
    if not view.type.is_number or codes.says_count(view.name):
        return view.type.is_number
    least, most = profile.minimum or "", profile.maximum or ""
    alike = len(least) == len(most) and float(most or 0) >= codes.HIGH
    return codes.may_count(view.name) and not (alike and _unique(profile, rows))


def _is_only_called_so(concept: tuple[Concept, bool], view: ColumnView, profile: ColumnProfile, rows: int) -> bool:
    """Return whether numbers cannot be what their name is about: a tip of 2.50 is no type, an air time no moment.

    A number of orders is no order, and the number of a tax payer no tax.
    """
    found, whole = concept
    if view.type is FieldType.INTEGER and found.role not in NUMERIC and _is_count(view, profile, rows):
        return True
    if view.type is FieldType.INTEGER and found.role in NUMERIC and not whole:
        is_code = codes.is_code_of_amount(view.name, is_unique=_unique(profile, rows))
        return is_code and not _is_count(view, profile, rows)
    if found.role is Role.DIMENSION and view.type is FieldType.DECIMAL:
        return found.key not in _PLACED and profile.distinct > MAX_GROUPS
    return found.key == "timestamp" and not whole and view.type.is_number


def described(views: tuple[ColumnView, ...], profile: Profile) -> list[Described]:
    """Return the columns of a table with what their names are about."""
    by_name = {one.name: one for one in profile.columns}
    has_quotes = {" ".join(words_of(view.name)) for view in views} >= _QUOTES
    found = []
    for view in views:
        measured = units.unit_in_name(view.name)
        named = measured[1] if measured else view.name
        concept = concept_of(named, numbers=view.type.is_number)
        if has_quotes and words_of(view.name)[-1:] and words_of(view.name)[-1] in _QUOTES:
            concept = (_QUOTE, False)
        if concept is not None and _is_only_called_so(concept, view, by_name[view.name], profile.rows):
            concept = None
        found.append(
            Described(
                view=view,
                profile=by_name[view.name],
                concept=concept[0] if concept else None,
                whole=concept[1] if concept else False,
                rows=profile.rows,
                name=named,
                measured=measured[0] if measured else "",
            )
        )
    return found

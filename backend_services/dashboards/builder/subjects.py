"""What the rows of a table are, told by its name and by its time: "Hospital admissions", "datum vožnje". Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.lexicon import FILTER_WORDS
from backend_services.dashboards.builder.normalise import fold, keys_of, tokens_of, words_of

if TYPE_CHECKING:
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.datasets.catalogue import Catalogue

_TIME_WORDS: Final = words_of(
    "date datum time cas ts timestamp at on day dan dt dttm datetime created ustvarjeno start end from to od do utc"
    " local"
)
_PLURAL_ENDINGS: Final = ("s", "e", "i", "a")


def is_several(token: Token) -> bool:
    """Return whether a word speaks of more than one."""
    return len(keys_of(token.text)) > 1 or token.folded.endswith("s")


def stems(catalogue: Catalogue, name: str) -> frozenset[str]:
    """Return the stems of what the rows are: "Hospital *admissions*", "*Ocene* dijakov", "datum *vožnje*"."""
    time = catalogue.dimension(catalogue.default_time or "")
    words = tokens_of(time.column.replace("_", " ")) if time is not None else ()
    dated = [one for one in words if one.keys.isdisjoint(_TIME_WORDS)]
    events = {key for one in dated for key in (*one.keys, one.stem)} if len(dated) == 1 < len(words) else set()
    return _named_after(name) | events


def _named_after(name: str) -> frozenset[str]:
    said = tokens_of(name.replace("_", " ").rpartition(":")[2])
    last = next((one.position for one in said if one.position and one.folded in FILTER_WORDS | {"of"}), len(said))
    ends = {one.position: one for one in (*said[:1], *said[max(last - 1, 0) : last])}
    return frozenset(one.stem for one in ends.values() if len(one.keys) > 1 and one.folded.endswith(_PLURAL_ENDINGS))


def name_hits(tokens: tuple[Token, ...], name: str, taken: set[int]) -> set[int]:
    """Return the places of words that name the table itself, but for those already ``taken``."""
    words = {key for token in tokens_of(name.replace("_", " ")) for key in token.keys}
    stems = {token.stem for token in tokens_of(name.replace("_", " "))}
    return {
        token.position
        for token in tokens
        if token.position not in taken
        and not token.corrected
        and (token.keys & words or token.stem in stems)
        and fold(token.text).isalpha()
    }

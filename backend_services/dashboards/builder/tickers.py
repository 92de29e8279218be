"""Names of companies for columns of stock symbols: "Apple" finds ``AAPL``. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST_SHARE: Final = 0.5
_LEAST: Final = 2
_COMPANIES: Final = """
AAPL|Apple
ADBE|Adobe
AMD|AMD
AMZN|Amazon
BA|Boeing
BABA|Alibaba
BAC|Bank of America
BRK.A|Berkshire Hathaway
BRK.B|Berkshire Hathaway
C|Citigroup
CAT|Caterpillar
CRM|Salesforce
CSCO|Cisco
CVX|Chevron
DELL|Dell
DIS|Disney
EBAY|eBay
F|Ford
FB|Facebook
GE|General Electric
GM|General Motors
GOOG|Google|Alphabet
GOOGL|Google|Alphabet
GS|Goldman Sachs
HPQ|Hewlett-Packard
IBM|International Business Machines
INTC|Intel
JNJ|Johnson & Johnson
JPM|JPMorgan
KO|Coca-Cola
KRKG|Krka
MCD|McDonald's
META|Meta|Facebook
MSFT|Microsoft
NFLX|Netflix
NKE|Nike
NVDA|Nvidia
ORCL|Oracle
PEP|PepsiCo
PETG|Petrol
PFE|Pfizer
PG|Procter & Gamble
PYPL|PayPal
QCOM|Qualcomm
SAP|SAP
SBUX|Starbucks
T|AT&T
TSLA|Tesla
UBER|Uber
V|Visa
VZ|Verizon
WFC|Wells Fargo
WMT|Walmart
XOM|Exxon|ExxonMobil
YHOO|Yahoo
"""


def _known() -> dict[str, tuple[str, ...]]:
    lines = (line.split("|") for line in _COMPANIES.strip().splitlines())
    return {symbol: tuple(names) for symbol, *names in lines}


_NAMES: Final = _known()


def names_of(values: Sequence[str]) -> list[tuple[str, str]]:
    """Return (company, value) for a column of stock symbols; nothing for other columns."""
    known = [value for value in values if value in _NAMES]
    if len(known) < max(_LEAST, _LEAST_SHARE * len(values)):
        return []
    return [(name, value) for value in known for name in _NAMES[value] if name != value]

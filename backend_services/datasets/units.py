"""Units that stand in the names of columns: ``PM2.5 [ug/m3]``, ``Temp (C)``, ``windSpd_m_s``. Pure."""

from __future__ import annotations

import re

from backend_services.datasets.naming import folded

_BRACKETS = re.compile(r"^(?P<name>.*\S)\s*[\[(](?P<unit>[^\])(\[]{1,12})[\])]\s*$")
_ENDING = re.compile(
    r"^(?P<name>.*[^\W_])[_\s](?P<unit>ug_?m3|mg_?m3|m_s|km_h|deg_?c|mm|hpa|kwh|mwh|gwh|kw|mw|ppm|ppb|dbm?|"
    r"kg|km)$",
    re.IGNORECASE,
)
_TEMPERATURE = re.compile(r"^(?P<name>.*temp(?:erature|eratura)?)[_\s](?P<unit>c|f)$", re.IGNORECASE)
_SPELLED = {
    "c": "°C", "°c": "°C", "deg c": "°C", "degc": "°C", "deg_c": "°C", "celsius": "°C", "f": "°F", "°f": "°F",
    "ug/m3": "µg/m³", "ug/m^3": "µg/m³", "ugm3": "µg/m³", "ug_m3": "µg/m³", "mg/m3": "mg/m³", "mgm3": "mg/m³",
    "mg_m3": "mg/m³", "mg/l": "mg/l", "ppm": "ppm", "ppb": "ppb", "m/s": "m/s", "m_s": "m/s", "km/h": "km/h",
    "km_h": "km/h", "kmh": "km/h", "hpa": "hPa", "mbar": "mbar", "mm": "mm", "cm": "cm", "m": "m", "km": "km",
    "kg": "kg", "g": "g", "t": "t", "l": "l", "w/m2": "W/m²", "kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "kw": "kW",
    "w": "W", "mw": "MW", "db": "dB", "dbm": "dBm", "v": "V", "a": "A", "hz": "Hz", "€": "€", "eur": "€", "$": "$",
    "usd": "$",
}  # fmt: skip
_INTENSIVE = frozenset(
    {"%", "°C", "°F", "°", "ppm", "ppb", "hPa", "mbar", "dB", "V", "A", "Hz", "W", "kW", "MW", "dBm"}
)
_CURRENCY = frozenset({"€", "$"})
_MICRO = str.maketrans("\u00b5\u03bc", "uu")


def unit_in_name(name: str) -> tuple[str, str] | None:
    """Return the unit that a column's name ends in and the name without it; no code for money, told elsewhere."""
    for pattern in (_BRACKETS, _ENDING, _TEMPERATURE):
        match = pattern.match(name)
        unit = _SPELLED.get(folded(match["unit"]).translate(_MICRO), "") if match else ""
        if match and unit:
            return ("" if unit in _CURRENCY else unit), match["name"]
    return None


def is_intensive(code: str) -> bool:
    """Return whether values of this unit make no sense added up: degrees, shares, speeds, concentrations."""
    return code in _INTENSIVE or "/" in code

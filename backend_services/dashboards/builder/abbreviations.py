"""What the usual abbreviations in names of columns stand for; several meanings are parted by ``|``. Data only."""

from __future__ import annotations

from typing import Final

SHORTENED: Final = {
    "acc": "account", "agt": "agent", "csat": "satisfaction", "flg": "flag", "res": "resolution", "seg": "segment",
    "sgmt": "segment", "tm": "team", "xfer": "transfer",
    "addr": "address", "alm": "alarm", "amt": "amount", "appt": "appointment", "arr": "arrival", "avg": "average",
    "bal": "balance", "cat": "category", "cd": "code", "cnt": "count", "cons": "consumption", "ctry": "country",
    "cust": "customer", "dep": "departure|department", "dept": "department", "desc": "description",
    "dest": "destination", "diag": "diagnosis",
    "dist": "distance", "dpt": "department", "drv": "driver", "dt": "date", "dur": "duration", "eq": "equipment",
    "exp": "expense", "fac": "facility", "freq": "frequency", "gen": "gender", "grp": "group", "ht": "height",
    "hum": "humidity", "inv": "invoice", "len": "length", "ln": "line", "loc": "location", "lvl": "level",
    "num": "number",
    "mgr": "manager", "mat": "material", "mth": "month", "nm": "name", "op": "operator", "org": "organisation",
    "orig": "origin", "pax": "passenger", "pmt": "payment", "pos": "position", "pr": "price", "prc": "price",
    "proj": "project", "pwr": "power", "q": "queue", "qlt": "quality", "qty": "quantity",
    "rsn": "reason", "rte": "route",
    "sal": "salary", "sch": "school", "spd": "speed", "sta": "station", "stat": "status", "stn": "station",
    "sup": "supplier", "svc": "service", "tkt": "ticket", "tot": "total", "typ": "type", "usr": "user",
    "val": "value", "veh": "vehicle", "vol": "volume", "whs": "warehouse", "wh": "warehouse", "wgt": "weight",
    "wt": "weight|wait", "yr": "year", "zn": "zone",
}  # fmt: skip

"""The platform's own tables as datasets: always live, always the tenant's own rows only.

Each reads a view in PostgreSQL (migration 0004) that runs with the rights of whoever asks, so row-level security
confines it; the views hold no hash, token or other secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID, uuid5

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
from backend_services.datasets.schemas import ColumnView

PLATFORM_NAMESPACE = UUID("6f0c2a53-8f1d-5d38-9a63-5b1c3c1f7a10")
COUNT = Unit(kind=UnitKind.COUNT)
_STORED = {
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATETIME: "TIMESTAMPTZ",
    FieldType.DECIMAL: "DOUBLE",
    FieldType.INTEGER: "BIGINT",
    FieldType.TEXT: "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class PlatformTable:
    """One of the platform's own tables.

    Attributes:
        key: Short name, also the dataset's name for programs.
        relation: The view that is read.
    """

    key: str
    title: Text
    description: Text
    relation: str
    columns: tuple[ColumnView, ...]
    catalogue: Catalogue

    @property
    def id(self) -> UUID:
        """Return the dataset's id, the same in every install."""
        return uuid5(PLATFORM_NAMESPACE, self.key)


@dataclass(frozen=True, slots=True)
class _Field:
    """A column: further words are separated by bars."""

    name: str
    type: FieldType
    en: str
    sl: str
    also: str = ""
    tudi: str = ""
    values: tuple[str, ...] = ()


def _words(also: str, tudi: str) -> Words:
    return Words(
        en=tuple(one for one in also.split("|") if one),
        sl=tuple(one for one in tudi.split("|") if one),
    )


def _dimension(field: _Field) -> Dimension:
    return Dimension(
        id=field.name,
        column=field.name,
        label=Text(en=field.en, sl=field.sl),
        type=field.type,
        synonyms=_words(field.also, field.tudi),
        grain=Grain.HOUR if field.type is FieldType.DATETIME else None,
        distinct=len(field.values),
        values=field.values,
    )


def _rows(en: str, sl: str, also: str, tudi: str) -> Measure:
    return Measure(
        id="rows",
        aggregation=Aggregation.COUNT,
        label=Text(en=en, sl=sl),
        unit=COUNT,
        synonyms=_words(also, tudi),
    )


def _measure(
    name: str,
    column: str,
    folding: Aggregation,
    en: str,
    sl: str,
    *,
    unit: Unit = COUNT,
    also: str = "",
    tudi: str = "",
) -> Measure:
    return Measure(
        id=name,
        column=column,
        aggregation=folding,
        label=Text(en=en, sl=sl),
        unit=unit,
        synonyms=_words(also, tudi),
    )


def _table(
    key: str, *, title: Text, description: Text, fields: tuple[_Field, ...], measures: tuple[Measure, ...], time: str
) -> PlatformTable:
    columns = tuple(
        ColumnView(name=field.name, original=field.name, type=field.type, stored_as=_STORED[field.type])
        for field in fields
    )
    measured = {one.column for one in measures if one.aggregation is not Aggregation.COUNT_DISTINCT}
    dimensions = tuple(_dimension(field) for field in fields if field.name not in measured)
    catalogue = Catalogue(measures=measures, dimensions=dimensions, default_time=time, default_measure=measures[0].id)
    return PlatformTable(
        key=key,
        title=title,
        description=description,
        relation=f"platform_{key}",
        columns=columns,
        catalogue=catalogue,
    )


_T, _A = FieldType, Aggregation
USERS = _table(
    "users",
    title=Text(en="Users", sl="Uporabniki"),
    description=Text(en="The people of your team and their roles.", sl="Ljudje vaše ekipe in njihove vloge."),
    fields=(
        _Field("joined_at", _T.DATETIME, "Joined", "Pridružitev", "registered|date|sign-up", "registracija|datum"),
        _Field("last_sign_in_at", _T.DATETIME, "Last sign-in", "Zadnja prijava", "last seen", "zadnjič viden"),
        _Field("user_id", _T.TEXT, "User id", "Oznaka uporabnika"),
        _Field("name", _T.TEXT, "Name", "Ime", "person|user", "oseba|uporabnik"),
        _Field("email", _T.TEXT, "E-mail", "E-pošta", "mail", "elektronski naslov"),
        _Field("role", _T.TEXT, "Role", "Vloga", "rights", "pravice"),
        _Field("status", _T.TEXT, "Status", "Stanje", values=("active", "deactivated")),
        _Field("language", _T.TEXT, "Language", "Jezik", values=("en", "sl")),
    ),
    measures=(_rows("Users", "Uporabniki", "people|members|accounts|rows", "ljudje|člani|računi"),),
    time="joined_at",
)
SESSIONS = _table(
    "sessions",
    title=Text(en="Sign-ins", sl="Prijave"),
    description=Text(en="Who signed in, when and through which door.", sl="Kdo se je prijavil, kdaj in kako."),
    fields=(
        _Field("signed_in_at", _T.DATETIME, "Signed in", "Čas prijave", "date|time", "datum|čas"),
        _Field("last_seen_at", _T.DATETIME, "Last seen", "Zadnja dejavnost", "last activity", ""),
        _Field("user_id", _T.TEXT, "User id", "Oznaka uporabnika"),
        _Field("name", _T.TEXT, "Name", "Ime", "person|user", "oseba|uporabnik"),
        _Field("email", _T.TEXT, "E-mail", "E-pošta", "mail", "elektronski naslov"),
        _Field("door", _T.TEXT, "Door", "Vhod", "way in|client", "način prijave", values=("browser", "api")),
        _Field("is_active", _T.BOOLEAN, "Active", "Dejavna", "open", "odprta"),
        _Field("ip", _T.TEXT, "IP address", "Naslov IP", "address", "naslov"),
    ),
    measures=(
        _rows("Sign-ins", "Prijave", "sessions|logins|rows", "seje|število prijav"),
        _measure("people", "user_id", _A.COUNT_DISTINCT, "People who signed in", "Ljudje s prijavo", also="active users",  # noqa: E501 - one line an entry
                 tudi="dejavni uporabniki"),
    ),
    time="signed_in_at",
)  # fmt: skip
AUDIT = _table(
    "audit",
    title=Text(en="Audit log", sl="Revizijska sled"),
    description=Text(en="Who did what, and when.", sl="Kdo je kaj storil in kdaj."),
    fields=(
        _Field("happened_at", _T.DATETIME, "Time", "Čas", "date|when", "datum|kdaj"),
        _Field("action", _T.TEXT, "Action", "Dejanje", "event|what", "dogodek"),
        _Field("actor_label", _T.TEXT, "Who", "Kdo", "person|actor|user", "oseba|uporabnik"),
        _Field("actor_kind", _T.TEXT, "Kind of actor", "Vrsta izvajalca",
               values=("session", "api_key", "token", "system")),
        _Field("subject_type", _T.TEXT, "Kind of thing", "Vrsta predmeta", "object type", "vrsta"),
        _Field("subject_label", _T.TEXT, "Thing", "Predmet", "object|subject", "objekt"),
        _Field("ip", _T.TEXT, "IP address", "Naslov IP", "address", "naslov"),
    ),
    measures=(
        _rows("Actions", "Dejanja", "events|entries|rows", "dogodki|vnosi"),
        _measure("actors", "actor_label", _A.COUNT_DISTINCT, "People and keys", "Osebe in ključi", also="actors",
                 tudi="izvajalci"),
    ),
    time="happened_at",
)  # fmt: skip
JOBS = _table(
    "jobs",
    title=Text(en="Jobs", sl="Opravila"),
    description=Text(en="Work in the background and how it ended.", sl="Delo v ozadju in kako se je končalo."),
    fields=(
        _Field("created_at", _T.DATETIME, "Created", "Ustvarjeno", "date|time", "datum|čas"),
        _Field("finished_at", _T.DATETIME, "Finished", "Končano", "ended", "zaključeno"),
        _Field("name", _T.TEXT, "Job", "Opravilo", "kind|type", "vrsta"),
        _Field("title", _T.TEXT, "Title", "Naslov"),
        _Field("queue", _T.TEXT, "Queue", "Vrsta čakanja", values=("default", "heavy", "io")),
        _Field("state", _T.TEXT, "State", "Stanje", "status|outcome", "status|izid",
               values=("queued", "running", "succeeded", "failed", "cancelled", "dead")),
        _Field("attempts", _T.INTEGER, "Attempts", "Poskusi", "tries", ""),
        _Field("duration_s", _T.DECIMAL, "Duration", "Trajanje", "run time", "čas izvajanja"),
    ),
    measures=(
        _rows("Jobs", "Opravila", "tasks|rows", "naloge|število opravil"),
        _measure("attempts", "attempts", _A.SUM, "Attempts", "Poskusi", also="tries"),
        _measure("duration_s", "duration_s", _A.AVG, "Average duration", "Povprečno trajanje",
                 unit=Unit(kind=UnitKind.DURATION, code="s"), also="run time", tudi="čas izvajanja"),
    ),
    time="created_at",
)  # fmt: skip
API_CALLS = _table(
    "api_calls",
    title=Text(en="API calls", sl="Klici API-ja"),
    description=Text(en="Calls of the REST interface.", sl="Klici vmesnika REST."),
    fields=(
        _Field("called_at", _T.DATETIME, "Time", "Čas", "date|when", "datum|kdaj"),
        _Field("method", _T.TEXT, "Method", "Metoda", values=("GET", "POST", "PUT", "PATCH", "DELETE")),
        _Field("route", _T.TEXT, "Route", "Pot", "path|endpoint", "naslov|končna točka"),
        _Field("status", _T.INTEGER, "Status", "Stanje", "status code|code", "koda stanja"),
        _Field("is_error", _T.BOOLEAN, "Failed", "Neuspešen", "error|refused", "napaka|zavrnjen"),
        _Field("api_key_id", _T.TEXT, "API key", "Ključ API", "key", "ključ"),
        _Field("user_id", _T.TEXT, "User id", "Oznaka uporabnika", "user", "uporabnik"),
        _Field("latency_ms", _T.DECIMAL, "Latency", "Odzivni čas", "response time", "zakasnitev"),
    ),
    measures=(
        _rows("API calls", "Klici API-ja", "calls|requests|rows", "klici|zahtevki"),
        _measure("latency_ms", "latency_ms", _A.AVG, "Average latency", "Povprečni odzivni čas",
                 unit=Unit(kind=UnitKind.DURATION, code="ms"), also="latency|response time", tudi="odzivnost|zakasnitev"),  # noqa: E501 - one line an entry
        _measure("keys", "api_key_id", _A.COUNT_DISTINCT, "Keys used", "Uporabljeni ključi", also="api keys",
                 tudi="ključi"),
    ),
    time="called_at",
)  # fmt: skip

TABLES = MappingProxyType({table.id: table for table in (USERS, SESSIONS, AUDIT, JOBS, API_CALLS)})
"""Every platform dataset by its id."""

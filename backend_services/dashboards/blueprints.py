"""Tiles of the built-in dashboards, in terms of the catalogues of the platform's own datasets. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Filter, Grain, Operator, RelativePeriod, Text

ROWS = "rows"
"""The measure that counts rows, under the name each dataset gives it."""
LAST_DAYS = RelativePeriod(kind="trailing", n=30, grain=Grain.DAY)


@dataclass(frozen=True, slots=True)
class Piece:
    """A tile to be.

    Attributes:
        dataset: Name of a platform dataset.
        over: Grain of the dataset's default time along the axis, if time is along it.
    """

    id: str
    title: Text
    chart: ChartKind
    dataset: str
    measures: tuple[str, ...] = (ROWS,)
    by: tuple[str, ...] = ()
    over: Grain | None = None
    filters: tuple[Filter, ...] = ()
    width: int = 6
    series: str | None = None
    stacked: bool = False
    limit: int = 1000

    @property
    def period(self) -> RelativePeriod | None:
        """Return the stretch covered unless the reader chooses another; people are all, whenever they joined."""
        return None if self.dataset == "users" else LAST_DAYS


def _number(tile_id: str, en: str, sl: str, dataset: str, *measures: str, filters: tuple[Filter, ...] = ()) -> Piece:
    return Piece(
        id=tile_id,
        title=Text(en=en, sl=sl),
        chart=ChartKind.NUMBER,
        dataset=dataset,
        measures=measures or (ROWS,),
        filters=filters,
        width=3,
    )


def _is(field: str, *values: str | int | bool) -> Filter:
    return Filter(field=field, operator=Operator.IN, values=values)


FAILED = (_is("state", "failed", "dead"),)
REFUSED = (Filter(field="status", operator=Operator.GTE, values=(400,)),)
BROKEN = (Filter(field="status", operator=Operator.GTE, values=(500,)),)

PEOPLE = _number("people", "People", "Ljudje", "users")
SIGN_INS = _number("sign-ins", "Sign-ins", "Prijave", "sessions")
ACTIVE = _number("active", "People who signed in", "Ljudje s prijavo", "sessions", "people")
ACTIONS = _number("actions", "Actions recorded", "Zabeležena dejanja", "audit")
CALLS = _number("calls", "API calls", "Klici API-ja", "api_calls")
CALLS_REFUSED = _number("refused", "Calls refused", "Zavrnjeni klici", "api_calls", filters=REFUSED)
CALLS_BROKEN = _number("broken", "Calls that failed", "Neuspeli klici", "api_calls", filters=BROKEN)
LATENCY = _number("latency", "Mean latency", "Povprečna odzivnost", "api_calls", "latency_ms")
JOBS = _number("jobs", "Jobs", "Opravila", "jobs")
JOBS_FAILED = _number("jobs-failed", "Jobs that failed", "Neuspela opravila", "jobs", filters=FAILED)

SIGN_INS_BY_DAY = Piece(
    id="sign-ins-by-day",
    title=Text(en="Sign-ins by day", sl="Prijave po dnevih"),
    chart=ChartKind.BAR,
    dataset="sessions",
    over=Grain.DAY,
    width=8,
)
CALLS_BY_DAY = Piece(
    id="calls-by-day",
    title=Text(en="API calls by day", sl="Klici API-ja po dnevih"),
    chart=ChartKind.LINE,
    dataset="api_calls",
    over=Grain.DAY,
    width=8,
)
ACTIONS_BY_KIND = Piece(
    id="actions-by-kind",
    title=Text(en="Actions by kind", sl="Dejanja po vrsti"),
    chart=ChartKind.BAR,
    dataset="audit",
    by=("action",),
    width=4,
)
ACTIONS_BY_DAY = Piece(
    id="actions-by-day",
    title=Text(en="Actions by day", sl="Dejanja po dnevih"),
    chart=ChartKind.BAR,
    dataset="audit",
    over=Grain.DAY,
    width=8,
)
JOBS_BY_STATE = Piece(
    id="jobs-by-state",
    title=Text(en="Jobs by state", sl="Opravila po stanju"),
    chart=ChartKind.BAR,
    dataset="jobs",
    by=("state",),
    width=4,
)
JOBS_BY_DAY = Piece(
    id="jobs-by-day",
    title=Text(en="Jobs by day", sl="Opravila po dnevih"),
    chart=ChartKind.BAR,
    dataset="jobs",
    over=Grain.DAY,
    by=("state",),
    series="state",
    stacked=True,
    width=8,
)

BLUEPRINTS: dict[str, tuple[Piece, ...]] = {
    "user-analytics": (
        PEOPLE,
        ACTIVE,
        SIGN_INS,
        ACTIONS,
        SIGN_INS_BY_DAY,
        Piece(
            id="people-by-role",
            title=Text(en="People by role", sl="Ljudje po vlogi"),
            chart=ChartKind.BAR,
            dataset="users",
            by=("role",),
            width=4,
        ),
        Piece(
            id="most-active",
            title=Text(en="Who did most", sl="Največ dejanj"),
            chart=ChartKind.TABLE,
            dataset="audit",
            by=("actor_label",),
            width=12,
            limit=25,
        ),
    ),
    "system-health": (
        JOBS,
        JOBS_FAILED,
        LATENCY,
        CALLS_BROKEN,
        JOBS_BY_DAY,
        JOBS_BY_STATE,
        Piece(
            id="latency-by-day",
            title=Text(en="Mean latency by day", sl="Povprečna odzivnost po dnevih"),
            chart=ChartKind.LINE,
            dataset="api_calls",
            measures=("latency_ms",),
            over=Grain.DAY,
            width=8,
        ),
        Piece(
            id="jobs-by-name",
            title=Text(en="Jobs by name", sl="Opravila po imenu"),
            chart=ChartKind.BAR,
            dataset="jobs",
            by=("name",),
            width=4,
        ),
    ),
    "security-auth": (
        SIGN_INS,
        ACTIVE,
        ACTIONS,
        CALLS_REFUSED,
        ACTIONS_BY_DAY,
        ACTIONS_BY_KIND,
        Piece(
            id="sign-ins-by-day",
            title=Text(en="Sign-ins by day", sl="Prijave po dnevih"),
            chart=ChartKind.BAR,
            dataset="sessions",
            over=Grain.DAY,
            width=12,
        ),
        Piece(
            id="actions-by-person",
            title=Text(en="Actions by person or key", sl="Dejanja po osebi ali ključu"),
            chart=ChartKind.TABLE,
            dataset="audit",
            by=("actor_label", "action"),
            width=12,
            limit=50,
        ),
    ),
    "api-usage-dashboard": (
        CALLS,
        CALLS_REFUSED,
        CALLS_BROKEN,
        LATENCY,
        CALLS_BY_DAY,
        Piece(
            id="calls-by-status",
            title=Text(en="Calls by status", sl="Klici po stanju"),
            chart=ChartKind.BAR,
            dataset="api_calls",
            by=("status",),
            width=4,
        ),
        Piece(
            id="calls-by-route",
            title=Text(en="Calls and latency by route", sl="Klici in odzivnost po poti"),
            chart=ChartKind.TABLE,
            dataset="api_calls",
            measures=(ROWS, "latency_ms", "latency_ms__max"),
            by=("route", "method"),
            width=12,
            limit=50,
        ),
    ),
    "overview": (PEOPLE, CALLS, JOBS, ACTIONS, CALLS_BY_DAY, JOBS_BY_STATE, ACTIONS_BY_DAY, ACTIONS_BY_KIND),
}

"""What one actor sees of a source, and the relation that stands for it in every query. Pure: no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from backend_services.datasets import rules
from backend_services.datasets.query import predicates
from backend_services.datasets.query.source import Column, Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

_NO_LIMIT: Final = 2**62


@dataclass(frozen=True, slots=True)
class View:
    """A source as one actor sees it, at one moment, in one time zone and language."""

    source: Source
    scope: rules.RowScope
    zone: ZoneInfo
    now: datetime
    language: str = "en"


def visible_columns(view: View) -> dict[str, Column]:
    """Return the stored columns that the actor sees when asking for columns: none hidden by rule or catalogue."""
    closed = {one.column for one in view.source.catalogue.dimensions if one.hidden} | view.scope.hidden
    return {column.name: column for column in view.source.columns if column.name not in closed}


def relation(view: View, *, columns: Iterable[Column], fenced: bool = False) -> exp.Subquery | exp.Table:
    """Return what stands for ``data`` in a query: the allowed columns of the rows that the actor may see.

    ``fenced`` is for what a person wrote: it may name only these columns, and the engine must not evaluate it
    before the rules, because an error raised by a row outside would tell of it. No engine moves a condition below a
    LIMIT, so one that limits nothing does it.
    """
    wanted = tuple(columns)
    every = {column.name: column for column in view.source.columns}
    where = rules.row_condition(view.scope, every, zone=view.zone)
    masked = not view.scope.masked.isdisjoint(column.name for column in wanted)
    whole = not fenced or len(wanted) == len(every)
    if view.source.relation is None and where is None and whole and not masked:
        return exp.Table(this=predicates.quoted("data"))
    select = exp.select(*rules.shown_columns(view.scope, wanted, every, zone=view.zone), copy=False)
    select = select.from_(_base(view.source), copy=False)
    if where is not None:
        select = select.where(where, copy=False)
        if fenced:
            select = select.limit(_NO_LIMIT, copy=False)
    return select.subquery("data", copy=False)


def _base(source: Source) -> exp.Expr:
    if source.relation is None:
        return exp.Table(this=predicates.quoted("data"))
    table = exp.Table(this=predicates.quoted(source.relation), alias=exp.TableAlias(this=predicates.quoted("data")))
    tenant = exp.cast(exp.Literal.string(str(source.tenant_id)), "uuid")
    mine = exp.EQ(this=exp.column(predicates.quoted("tenant_id")), expression=tenant)
    return exp.select("*").from_(table, copy=False).where(mine, copy=False).subquery("data", copy=False)

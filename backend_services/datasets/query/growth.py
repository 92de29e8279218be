"""Texts that free SQL may make: never much longer than those in the table. Pure: no I/O.

Engines count the memory of rows and groups, not that of a text in the making, and do not look at the clock while
they make one. So what joins texts is judged before it runs: an upper bound of the length is carried along the tree,
through subqueries and the parts of WITH, in units of one cell of the table (for a constant: of :data:`_UNIT`
characters). What a group's texts are joined to cannot be known before; it fails while it runs when it is too long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from backend_services.datasets.query.errors import SqlGrowsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UNIT: Final = 100
_JOINED: Final = 50.0
"""What a group's texts joined together count as; longer than :data:`_MOST_JOINED` they fail."""
_ROW: Final = 20.0
"""What a whole row of the table, written as one text, counts as."""
_MOST: Final = 200.0
_MOST_TOGETHER: Final = 3_000.0
"""Units of everything that is computed for one row: the engine holds it for thousands of rows at a time."""
_MOST_JOINED: Final = 10_000
"""Longest text that a group's texts may be joined to, in characters."""
TOO_LONG: Final = f"a joined text is longer than {_MOST_JOINED} characters"
"""What an engine then says, among other words."""
_PATTERN: Final = 10.0
"""How many times a pattern of a date may grow: ``%A`` becomes ``Wednesday``."""


@dataclass(frozen=True, slots=True)
class _Extent:
    """Upper bounds of what a query or table gives: its longest cell, and a whole row as one text."""

    cell: float = 1.0
    row: float = _ROW


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a name may mean: a column of any source, or a source as a whole."""

    cell: float
    rows: Mapping[str, float]


def check(tree: exp.Query, snippet: Callable[[exp.Expr], str], position: Callable[[exp.Expr], int | None]) -> None:
    """Refuse texts that grow too long by being joined to each other.

    Raises:
        SqlGrowsError: ``part`` is where it becomes too much.
    """

    def refuse(node: exp.Expr) -> None:
        raise SqlGrowsError(snippet(node), position=position(node))

    _Bounds(refuse).query(tree, {}, _Scope(1.0, {}))


class _Bounds:
    """Walks the tree from the inside out."""

    def __init__(self, refuse: Callable[[exp.Expr], None]) -> None:
        self._refuse = refuse
        self._together = 0.0

    def query(self, node: exp.Expr, known: Mapping[str, _Extent], outer: _Scope) -> _Extent:
        """Return the bounds of what a query gives; ``known`` are the parts of WITH, ``outer`` what surrounds it."""
        begun = node.args.get("with_")
        parts = dict(known)
        for cte in begun.expressions if begun is not None else ():
            parts[str(cte.alias).lower()] = self.query(cte.this, parts, outer)
        if isinstance(node, exp.Subquery):
            return self.query(node.this, parts, outer)
        if isinstance(node, exp.SetOperation):
            sides = [self.query(one, parts, outer) for one in _chain(node, exp.SetOperation)]
            return _Extent(max(one.cell for one in sides), max(one.row for one in sides))
        return self._select(node, parts, outer)

    def _select(self, node: exp.Expr, known: Mapping[str, _Extent], outer: _Scope) -> _Extent:
        sources = {alias: self._source(one, known, outer) for alias, one in _sources(node)}
        cell = max([outer.cell, *(one.cell for one in sources.values())])
        scope = _Scope(cell, {**outer.rows, **{alias: one.row for alias, one in sources.items()}})
        shown = [self._shown(one, sources, known, scope) for one in node.expressions]
        for name, part in node.args.items():
            if name in {"expressions", "with_", "from_"}:
                continue
            for one in part if isinstance(part, list) else [part]:
                if isinstance(one, exp.Join):
                    self._text(one.args.get("on"), known, scope)
                elif isinstance(one, exp.Expr):
                    self._text(one, known, scope)
        return _Extent(max((one.cell for one in shown), default=1.0), sum(one.row for one in shown))

    def _source(self, node: exp.Expr, known: Mapping[str, _Extent], outer: _Scope) -> _Extent:
        if isinstance(node, exp.Table):
            return known.get(node.name.lower(), _Extent())
        return self.query(node, known, outer)

    def _shown(
        self, node: exp.Expr, sources: Mapping[str, _Extent], known: Mapping[str, _Extent], scope: _Scope
    ) -> _Extent:
        if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
            return _Extent(scope.cell, sum(one.row for one in sources.values()))
        bound = self._text(node, known, scope)
        return _Extent(bound, bound)

    def _text(self, node: exp.Expr | None, known: Mapping[str, _Extent], scope: _Scope) -> float:
        """Return an upper bound of the length of what ``node`` gives, in units."""
        if node is None:
            return 1.0
        if isinstance(node, exp.Subquery | exp.Select | exp.SetOperation):
            return self.query(node, known, scope).cell
        if isinstance(node, exp.Literal):
            return max(1.0, len(node.name) / _UNIT)
        if isinstance(node, exp.Column):
            return scope.rows.get(node.name.lower(), scope.cell) if not node.table else scope.cell
        inner = _chain(node, type(node)) if isinstance(node, exp.Binary) else node.iter_expressions()
        below = [self._text(one, known, scope) for one in inner]
        bound = _grown(node, below, lambda one: self._text(one, known, scope))
        if isinstance(node, exp.Func | exp.DPipe | exp.Tuple):
            self._together += bound
        if bound > _MOST or self._together > _MOST_TOGETHER:
            self._refuse(node)
        return bound


def _grown(node: exp.Expr, below: list[float], text: Callable[[exp.Expr | None], float]) -> float:
    match node:
        case exp.ConcatWs():  # before Concat, whose subclass it is
            return sum(below) + below[0] * len(below)
        case exp.DPipe() | exp.Concat() | exp.Tuple():
            return sum(below)
        case exp.Replace():
            put = node.args.get("replacement")
            times = len(put.name) if isinstance(put, exp.Literal) else _UNIT * text(put)
            return text(node.this) * max(1.0, times / max(1, _shortest(node.expression)))
        case exp.GroupConcat():
            return _JOINED
        case exp.TimeToStr():
            return max(1.0, text(node.args.get("format")) * _PATTERN)
        case _:
            return max(below, default=1.0)


def _shortest(pattern: exp.Expr | None) -> int:
    return len(pattern.name) if isinstance(pattern, exp.Literal) else 1


def _sources(node: exp.Expr) -> list[tuple[str, exp.Expr]]:
    """Return what a SELECT reads from, by alias."""
    begun = node.args.get("from_")
    found = [begun.this] if begun is not None else []
    joins = [*(node.args.get("joins") or ()), *(one for each in found for one in each.args.get("joins") or ())]
    found.extend(join.this for join in joins)
    return [(str(one.alias_or_name).lower() or f"#{place}", one) for place, one in enumerate(found)]


def _chain(node: exp.Expr, kind: type[exp.Expr]) -> list[exp.Expr]:
    """Return the operands of ``a · b · c``, which the reader nests to the left, however many there are."""
    found: list[exp.Expr] = []
    while isinstance(node, kind) and not node.args.get("with_"):
        found.append(node.expression)
        node = node.this
    return [node, *reversed(found)]


def limit_joined(tree: exp.Query) -> None:
    """Let each text that is joined from those of a group fail when it is too long."""
    said = exp.Literal.string(TOO_LONG)
    for node in list(tree.find_all(exp.GroupConcat)):
        whole: exp.Expr = node
        while isinstance(whole.parent, exp.Filter | exp.Window | exp.WithinGroup) and whole.parent.this is whole:
            whole = whole.parent
        too_long = exp.GT(this=exp.Length(this=whole.copy()), expression=exp.Literal.number(_MOST_JOINED))
        empty = exp.Left(this=whole.copy(), expression=exp.Literal.number(0))  # a constant would fail without any row
        failing = exp.cast(exp.cast(exp.DPipe(this=empty, expression=said.copy()), "int"), "text")
        whole.replace(exp.Case(ifs=[exp.If(this=too_long, true=failing)], default=whole.copy()))
